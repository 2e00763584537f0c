//! Latent semantic analysis: documents along the leading right singular vectors of their weights of terms, not centred.
//! Deerwester, Dumais, Furnas, Landauer, Harshman, "Indexing by latent semantic analysis" (1990). The matrix stays sparse.

use super::tfidf::{Weights, weights};
use super::{Described, Reading, TextFeature, TextFeatureError};
use crate::stats::svd::sparse::SparseRows;
use crate::text::csr::Csr;
use ndarray::Array2;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[features.text.lsa]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Lsa {
    /// Axes, or as many as there are.
    #[schemars(range(min = 1, max = 4096))]
    pub dims: usize,
    /// Only so many terms, the most frequent; all if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 2))]
    pub max_features: Option<usize>,
    /// Bring each document to length one again, so that long and short lyrics compare.
    pub normalise: bool,
}

impl Default for Lsa {
    fn default() -> Lsa {
        Lsa { dims: 64, max_features: None, normalise: true }
    }
}

impl Lsa {
    /// The body of the table.
    pub const EXAMPLE: &str = "dims = 64";
}

impl TextFeature for Lsa {
    fn describe(&self, reading: &Reading) -> Result<Described, TextFeatureError> {
        let Weights { matrix, .. } = weights(reading, self.max_features)?;
        let none = || TextFeatureError::NoAxes { documents: reading.fit_on.len(), terms: matrix.width() };
        let fitted = sparse(&matrix.take_rows(&reading.fit_on)).ok_or_else(none)?;
        let axes = fitted.truncated(self.dims).ok_or_else(none)?;
        let rank = axes.squared.len();
        let along = sparse(&matrix).ok_or_else(none)?.along(&axes.right);
        let mut values = Array2::from_shape_vec((matrix.rows(), rank), along).expect("a value a row and an axis");
        if self.normalise {
            unit_rows(&mut values);
        }
        Ok(Described {
            values: values.mapv(|x| x as f32),
            columns: (1..=rank).map(|axis| format!("lsa{axis}")).collect(),
        })
    }
}

fn sparse(matrix: &Csr) -> Option<SparseRows> {
    let (offsets, columns, values) = (matrix.offsets().to_vec(), matrix.columns().to_vec(), matrix.values().to_vec());
    SparseRows::new(offsets, columns, values, matrix.width())
}

fn unit_rows(values: &mut Array2<f64>) {
    for mut row in values.rows_mut() {
        let length = row.dot(&row).sqrt();
        if length > 0.0 {
            row /= length;
        }
    }
}
