//! Numbers for networks and baselines: vectors, or maps of bins and frames.

use super::{Corpus, Skipped, read_npy, write_npy};
use crate::engine::{Artifact, BoxError, Files};
use ndarray::{ArrayD, Axis};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Features of clips, in order of track.
#[derive(Clone, Debug, PartialEq)]
pub struct FeatureTable {
    /// `[rows, dims]` for vectors, `[rows, channels, bins, frames]` for maps.
    pub values: ArrayD<f32>,
    /// Names of the columns of vectors; empty for maps.
    pub columns: Vec<String>,
    /// For each row its track, as a place in the corpus; ascending.
    pub tracks: Vec<u32>,
    /// Tracks without features, and why.
    pub skipped: Vec<Skipped>,
}

#[derive(Serialize, Deserialize)]
struct Header {
    columns: Vec<String>,
    tracks: Vec<u32>,
    skipped: Vec<Skipped>,
}

impl FeatureTable {
    /// The tracks that have features, ascending, each once.
    pub fn used_tracks(&self) -> Vec<u32> {
        self.tracks.iter().copied().collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// All that is not used of `corpus`, and why: what cannot be, what settings leave out, and tracks without features.
    pub fn unused<'a>(&'a self, corpus: &'a Corpus) -> impl Iterator<Item = &'a Skipped> {
        corpus.skipped.iter().chain(&corpus.left_out).chain(&self.skipped)
    }

    /// Whether rows are maps.
    pub fn has_maps(&self) -> bool {
        self.values.ndim() == 4
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.values.len_of(Axis(0))
    }
}

impl Artifact for FeatureTable {
    fn save(&self) -> Result<Files, BoxError> {
        let (columns, tracks, skipped) = (self.columns.clone(), self.tracks.clone(), self.skipped.clone());
        Files::new()
            .with("features.npy", write_npy(&self.values)?)
            .with_json("rows.json", &Header { columns, tracks, skipped })
    }

    fn load(files: &Files) -> Result<FeatureTable, BoxError> {
        let Header { columns, tracks, skipped } = files.json("rows.json")?;
        Ok(FeatureTable { values: read_npy(files.bytes("features.npy")?)?, columns, tracks, skipped })
    }
}
