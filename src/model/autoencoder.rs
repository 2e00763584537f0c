//! The plain autoencoder: the code is a point, the loss is the reconstruction alone.
//! Hinton and Salakhutdinov, "Reducing the dimensionality of data with neural networks" (Science 2006).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Backbone, Body, Design, Input, Likelihood, Model, ModelError, Network};
use crate::neural::params::Params;

/// Settings of the autoencoder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Autoencoder {
    /// Numbers a code.
    #[schemars(range(min = 1))]
    pub latent_dim: usize,
    /// The layers between input and code.
    pub backbone: Backbone,
    /// How a reconstruction is scored.
    pub likelihood: Likelihood,
    /// Standard deviation of the noise put on the standardised input while training; 0 for none.
    #[schemars(range(min = 0.0))]
    pub input_noise: f64,
}

impl Autoencoder {
    /// Its settings as they stand in an experiment file.
    pub const EXAMPLE: &str = "latent_dim = 16\nbackbone.mlp = { hidden = [256, 128] }";
}

impl Default for Autoencoder {
    fn default() -> Autoencoder {
        Autoencoder {
            latent_dim: 16,
            backbone: Backbone::default(),
            likelihood: Likelihood::default(),
            input_noise: 0.1,
        }
    }
}

impl Model for Autoencoder {
    fn backbone(&self) -> Option<&Backbone> {
        Some(&self.backbone)
    }

    fn latent_dim(&self) -> usize {
        self.latent_dim
    }

    fn build(&self, input: Input, params: &mut Params) -> Result<Box<dyn Network>, ModelError> {
        let design = Design::of_points(&self.backbone, self.latent_dim, self.likelihood, self.input_noise);
        Ok(Box::new(AutoencoderNetwork { body: Body::new(&design, input.shape, params)? }))
    }
}

struct AutoencoderNetwork {
    body: Body,
}

impl Network for AutoencoderNetwork {
    fn body(&self) -> &Body {
        &self.body
    }
}
