//! Does a trained network use its code? What it makes of rows it has not learned from, and how much of that is the code's work.
//! Lucas, Tucker, Grosse, Norouzi, "Don't blame the ELBO!" (NeurIPS 2019); Burda et al. (ICLR 2016) for active units.

mod information;
mod words;

use candle_core::Device;
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};

use super::rows::{Codes, Labels, decode_rows, encode_rows};
use super::{ModelError, Network};
use crate::random::Stream;

pub use information::mutual_information;
pub use words::WordUse;

/// A dimension is active where its posterior mean's variance over rows exceeds this.
pub const ACTIVE_VARIANCE: f64 = 0.01;
/// A dimension carries information where its divergence exceeds this, in nats.
pub const ACTIVE_KL: f64 = 0.05;

/// Rows and what a network makes of them; all in standardised units.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// Rows `[rows, values]`.
    pub inputs: Array2<f32>,
    /// Their codes, `[rows, latent]`.
    pub codes: Codes,
    /// Rows decoded from their own code, `[rows, values]`.
    pub reconstructions: Array2<f32>,
    /// Rows decoded from the code of another row, `[rows, values]`.
    pub exchanged: Array2<f32>,
    /// Rows decoded from their own code under the label of another row, where the network is told labels and they differ.
    pub relabelled: Option<Array2<f32>>,
    /// Which words the codes are made of, where they are.
    pub words: Option<WordUse>,
}

impl Evidence {
    /// Runs `network` on `rows` `[rows, values]` with `labels`.
    ///
    /// # Errors
    /// The rows are not as wide as the network's input.
    pub fn gather(
        network: &dyn Network,
        rows: ArrayView2<f32>,
        labels: Labels,
        seed: u64,
        device: &Device,
    ) -> Result<Evidence, ModelError> {
        let codes = encode_rows(network, rows, labels, device)?;
        let other = exchange(rows.nrows(), seed);
        let decode = |codes: ArrayView2<f32>, labels: Labels| decode_rows(network, codes, labels, device);
        let reconstructions = decode(codes.means.view(), labels)?;
        let exchanged = decode(codes.means.select(Axis(0), &other).view(), labels)?;
        // Where all rows have one label there is no other to give them.
        let differ = |labels: &[Option<u32>]| labels.iter().any(|label| *label != labels[0]);
        let told = labels.filter(|labels| network.body().told().decoder > 0 && differ(labels));
        let false_labels = told.map(|labels| other.iter().map(|row| labels[*row]).collect::<Vec<_>>());
        let relabelled = false_labels.map(|labels| decode(codes.means.view(), Some(&labels))).transpose()?;
        let words = network.codebooks().and_then(|books| WordUse::of(&codes.means, books));
        Ok(Evidence { inputs: rows.to_owned(), codes, reconstructions, exchanged, relabelled, words })
    }

    /// Share of the variance of the rows that is reconstructed.
    pub fn r2(&self) -> f64 {
        r2(&self.inputs, &self.reconstructions)
    }

    /// How much R² falls where codes are exchanged between rows: what the decoder takes from the code.
    pub fn shuffle_gap(&self) -> f64 {
        self.r2() - r2(&self.inputs, &self.exchanged)
    }

    /// How much R² falls where labels are exchanged between rows; None where the network is told none
    /// or all labels are one.
    pub fn condition_gap(&self) -> Option<f64> {
        self.relabelled.as_ref().map(|relabelled| self.r2() - r2(&self.inputs, relabelled))
    }

    /// Dimensions whose code varies.
    pub fn active_units(&self) -> usize {
        variances(&self.codes.means).iter().filter(|variance| **variance > ACTIVE_VARIANCE).count()
    }

    /// Divergence of each dimension from the standard normal, averaged over rows, in nats; None where the code is a point.
    pub fn kl_per_dim(&self) -> Option<Vec<f64>> {
        self.codes.logvars.as_ref().map(|logvars| kl_per_dim(&self.codes.means, logvars))
    }
}

