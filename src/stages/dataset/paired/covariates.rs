//! Columns that may be learned from beside sound and lyrics: numbers such as the tempo, words such as the key.

use super::join::Pairs;
use crate::artifact::{Corpus, Covariates, Track};
use crate::stages::dataset::DatasetError;
use crate::stages::dataset::conventions::LABELS;
use crate::stages::dataset::lyrics::entry::Entries;
use ndarray::Axis;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Columns of either side. A column of a table of features that is named here is none of its features any more.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Metadata {
    /// Columns of numbers, such as `tempo` or `year`.
    pub numeric: Vec<String>,
    /// Columns of words of a few values, such as `key`. The label is refused.
    pub categorical: Vec<String>,
}

impl Metadata {
    pub(super) fn names(&self) -> Vec<String> {
        self.numeric.iter().chain(&self.categorical).cloned().collect()
    }

    /// Puts the columns into the metadata of the tracks; a cell of the audio's side comes before one of the lyrics'.
    ///
    /// # Errors
    /// A column that neither side has; one that is the label, or tells it; a cell that is no number.
    pub(super) fn choose(
        &self,
        corpus: &mut Corpus,
        entries: &Entries,
        pairs: &Pairs,
        labels: &[&str],
    ) -> Result<(), DatasetError> {
        let known = known(corpus, entries);
        for name in &self.names() {
            refuse_label(name, labels)?;
            let values: Vec<Option<String>> =
                (0..corpus.tracks.len()).map(|track| value(name, track, corpus, entries, pairs)).collect();
            if values.iter().all(Option::is_none) {
                return Err(DatasetError::NoMetadataColumn { name: name.clone(), known });
            }
            if tells_the_label(&corpus.tracks, &values) {
                return Err(DatasetError::LabelAsMetadata { name: name.clone() });
            }
            if self.numeric.contains(name) {
                all_are_numbers(name, &corpus.tracks, &values)?;
            }
            for (track, value) in corpus.tracks.iter_mut().zip(values) {
                track.metadata.extend(value.map(|value| (name.clone(), value)));
            }
        }
        self.names().iter().for_each(|name| drop_feature(corpus, name));
        corpus.covariates = Covariates { numeric: self.numeric.clone(), categorical: self.categorical.clone() };
        Ok(())
    }
}

fn known(corpus: &Corpus, entries: &Entries) -> String {
    let columns = corpus.table.iter().flat_map(|table| table.columns.iter());
    let names = corpus.tracks.iter().flat_map(|track| track.metadata.keys()).chain(columns).chain(&entries.columns);
    let names: BTreeSet<&str> = names.filter(|name| !entries.labels.contains(*name)).map(String::as_str).collect();
    names.into_iter().collect::<Vec<_>>().join(", ")
}

/// `labels` are columns that labels come from. A mood or a style that is none of them may be learned from.
fn refuse_label(name: &str, labels: &[&str]) -> Result<(), DatasetError> {
    let usual = LABELS.into_iter().filter(|label| !["mood", "style"].contains(label));
    let is_label = usual.chain(labels.iter().copied()).any(|label| label.eq_ignore_ascii_case(name));
    if is_label { Err(DatasetError::LabelAsMetadata { name: name.to_owned() }) } else { Ok(()) }
}

fn value(name: &str, track: usize, corpus: &Corpus, entries: &Entries, pairs: &Pairs) -> Option<String> {
    let of = |metadata: &BTreeMap<String, String>| {
        metadata.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.clone())
    };
    let number = || {
        let table = corpus.table.as_ref()?;
        let column = table.columns.iter().position(|column| column.eq_ignore_ascii_case(name))?;
        Some(table.values[[track, column]].to_string())
    };
    let song = || of(&entries.songs[pairs.song_of[track]?].facts.metadata);
    of(&corpus.tracks[track].metadata).or_else(number).or_else(song)
}

/// A value for each label and a label for each value: whoever sees one knows the other. Values of single tracks say nothing.
fn tells_the_label(tracks: &[Track], values: &[Option<String>]) -> bool {
    let pairs: BTreeSet<(u32, &str)> =
        tracks.iter().zip(values).filter_map(|(track, value)| Some((track.label?, value.as_deref()?))).collect();
    let labels: BTreeSet<u32> = pairs.iter().map(|(label, _)| *label).collect();
    let words: BTreeSet<&str> = pairs.iter().map(|(_, word)| *word).collect();
    let repeated = values.iter().flatten().count() > pairs.len();
    repeated && labels.len() > 1 && labels.len() == pairs.len() && words.len() == pairs.len()
}

fn all_are_numbers(name: &str, tracks: &[Track], values: &[Option<String>]) -> Result<(), DatasetError> {
    let is_number = |text: &str| text.parse::<f64>().is_ok_and(f64::is_finite);
    let odd =
        tracks.iter().zip(values).find_map(|(track, value)| Some((track, value.as_ref().filter(|v| !is_number(v))?)));
    odd.map_or(Ok(()), |(track, cell)| {
        let (track, cell) = (track.id.clone(), cell.chars().take(60).collect());
        Err(DatasetError::NotNumeric { name: name.to_owned(), track, cell })
    })
}

/// What is a block of its own is no feature: it would count twice.
fn drop_feature(corpus: &mut Corpus, name: &str) {
    let Some(table) = &mut corpus.table else { return };
    let kept: Vec<usize> =
        (0..table.columns.len()).filter(|column| !table.columns[*column].eq_ignore_ascii_case(name)).collect();
    table.values = table.values.select(Axis(1), &kept);
    table.columns = kept.into_iter().map(|column| table.columns[column].clone()).collect();
}
