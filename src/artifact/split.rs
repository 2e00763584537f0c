//! Which tracks are learned from and which only looked at.

use crate::engine::{Artifact, BoxError, Files};
use crate::stats::evenly;
use serde::{Deserialize, Serialize};

/// A side of the split.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Learned from.
    Train,
    /// Decides when to stop and which weights are best.
    Validation,
    /// Looked at once.
    Test,
}

impl Part {
    /// The word in `tracks.csv`.
    pub fn word(self) -> &'static str {
        match self {
            Part::Train => "train",
            Part::Validation => "val",
            Part::Test => "test",
        }
    }
}

/// The side of every track of a corpus, by group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// One a track, in the order of the corpus.
    pub parts: Vec<Part>,
}

impl Split {
    /// Places of the rows that stand on a wanted side; `tracks_of_rows` are places in the corpus.
    pub fn rows(&self, tracks_of_rows: &[u32], wanted: impl Fn(Part) -> bool) -> Vec<usize> {
        (0..tracks_of_rows.len()).filter(|row| wanted(self.parts[tracks_of_rows[*row] as usize])).collect()
    }

    /// Places of the rows that something may be fitted on: those that are learned from, all where nothing is.
    pub fn fitted_on(split: Option<&Split>, tracks_of_rows: &[u32]) -> Vec<usize> {
        match split {
            Some(split) => split.rows(tracks_of_rows, |part| part == Part::Train),
            None => (0..tracks_of_rows.len()).collect(),
        }
    }

    /// Places of at most `most` of the rows that nothing was learned from, evenly taken.
    pub fn held_out(&self, tracks_of_rows: &[u32], most: usize) -> Vec<usize> {
        let all = self.rows(tracks_of_rows, |part| part != Part::Train);
        evenly(all.len(), most).into_iter().map(|at| all[at]).collect()
    }
}

impl Artifact for Split {
    fn save(&self) -> Result<Files, BoxError> {
        Files::new().with_json("split.json", &self.parts)
    }

    fn load(files: &Files) -> Result<Split, BoxError> {
        Ok(Split { parts: files.json("split.json")? })
    }
}
