//! How a reconstruction is scored: the negative log-likelihood of the input under the decoder.
//!
//! The default is the σ-VAE of Rybkin, Daniilidis and Levine, "Simple and effective VAE training with calibrated decoders" (ICML
//! 2021): the variance shared by all values is the mean squared error of the batch. With it the loss is the negative ELBO
//! of a decoder whose noise is learnt. A direction of the data is kept while its variance exceeds β · σ² (see
//! `stages::diagnose::predict`), and σ² falls as the decoder learns: β = 4 keeps what is four times above the residual.
//!
//! Every likelihood costs a row so many nats as a function of one mean error over rows and values, so that batches pool.

use candle_core::{Result, Tensor};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::neural::activation::softplus;

/// The smallest variance of a decoder: below it the likelihood of a perfectly fitted batch would grow without bound.
pub const VARIANCE_FLOOR: f64 = 1e-4;

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
    /// Laplace whose scale, shared by all values, is the mean absolute error of the batch: the L1 loss, calibrated.
    Laplace,
    /// Bernoulli: the input is scaled to 0..1 (not standardised), and each value is a probability.
    Bernoulli,
}

impl Likelihood {
    /// Whether inputs are to lie between 0 and 1.
    pub fn wants_unit_interval(self) -> bool {
        self == Likelihood::Bernoulli
    }

    /// Whether the error that it counts is the squared one.
    pub fn is_gaussian(self) -> bool {
        matches!(self, Likelihood::Sigma | Likelihood::Gaussian { .. })
    }

    /// The reconstruction that the decoder's `output` stands for.
    pub fn mean(self, output: &Tensor) -> Result<Tensor> {
        // ½ (1 + tanh(x / 2)) is the sigmoid, without an overflow.
        if self == Likelihood::Bernoulli { ((output * 0.5)?.tanh()? + 1.0)? * 0.5 } else { Ok(output.clone()) }
    }

    /// The error that this likelihood counts, averaged over rows and values: a scalar.
    pub fn error(self, target: &Tensor, output: &Tensor) -> Result<Tensor> {
        self.errors(target, output)?.mean_all()
    }

    /// The error of each value, of the shape of `target`.
    pub fn errors(self, target: &Tensor, output: &Tensor) -> Result<Tensor> {
        match self {
            Likelihood::Sigma | Likelihood::Gaussian { .. } => (target - output)?.sqr(),
            Likelihood::Laplace => (target - output)?.abs(),
            Likelihood::Bernoulli => softplus(output)? - (target.clamp(0.0, 1.0)? * output)?,
        }
    }

    /// Nats a row of `values` numbers, from their mean error (a scalar tensor).
    pub fn nll(self, error: &Tensor, values: usize) -> Result<Tensor> {
        let [slope, level] = self.line(f64::from(error.to_scalar::<f32>()?), values as f64);
        error.affine(slope, level)
    }

    /// The same on plain numbers.
    pub fn nll_of(self, error: f64, values: usize) -> f64 {
        let [slope, level] = self.line(error, values as f64);
        slope * error + level
    }

    /// The variance of a Gaussian decoder where the mean squared error is `mse`; None for other decoders.
    pub fn variance(self, mse: f64) -> Option<f64> {
        match self {
            Likelihood::Sigma => Some(mse.max(VARIANCE_FLOOR)),
            Likelihood::Gaussian { variance } => Some(variance),
            Likelihood::Laplace | Likelihood::Bernoulli => None,
        }
    }

