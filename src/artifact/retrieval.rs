//! How well like is found by like, and what stands nearest to some tracks.

use super::Scores;
use crate::engine::{Artifact, BoxError, Files};
use serde::{Deserialize, Serialize};

/// Every track as a query for all others.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Retrieval {
    /// Means over queries: `precision_at_10`, `chance.precision_at_10`, `over_raw.precision_at_10`; empty without labels.
    pub scores: Scores,
    /// The same by the label of the query.
    pub by_label: Vec<LabelScores>,
    /// The nearest of some tracks, evenly taken.
    pub neighbours: Vec<Near>,
}

/// Scores of the queries of one label.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LabelScores {
    /// Index of the label in the corpus.
    pub label: u32,
    /// Queries that could be judged.
    pub queries: usize,
    /// In the order of the names.
    pub scores: Vec<(String, f64)>,
}

/// What stands nearest to one track.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Near {
    /// The track, as a place in the corpus.
    pub track: u32,
    /// The nearest tracks and their cosines, the most similar first.
    pub nearest: Vec<(u32, f64)>,
}

impl Artifact for Retrieval {
    fn save(&self) -> Result<Files, BoxError> {
        Files::new().with_json("retrieval.json", self)
    }

    fn load(files: &Files) -> Result<Retrieval, BoxError> {
        files.json("retrieval.json")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_it_comes_back() {
        let retrieval = Retrieval {
            by_label: vec![LabelScores { label: 1, queries: 2, scores: vec![("mrr".to_owned(), 0.1 + 0.2)] }],
            neighbours: vec![Near { track: 3, nearest: vec![(4, 0.9), (0, 1.0 / 3.0)] }],
            ..Retrieval::default()
        };
        assert_eq!(Retrieval::load(&retrieval.save().unwrap()).unwrap(), retrieval);
    }
}
