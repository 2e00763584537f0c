//! Settings that all kinds of text features share, and what they mean to `text`.

use super::super::text_inputs::TextInputs;
use super::{Reading, TextFeatures};
use crate::engine::Failure;
use crate::text::TextError;
use crate::text::counts::{self, Counting, Counts};
use crate::text::limits::{Frequency, Limits};
use crate::text::stop_words::{BANGLA, ENGLISH, listed};
use crate::text::words::Segmentation;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Terms {
    /// Words.
    Words,
    /// Runs of letters within words.
    Characters,
}

/// What a word is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Segments {
    /// UAX #29: apostrophes and joiners belong to words.
    Unicode,
    /// Runs of letters, marks and digits.
    Runs,
}

/// Words that are left out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StopWords {
    /// Short lists of English and Bangla.
    Usual,
    /// No word is left out.
    None,
    /// A text file, words between spaces or line ends; with it none of the usual ones.
    File(PathBuf),
}

impl StopWords {
    /// The file that is named, if one is.
    pub fn file(&self) -> Option<&Path> {
        match self {
            StopWords::File(path) => Some(path),
            StopWords::Usual | StopWords::None => None,
        }
    }

    /// The words, spelt as cleaned texts are.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn listed(&self, inputs: &TextInputs) -> Result<BTreeSet<String>, Failure> {
        Ok(match self {
            StopWords::Usual => listed(ENGLISH).into_iter().chain(listed(BANGLA)).collect(),
            StopWords::None => BTreeSet::new(),
            StopWords::File(_) => listed(&inputs.stop_words()?),
        })
    }
}

impl TextFeatures {
    /// The settings that count: paths do not, the content of what lies there does.
    pub(super) fn counting<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut counting = self.clone();
        if let StopWords::File(path) = &mut counting.stop_words {
            path.clear();
        }
        if let Some(bert) = &mut counting.bert {
            bert.path.clear();
        }
        counting.serialize(serializer)
    }

    fn limits(&self, max_features: Option<usize>) -> Limits {
        let frequency = |limit: f64| match limit < 1.0 {
            true => Frequency::Share(limit),
            false => Frequency::Documents(limit as usize),
        };
        let most = self.max_df.map_or(Frequency::Share(1.0), frequency);
        Limits { least: frequency(self.min_df), most, max_features }
    }
}

impl Reading<'_> {
    /// Counts of the terms that stand in the documents that are learned from and are neither too rare nor too common there:
    /// in those documents, and in all.
    pub(super) fn counts(&self, max_features: Option<usize>) -> Result<(Counts, Counts), TextError> {
        let all = self.documents.count(&self.counting())?;
        let fitted = self.settings.limits(max_features).applied(all.take(&self.fit_on))?;
        let matrix = all.over(&fitted.vocabulary);
        let all = Counts { vocabulary: fitted.vocabulary.clone(), matrix };
        Ok((fitted, all))
    }

    fn counting(&self) -> Counting {
        let TextFeatures { terms, ngrams, segmentation, min_chars, .. } = self.settings;
        let [least, most] = ngrams.unwrap_or(if *terms == Terms::Words { [1, 2] } else { [3, 5] });
        let terms = match terms {
            Terms::Words => counts::Terms::Words { least, most },
            Terms::Characters => counts::Terms::Characters { least, most },
        };
        let segmentation = match segmentation {
            Segments::Unicode => Segmentation::Words,
            Segments::Runs => Segmentation::Runs,
        };
        Counting { segmentation, least_chars: *min_chars, stop_words: self.stop_words.clone(), terms }
    }
}