/// For each row another one: a random cycle through all rows.
fn exchange(rows: usize, seed: u64) -> Vec<usize> {
    let mut cycle: Vec<usize> = (0..rows).collect();
    Stream::new(seed, "diagnose.exchange").shuffle(&mut cycle);
    let mut other = vec![0; rows];
    (0..rows).for_each(|at| other[cycle[at]] = cycle[(at + 1) % rows]);
    other
}

fn kl_per_dim(means: &Array2<f32>, logvars: &Array2<f32>) -> Vec<f64> {
    let nats = |mean: f32, logvar: f32| {
        let (mean, logvar) = (f64::from(mean), f64::from(logvar));
        0.5 * (mean * mean + logvar.exp() - 1.0 - logvar)
    };
    let column = |(means, logvars): (ndarray::ArrayView1<f32>, ndarray::ArrayView1<f32>)| {
        means.iter().zip(logvars).map(|(mean, logvar)| nats(*mean, *logvar)).sum::<f64>() / means.len().max(1) as f64
    };
    means.columns().into_iter().zip(logvars.columns()).map(column).collect()
}

/// Share of the variance around each column's mean that `guesses` explain, all columns together; 0 where nothing varies. What
/// is not there (NaN) is neither to be explained nor counted.
fn r2(rows: &Array2<f32>, guesses: &Array2<f32>) -> f64 {
    let errors = rows.iter().zip(guesses).map(|(a, b)| f64::from(a - b).powi(2));
    let error: f64 = errors.filter(|error| !error.is_nan()).sum();
    let whole = match rows.iter().any(|value| value.is_nan()) {
        true => rows.columns().into_iter().map(|column| squares(column).0).sum(),
        false => variances(rows).sum() * rows.nrows() as f64,
    };
    if whole > 0.0 { 1.0 - error / whole } else { 0.0 }
}

/// The sum of squares around the mean of the values that are there, and how many they are.
fn squares(column: ArrayView1<f32>) -> (f64, f64) {
    let there: Vec<f64> = column.iter().filter(|value| !value.is_nan()).map(|value| f64::from(*value)).collect();
    let count = there.len() as f64;
    let mean = there.iter().sum::<f64>() / count.max(1.0);
    (there.iter().map(|value| (value - mean).powi(2)).sum(), count)
}

/// Variance of each column over rows; over those that have a value where some are NaN.
pub fn variances(rows: &Array2<f32>) -> Array1<f64> {
    if rows.iter().any(|value| value.is_nan()) {
        return rows.columns().into_iter().map(squares).map(|(sum, count)| sum / count.max(1.0)).collect();
    }
    let wide = rows.mapv(f64::from);
    if wide.nrows() == 0 { Array1::zeros(wide.ncols()) } else { wide.var_axis(Axis(0), 0.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_gets_the_code_of_another() {
        let mut other = exchange(50, 1);
        assert!(other.iter().enumerate().all(|(row, other)| row != *other));
        other.sort_unstable();
        assert_eq!(other, (0..50).collect::<Vec<_>>());
        assert_eq!(exchange(1, 1), [0]);
    }

    #[test]
    fn the_mean_explains_nothing_and_the_rows_everything() {
        let rows = ndarray::array![[1.0f32, 0.0], [3.0, 4.0]];
        let mean = ndarray::array![[2.0f32, 2.0], [2.0, 2.0]];
        assert_eq!((r2(&rows, &rows), r2(&rows, &mean), r2(&mean, &mean)), (1.0, 0.0, 0.0));
    }

    #[test]
    fn what_is_not_there_is_not_counted() {
        let none = f32::NAN;
        let rows = ndarray::array![[1.0f32, 0.0, none], [3.0, 4.0, none], [none, 8.0, none]];
        assert_eq!(variances(&rows).to_vec(), [1.0, 32.0 / 3.0, 0.0]);
        let guesses = ndarray::array![[2.0f32, 0.0, 9.0], [2.0, 4.0, 9.0], [9.0, 8.0, 9.0]];
        assert!((r2(&rows, &guesses) - (1.0 - 2.0 / 34.0)).abs() < 1e-12);
        assert!((r2(&rows, &rows) - 1.0).abs() < 1e-12);
    }
}
