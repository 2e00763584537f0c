//! Columns of a feature table that belong together: what one modality says of a track.
//!
//! A table of one modality needs no blocks. Where modalities stand side by side, a row may lack one: then all its cells of
//! that block are NaN, here and nowhere else.

use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Columns side by side.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Block {
    /// What it is called: the kind of feature.
    pub name: String,
    /// What it is made of.
    pub modality: Modality,
    /// Number of columns.
    pub dims: usize,
    /// How it is brought to the scale of a network.
    pub scaling: Scaling,
}

/// What features are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Modality {
    /// Sound, or numbers that were computed from it.
    Audio,
    /// Lyrics.
    Text,
    /// Facts about a track: year, key.
    Metadata,
}

impl Modality {
    /// The word in metric names and tables.
    pub fn word(self) -> &'static str {
        match self {
            Modality::Audio => "audio",
            Modality::Text => "text",
            Modality::Metadata => "metadata",
        }
    }
}

/// Whether columns share a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scaling {
    /// Each has a unit of its own and is scaled by itself.
    Columns,
    /// How large one is beside another says something (weights of words, axes of an embedding): one scale for all.
    Together,
}

/// The columns of each of `blocks`.
pub fn ranges(blocks: &[Block]) -> Vec<Range<usize>> {
    let ends = blocks.iter().scan(0, |end, block| {
        *end += block.dims;
        Some(*end)
    });
    ends.zip(blocks).map(|(end, block)| end - block.dims..end).collect()
}
