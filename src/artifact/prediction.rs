//! What is to be feared of a training before it begins.

use crate::engine::{Artifact, BoxError, Files};
use serde::{Deserialize, Serialize};

/// Two tests on the data alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    /// Principal directions expected to survive, at most the dimensions of the code; None where the test does not apply.
    pub surviving: Option<usize>,
    /// The eigenvalue that a direction must exceed, `β σ²`, in squared units of the standardised input.
    pub threshold: Option<f64>,
    /// Held-out R² of a PCA with as many components as the code has dimensions; None where too few
    /// rows are held out.
    pub pca_r2: Option<f64>,
    /// What is to be feared, each with its remedy; empty where nothing is.
    pub warnings: Vec<String>,
}

impl Artifact for Prediction {
    fn save(&self) -> Result<Files, BoxError> {
        Files::new().with_json("prediction.json", self)
    }

    fn load(files: &Files) -> Result<Prediction, BoxError> {
        files.json("prediction.json")
    }
}
