//! The points that may be among the `k` nearest of one point, while all others are looked through.
//!
//! Kept are single-precision bounds, which are cheap; the list is thinned when it is full, and measured exactly at the end,
//! or before where bounds cannot tell the points apart (many equal ones).

use super::Screen;

/// Room beside twice the neighbours wanted.
const ROOM: usize = 32;

/// A point that may be among the nearest.
#[derive(Clone, Copy)]
struct Candidate {
    /// Its value in the screen, by which it is ruled out.
    value: f32,
    /// No smaller than its value would be without rounding.
    upper: f32,
    row: u32,
}

/// Candidates of one point.
pub struct Shortlist {
    row: usize,
    k: usize,
    candidates: Vec<Candidate>,
}

impl Shortlist {
    /// Of the point `row`, for its `k` nearest, `k` being 1 or more.
    pub fn new(row: usize, k: usize) -> Shortlist {
        Shortlist { row, k, candidates: Vec::with_capacity(2 * k + ROOM) }
    }

    /// Adds the point `other`, later than all before; lowers the limit when the list is thinned.
    pub fn add(&mut self, screen: &Screen, other: usize, value: f32, limit: &mut f32) {
        self.candidates.push(Candidate { value, upper: screen.upper(other, value), row: other as u32 });
        if self.candidates.len() == 2 * self.k + ROOM {
            self.thin(screen, limit);
            if self.candidates.len() > self.k + ROOM {
                *limit = self.measure(screen);
            }
        }
    }

    /// Rules out by bounds.
    fn thin(&mut self, screen: &Screen, limit: &mut f32) {
        if self.candidates.len() > self.k {
            let by_upper = |a: &Candidate, b: &Candidate| a.upper.total_cmp(&b.upper);
            let kth = self.candidates.select_nth_unstable_by(self.k - 1, by_upper).1.upper;
            *limit = limit.min(screen.limit_of_upper(self.row, kth));
            let limit = *limit;
            self.candidates.retain(|candidate| candidate.value <= limit || candidate.value.is_nan());
        }
    }

    /// Keeps the `k` nearest; gives the limit for later points. None of those replaces a point at distance 0.
    fn measure(&mut self, screen: &Screen) -> f32 {
        let nearest = self.nearest(screen);
        let kept = |(other, _): &(u32, f64)| self.candidates.iter().find(|candidate| candidate.row == *other).copied();
        self.candidates = nearest.iter().filter_map(kept).collect();
        let farthest = nearest.last().map_or(f64::INFINITY, |last| last.1);
        if farthest == 0.0 { f32::NEG_INFINITY } else { screen.limit(self.row, farthest) }
    }

    fn nearest(&self, screen: &Screen) -> Vec<(u32, f64)> {
        let squared = |candidate: &Candidate| (candidate.row, screen.squared(self.row, candidate.row as usize));
        let mut measured: Vec<(u32, f64)> = self.candidates.iter().map(squared).collect();
        measured.sort_unstable_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
        measured.truncate(self.k);
        measured
    }

    /// The nearest points and their squared distances, nearest first, of equally near ones the lower first.
    pub fn finish(mut self, screen: &Screen) -> Vec<(u32, f64)> {
        self.thin(screen, &mut f32::INFINITY.clone());
        self.nearest(screen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    /// The nearest of point 0, all others being added in order; and the last limit.
    fn listed(points: &Array2<f64>, k: usize) -> (Vec<(u32, f64)>, f32) {
        let screen = Screen::new(points.view());
        let (mut list, mut limit) = (Shortlist::new(0, k), f32::INFINITY);
        // Values that tell nothing: every point may be the nearest, so only exact distances can decide.
        (1..points.nrows()).for_each(|other| {
            if limit > f32::NEG_INFINITY {
                list.add(&screen, other, f32::NAN, &mut limit);
            }
        });
        (list.finish(&screen), limit)
    }

    #[test]
    fn where_bounds_tell_nothing_distances_decide() {
        let points = Array2::from_shape_fn((500, 1), |(row, _)| ((row * 37) % 500) as f64);
        let near: Vec<f64> = listed(&points, 4).0.into_iter().map(|near| near.1).collect();
        assert_eq!(near, [1.0, 4.0, 9.0, 16.0]);
    }

    #[test]
    fn no_more_than_enough_equal_points_are_looked_at() {
        let (near, limit) = listed(&Array2::ones((500, 2)), 3);
        assert_eq!((near, limit), (vec![(1, 0.0), (2, 0.0), (3, 0.0)], f32::NEG_INFINITY));
    }
}
