//! A few examples as they went into a network and as they came out.

use super::{read_npy, write_npy};
use crate::engine::{Artifact, BoxError, Files};
use ndarray::ArrayD;

/// Inputs and outputs of the same examples: maps in the units of the feature table, vectors in standard deviations.
#[derive(Clone, Debug, PartialEq)]
pub struct Reconstructions {
    /// `[examples, dims]` or `[examples, channels, bins, frames]`.
    pub inputs: ArrayD<f32>,
    /// The same shape.
    pub outputs: ArrayD<f32>,
    /// The track of each example, as a place in the corpus.
    pub tracks: Vec<u32>,
}

impl Artifact for Reconstructions {
    fn save(&self) -> Result<Files, BoxError> {
        let files =
            Files::new().with("inputs.npy", write_npy(&self.inputs)?).with("outputs.npy", write_npy(&self.outputs)?);
        files.with_json("tracks.json", &self.tracks)
    }

    fn load(files: &Files) -> Result<Reconstructions, BoxError> {
        let (inputs, outputs) = (read_npy(files.bytes("inputs.npy")?)?, read_npy(files.bytes("outputs.npy")?)?);
        Ok(Reconstructions { inputs, outputs, tracks: files.json("tracks.json")? })
    }
}
