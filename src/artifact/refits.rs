//! The same points clustered again, to see whether the same clusters come out.

use crate::engine::{Artifact, BoxError, Files};
use serde::{Deserialize, Serialize};

/// Several clusterings of one set of points by one algorithm.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Refits {
    /// What differs between them.
    pub over: Over,
    /// The clusterings.
    pub fits: Vec<Refit>,
}

/// What differs between clusterings of the same points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Over {
    /// The seed; all points take part.
    Seeds,
    /// The points, of which each takes a share, whole groups at a time: the algorithm draws nothing.
    Groups,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Refit {
    /// The points that took part, ascending.
    pub rows: Vec<u32>,
    /// The cluster of each of these.
    pub labels: Vec<i32>,
}

impl Artifact for Refits {
    fn save(&self) -> Result<Files, BoxError> {
        Files::new().with_json("refits.json", self)
    }

    fn load(files: &Files) -> Result<Refits, BoxError> {
        files.json("refits.json")
    }
}
