//! Lyrics as numbers: weights of words, axes of latent semantic analysis. Everything fitted (vocabulary, document
//! frequencies, axes) is fitted on the tracks that are learned from, and on all where nothing is learned.

pub mod bert;
pub mod lsa;
pub mod tfidf;

mod documents;
mod library;
mod settings;

use super::text_inputs::TextInputs;
use super::usable;
use crate::artifact::{Block, Corpus, FeatureTable, Modality, Scaling, Skipped, Split};
use crate::engine::{Ctx, Failure, Handle, Stage, Version};
use crate::kind_set;
use crate::text::TextError;
use crate::text::bert::BertError;
use documents::Documents;
use library::{Library, Shelf};
use ndarray::{Array2, Axis, concatenate};
use serde::Serialize;
use settings::{Segments, StopWords, Terms};
use std::collections::BTreeSet;

/// A way to describe a track by its lyrics.
pub trait TextFeature {
    /// The values of all documents.
    ///
    /// # Errors
    /// No terms are left to count, or the documents are not what this kind reads.
    fn describe(&self, reading: &Reading) -> Result<Described, TextFeatureError>;

    /// Whether it reads sentences, and not words in any order.
    fn reads_sentences(&self) -> bool {
        false
    }

    /// Raised when the numbers change.
    fn version(&self) -> u32 {
        1
    }
}

/// What kinds read.
pub struct Reading<'a> {
    /// The lyrics.
    documents: Documents<'a>,
    /// Documents that are learned from, rising.
    fit_on: Vec<usize>,
    settings: &'a TextFeatures,
    stop_words: BTreeSet<String>,
    library: &'a dyn Library,
}

/// What a kind makes of the lyrics. Columns share a unit.
pub struct Described {
    /// `[documents, columns]`
    values: Array2<f32>,
    columns: Vec<String>,
}

/// Lyrics cannot be described.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages tell the fields")]
pub enum TextFeatureError {
    #[error("features.text: {0}")]
    Text(#[from] TextError),
    #[error("the lyrics cannot be decomposed into axes: {documents} documents of {terms} terms are too few")]
    NoAxes { documents: usize, terms: usize },
    #[error(
        "features.text.bert reads sentences, and a bag of words has none; use [features.text.tfidf] or [features.text.lsa]"
    )]
    OnlyBags,
    #[error("features.text.bert: {0}")]
    Bert(#[from] BertError),
    #[error("{0}")]
    Engine(Failure),
}

kind_set! {
    /// `[features.text]`: kinds side by side, all from one counting of terms.
    pub struct TextFeatures: dyn TextFeature {
        shared {
            /// What is counted: `words`, or `characters` (runs of letters within words).
            terms: Terms = Terms::Words;
            /// Shortest and longest run of terms: by default [1, 2] for words, [3, 5] for characters.
            #[serde(skip_serializing_if = "Option::is_none")]
            ngrams: Option<[usize; 2]> = None;
            /// What a word is: `unicode` (UAX #29), or `runs` of letters, marks and digits as in scikit-learn, marks kept.
            segmentation: Segments = Segments::Unicode;
            /// Words of fewer characters are left out.
            #[schemars(range(min = 1, max = 100))]
            min_chars: usize = 1;
            /// Terms in fewer documents are left out: a number of documents, or below 1 a share of them.
            #[schemars(range(min = 0.0))]
            min_df: f64 = 2.0;
            /// Terms in more documents are left out: a number of documents, or below 1 a share of them; no limit if absent.
            #[schemars(range(min = 0.0))]
            #[serde(skip_serializing_if = "Option::is_none")]
            max_df: Option<f64> = None;
            /// 1 + ln(count) in place of the count.
            sublinear_tf: bool = true;
            /// Words left out: `usual` (short lists of English and Bangla), `none`, or a file of words for other languages.
            stop_words: StopWords = StopWords::Usual;
        }
        tfidf(tfidf::TfIdf), "Weights of terms, term frequency times inverse document frequency: a column a term."
        lsa(lsa::Lsa), "Latent semantic analysis: the leading axes of the weights of terms."
        bert(bert::Bert), "Sentence embeddings by a pretrained network of BERT's shape, from a local folder."
    }
}

