//! Facts about tracks as columns: numbers as they are, words as one column each. What is fitted (means where a number is
//! missing, the words there are) is fitted on the tracks that are learned from.

use crate::artifact::{Block, Corpus, Covariates, FeatureTable, Modality, Scaling, Split, Track};
use crate::engine::{Ctx, Failure, Handle, Stage};
use ndarray::Array2;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A column of words with more of them names tracks rather than describing them.
const MOST_WORDS: usize = 64;

/// `[features.metadata]`; without names those that the dataset gives as metadata (`dataset.paired.metadata`).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Metadata {
    /// Columns of numbers, such as `year`; where one is missing it is the mean of the others.
    pub numeric: Vec<String>,
    /// Columns of words, such as `key`: a column for each word, 1 where a track has it.
    pub categorical: Vec<String>,
}

impl Metadata {
    /// The body of the table.
    pub const EXAMPLE: &str = "numeric = [\"year\"]\ncategorical = [\"key\"]";

    /// Itself, or, where it names nothing, the columns that the dataset gives as metadata.
    fn or_those_of(&self, corpus: &Corpus) -> Metadata {
        let Covariates { numeric, categorical } = corpus.covariates.clone();
        let is_empty = self.numeric.is_empty() && self.categorical.is_empty();
        if is_empty { Metadata { numeric, categorical } } else { self.clone() }
    }
}

/// The dataset does not have what the experiment asks for.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages tell the fields")]
pub enum MetadataError {
    #[error(
        "features.metadata names no column, and the dataset gives none as metadata; name them in numeric or categorical"
    )]
    NoNames,
    #[error("features.metadata: no track has {name:?}; there are {known}")]
    NoColumn { name: String, known: String },
    #[error(
        "features.metadata.numeric: {name} of {track} is {value:?}, which is no number; mend it, or name it in categorical"
    )]
    NotANumber { name: String, track: String, value: String },
    #[error(
        "features.metadata.categorical: {name} has {words} different words, more than {MOST_WORDS}: such a column names tracks; leave it out"
    )]
    TooManyWords { name: String, words: usize },
}

/// [`Corpus`] → [`FeatureTable`] of facts, a row a track.
#[derive(Serialize)]
pub struct ReadFacts {
    /// The tracks.
    pub corpus: Handle<Corpus>,
    /// Which are learned from; all where nothing is learned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub split: Option<Handle<Split>>,
    /// Which columns.
    pub metadata: Metadata,
}

impl Stage for ReadFacts {
    type Output = FeatureTable;
    const NAME: &'static str = "facts";

    fn title(&self) -> String {
        format!("facts {}", [self.metadata.numeric.as_slice(), &self.metadata.categorical].concat().join(" + "))
    }

    fn run(&self, ctx: &Ctx) -> Result<FeatureTable, Failure> {
        let (corpus, split) = (ctx.get(&self.corpus)?, ctx.get_if(self.split.as_ref())?);
        let tracks: Vec<u32> = (0..corpus.tracks.len() as u32).collect();
        let fit_on = Split::fitted_on(split.as_deref(), &tracks);
        table(&corpus, &fit_on, &self.metadata.or_those_of(&corpus)).map_err(Failure::data)
    }
}

/// A column and its name.
type Column = (String, Vec<f32>);

fn table(corpus: &Corpus, fit_on: &[usize], metadata: &Metadata) -> Result<FeatureTable, MetadataError> {
    if metadata.numeric.is_empty() && metadata.categorical.is_empty() {
        return Err(MetadataError::NoNames);
    }
    let mut columns: Vec<Column> = Vec::new();
    for name in &metadata.numeric {
        columns.push((name.clone(), numbers(corpus, fit_on, name)?));
    }
    for name in &metadata.categorical {
        columns.extend(words(corpus, fit_on, name)?);
    }
    let (names, values): (Vec<String>, Vec<Vec<f32>>) = columns.into_iter().unzip();
    let (rows, dims) = (corpus.tracks.len(), names.len());
    let values = Array2::from_shape_fn((rows, dims), |(row, column)| values[column][row]);
    let block = Block { name: "metadata".to_owned(), modality: Modality::Metadata, dims, scaling: Scaling::Columns };
    let (tracks, values) = ((0..rows as u32).collect(), values.into_dyn());
    Ok(FeatureTable { values, columns: names, tracks, skipped: Vec::new(), blocks: vec![block] })
}

