//! The rows that may be among the `k` most similar to one query, while all others are looked through.
//!
//! Rows come by rising index, those that a bound ruled out already left aside. They are measured some at a time: then the
//! `k`-th best says what later rows must reach.

use super::{Directions, Hit, similarity};

/// Rows that are measured together.
const WAITING: usize = 32;

/// Candidates of one query.
pub struct Shortlist<'a> {
    rows: &'a Directions,
    query: &'a [f32],
    k: usize,
    /// What a value by which rows are ruled out may lie below the truth.
    error: f64,
    best: Vec<Hit>,
    waiting: Vec<u32>,
}

impl<'a> Shortlist<'a> {
    /// For the `k` of `rows` that are most like `query`, told by values that are at most `error` too low.
    pub fn new(rows: &'a Directions, query: &'a [f32], k: usize, error: f64) -> Shortlist<'a> {
        Shortlist { rows, query, k, error, best: Vec::with_capacity(k + WAITING), waiting: Vec::with_capacity(WAITING) }
    }

    /// Adds a row, later than all before. `limit` is what the negative value of a row must not be above to be looked at.
    pub fn add(&mut self, row: usize, limit: &mut f32) {
        self.waiting.push(row as u32);
        if self.waiting.len() == WAITING {
            self.measure();
            *limit = self.limit();
        }
    }

    /// The best rows, best first.
    pub fn finish(mut self) -> Vec<Hit> {
        self.measure();
        self.best
    }

    fn measure(&mut self) {
        let (rows, query) = (self.rows, self.query);
        let hit = |row: u32| Hit { row, similarity: similarity(rows.row(row as usize), query) };
        self.best.extend(self.waiting.drain(..).map(hit));
        self.best.sort_unstable_by(Hit::order);
        self.best.truncate(self.k);
    }

    fn limit(&self) -> f32 {
        match self.best.last() {
            _ if self.k == 0 => f32::NEG_INFINITY,
            Some(last) if self.best.len() == self.k => {
                let limit = -(last.similarity - self.error) as f32;
                // The nearest value of single precision may lie below.
                limit + f32::EPSILON * limit.abs() + f32::MIN_POSITIVE
            }
            _ => f32::INFINITY,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_that_of_the_kth_best_less_the_error() {
        let rows = Directions::of_units((0..40).map(|at| at as f32 / 40.0).collect(), 1);
        let mut list = Shortlist::new(&rows, &[1.0], 2, 0.25);
        let mut limit = f32::INFINITY;
        (0..31).for_each(|row| list.add(row, &mut limit));
        assert_eq!(limit, f32::INFINITY);
        list.add(31, &mut limit);
        assert!((f64::from(limit) + 30.0 / 40.0 - 0.25).abs() < 1e-6, "{limit}");
        let found = list.finish();
        assert_eq!(found.iter().map(|hit| hit.row).collect::<Vec<_>>(), [31, 30]);
    }

    #[test]
    fn nothing_is_wanted_and_nothing_is_found() {
        let rows = Directions::of_units(vec![1.0; 40], 1);
        let (mut list, mut limit) = (Shortlist::new(&rows, &[1.0], 0, 0.0), f32::INFINITY);
        (0..40).for_each(|row| list.add(row, &mut limit));
        assert!(limit == f32::NEG_INFINITY && list.finish().is_empty());
    }
}
