//! Each point divided by its Euclidean length: `x / ‖x‖`, as scikit-learn's `Normalizer(norm = "l2")`.
//! Euclidean distances between such points are those of the cosine: `‖a − b‖² = 2 − 2 cos(a, b)`, so that k-means on them is
//! spherical but for its centres (Dhillon, Modha, "Concept decompositions", 2001). Loud, busy or otherwise extreme tracks
//! then lie among their likes and not in a cluster of extremes.

use ndarray::{Array2, ArrayView2};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ProjectError, Projector, finite};
use crate::stats::scale::of_length_one;

/// Rows of length one. Representations reach it as they are: the features `raw` already standardised by column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RowL2 {}

impl RowL2 {
    /// The body of the table.
    pub const EXAMPLE: &str = "";
}

impl Projector for RowL2 {
    fn project(&self, points: ArrayView2<f64>, _: u64) -> Result<Array2<f64>, ProjectError> {
        finite(points)?;
        Ok(of_length_one(points))
    }

    fn dims(&self, given: usize) -> usize {
        given
    }

    fn is_map(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn rows_have_length_one_and_keep_their_direction() {
        let scaled = RowL2 {}.project(array![[3.0, -4.0], [0.0, 0.0], [1e200, 1e200]].view(), 0).expect("finite");
        let half = 0.5f64.sqrt();
        for (value, expected) in scaled.iter().zip([0.6, -0.8, 0.0, 0.0, half, half]) {
            assert!((value - expected).abs() < 1e-15, "{scaled}");
        }
    }

    #[test]
    fn distances_are_those_of_the_cosine() {
        let (a, b) = (array![1.0, 2.0, -1.0], array![0.5, -3.0, 2.0]);
        let scaled = RowL2 {}.project(ndarray::stack![ndarray::Axis(0), a, b].view(), 0).expect("finite");
        let cosine = a.dot(&b) / (a.dot(&a) * b.dot(&b)).sqrt();
        assert!(((&scaled.row(0) - &scaled.row(1)).mapv(|d| d * d).sum() - (2.0 - 2.0 * cosine)).abs() < 1e-12);
    }

    #[test]
    fn values_that_are_not_finite_are_named() {
        let error = RowL2 {}.project(array![[1.0], [f64::NAN]].view(), 0);
        assert_eq!(error, Err(ProjectError::NotFinite { row: 1, column: 0 }));
    }
}
