//! Every labelled track as a query: where in the ranking of all others stand those of its label?

use crate::stats::evenly;
use crate::stats::ranking::{RankScores, Ranking};
use crate::stats::search::{Directions, Hit};
use rayon::prelude::*;

/// Queries at most, evenly taken: every one ranks all tracks.
const MOST_QUERIES: usize = 4000;
/// Queries between two looks at whether to go on.
const TOGETHER: usize = 64;

/// A query and what came of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judged {
    /// The query.
    pub row: usize,
    /// Its label.
    pub label: u32,
    /// Of the ranking of all others by similarity.
    pub scores: RankScores,
    /// Of a random order of the same tracks, in the mean.
    pub chance: RankScores,
}

/// Ranks for each query the labelled rows that are not excluded, equally similar ones by index. Queries for which nothing is
/// to be found are left out. None if `go_on(done, of)` said no.
pub fn judge(
    rows: &Directions,
    labels: &[Option<u32>],
    k: usize,
    excluded: impl Fn(usize, usize) -> bool + Sync,
    go_on: &dyn Fn(usize, usize) -> bool,
) -> Option<Vec<Judged>> {
    let labelled: Vec<(usize, u32)> =
        labels.iter().enumerate().filter_map(|(row, label)| Some((row, (*label)?))).collect();
    let queries: Vec<(usize, u32)> = evenly(labelled.len(), MOST_QUERIES).into_iter().map(|at| labelled[at]).collect();
    let one = |(query, label): &(usize, u32)| {
        let candidates = labelled.iter().filter(|(row, _)| !excluded(*query, *row));
        let hit =
            |(row, _): &(usize, u32)| Hit { row: *row as u32, similarity: rows.similarity(*row, rows.row(*query)) };
        let mut hits: Vec<Hit> = candidates.map(hit).collect();
        hits.sort_unstable_by(Hit::order);
        let ranking = Ranking::of(hits.iter().map(|hit| labels[hit.row as usize] == Some(*label)))?;
        Some(Judged { row: *query, label: *label, scores: ranking.scores(k), chance: ranking.chance(k) })
    };
    let mut judged = Vec::with_capacity(queries.len());
    for (at, together) in queries.chunks(TOGETHER).enumerate() {
        if !go_on(at * TOGETHER, queries.len()) {
            return None;
        }
        judged.extend(together.par_iter().map(one).collect::<Vec<_>>().into_iter().flatten());
    }
    Some(judged)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    fn points() -> Directions {
        Directions::of(array![[1.0, 0.0], [0.9, 0.1], [0.1, 0.9], [0.0, 1.0], [0.5, 0.4]].view())
    }

    #[test]
    fn a_query_finds_its_like_and_never_itself() {
        let labels = [Some(0), Some(0), Some(1), Some(1), None];
        let judged = judge(&points(), &labels, 1, |query, row| query == row, &|_, _| true).unwrap();
        assert_eq!(judged.iter().map(|judged| judged.row).collect::<Vec<_>>(), [0, 1, 2, 3]);
        assert!(judged.iter().all(|judged| judged.scores.precision == 1.0 && judged.scores.average_precision == 1.0));
        assert!(judged.iter().all(|judged| (judged.chance.precision - 1.0 / 3.0).abs() < 1e-12));
    }

    #[test]
    fn where_nothing_is_to_be_found_nothing_is_judged() {
        let labels = [Some(0), Some(0), Some(1), Some(1), Some(2)];
        let same_pair = |query: usize, row: usize| query / 2 == row / 2;
        assert!(judge(&points(), &labels, 1, same_pair, &|_, _| true).unwrap().is_empty());
        assert_eq!(judge(&points(), &labels, 1, same_pair, &|_, _| false), None);
    }
}
