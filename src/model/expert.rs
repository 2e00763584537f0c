//! What makes codes of rows and rows of codes: layers with heads for mean and variance, or several such side by side.

use candle_core::{Result, Tensor};

use super::ModelError;
use super::backbone::Trunk;
use super::body::Design;
use super::posterior::Posterior;
use super::shape::InputShape;
use crate::neural::gaussian;
use crate::neural::linear::Linear;
use crate::neural::params::Params;

/// An encoder and its decoder.
pub trait Coder: Send + Sync {
    /// `x` is `[rows, ...]` of the input shape, `y` the classes `[rows, classes]`, none for nothing known.
    fn encode(&self, x: &Tensor, y: Option<&Tensor>) -> Result<Posterior>;

    /// `z` is `[rows, latent]`; gives `[rows, ...]` of the input shape.
    fn decode(&self, z: &Tensor, y: Option<&Tensor>) -> Result<Tensor>;
}

/// A backbone and heads. PyTorch sees `encoder` and `decoder` as `Sequential`s, `mean` and `logvar` as `Linear`s.
pub struct Expert {
    trunk: Box<dyn Trunk>,
    mean: Linear,
    logvar: Option<Linear>,
}

impl Expert {
    /// Layers of `design` for rows of `shape`.
    ///
    /// # Errors
    /// The backbone cannot take this shape, or there is nothing to code.
    pub fn new(design: &Design, shape: InputShape, params: &mut Params) -> std::result::Result<Expert, ModelError> {
        let Design { backbone, latent_dim, noisy, told, .. } = *design;
        if latent_dim == 0 || shape.values() == 0 {
            return Err(ModelError::OutOfRange {
                setting: "latent_dim and the width of the input",
                range: "at least 1",
            });
        }
        let trunk = backbone.trunk(shape, latent_dim, told, params)?;
        let mean = Linear::new(params, "mean", trunk.features(), latent_dim)?;
        let logvar = noisy.then(|| Linear::new(params, "logvar", trunk.features(), latent_dim)).transpose()?;
        Ok(Expert { trunk, mean, logvar })
    }
}

impl Coder for Expert {
    fn encode(&self, x: &Tensor, y: Option<&Tensor>) -> Result<Posterior> {
        let features = self.trunk.encode(x, y)?;
        let head = |layer: &Linear| gaussian::clamp_logvar(&layer.forward(&features)?);
        Ok(Posterior { mean: self.mean.forward(&features)?, logvar: self.logvar.as_ref().map(head).transpose()? })
    }

    fn decode(&self, z: &Tensor, y: Option<&Tensor>) -> Result<Tensor> {
        self.trunk.decode(z, y)
    }
}
