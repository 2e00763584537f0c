//! What led an algorithm to its clusters, to be drawn.

use crate::engine::{Artifact, BoxError, Files};
use serde::{Deserialize, Serialize};

/// The evidence behind a clustering.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Structure {
    /// A tree of merges in scipy's layout: children below the number of points are points.
    Tree {
        /// The two nodes that each merge joins.
        children: Vec<[u32; 2]>,
        /// The height of each merge, rising.
        heights: Vec<f64>,
        /// Points below each merge.
        sizes: Vec<u32>,
        /// Clusters that the tree was cut into.
        k: usize,
    },
    /// The distance of each point to its k-th neighbour, and the radius that was read from it or given.
    Distances {
        /// Rising.
        distances: Vec<f64>,
        /// Which neighbour, the point itself not counted.
        k: usize,
        /// The radius.
        eps: f64,
    },
}

impl Artifact for Structure {
    fn save(&self) -> Result<Files, BoxError> {
        Files::new().with_json("structure.json", self)
    }

    fn load(files: &Files) -> Result<Structure, BoxError> {
        files.json("structure.json")
    }
}
