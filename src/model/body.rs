//! The layers that all objectives share: a backbone between the input and the code.

use candle_core::{Result, Tensor};

use super::ModelError;
use super::backbone::{Backbone, Trunk};
use super::condition::Told;
use super::posterior::Posterior;
use super::shape::InputShape;
use crate::neural::gaussian;
use crate::neural::linear::Linear;
use crate::neural::params::Params;

/// Encoder, heads and decoder. PyTorch sees `encoder` and `decoder` as `Sequential`s, `mean` and `logvar` as `Linear`s.
pub struct Body {
    shape: InputShape,
    latent_dim: usize,
    told: Told,
    trunk: Box<dyn Trunk>,
    mean: Linear,
    logvar: Option<Linear>,
}

impl Body {
    /// Layers for rows of `shape` and codes of `latent_dim` numbers, `noisy` with a head for log-variances, `told` the class.
    pub fn new(
        backbone: &Backbone,
        shape: InputShape,
        latent_dim: usize,
        noisy: bool,
        told: Told,
        params: &mut Params,
    ) -> std::result::Result<Body, ModelError> {
        if latent_dim == 0 || shape.values() == 0 {
            return Err(ModelError::OutOfRange {
                setting: "latent_dim and the width of the input",
                range: "at least 1",
            });
        }
        let trunk = backbone.trunk(shape, latent_dim, told, params)?;
        let mean = Linear::new(params, "mean", trunk.features(), latent_dim)?;
        let logvar = noisy.then(|| Linear::new(params, "logvar", trunk.features(), latent_dim)).transpose()?;
        Ok(Body { shape, latent_dim, told, trunk, mean, logvar })
    }

    /// The shape of one input row.
    pub fn shape(&self) -> InputShape {
        self.shape
    }

    /// Numbers a code.
    pub fn latent_dim(&self) -> usize {
        self.latent_dim
    }

    /// Which halves are told the class.
    pub fn told(&self) -> Told {
        self.told
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