    /// Nats a row are `slope · error + level`. The scale of the noise is held at its optimum for `error`: the gradient is that
    /// of the loss with the scale optimised away (equation 5).
    fn line(self, error: f64, values: f64) -> [f64; 2] {
        let gaussian =
            |variance: f64| [values / 2.0 / variance, values / 2.0 * (std::f64::consts::TAU * variance).ln()];
        match self {
            Likelihood::Sigma => gaussian(error.max(VARIANCE_FLOOR)),
            Likelihood::Gaussian { variance } => gaussian(variance),
            Likelihood::Laplace => {
                let scale = error.max(VARIANCE_FLOOR.sqrt());
                [values / scale, values * (2.0 * scale).ln()]
            }
            Likelihood::Bernoulli => [values, 0.0],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neural::gradcheck::{assert_gradients, noise};
    use crate::neural::params::Params;
    use candle_core::Device;

    const ALL: [Likelihood; 4] =
        [Likelihood::Sigma, Likelihood::Gaussian { variance: 0.5 }, Likelihood::Laplace, Likelihood::Bernoulli];

    fn scalar(tensor: Tensor) -> f64 {
        f64::from(tensor.to_scalar::<f32>().unwrap())
    }

    fn tensor(values: &[f32]) -> Tensor {
        Tensor::from_slice(values, (1, values.len()), &Device::Cpu).unwrap()
    }

    #[test]
    fn tensors_and_plain_numbers_agree() {
        let error = Tensor::from_slice(&[0.37f32], (), &Device::Cpu).unwrap();
        for likelihood in ALL {
            assert!((scalar(likelihood.nll(&error, 40).unwrap()) - likelihood.nll_of(0.37, 40)).abs() < 1e-4);
        }
    }

    #[test]
    fn densities_are_those_of_their_definitions() {
        let (target, output) = (tensor(&[0.0, 1.0]), tensor(&[0.4, 0.2]));
        let nats =
            |likelihood: Likelihood| scalar(likelihood.nll(&likelihood.error(&target, &output).unwrap(), 2).unwrap());
        let laplace = |scale: f64| 2.0 * (2.0 * scale).ln() + (0.4 + 0.8) / scale;
        assert!(
            (nats(Likelihood::Laplace) - laplace(0.6)).abs() < 1e-5 && laplace(0.6) < laplace(0.5).min(laplace(0.7))
        );
        let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
        let bernoulli = -(1.0 - sigmoid(0.4)).ln() - sigmoid(0.2).ln();
        assert!((nats(Likelihood::Bernoulli) - bernoulli).abs() < 1e-5);
        let mean = Likelihood::Bernoulli.mean(&output).unwrap().to_vec2::<f32>().unwrap();
        assert!((f64::from(mean[0][0]) - sigmoid(0.4)).abs() < 1e-6);
    }

    #[test]
    fn no_scale_of_the_noise_beats_the_optimal_one() {
        let sigma = Likelihood::Sigma.nll_of(0.3, 10);
        assert!((sigma - 5.0 * (1.0 + (std::f64::consts::TAU * 0.3).ln())).abs() < 1e-12);
        for variance in [0.1, 0.29, 0.31, 1.0] {
            assert!(Likelihood::Gaussian { variance }.nll_of(0.3, 10) > sigma);
        }
        assert!((Likelihood::Gaussian { variance: 0.3 }.nll_of(0.3, 10) - sigma).abs() < 1e-12);
    }

    #[test]
    fn far_logits_stay_finite() {
        let (target, output) = (tensor(&[0.0, 1.0, 2.0]), tensor(&[1e4, -1e4, 90.0]));
        let error = scalar(Likelihood::Bernoulli.error(&target, &output).unwrap());
        assert!((error - 2e4 / 3.0).abs() < 1.0, "{error}");
    }

    #[test]
    fn gradients_are_those_of_finite_differences() {
        for likelihood in ALL {
            let mut params = Params::new(3, &Device::Cpu);
            let output = params.kaiming("output", &[3, 4], 1).unwrap();
            let target = noise("target", &[3, 4]);
            assert_gradients(&params, || likelihood.error(&target, &output)?.reshape(1));
        }
    }

    #[test]
    fn the_gradient_is_that_of_the_log_of_the_error() {
        let mut params = Params::new(4, &Device::Cpu);
        let (x, guess) = (noise("x", &[3, 4]), params.kaiming("guess", &[3, 4], 1).unwrap());
        let mse = Likelihood::Sigma.error(&x, &guess).unwrap();
        let slope = |loss: Tensor| {
            let grads = loss.backward().unwrap();
            grads.get(&guess).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap()
        };
        let held = slope(Likelihood::Sigma.nll(&mse, 4).unwrap());
        let profiled = slope((mse.log().unwrap() * 2.0).unwrap());
        assert!(held.iter().zip(&profiled).all(|(a, b)| (a - b).abs() < 1e-5), "{held:?} against {profiled:?}");
    }

    #[test]
    fn the_experiment_file_names_all() {
        #[derive(Deserialize)]
        struct Holder {
            likelihood: Likelihood,
        }
        let parse = |text: &str| toml::from_str::<Holder>(text).map(|holder| holder.likelihood);
        assert_eq!(parse("likelihood = 'sigma'").unwrap(), Likelihood::Sigma);
        assert_eq!(parse("likelihood = 'laplace'").unwrap(), Likelihood::Laplace);
        assert_eq!(parse("likelihood = 'bernoulli'").unwrap(), Likelihood::Bernoulli);
        assert_eq!(parse("likelihood.gaussian = { variance = 2 }").unwrap(), Likelihood::Gaussian { variance: 2.0 });
        assert!(parse("likelihood.gaussian = { sigma = 2 }").is_err());
    }
}
