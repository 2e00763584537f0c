//! Numbers for networks and baselines: vectors, or maps of bins and frames.

use super::block::{Block, Modality, Scaling, ranges};
use super::{Corpus, Skipped, read_npy, write_npy};
use crate::engine::{Artifact, BoxError, Files};
use ndarray::{ArrayD, ArrayView2, Axis};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::ops::Range;

/// Features of clips, in order of track.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FeatureTable {
    /// `[rows, dims]` for vectors, `[rows, channels, bins, frames]` for maps.
    pub values: ArrayD<f32>,
    /// Names of the columns of vectors; empty for maps.
    pub columns: Vec<String>,
    /// For each row its track, as a place in the corpus; ascending.
    pub tracks: Vec<u32>,
    /// Tracks without features, and why.
    pub skipped: Vec<Skipped>,
    /// Which columns belong together. Empty: all are of sound, each with a unit of its own.
    pub blocks: Vec<Block>,
}

#[derive(Serialize, Deserialize)]
struct Header {
    columns: Vec<String>,
    tracks: Vec<u32>,
    skipped: Vec<Skipped>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    blocks: Vec<Block>,
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

    /// Values of a row.
    pub fn width(&self) -> usize {
        self.values.shape().iter().skip(1).product()
    }

    /// `[rows, values]`.
    pub fn flat(&self) -> ArrayView2<'_, f32> {
        let shape = (self.rows(), self.width());
        self.values.view().into_shape_with_order(shape).expect("feature tables lie in row order")
    }

    /// Blocks and their columns; one of sound where the table names none.
    pub fn parts(&self) -> Vec<(Block, Range<usize>)> {
        let blocks = if self.blocks.is_empty() { vec![self.sound()] } else { self.blocks.clone() };
        let ranges = ranges(&blocks);
        blocks.into_iter().zip(ranges).collect()
    }

    fn sound(&self) -> Block {
        let (name, modality, scaling) = ("audio".to_owned(), Modality::Audio, Scaling::Columns);
        Block { name, modality, dims: self.width(), scaling }
    }

    /// The modalities, each once, in order, and the columns of each.
    pub fn modalities(&self) -> Vec<(Modality, Range<usize>)> {
        let mut found: Vec<(Modality, Range<usize>)> = Vec::new();
        for (block, range) in self.parts() {
            match found.last_mut() {
                Some((modality, columns)) if *modality == block.modality => columns.end = range.end,
                _ => found.push((block.modality, range)),
            }
        }
        found
    }
}

impl Artifact for FeatureTable {
    fn save(&self) -> Result<Files, BoxError> {
        let (columns, tracks) = (self.columns.clone(), self.tracks.clone());
        let header = Header { columns, tracks, skipped: self.skipped.clone(), blocks: self.blocks.clone() };
        Files::new().with("features.npy", write_npy(&self.values)?).with_json("rows.json", &header)
    }

    fn load(files: &Files) -> Result<FeatureTable, BoxError> {
        let Header { columns, tracks, skipped, blocks } = files.json("rows.json")?;
        let values = read_npy(files.bytes("features.npy")?)?;
        Ok(FeatureTable { values, columns, tracks, skipped, blocks })
    }
}
