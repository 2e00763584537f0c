//! Points in the plane, or in a few dimensions more.

use super::{read_npy, write_npy};
use crate::engine::{Artifact, BoxError, Files};
use ndarray::Array2;

/// A projection of a representation.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// `[tracks, dims]`, rows as in the representation.
    pub points: Array2<f64>,
}

impl Artifact for Layout {
    fn save(&self) -> Result<Files, BoxError> {
        Ok(Files::new().with("layout.npy", write_npy(&self.points)?))
    }

    fn load(files: &Files) -> Result<Layout, BoxError> {
        Ok(Layout { points: read_npy(files.bytes("layout.npy")?)? })
    }
}
