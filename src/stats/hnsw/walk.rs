//! Walks through the graph: from row to row, always on from the most similar that has not been left yet (algorithms 2 and 5).

use super::codes::{Code, Codes};
use super::links::Links;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A row and its similarity as one number that sorts by similarity, of equally similar rows the lower above.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Met(u64);

impl Met {
    /// `row`, which is so similar.
    pub fn new(row: u32, similarity: f32) -> Met {
        let bits = similarity.to_bits();
        // Negative numbers sort the other way round.
        let sorted = if bits >> 31 == 1 { !bits } else { bits | 1 << 31 };
        Met(u64::from(sorted) << 32 | u64::from(!row))
    }

    /// The row.
    pub fn row(self) -> u32 {
        !(self.0 as u32)
    }

    /// Its similarity.
    pub fn similarity(self) -> f32 {
        let sorted = (self.0 >> 32) as u32;
        f32::from_bits(if sorted >> 31 == 1 { sorted & !(1 << 31) } else { !sorted })
    }
}

/// Room for walks, to be used again.
pub struct Walker {
    /// The number of the walk that saw a row last.
    seen: Vec<u32>,
    walk: u32,
    ahead: BinaryHeap<Met>,
    best: BinaryHeap<Reverse<Met>>,
    fresh: Vec<u32>,
    similarities: Vec<f32>,
}

impl Walker {
    /// For a graph of so many rows.
    pub fn new(rows: usize) -> Walker {
        Walker {
            seen: vec![0; rows],
            walk: 0,
            ahead: BinaryHeap::new(),
            best: BinaryHeap::new(),
            fresh: Vec::new(),
            similarities: Vec::new(),
        }
    }

    /// The `breadth` rows found to be most like `code`, of those that are allowed, best first.
    pub fn nearest(
        &mut self,
        codes: &Codes,
        links: &Links,
        code: &Code,
        breadth: usize,
        allowed: &dyn Fn(usize) -> bool,
    ) -> Vec<u32> {
        let Some(start) = self.descend(codes, links, code, 0) else { return Vec::new() };
        let found = self.level(codes, links, code, &[start], (0, breadth), allowed);
        found.into_iter().map(Met::row).collect()
    }

    /// The row most like `code` that steps uphill lead to from the entry, down to just above `level`; None in an empty graph.
    pub fn descend(&mut self, codes: &Codes, links: &Links, code: &Code, level: usize) -> Option<Met> {
        let (row, highest) = links.entry()?;
        codes.similarities(code, &[row], &mut self.similarities);
        let mut here = Met::new(row, self.similarities[0]);
        for level in (level + 1..=highest).rev() {
            loop {
                let around = links.of(here.row(), level);
                codes.similarities(code, around, &mut self.similarities);
                let met = around.iter().zip(&self.similarities).map(|(row, similarity)| Met::new(*row, *similarity));
                match met.max() {
                    Some(best) if best > here => here = best,
                    _ => break,
                }
            }
        }
        Some(here)
    }

    /// The best rows of one level, `breadth` at most, best first; `from` is where the walk begins.
    pub fn level(
        &mut self,
        codes: &Codes,
        links: &Links,
        code: &Code,
        from: &[Met],
        (level, breadth): (usize, usize),
        allowed: &dyn Fn(usize) -> bool,
    ) -> Vec<Met> {
        self.begin();
        for start in from {
            self.seen[start.row() as usize] = self.walk;
            self.meet(*start, breadth, allowed);
        }
        while let Some(here) = self.ahead.pop() {
            if self.best.len() >= breadth && self.best.peek().is_some_and(|worst| here < worst.0) {
                break;
            }
            self.fresh.clear();
            for row in links.of(here.row(), level) {
                let seen = &mut self.seen[*row as usize];
                if *seen != self.walk {
                    *seen = self.walk;
                    self.fresh.push(*row);
                }
            }
            codes.similarities(code, &self.fresh, &mut self.similarities);
            for at in 0..self.fresh.len() {
                self.meet(Met::new(self.fresh[at], self.similarities[at]), breadth, allowed);
            }
        }
        let mut found: Vec<Met> = self.best.drain().map(|met| met.0).collect();
        found.sort_unstable_by(|a, b| b.cmp(a));
        found
    }

    fn begin(&mut self) {
        self.ahead.clear();
        self.best.clear();
        self.walk = self.walk.wrapping_add(1);
        if self.walk == 0 {
            self.seen.fill(0);
            self.walk = 1;
        }
    }

    fn meet(&mut self, met: Met, breadth: usize, allowed: &dyn Fn(usize) -> bool) {
        let full = self.best.len() >= breadth;
        if full && self.best.peek().is_some_and(|worst| met < worst.0) {
            return;
        }
        self.ahead.push(met);
        if allowed(met.row() as usize) {
            self.best.push(Reverse(met));
            if full {
                self.best.pop();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_met_sorts_by_similarity_then_by_lower_row() {
        let mut met =
            [(3, 0.5), (1, -0.25), (2, 0.5), (9, -0.75), (4, 0.0)].map(|(row, similarity)| Met::new(row, similarity));
        met.sort_unstable_by(|a, b| b.cmp(a));
        assert_eq!(met.map(Met::row), [2, 3, 4, 1, 9]);
        assert_eq!(met.map(Met::similarity), [0.5, 0.5, 0.0, -0.25, -0.75]);
    }
}