/// What each track says under `name`, if anything.
fn told<'a>(corpus: &'a Corpus, name: &str) -> Result<Vec<Option<&'a str>>, MetadataError> {
    let of = |track: &'a Track| track.metadata.get(name).map(|told| told.trim()).filter(|told| !told.is_empty());
    let told: Vec<Option<&str>> = corpus.tracks.iter().map(of).collect();
    if told.iter().any(Option::is_some) {
        return Ok(told);
    }
    let known: BTreeSet<&str> =
        corpus.tracks.iter().flat_map(|track| track.metadata.keys().map(String::as_str)).collect();
    let known = if known.is_empty() { "none".to_owned() } else { known.into_iter().collect::<Vec<_>>().join(", ") };
    Err(MetadataError::NoColumn { name: name.to_owned(), known })
}

fn numbers(corpus: &Corpus, fit_on: &[usize], name: &str) -> Result<Vec<f32>, MetadataError> {
    let mut values = Vec::new();
    for (track, told) in corpus.tracks.iter().zip(told(corpus, name)?) {
        let number = told.map(|told| told.parse::<f64>().ok().filter(|number| number.is_finite()).ok_or(told));
        values.push(number.transpose().map_err(|value| MetadataError::NotANumber {
            name: name.to_owned(),
            track: track.id.clone(),
            value: value.to_owned(),
        })?);
    }
    let known: Vec<f64> = fit_on.iter().filter_map(|row| values[*row]).collect();
    let mean = known.iter().sum::<f64>() / known.len().max(1) as f64;
    Ok(values.into_iter().map(|value| value.unwrap_or(mean) as f32).collect())
}

fn words(corpus: &Corpus, fit_on: &[usize], name: &str) -> Result<Vec<Column>, MetadataError> {
    let told = told(corpus, name)?;
    let words: BTreeSet<&str> = fit_on.iter().filter_map(|row| told[*row]).collect();
    if words.len() > MOST_WORDS {
        return Err(MetadataError::TooManyWords { name: name.to_owned(), words: words.len() });
    }
    let column = |word: &str| told.iter().map(|told| if *told == Some(word) { 1.0 } else { 0.0 }).collect();
    Ok(words.into_iter().map(|word| (format!("{name}={word}"), column(word))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn corpus() -> Corpus {
        let track = |(at, (year, key)): (usize, &(&str, &str))| Track {
            id: format!("t{at}"),
            metadata: BTreeMap::from([("year".to_owned(), (*year).to_owned()), ("key".to_owned(), (*key).to_owned())]),
            ..Track::default()
        };
        let facts = [("1990", "C"), ("2000", "G"), ("", "C"), ("2020", "D")];
        Corpus { tracks: facts.iter().enumerate().map(track).collect(), ..Corpus::default() }
    }

    fn asked(numeric: &[&str], categorical: &[&str]) -> Metadata {
        let named = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Metadata { numeric: named(numeric), categorical: named(categorical) }
    }

    #[test]
    fn means_and_words_are_those_of_the_tracks_that_are_learned_from() {
        let table = table(&corpus(), &[0, 1, 2], &asked(&["year"], &["key"])).unwrap();
        assert_eq!(table.columns, ["year", "key=C", "key=G"]);
        assert_eq!(table.flat().row(2).to_vec(), [1995.0, 1.0, 0.0]);
        assert_eq!(table.flat().row(3).to_vec(), [2020.0, 0.0, 0.0]);
    }

    #[test]
    fn what_is_not_there_or_no_number_is_told() {
        let fault = |asked: Metadata| table(&corpus(), &[0, 1, 2, 3], &asked).unwrap_err().to_string();
        assert!(fault(asked(&["tempo"], &[])).contains("there are key, year"));
        assert!(fault(asked(&["key"], &[])).contains("key of t0 is \"C\""));
        let mut many = corpus();
        many.tracks = (0..80)
            .map(|at| Track { metadata: BTreeMap::from([("id".to_owned(), at.to_string())]), ..Track::default() })
            .collect();
        let all: Vec<usize> = (0..80).collect();
        assert!(table(&many, &all, &asked(&[], &["id"])).unwrap_err().to_string().contains("80 different words"));
    }
}
