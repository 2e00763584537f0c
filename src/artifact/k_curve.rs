//! How the number of clusters was chosen.

use crate::engine::{Artifact, BoxError, Files};
use serde::{Deserialize, Serialize};

/// A criterion over numbers of clusters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KCurve {
    /// `silhouette`, `gap` or `BIC`.
    pub criterion: String,
    /// Numbers of clusters and the value of each, numbers rising.
    pub values: Vec<(usize, f64)>,
    /// Standard errors of the values, where the criterion has them.
    pub errors: Option<Vec<f64>>,
    /// The number taken.
    pub chosen: usize,
}

impl Artifact for KCurve {
    fn save(&self) -> Result<Files, BoxError> {
        Files::new().with_json("k_curve.json", self)
    }

    fn load(files: &Files) -> Result<KCurve, BoxError> {
        files.json("k_curve.json")
    }
}
