//! How far an encoder that does not decode tells tracks apart, measured on held-out tracks.

use super::Verdict;
use crate::engine::{Artifact, BoxError, Files};
use serde::{Deserialize, Serialize};

/// The diagnosis of a contrastive encoder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Separation {
    /// Whether embeddings differ.
    pub verdict: Verdict,
    /// What led to the verdict or puts it in doubt, one sentence each; empty where all is well.
    pub reasons: Vec<String>,
    /// What to do about it, by the names of settings; empty where it is healthy.
    pub remedies: Vec<String>,
    /// Held-out tracks it is measured on.
    pub tracks: usize,
    /// Numbers an embedding.
    pub embedding: usize,
    /// Of them those whose variance over tracks is above 0.01.
    pub active_units: usize,
    /// Standard deviation of each over tracks.
    pub deviations: Vec<f64>,
    /// In how many directions embeddings differ: the exponential of the entropy of their singular values.
    pub effective_rank: Option<f64>,
    /// Mean squared distance of two clips of one track, embeddings of length 1: 0 is best.
    pub alignment: Option<f64>,
    /// Logarithm of the mean Gaussian potential between tracks, embeddings of length 1: 0 if all are alike, -4 at best.
    pub uniformity: Option<f64>,
    /// How well a clip finds another clip of its track: 0 is perfect, 1 is guessing. None where there is nothing to compare.
    pub normalised_loss: Option<f64>,
}

impl Artifact for Separation {
    fn save(&self) -> Result<Files, BoxError> {
        Files::new().with_json("separation.json", self)
    }

    fn load(files: &Files) -> Result<Separation, BoxError> {
        files.json("separation.json")
    }
}
