//! One point a track: what is clustered, projected and scored.

use super::{read_npy, write_npy};
use crate::engine::{Artifact, BoxError, Files};
use ndarray::{Array2, Axis};
use serde::{Deserialize, Serialize};

/// A representation of tracks: `latent`, `raw` or `pca`.
#[derive(Clone, Debug, PartialEq)]
pub struct Latents {
    /// `[tracks, dims]`, the mean over the clips of a track.
    pub values: Array2<f64>,
    /// For each row its track, as a place in the corpus.
    pub tracks: Vec<u32>,
    /// The dimensions in use: dead latent units say nothing and are not clustered.
    pub active: Vec<usize>,
}

#[derive(Serialize, Deserialize)]
struct Header {
    tracks: Vec<u32>,
    active: Vec<usize>,
}

impl Latents {
    /// `[tracks, active dims]`; all dimensions if none is active.
    pub fn in_use(&self) -> Array2<f64> {
        if self.active.is_empty() { self.values.clone() } else { self.values.select(Axis(1), &self.active) }
    }
}

impl Artifact for Latents {
    fn save(&self) -> Result<Files, BoxError> {
        let header = Header { tracks: self.tracks.clone(), active: self.active.clone() };
        Files::new().with("latents.npy", write_npy(&self.values)?).with_json("rows.json", &header)
    }

    fn load(files: &Files) -> Result<Latents, BoxError> {
        let Header { tracks, active } = files.json("rows.json")?;
        Ok(Latents { values: read_npy(files.bytes("latents.npy")?)?, tracks, active })
    }
}
