//! A track's frames told in a few numbers: the statistics that published tables have.

use ndarray::{Array2, ArrayView1, Axis};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is kept of each value over the frames of a track.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Statistics {
    /// Mean and standard deviation.
    #[default]
    MeanStd,
    /// Mean and variance: what the GTZAN tables hold.
    MeanVar,
    /// Mean and natural logarithm of the variance: it clusters better than the variance.
    MeanLogVar,
    /// Kurtosis, maximum, mean, median, minimum, skewness and standard deviation: the seven of the FMA tables, as SciPy has
    /// them. A value that never changes has skewness and kurtosis 0.
    Moments,
}

/// Below this a variance is nothing but rounding.
const LEAST_VARIANCE: f64 = 1e-10;

impl Statistics {
    /// `mfcc1` becomes `mfcc1_mean`, `mfcc1_std`.
    pub fn columns(self, names: &[String]) -> Vec<String> {
        names.iter().flat_map(|name| self.words().iter().map(move |word| format!("{name}_{word}"))).collect()
    }

    fn words(self) -> &'static [&'static str] {
        match self {
            Statistics::MeanStd => &["mean", "std"],
            Statistics::MeanVar => &["mean", "var"],
            Statistics::MeanLogVar => &["mean", "log_var"],
            Statistics::Moments => &["kurtosis", "max", "mean", "median", "min", "skew", "std"],
        }
    }

    /// The statistics of each column of `[frames, values]`, side by side, in the order of [`Statistics::columns`].
    pub fn of(self, frames: &Array2<f32>) -> Vec<f32> {
        // Column after column in memory: a value's frames lie far apart in frames-major order.
        let columns = frames.t().as_standard_layout().into_owned();
        columns.axis_iter(Axis(0)).flat_map(|column| self.of_one(column)).collect()
    }

    fn of_one(self, values: ArrayView1<f32>) -> Vec<f32> {
        let (mean, variance) = mean_and_variance(values);
        let told = match self {
            Statistics::MeanStd => vec![mean, variance.sqrt()],
            Statistics::MeanVar => vec![mean, variance],
            Statistics::MeanLogVar => vec![mean, variance.max(LEAST_VARIANCE).ln()],
            Statistics::Moments => moments(values, mean, variance),
        };
        told.into_iter().map(|value| value as f32).collect()
    }
}

/// Summed in double precision; the variance divides by n.
pub fn mean_and_variance(values: ArrayView1<f32>) -> (f64, f64) {
    let mean = average(values, f64::from);
    (mean, average(values, |value| (f64::from(value) - mean).powi(2)))
}

/// In eight sums, so that the processor can add them side by side.
fn average(values: ArrayView1<f32>, of: impl Fn(f32) -> f64) -> f64 {
    let (values, mut sums) = (values.as_standard_layout(), [0.0f64; 8]);
    let (blocks, rest) = values.as_slice().map_or((&[][..], &[][..]), <[f32]>::as_chunks::<8>);
    blocks.iter().for_each(|block| (0..8).for_each(|lane| sums[lane] += of(block[lane])));
    let rest: f64 = rest.iter().map(|value| of(*value)).sum();
    (sums.iter().sum::<f64>() + rest) / values.len().max(1) as f64
}

/// Kurtosis (of the normal: 0), maximum, mean, median, minimum, skewness, standard deviation.
fn moments(values: ArrayView1<f32>, mean: f64, variance: f64) -> Vec<f64> {
    let mut sorted: Vec<f64> = values.iter().map(|value| f64::from(*value)).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let (min, max) = (sorted.first().copied().unwrap_or(0.0), sorted.last().copied().unwrap_or(0.0));
    let central = |power: i32| average(values, |value| (f64::from(value) - mean).powi(power));
    // What float32 cannot tell from constant has no shape.
    let flat = variance <= (mean.abs() * f64::from(f32::EPSILON)).powi(2);
    let (kurtosis, skew) =
        if flat { (0.0, 0.0) } else { (central(4) / variance.powi(2) - 3.0, central(3) / variance.powf(1.5)) };
    vec![kurtosis, max, mean, median(&sorted), min, skew, variance.sqrt()]
}

fn median(sorted: &[f64]) -> f64 {
    match sorted.len() {
        0 => 0.0,
        n if n % 2 == 1 => sorted[n / 2],
        n => f64::midpoint(sorted[n / 2 - 1], sorted[n / 2]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn mean_and_spread_of_known_frames() {
        let frames = array![[1.0, 0.0], [3.0, 0.0]];
        assert_eq!(Statistics::MeanStd.of(&frames), [2.0, 1.0, 0.0, 0.0]);
        assert_eq!(Statistics::MeanVar.of(&frames), [2.0, 1.0, 0.0, 0.0]);
        assert_eq!(Statistics::MeanLogVar.of(&frames)[..2], [2.0, 0.0]);
        assert!(Statistics::MeanLogVar.of(&frames)[3].is_finite());
    }

    #[test]
    fn moments_are_those_of_scipy() {
        // scipy.stats.kurtosis, skew of [0, 1, 2, 10]: -0.7493, 1.0456
        let told = Statistics::Moments.of(&array![[0.0], [1.0], [2.0], [10.0]]);
        let expected = [-0.749_289_7, 10.0, 3.25, 1.5, 0.0, 1.045_620_1, 3.960_744_9];
        told.iter().zip(expected).for_each(|(a, b): (&f32, f32)| assert!((a - b).abs() < 1e-5, "{told:?}"));
    }

    #[test]
    fn what_never_changes_has_no_shape() {
        let told = Statistics::Moments.of(&array![[0.1], [0.1], [0.1]]);
        assert_eq!((told[0], told[5]), (0.0, 0.0));
        assert!(told.iter().all(|value| value.is_finite()));
    }

    #[test]
    fn columns_name_the_statistics() {
        let names = ["rms".to_owned()];
        assert_eq!(Statistics::MeanVar.columns(&names), ["rms_mean", "rms_var"]);
        for statistics in [Statistics::MeanStd, Statistics::MeanVar, Statistics::MeanLogVar, Statistics::Moments] {
            assert_eq!(statistics.columns(&names).len(), statistics.of(&array![[1.0], [2.0]]).len());
        }
    }
}