/// [`Corpus`] → [`FeatureTable`] of lyrics. Tracks without lyrics have no row.
#[derive(Serialize)]
pub struct ReadLyrics {
    /// The tracks.
    pub corpus: Handle<Corpus>,
    /// Which are learned from; all where nothing is learned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub split: Option<Handle<Split>>,
    /// What to compute.
    #[serde(serialize_with = "TextFeatures::counting")]
    pub text: TextFeatures,
    /// Files that the settings name, by content.
    pub inputs: TextInputs,
    /// Share of the tracks that may be unusable.
    pub max_bad_share: f64,
}

impl Stage for ReadLyrics {
    type Output = FeatureTable;
    const NAME: &'static str = "lyrics";

    fn version(&self) -> Version {
        Version { room: 1, kind: self.text.chosen().iter().map(|(_, kind)| kind.version()).sum() }
    }

    fn title(&self) -> String {
        let names: Vec<&str> = self.text.chosen().into_iter().map(|(name, _)| name).collect();
        format!("lyrics {}", names.join(" + "))
    }

    fn run(&self, ctx: &Ctx) -> Result<FeatureTable, Failure> {
        let (corpus, split) = (ctx.get(&self.corpus)?, ctx.get_if(self.split.as_ref())?);
        let (documents, tracks) = Documents::of(&corpus);
        let skipped = without_lyrics(ctx, &corpus, &tracks)?;
        let fit_on = Split::fitted_on(split.as_deref(), &tracks);
        let stop_words = self.text.stop_words.listed(&self.inputs)?;
        let library = Shelf { ctx, inputs: &self.inputs, text: &self.text };
        let reading = Reading { documents, fit_on, settings: &self.text, stop_words, library: &library };
        let (Described { values, columns }, blocks) = self.side_by_side(&reading)?;
        let table = FeatureTable { values: values.into_dyn(), columns, tracks, skipped: Vec::new(), blocks };
        // A track without lyrics is what it is; a row that should have some is not.
        usable::check(&corpus, &table, self.max_bad_share)?;
        Ok(FeatureTable { skipped, ..table })
    }
}

impl ReadLyrics {
    /// All kinds, one block each.
    fn side_by_side(&self, reading: &Reading) -> Result<(Described, Vec<Block>), Failure> {
        let (mut parts, mut names, mut blocks) = (Vec::new(), Vec::new(), Vec::new());
        for (name, kind) in self.text.chosen() {
            let Described { values, columns } = kind.describe(reading).map_err(told)?;
            let (modality, dims) = (Modality::Text, values.ncols());
            blocks.push(Block { name: name.to_owned(), modality, dims, scaling: Scaling::Together });
            parts.push(values);
            names.extend(columns);
        }
        let views: Vec<_> = parts.iter().map(|part| part.view()).collect();
        // Columns side by side lie in column order, tables in row order.
        let values = concatenate(Axis(1), &views)?.as_standard_layout().into_owned();
        Ok((Described { values, columns: names }, blocks))
    }
}

/// What the engine says stays what it is; all else is wrong with the data.
fn told(error: TextFeatureError) -> Failure {
    match error {
        TextFeatureError::Engine(failure) => failure,
        other => Failure::data(other),
    }
}

impl From<Failure> for TextFeatureError {
    fn from(failure: Failure) -> TextFeatureError {
        TextFeatureError::Engine(failure)
    }
}

/// Tracks that have no lyrics; an error if none has.
fn without_lyrics(ctx: &Ctx, corpus: &Corpus, with: &[u32]) -> Result<Vec<Skipped>, Failure> {
    let total = corpus.tracks.len();
    if with.is_empty() {
        return Err(Failure::data(NoLyrics { total }));
    }
    if with.len() < total {
        ctx.warn(format!("{} of {total} tracks have no lyrics", total - with.len()));
    }
    let missing = corpus.tracks.iter().enumerate().filter(|(at, _)| with.binary_search(&(*at as u32)).is_err());
    Ok(missing.map(|(_, track)| Skipped { path: track.id.clone(), reason: "no lyrics".to_owned() }).collect())
}

/// There is nothing to read.
#[derive(Debug, thiserror::Error)]
#[error("none of the {total} tracks has lyrics: features.text needs a dataset with lyrics (lyrics, paired, synth)")]
struct NoLyrics {
    total: usize,
}
