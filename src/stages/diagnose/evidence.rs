//! What a trained network does with held-out rows: codes, reconstructions, reconstructions from exchanged codes, samples.

use candle_core::Device;
use ndarray::{Array2, ArrayView2, Axis};

use crate::model::rows::{Codes, decode_rows, encode_rows};
use crate::model::{ModelError, Network};
use crate::random::Stream;

/// Draws from the prior.
pub const PRIOR_SAMPLES: usize = 64;

/// Arrays from which a collapse is judged; all in standardised units.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// Held-out rows `[rows, values]`.
    pub inputs: Array2<f32>,
    /// Their posteriors, `[rows, latent]`.
    pub codes: Codes,
    /// Rows decoded from their own posterior mean, `[rows, values]`.
    pub reconstructions: Array2<f32>,
    /// Rows decoded from the posterior mean of another row, `[rows, values]`.
    pub exchanged: Array2<f32>,
    /// Rows decoded from draws of the prior, `[64, values]`. Where the code is a point there is no prior: draws from a
    /// diagonal Gaussian with the moments of the codes.
    pub samples: Array2<f32>,
}

impl Evidence {
    /// Runs `network` on `rows` `[rows, values]`.
    ///
    /// # Errors
    /// The rows are not as wide as the network's input.
    pub fn gather(
        network: &dyn Network,
        rows: ArrayView2<f32>,
        seed: u64,
        device: &Device,
    ) -> Result<Evidence, ModelError> {
        let codes = encode_rows(network, rows, device)?;
        let others = codes.means.select(Axis(0), &exchange(rows.nrows(), seed));
        let reconstructions = decode_rows(network, codes.means.view(), device)?;
        let exchanged = decode_rows(network, others.view(), device)?;
        let samples = decode_rows(network, prior(&codes, seed).view(), device)?;
        Ok(Evidence { inputs: rows.to_owned(), codes, reconstructions, exchanged, samples })
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

fn prior(codes: &Codes, seed: u64) -> Array2<f32> {
    let latent = codes.means.ncols();
    let noise = Stream::new(seed, "diagnose.prior").normals(PRIOR_SAMPLES * latent);
    let z = Array2::from_shape_vec((PRIOR_SAMPLES, latent), noise).expect("as many values as asked for");
    match codes.means.mean_axis(Axis(0)) {
        Some(mean) if codes.logvars.is_none() => z * codes.means.std_axis(Axis(0), 0.0) + mean,
        _ => z,
    }
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
}
