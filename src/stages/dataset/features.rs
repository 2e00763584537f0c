//! A table of features made elsewhere: columns found by name, whatever their order.

mod array;
mod leak;
mod roles;
mod table;

use super::sheet::TableError;
use super::{Dataset, DatasetError, Given, Gives, Read, WhenMissing};
use crate::artifact::Corpus;
use crate::engine::Failure;
use crate::engine::inputs::{InputFile, folder_of};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// `[dataset.features]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Features {
    /// A `.csv` with a header, or an `.npy` `[tracks, dims]` with a `tracks.csv` beside it whose rows follow it.
    pub path: PathBuf,
    /// The column of the label, texts or numbers. Without it: the first of label, genre, genre_top, category, class, mood,
    /// style that is there.
    #[serde(default)]
    pub label: Option<String>,
    /// The column that names the track. Without it: the first of filename, file_name, track_id, id, file, path that is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The column of the group. Without it: artist or group if there, else the track itself; rows named `blues.00000.3.wav`
    /// are segments of one track.
    #[serde(default)]
    pub group: Option<String>,
    /// Columns to leave out. A column named `length` (of the file) is always left out.
    #[serde(default)]
    pub drop: Vec<String>,
    /// What to do if the file is not there: `fail`, or `synthesize` to use the built-in set in its place.
    #[serde(default)]
    pub when_missing: WhenMissing,
}

impl Features {
    /// The body of the table.
    pub const EXAMPLE: &str = "path = \"data/raw/gtzan/features_30_sec.csv\"\nlabel = \"label\"";

    /// See [`Source::given_mut`](super::Source::given_mut).
    pub(super) fn given_mut(&mut self) -> Given<'_> {
        Given { paths: vec![&mut self.path], missing: vec![&mut self.when_missing] }
    }

    fn is_npy(&self) -> bool {
        self.path.extension().is_some_and(|ending| ending == "npy")
    }
}

impl Dataset for Features {
    fn root(&self) -> Option<&Path> {
        Some(folder_of(&self.path))
    }

    fn is_there(&self) -> bool {
        self.path.is_file()
    }

    fn wanted(&self) -> PathBuf {
        self.path.clone()
    }

    fn when_missing(&self) -> WhenMissing {
        self.when_missing
    }

    fn gives(&self) -> Vec<Gives> {
        vec![Gives::Table]
    }

    fn files(&self) -> Result<Vec<String>, DatasetError> {
        let missing = || DatasetError::Missing { root: self.path.clone() };
        let name =
            self.path.file_name().and_then(|name| name.to_str()).filter(|_| self.path.is_file()).ok_or_else(missing)?;
        let beside = self.is_npy().then(|| "tracks.csv".to_owned());
        Ok(std::iter::once(name.to_owned()).chain(beside).collect())
    }

    fn load(&self, files: &[InputFile], read: &Read) -> Result<Corpus, Failure> {
        let bytes = files.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let (corpus, file) = match bytes.as_slice() {
            [npy, tracks] => (array::corpus(npy, tracks, self), "tracks.csv"),
            _ => (table::corpus(bytes.first().map_or(&[], Vec::as_slice), self), self.name()),
        };
        let of_array = matches!(corpus, Err(TableError::Array(_) | TableError::RowsDiffer { .. }));
        let file = if of_array { self.name() } else { file };
        corpus.map_err(|problem| Failure::data(DatasetError::Table { file: file.to_owned(), problem }))
    }

    /// 2: segments, repeated rows, labels told twice, cells that are no numbers.
    fn version(&self) -> u32 {
        2
    }
}

impl Features {
    fn name(&self) -> &str {
        self.path.file_name().and_then(|name| name.to_str()).unwrap_or_default()
    }
}
