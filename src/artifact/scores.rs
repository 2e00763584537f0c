//! Measured numbers, each with its interval and its card.

use crate::engine::{Artifact, BoxError, Files};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Scores by metric name (`ari`).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Scores(pub BTreeMap<String, Score>);

/// One score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// None where the metric is not defined here (labels missing, one cluster only).
    pub value: Option<f64>,
    /// 95 % bootstrap interval over groups.
    pub interval: Option<[f64; 2]>,
    /// Why there is no value, where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undefined: Option<String>,
    /// What was measured.
    pub card: Card,
}

/// What a number means.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// In words.
    pub definition: String,
    /// Raised when the numbers change.
    pub version: u32,
    /// Whether more is better.
    pub higher_is_better: bool,
    /// Whether it looks at the labels.
    pub needs_labels: bool,
    /// Anything that was set (`clusterer`, `resamples`).
    pub parameters: BTreeMap<String, String>,
}

impl Artifact for Scores {
    fn save(&self) -> Result<Files, BoxError> {
        Files::new().with_json("scores.json", self)
    }

    fn load(files: &Files) -> Result<Scores, BoxError> {
        files.json("scores.json")
    }
}
