//! Things decoded along walks through a latent space.

use super::{read_npy, write_npy};
use crate::engine::{Artifact, BoxError, Files};
use ndarray::ArrayD;
use serde::{Deserialize, Serialize};

/// A table of decoded examples: maps in the units of the feature table, vectors in standard deviations.
#[derive(Clone, Debug, PartialEq)]
pub struct Sheet {
    /// Held-out rows that were encoded to know where codes lie, or codes that were drawn.
    pub encoded: usize,
    /// What each row of the table is.
    pub rows: Vec<String>,
    /// What each column of the table is.
    pub columns: Vec<String>,
    /// Row by row: `[rows · columns, dims]` or `[rows · columns, channels, bins, frames]`.
    pub values: ArrayD<f32>,
}

#[derive(Serialize, Deserialize)]
struct Header {
    encoded: usize,
    rows: Vec<String>,
    columns: Vec<String>,
}

impl Artifact for Sheet {
    fn save(&self) -> Result<Files, BoxError> {
        let header = Header { encoded: self.encoded, rows: self.rows.clone(), columns: self.columns.clone() };
        Files::new().with("sheet.npy", write_npy(&self.values)?).with_json("sheet.json", &header)
    }

    fn load(files: &Files) -> Result<Sheet, BoxError> {
        let Header { encoded, rows, columns } = files.json("sheet.json")?;
        Ok(Sheet { encoded, rows, columns, values: read_npy(files.bytes("sheet.npy")?)? })
    }
}
