//! How a reconstruction is scored: Gaussian, with shared optimal or with given variance.
//! Rybkin, Daniilidis, Levine, "Simple and effective VAE training with calibrated decoders" (ICML 2021), section 3.
//!
//! With D values a row and `sigma`, the loss a row is `D/2 · ln σ² + const + β · KL` with σ² the batch's own mean squared error.
//! Both terms are sums over dimensions, so β means the same for every input size: with β = 1 the loss is the negative ELBO
//! of a decoder whose noise is learnt. A direction of the data is kept while its variance exceeds β · σ² (see
//! `stages::diagnose::predict`), and σ² falls as the decoder learns: β = 4 keeps what is four times above the residual.

use candle_core::{Result, Tensor};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::neural::loss;

/// The decoder's noise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Likelihood {
    /// Gaussian whose variance, shared by all values, is the mean squared error of the batch (σ-VAE).
    #[default]
    Sigma,
    /// Gaussian with a variance that is given.
    Gaussian {
        /// The variance, in squared units of the standardised input.
        #[schemars(range(min = 1e-6))]
        variance: f64,
    },
}

impl Likelihood {
    /// The decoder's variance where the mean squared error is `mse`.
    pub fn variance(self, mse: f64) -> f64 {
        match self {
            Likelihood::Sigma => loss::optimal_variance(mse),
            Likelihood::Gaussian { variance } => variance,
        }
    }

    /// Nats a row of `values` numbers, from their mean squared error (a scalar tensor).
    pub fn nll(self, mse: &Tensor, values: usize) -> Result<Tensor> {
        let variance = self.variance(f64::from(mse.to_scalar::<f32>()?));
        loss::gaussian_nll(mse, values, variance)
    }

    /// The same on plain numbers.
    pub fn nll_of(self, mse: f64, values: usize) -> f64 {
        let variance = self.variance(mse);
        values as f64 / 2.0 * (mse / variance + (std::f64::consts::TAU * variance).ln())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tensors_and_plain_numbers_agree() {
        let mse = Tensor::from_slice(&[0.37f32], (), &candle_core::Device::Cpu).unwrap();
        for likelihood in [Likelihood::Sigma, Likelihood::Gaussian { variance: 0.5 }] {
            let nats = likelihood.nll(&mse, 40).unwrap().to_scalar::<f32>().unwrap();
            assert!((f64::from(nats) - likelihood.nll_of(0.37, 40)).abs() < 1e-4);
        }
    }

    #[test]
    fn the_experiment_file_names_both() {
        #[derive(Deserialize)]
        struct Holder {
            likelihood: Likelihood,
        }
        let parse = |text: &str| toml::from_str::<Holder>(text).map(|holder| holder.likelihood);
        assert_eq!(parse("likelihood = 'sigma'").unwrap(), Likelihood::Sigma);
        assert_eq!(parse("likelihood.gaussian = { variance = 2 }").unwrap(), Likelihood::Gaussian { variance: 2.0 });
        assert!(parse("likelihood.gaussian = { sigma = 2 }").is_err());
    }
}
