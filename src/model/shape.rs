//! The shape of one input row.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::artifact::FeatureTable;

/// What one row of a feature table is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum InputShape {
    /// Numbers without order, for instance statistics of MFCCs.
    Vector(usize),
    /// An image, for instance a log-mel spectrogram.
    Map {
        /// Planes.
        channels: usize,
        /// Height: frequency.
        bins: usize,
        /// Width: time.
        frames: usize,
    },
}

/// What a network is built for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    /// The shape of a row.
    pub shape: InputShape,
    /// Label classes that a conditional network can be told; 0 for others.
    pub classes: usize,
    /// Widths of the blocks of a row, one a modality, side by side; empty: one block. Networks that are not multi-modal take a
    /// row as a whole whatever stands here.
    pub blocks: Vec<usize>,
}

impl Input {
    /// Rows of `table`, each of one of `classes`.
    pub fn of(table: &FeatureTable, classes: usize) -> Input {
        // A table without blocks is whole; one block may lack rows, too.
        let modalities = if table.blocks.is_empty() { Vec::new() } else { table.modalities() };
        let blocks = modalities.iter().map(|(_, columns)| columns.len()).collect();
        Input { shape: InputShape::of(table.values.shape()), classes, blocks }
    }
}

impl From<InputShape> for Input {
    fn from(shape: InputShape) -> Input {
        Input { shape, classes: 0, blocks: Vec::new() }
    }
}

impl InputShape {
    /// The shape of a row of a table `[rows, dims]` or `[rows, channels, bins, frames]`.
    pub fn of(table: &[usize]) -> InputShape {
        match *table {
            [_, channels, bins, frames] => InputShape::Map { channels, bins, frames },
            _ => InputShape::Vector(table.iter().skip(1).product()),
        }
    }

    /// Numbers a row.
    pub fn values(&self) -> usize {
        match *self {
            InputShape::Vector(dims) => dims,
            InputShape::Map { channels, bins, frames } => channels * bins * frames,
        }
    }

    /// The shape of a tensor of `rows` rows: `[rows, dims]` or `[rows, channels, bins, frames]`.
    pub fn batch(&self, rows: usize) -> Vec<usize> {
        match *self {
            InputShape::Vector(dims) => vec![rows, dims],
            InputShape::Map { channels, bins, frames } => vec![rows, channels, bins, frames],
        }
    }
}
