//! Whether a trained model uses its code, measured on held-out rows.

use crate::engine::{Artifact, BoxError, Files};
use serde::{Deserialize, Serialize};

/// How far the code is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The code carries the data.
    Healthy,
    /// The code carries little, or few of its dimensions do.
    Partial,
    /// The decoder ignores the code.
    Collapsed,
}

impl Verdict {
    /// The word in `metrics.json`.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Healthy => "healthy",
            Verdict::Partial => "partial",
            Verdict::Collapsed => "collapsed",
        }
    }
}

/// The diagnosis of a trained network on held-out rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Diagnosis {
    /// How far the code is used.
    pub verdict: Verdict,
    /// What led to the verdict, one sentence each; empty where it is healthy.
    pub reasons: Vec<String>,
    /// What to do about it, by the names of settings; empty where it is healthy.
    pub remedies: Vec<String>,
    /// Rows it is measured on.
    pub rows: usize,
    /// Dimensions of the code.
    pub latent_dim: usize,
    /// Dimensions whose posterior mean varies by more than 0.01.
    pub active_units: usize,
    /// Dimensions with more than 0.05 nat; none where the code is a point.
    pub kl_dims: Option<usize>,
    /// Divergence from the prior for each dimension, in nats, averaged over rows; empty where the code is a point.
    pub kl_per_dim: Vec<f64>,
    /// Their sum.
    pub total_kl: Option<f64>,
    /// Mutual information between rows and codes in nats, at most the logarithm of the number of rows.
    pub mutual_information: Option<f64>,
    /// Share of the held-out variance that is reconstructed from posterior means.
    pub r2: f64,
    /// `r2` minus the same with the codes exchanged between rows: what the decoder takes from the code.
    pub shuffle_gap: f64,
    /// Standard deviation of outputs over draws of the prior, divided by that of the data.
    pub sample_spread: f64,
}

impl Artifact for Diagnosis {
    fn save(&self) -> Result<Files, BoxError> {
        Files::new().with_json("diagnosis.json", self)
    }

    fn load(files: &Files) -> Result<Diagnosis, BoxError> {
        files.json("diagnosis.json")
    }
}
