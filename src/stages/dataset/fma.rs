//! The Free Music Archive set as its zip files unfold (Defferrard, Benzi, Vandergheynst, Bresson: FMA, a dataset for
//! music analysis, ISMIR 2017; github.com/mdeff/fma): `fma_metadata/tracks.csv` and `fma_small/000/000002.mp3`.

mod clips;
mod faults;
mod metadata;
mod statistics;

use super::{Dataset, DatasetError, Given, Gives, Read, WhenMissing};
use crate::artifact::{Corpus, Skipped};
use crate::engine::Failure;
use crate::engine::inputs::InputFile;
use metadata::{About, Metadata};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

const TRACKS: &str = "fma_metadata/tracks.csv";
const STATISTICS: &str = "fma_metadata/features.csv";

/// `[dataset.fma]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fma {
    /// The folder that holds `fma_metadata` and `fma_small`, `fma_medium` or `fma_large`. Relative paths start at the working directory.
    pub root: PathBuf,
    /// Which tracks: `small` (8,000 of 8 balanced genres), `medium` (25,000 of 16) or `large` (106,574). Each holds the ones before it.
    #[serde(default)]
    pub subset: Subset,
    /// The column of the label: `genre_top`, or another of single values such as `track_language_code` or `album_type`.
    #[serde(default = "genre_top")]
    pub label: String,
    /// Tracks without that label: `leave_out` lists them, `keep` uses them unlabelled. Half of `large` has no `genre_top`.
    #[serde(default)]
    pub unlabelled: Unlabelled,
    /// Use the 518 statistics of `fma_metadata/features.csv` in place of sound: no clips are needed then.
    #[serde(default)]
    pub statistics: bool,
    /// The folder of the clips below the root. Without it: that of the subset, else of a larger one, which holds the same clips.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audio: Option<String>,
    /// What to do if it is not there: `fail`, or `synthesize` to use the built-in set in its place.
    #[serde(default)]
    pub when_missing: WhenMissing,
}

/// Nested choices of tracks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Subset {
    /// 8,000 tracks, 8 genres of 1,000.
    #[default]
    Small,
    /// 25,000 tracks, 16 genres.
    Medium,
    /// 106,574 tracks, 161 genres, half of them without a top genre.
    Large,
}

impl Subset {
    const ALL: [Subset; 3] = [Subset::Small, Subset::Medium, Subset::Large];

    /// The word in `tracks.csv` and in the names of folders.
    fn word(self) -> &'static str {
        match self {
            Subset::Small => "small",
            Subset::Medium => "medium",
            Subset::Large => "large",
        }
    }

    fn folder(self) -> String {
        format!("fma_{}", self.word())
    }
}

/// What to do with tracks without a label.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unlabelled {
    /// They are left out and listed.
    #[default]
    LeaveOut,
    /// They are used without a label.
    Keep,
}

fn genre_top() -> String {
    "genre_top".to_owned()
}

impl Fma {
    /// The body of the table.
    pub const EXAMPLE: &str =
        "root = \"data/raw/fma\"\nsubset = \"small\"\nlabel = \"genre_top\"\nwhen_missing = \"synthesize\"";

    /// See [`Source::given_mut`](super::Source::given_mut).
    pub(super) fn given_mut(&mut self) -> Given<'_> {
        Given { paths: vec![&mut self.root], missing: vec![&mut self.when_missing] }
    }

    /// Folders that may hold the clips, the nearest first.
    fn folders(&self) -> Vec<String> {
        let larger = Subset::ALL.into_iter().filter(|subset| *subset >= self.subset).map(Subset::folder);
        self.audio.as_ref().map_or_else(|| larger.collect(), |folder| vec![folder.clone()])
    }

    fn table(&self, file: &str, bytes: &[u8]) -> Result<Metadata, DatasetError> {
        let wrong = |problem| DatasetError::Table { file: file.to_owned(), problem };
        Metadata::read(bytes, &self.label).map_err(wrong)
    }

    /// Left out for want of a label; None if the track is used.
    fn unlabelled(&self, about: &About) -> Option<Skipped> {
        let without = about.facts.label.is_none() && self.unlabelled == Unlabelled::LeaveOut;
        let reason = || format!("no {} (dataset.fma.unlabelled = \"keep\" uses it without)", self.label);
        without.then(|| Skipped { path: about.name(), reason: reason() })
    }
}

impl Dataset for Fma {
    fn root(&self) -> Option<&Path> {
        Some(&self.root)
    }

    fn is_there(&self) -> bool {
        self.root.join(TRACKS).is_file() || self.folders().iter().any(|folder| self.root.join(folder).is_dir())
    }

    fn wanted(&self) -> PathBuf {
        self.root.join(TRACKS)
    }

    fn when_missing(&self) -> WhenMissing {
        self.when_missing
    }

    fn gives(&self) -> Vec<Gives> {
        vec![if self.statistics { Gives::Table } else { Gives::Sound }]
    }

    fn files(&self) -> Result<Vec<String>, DatasetError> {
        let needed = [Some(TRACKS), self.statistics.then_some(STATISTICS)];
        let tables: Vec<String> = needed.into_iter().flatten().map(str::to_owned).collect();
        if let Some(missing) = tables.iter().find(|table| !self.root.join(table).is_file()) {
            return Err(DatasetError::NoMetadata { root: self.root.clone(), path: missing.clone() });
        }
        let clips = if self.statistics { Vec::new() } else { clips::listed(self)? };
        Ok(tables.into_iter().chain(clips).collect())
    }

    fn load(&self, files: &[InputFile], read: &Read) -> Result<Corpus, Failure> {
        let (tables, others) = files.split_at(files.len().min(if self.statistics { 2 } else { 1 }));
        let bytes = tables.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let (first, last) = (bytes.first().map_or(&[][..], Vec::as_slice), bytes.last().map_or(&[][..], Vec::as_slice));
        let abouts = self.table(TRACKS, first).map_err(Failure::data)?.below(self.subset);
        let wrong = |problem| Failure::data(DatasetError::Table { file: STATISTICS.to_owned(), problem });
        if self.statistics {
            statistics::corpus(self, abouts, last).map_err(wrong)
        } else {
            Ok(clips::corpus(self, abouts, others))
        }
    }
}

#[cfg(test)]
mod tests;
