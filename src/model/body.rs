//! What all objectives share: what codes their rows, and how they learn.

use candle_core::{Result, Tensor};

use super::ModelError;
use super::backbone::Backbone;
use super::condition::Told;
use super::expert::{Coder, Expert};
use super::likelihood::Likelihood;
use super::posterior::Posterior;
use super::shape::InputShape;
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

impl<'a> Design<'a> {
    /// Of a network whose code is a point and that is told nothing.
    pub fn of_points(
        backbone: &'a Backbone,
        latent_dim: usize,
        likelihood: Likelihood,
        input_noise: f64,
    ) -> Design<'a> {
        Design { backbone, latent_dim, noisy: false, told: Told::default(), likelihood, input_noise }
    }
}

/// Encoder and decoder, and what is to be known of them.
pub struct Body {
    shape: InputShape,
    blocks: Vec<usize>,
    latent_dim: usize,
    told: Told,
    likelihood: Likelihood,
    input_noise: f64,
    coder: Box<dyn Coder>,
}

impl Body {
    /// Layers of `design` for rows of `shape`.
    ///
    /// # Errors
    /// The backbone cannot take this shape, or there is nothing to code.
    pub fn new(design: &Design, shape: InputShape, params: &mut Params) -> std::result::Result<Body, ModelError> {
        let coder = Box::new(Expert::new(design, shape, params)?);
        Ok(Body::around(coder, design, shape, Vec::new()))
    }

    /// The same around a `coder` that codes `blocks` of columns one by one (their widths; none for all columns together).
    pub fn around(coder: Box<dyn Coder>, design: &Design, shape: InputShape, blocks: Vec<usize>) -> Body {
        let Design { latent_dim, told, likelihood, input_noise, .. } = *design;
        Body { shape, blocks, latent_dim, told, likelihood, input_noise, coder }
    }

    /// The same around a `coder` that gives points of `latent_dim` numbers and is told nothing.
    pub fn of_points(coder: Box<dyn Coder>, shape: InputShape, latent_dim: usize) -> Body {
        let (blocks, told, likelihood) = (Vec::new(), Told::default(), Likelihood::default());
        Body { shape, blocks, latent_dim, told, likelihood, input_noise: 0.0, coder }
    }

    /// The shape of one input row.
    pub fn shape(&self) -> InputShape {
        self.shape
    }

    /// Widths of the blocks of columns of which a row may lack some (its cells are NaN); empty where a row is whole.
    pub fn blocks(&self) -> &[usize] {
        &self.blocks
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
        self.coder.encode(x, y)
    }

    /// `z` is `[rows, latent]`; gives `[rows, ...]` of the input shape.
    pub fn decode(&self, z: &Tensor, y: Option<&Tensor>) -> Result<Tensor> {
        self.coder.decode(z, y)
    }
}
