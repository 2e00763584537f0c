//! Term frequency times inverse document frequency, documents of length one; equal to scikit-learn's `TfidfVectorizer`.
//! Salton, Buckley, "Term-weighting approaches in automatic text retrieval" (1988).

use super::{Described, Reading, TextFeature, TextFeatureError};
use crate::text::csr::Csr;
use crate::text::tfidf::{self, Weighing};
use crate::text::vocabulary::Vocabulary;
use ndarray::Array2;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[features.text.tfidf]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TfIdf {
    /// Columns: the most frequent terms of all that are left.
    #[schemars(range(min = 2, max = 100_000))]
    pub max_features: usize,
}

impl Default for TfIdf {
    fn default() -> TfIdf {
        TfIdf { max_features: 2000 }
    }
}

impl TfIdf {
    /// The body of the table.
    pub const EXAMPLE: &str = "max_features = 2000";
}

impl TextFeature for TfIdf {
    fn describe(&self, reading: &Reading) -> Result<Described, TextFeatureError> {
        let Weights { vocabulary, matrix } = weights(reading, Some(self.max_features))?;
        let (rows, width) = (matrix.rows(), matrix.width());
        let dense = matrix.to_dense().into_iter().map(|value| value as f32).collect();
        let values = Array2::from_shape_vec((rows, width), dense).expect("a dense matrix has all its values");
        Ok(Described { values, columns: vocabulary.terms().map(str::to_owned).collect() })
    }
}

/// Weights of terms.
pub(super) struct Weights {
    pub vocabulary: Vocabulary,
    /// `[documents, terms]`
    pub matrix: Csr,
}

/// Weights of the terms of all documents, fitted on those that are learned from.
pub(super) fn weights(reading: &Reading, max_features: Option<usize>) -> Result<Weights, TextFeatureError> {
    let (fitted, all) = reading.counts(max_features)?;
    let weighing = Weighing { sublinear: reading.settings.sublinear_tf, ..Weighing::default() };
    let tfidf = tfidf::TfIdf::fit(&fitted, weighing);
    Ok(Weights { matrix: tfidf.transform(all), vocabulary: fitted.vocabulary })
}
