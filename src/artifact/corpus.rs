//! Tracks with what is known of them: audio, lyrics, label, language, group.

use super::{read_npy, write_npy};
use crate::engine::inputs::InputFile;
use crate::engine::{Artifact, BoxError, Files};
use crate::signal::synth::Recipe;
use ndarray::Array2;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Every dataset gives this.
#[derive(Clone, Debug, PartialEq)]
pub struct Corpus {
    /// What there is to know, row by row.
    pub tracks: Vec<Track>,
    /// Names of the labels, sorted; `Track::label` points here. Empty without labels.
    pub labels: Vec<String>,
    /// Files that were left out, and why.
    pub skipped: Vec<Skipped>,
    /// Whether the tracks are made by this program.
    pub synthetic: bool,
    /// Pre-extracted features, a row a track.
    pub table: Option<Table>,
}

/// One track.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Track {
    /// Unique in the corpus.
    pub id: String,
    /// Where its sound comes from; None for a table of features.
    pub audio: Option<Audio>,
    /// Index of its label.
    pub label: Option<u32>,
    /// Language of its lyrics (`en`, `bn`).
    pub language: Option<String>,
    /// Tracks of one group (artist, else the track itself) never stand on both sides of a split.
    pub group: String,
    /// Lyrics; None if missing.
    pub lyrics: Option<String>,
    /// Known generative factors.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub factors: BTreeMap<String, u32>,
}

/// Where sound comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audio {
    /// A file, known by its content.
    File(InputFile),
    /// Rendered when needed.
    Recipe(Recipe),
}

/// A file that is not used.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Skipped {
    /// The file, or the track's id.
    pub path: String,
    /// What is wrong with it.
    pub reason: String,
}

/// Pre-extracted features.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Names of the columns.
    pub columns: Vec<String>,
    /// `[tracks, columns]`.
    pub values: Array2<f64>,
}

#[derive(Serialize, Deserialize)]
struct Header {
    labels: Vec<String>,
    skipped: Vec<Skipped>,
    synthetic: bool,
    columns: Option<Vec<String>>,
}

impl Corpus {
    /// Number of label classes that occur; None without labels.
    pub fn classes(&self) -> Option<usize> {
        let seen: BTreeSet<u32> = self.tracks.iter().filter_map(|track| track.label).collect();
        (!seen.is_empty()).then_some(seen.len())
    }

    /// Number of groups.
    pub fn groups(&self) -> usize {
        self.tracks.iter().map(|track| &track.group).collect::<BTreeSet<_>>().len()
    }

    /// Tracks in all, skipped ones included.
    pub fn n_total(&self) -> usize {
        self.tracks.len() + self.skipped.len()
    }

    /// The labels of `tracks` (places in this corpus), or None unless each has one.
    pub fn truth(&self, tracks: &[u32]) -> Option<Vec<u32>> {
        tracks.iter().map(|track| self.tracks[*track as usize].label).collect()
    }

    /// The group of each of `tracks` as a number, equal for equal groups.
    pub fn group_numbers(&self, tracks: &[u32]) -> Vec<u32> {
        let names: BTreeSet<&str> = self.tracks.iter().map(|track| track.group.as_str()).collect();
        let number: BTreeMap<&str, u32> = names.into_iter().zip(0..).collect();
        tracks.iter().map(|track| number[self.tracks[*track as usize].group.as_str()]).collect()
    }

    /// The name of a track's label, or `?`.
    pub fn label_name(&self, track: u32) -> &str {
        let label = self.tracks[track as usize].label;
        label.and_then(|label| self.labels.get(label as usize)).map_or("?", String::as_str)
    }
}

impl Artifact for Corpus {
    fn save(&self) -> Result<Files, BoxError> {
        let (labels, skipped) = (self.labels.clone(), self.skipped.clone());
        let columns = self.table.as_ref().map(|table| table.columns.clone());
        let header = Header { labels, skipped, synthetic: self.synthetic, columns };
        let mut files = Files::new().with_json("corpus.json", &header)?.with_json("tracks.json", &self.tracks)?;
        if let Some(table) = &self.table {
            files.insert("table.npy", write_npy(&table.values)?);
        }
        Ok(files)
    }

    fn load(files: &Files) -> Result<Corpus, BoxError> {
        let header: Header = files.json("corpus.json")?;
        let table = match header.columns {
            Some(columns) => Some(Table { columns, values: read_npy(files.bytes("table.npy")?)? }),
            None => None,
        };
        let (labels, skipped, synthetic) = (header.labels, header.skipped, header.synthetic);
        Ok(Corpus { tracks: files.json("tracks.json")?, labels, skipped, synthetic, table })
    }
}
