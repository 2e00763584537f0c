//! Standardisation: each column to mean zero and variance one.
//! As scikit-learn's `StandardScaler`: population deviation (ddof 0), and scale 1 for columns that do not vary.
//! And rows to length one, as its `Normalizer`.

use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

/// Mean and scale of each column, learned from one set of points and applied to any.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Standardiser {
    /// Mean of each column.
    pub mean: Vec<f64>,
    /// Standard deviation of each column (ddof 0), 1 where the column is constant.
    pub scale: Vec<f64>,
}

impl Standardiser {
    /// Learns from `points` `[points, dims]`. Without points, nothing is moved or scaled.
    pub fn fit(points: ArrayView2<f64>) -> Standardiser {
        let moments = points.columns().into_iter().map(|column| moments(column.iter().copied()));
        let (mean, scale) = moments.map(|(mean, variance)| (mean, scale(points.nrows(), mean, variance))).unzip();
        Standardiser { mean, scale }
    }

    /// `(x - mean) / scale` for each column; `points` is `[points, dims]` with the same dims as in `fit`.
    pub fn transform(&self, points: ArrayView2<f64>) -> Array2<f64> {
        let mut out = points.to_owned();
        for ((mut column, mean), scale) in out.columns_mut().into_iter().zip(&self.mean).zip(&self.scale) {
            column.mapv_inplace(|x| (x - mean) / scale);
        }
        out
    }
}

/// Each row of `points` `[points, dims]` divided by its Euclidean length. A row of zeros has no direction and stays.
pub fn of_length_one(points: ArrayView2<f64>) -> Array2<f64> {
    let mut scaled = points.to_owned();
    for mut row in scaled.rows_mut() {
        let largest = row.iter().fold(0.0f64, |largest, x| largest.max(x.abs()));
        if largest > 0.0 {
            // By the largest value first: squares of very large and very small values leave the range of numbers.
            row /= largest;
            let length = row.dot(&row).sqrt();
            row /= length;
        }
    }
    scaled
}

/// Mean and population variance, in two passes.
pub fn moments(values: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let count = values.clone().count().max(1) as f64;
    let mean = values.clone().sum::<f64>() / count;
    (mean, values.map(|x| (x - mean) * (x - mean)).sum::<f64>() / count)
}

/// The deviation, or 1 for a column whose variance is no more than the rounding of its mean.
fn scale(points: usize, mean: f64, variance: f64) -> f64 {
    let eps = points as f64 * f64::EPSILON;
    let constant = variance <= eps * variance + (eps * mean) * (eps * mean);
    if constant { 1.0 } else { variance.sqrt() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn columns_get_mean_zero_and_variance_one() {
        let points = array![[1.0, 10.0], [2.0, 30.0], [6.0, 80.0]];
        let out = Standardiser::fit(points.view()).transform(points.view());
        for column in out.columns() {
            let (mean, variance) = moments(column.iter().copied());
            assert!(mean.abs() < 1e-15 && (variance - 1.0).abs() < 1e-14, "{mean} {variance}");
        }
    }

    #[test]
    fn a_constant_column_becomes_zero_and_stays_finite() {
        let points = array![[0.1], [0.1], [0.1]];
        let standardiser = Standardiser::fit(points.view());
        assert_eq!(standardiser.scale, [1.0]);
        assert!(standardiser.transform(points.view()).iter().all(|x| x.abs() < 1e-15));
    }

    #[test]
    fn new_points_are_scaled_by_the_old_ones() {
        let standardiser = Standardiser::fit(array![[0.0], [2.0]].view());
        assert_eq!(standardiser.transform(array![[5.0]].view()), array![[4.0]]);
    }
}
