//! Tracks with what is known of them: audio, lyrics, label, language, group.

mod bags;

use super::{Axes, Part, read_npy, write_npy};
use crate::engine::inputs::InputFile;
use crate::engine::{Artifact, BoxError, Files};
use crate::signal::synth::Recipe;
use crate::text::counts::Counts;
use ndarray::Array2;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Every dataset gives this.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Corpus {
    /// What there is to know, row by row.
    pub tracks: Vec<Track>,
    /// Names of the labels, sorted (as numbers if all are); `Track::label` points here. Empty without labels.
    pub labels: Vec<String>,
    /// Files and rows that cannot be used, and why. They count against the share of bad data that is allowed.
    pub skipped: Vec<Skipped>,
    /// Files and rows that are sound and that the settings leave out, and why. They are listed and never counted as bad.
    pub left_out: Vec<Skipped>,
    /// Whether the tracks are made by this program.
    pub synthetic: bool,
    /// Whether nothing says which rows belong to one track. Then no split can keep segments of a track together,
    /// and what is measured on held-out rows may be measured on tracks that were learned from.
    pub anonymous: bool,
    /// What the user should know of the data.
    pub warnings: Vec<String>,
    /// Pre-extracted features, a row a track.
    pub table: Option<Table>,
    /// Words of each track, counted elsewhere: `[tracks, words]`, a row a track.
    pub bags: Option<Counts>,
    /// Which of [`Track::metadata`] may be learned from.
    pub covariates: Covariates,
}

/// Names of metadata that are more than a caption. None of them tells the label.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Covariates {
    /// Numbers: every track has a finite one, or none.
    pub numeric: Vec<String>,
    /// Words of a few values.
    pub categorical: Vec<String>,
}

/// One track.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Track {
    /// Unique in the corpus.
    pub id: String,
    /// Where its sound or its map comes from; None for a table of features.
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
    /// The side that the makers of the dataset put it on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<Part>,
    /// What else is known, by name: title, artist, mood. Never seen by a network.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
}

/// Where sound comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audio {
    /// A file, known by its content.
    File(InputFile),
    /// Rendered when needed.
    Recipe(Recipe),
    /// No sound but a spectrogram made elsewhere: an `.npy` that [`read_spectrogram`](super::read_spectrogram) reads.
    Array {
        /// The file, known by its content.
        file: InputFile,
        /// What its axes are.
        axes: Axes,
    },
}

impl Audio {
    /// The file, if there is one.
    pub fn path(&self) -> Option<&str> {
        match self {
            Audio::File(file) | Audio::Array { file, .. } => Some(&file.path),
            Audio::Recipe(_) => None,
        }
    }
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
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    left_out: Vec<Skipped>,
    synthetic: bool,
    #[serde(default)]
    anonymous: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
    columns: Option<Vec<String>>,
    #[serde(default)]
    covariates: Covariates,
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

    /// Tracks in all, skipped ones and ones that are left out included.
    pub fn n_total(&self) -> usize {
        self.tracks.len() + self.skipped.len() + self.left_out.len()
    }

    /// The labels of `tracks` (places in this corpus), or None unless each has one.
    pub fn truth(&self, tracks: &[u32]) -> Option<Vec<u32>> {
        self.labels_of(tracks).into_iter().collect()
    }

    /// The labels of `tracks` (places in this corpus), where they have one.
    pub fn labels_of(&self, tracks: &[u32]) -> Vec<Option<u32>> {
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
        let header = Header {
            labels: self.labels.clone(),
            skipped: self.skipped.clone(),
            left_out: self.left_out.clone(),
            synthetic: self.synthetic,
            anonymous: self.anonymous,
            warnings: self.warnings.clone(),
            columns: self.table.as_ref().map(|table| table.columns.clone()),
            covariates: self.covariates.clone(),
        };
        let mut files = Files::new().with_json("corpus.json", &header)?.with_json("tracks.json", &self.tracks)?;
        if let Some(table) = &self.table {
            files.insert("table.npy", write_npy(&table.values)?);
        }
        match &self.bags {
            Some(bags) => bags::save(bags, files),
            None => Ok(files),
        }
    }

    fn load(files: &Files) -> Result<Corpus, BoxError> {
        let Header { labels, skipped, left_out, synthetic, anonymous, warnings, columns, covariates } =
            files.json("corpus.json")?;
        let table = match columns {
            Some(columns) => Some(Table { columns, values: read_npy(files.bytes("table.npy")?)? }),
            None => None,
        };
        Ok(Corpus {
            tracks: files.json("tracks.json")?,
            labels,
            skipped,
            left_out,
            synthetic,
            anonymous,
            warnings,
            table,
            bags: bags::load(files)?,
            covariates,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn corpus() -> Corpus {
        let skipped = |path: &str| Skipped { path: path.to_owned(), reason: "why".to_owned() };
        let track = Track {
            id: "a".to_owned(),
            group: "g".to_owned(),
            part: Some(Part::Test),
            metadata: BTreeMap::from([("title".to_owned(), "Song".to_owned())]),
            ..Track::default()
        };
        Corpus {
            tracks: vec![track],
            skipped: vec![skipped("b")],
            left_out: vec![skipped("c"), skipped("d")],
            anonymous: true,
            warnings: vec!["odd".to_owned()],
            table: Some(Table { columns: vec!["x".to_owned()], values: ndarray::array![[1.5]] }),
            bags: Counts::of_bags(&["word".to_owned()], &[vec![(0, 2)]]),
            covariates: Covariates { numeric: vec!["tempo".to_owned()], categorical: Vec::new() },
            ..Corpus::default()
        }
    }

    #[test]
    fn all_of_it_comes_back() {
        assert_eq!(Corpus::load(&corpus().save().unwrap()).unwrap(), corpus());
    }

    #[test]
    fn the_total_counts_what_is_not_used() {
        assert_eq!((corpus().n_total(), corpus().tracks.len()), (4, 1));
    }
}
