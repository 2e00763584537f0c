//! Projection onto the directions of largest variance.
//! Pearson (1901); see `stats::pca`.

use std::num::NonZeroUsize;

use ndarray::{Array2, ArrayView2, s};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ProjectError, Projector, finite};
use crate::stats::pca;

/// Principal component analysis.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Pca {
    /// Number of components. Where the points span fewer dimensions, the rest are zeros.
    pub dims: NonZeroUsize,
}

impl Default for Pca {
    fn default() -> Pca {
        Pca { dims: NonZeroUsize::new(2).expect("not zero") }
    }
}

impl Pca {
    /// One line of `runner kinds`.
    pub const EXAMPLE: &str = "dims = 2";
}

impl Projector for Pca {
    fn project(&self, points: ArrayView2<f64>, _: u64) -> Result<Array2<f64>, ProjectError> {
        finite(points)?;
        let mut layout = Array2::zeros((points.nrows(), self.dims.get()));
        if let Some(fitted) = pca::Pca::fit(points, self.dims.get()) {
            let scores = fitted.transform(points);
            layout.slice_mut(s![.., ..scores.ncols()]).assign(&scores);
        }
        Ok(layout)
    }

    fn dims(&self, _: usize) -> usize {
        self.dims.get()
    }

    fn is_map(&self) -> bool {
        self.dims.get() >= 2
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn a_line_lies_along_the_first_axis() {
        let layout = Pca::default().project(array![[0.0, 0.0], [3.0, 4.0], [6.0, 8.0]].view(), 0).expect("finite");
        assert!((layout[[0, 0]] + 5.0).abs() < 1e-12 && (layout[[2, 0]] - 5.0).abs() < 1e-12, "{layout}");
        assert!(layout.column(1).iter().all(|y| y.abs() < 1e-12), "{layout}");
    }

    #[test]
    fn dimensions_that_points_lack_are_zero() {
        let layout = Pca::default().project(array![[1.0], [2.0]].view(), 0).expect("finite");
        assert_eq!((layout.dim(), layout.column(1).sum()), ((2, 2), 0.0));
        let layout = Pca::default().project(array![[1.0, 2.0, 3.0]].view(), 0).expect("finite");
        assert_eq!(layout, array![[0.0, 0.0]]);
    }

    #[test]
    fn values_that_are_not_finite_are_named() {
        let error = Pca::default().project(array![[1.0, f64::INFINITY]].view(), 0);
        assert_eq!(error, Err(ProjectError::NotFinite { row: 0, column: 1 }));
    }
}
