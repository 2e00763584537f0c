//! The layers that all objectives share: a backbone between the input and the code.

use candle_core::{Result, Tensor};

use super::ModelError;
use super::backbone::{Backbone, Trunk};
use super::condition::Told;
use super::likelihood::Likelihood;
use super::posterior::Posterior;
use super::shape::InputShape;
use crate::neural::gaussian;
use crate::neural::linear::Linear;
use crate::neural::params::Params;

/// What every objective says of its layers and of how they learn.
pub struct Design<'a> {
    /// The layers between input and code.
    pub backbone: &'a Backbone,
    /// Numbers a code.
    pub latent_dim: usize,
    /// Whether the code is drawn: there is a head for log-variances.
    pub noisy: bool,
    /// Which halves are told the class.
    pub told: Told,
    /// How the decoder's output is scored.
    pub likelihood: Likelihood,
    /// Standard deviation of the Gaussian noise put on the input while training; the target stays clean.
    pub input_noise: f64,
}

/// Encoder, heads and decoder. PyTorch sees `encoder` and `decoder` as `Sequential`s, `mean` and `logvar` as `Linear`s.
pub struct Body {
    shape: InputShape,
    latent_dim: usize,
    told: Told,
    likelihood: Likelihood,
    input_noise: f64,
    trunk: Box<dyn Trunk>,
    mean: Linear,
    logvar: Option<Linear>,
}

impl Body {
    /// Layers of `design` for rows of `shape`.
    pub fn new(design: &Design, shape: InputShape, params: &mut Params) -> std::result::Result<Body, ModelError> {
        let Design { backbone, latent_dim, noisy, told, likelihood, input_noise } = *design;
        if latent_dim == 0 || shape.values() == 0 {
            return Err(ModelError::OutOfRange {
                setting: "latent_dim and the width of the input",
                range: "at least 1",
            });
        }
        let trunk = backbone.trunk(shape, latent_dim, told, params)?;
        let mean = Linear::new(params, "mean", trunk.features(), latent_dim)?;
        let logvar = noisy.then(|| Linear::new(params, "logvar", trunk.features(), latent_dim)).transpose()?;
        Ok(Body { shape, latent_dim, told, likelihood, input_noise, trunk, mean, logvar })
    }

    /// The shape of one input row.
    pub fn shape(&self) -> InputShape {
        self.shape
    }

    /// Numbers a code.
    pub fn latent_dim(&self) -> usize {
        self.latent_dim
    }

    /// What it is told of the class.
    pub fn told(&self) -> Told {
        self.told
    }

    /// How its output is scored.
    pub fn likelihood(&self) -> Likelihood {
        self.likelihood
    }

    /// Standard deviation of the noise put on its input while training.
    pub fn input_noise(&self) -> f64 {
        self.input_noise
    }

    /// `x` is `[rows, ...]` of the input shape, `y` the classes `[rows, classes]`, none for nothing known.
    pub fn encode(&self, x: &Tensor, y: Option<&Tensor>) -> Result<Posterior> {
        let features = self.trunk.encode(x, y)?;
        let head = |layer: &Linear| gaussian::clamp_logvar(&layer.forward(&features)?);
        Ok(Posterior { mean: self.mean.forward(&features)?, logvar: self.logvar.as_ref().map(head).transpose()? })
    }

    /// `z` is `[rows, latent]`; gives `[rows, ...]` of the input shape.
    pub fn decode(&self, z: &Tensor, y: Option<&Tensor>) -> Result<Tensor> {
        self.trunk.decode(z, y)
    }
}
