//! Which cluster each track is in.

use crate::engine::{Artifact, BoxError, Files};
use serde::{Deserialize, Serialize};

/// The label of a point that belongs to no cluster, as scikit-learn has it.
pub const NOISE: i32 = -1;

/// Clusters of points, row by row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Assignment {
    /// A cluster number from 0, or [`NOISE`].
    pub labels: Vec<i32>,
    /// Number of clusters.
    pub k: usize,
    /// Sum of squared distances to the centres, where the algorithm has centres.
    pub inertia: Option<f64>,
}

impl Artifact for Assignment {
    fn save(&self) -> Result<Files, BoxError> {
        Files::new().with_json("assignment.json", self)
    }

    fn load(files: &Files) -> Result<Assignment, BoxError> {
        files.json("assignment.json")
    }
}
