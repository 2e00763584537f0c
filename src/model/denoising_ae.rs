//! The denoising autoencoder: the input is corrupted, the target is not.
//! Vincent, Larochelle, Bengio, Manzagol, "Extracting and composing robust features with denoising autoencoders" (ICML 2008).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::autoencoder::Autoencoder;
use super::{Backbone, Input, Likelihood, Model, ModelError, Network};
use crate::neural::params::Params;

/// Settings of the denoising autoencoder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DenoisingAe {
    /// Numbers a code.
    #[schemars(range(min = 1))]
    pub latent_dim: usize,
    /// Standard deviation of the noise put on the standardised input while training.
    #[schemars(range(min = 0.0))]
    pub input_noise: f64,
    /// The layers between input and code.
    pub backbone: Backbone,
    /// How a reconstruction is scored.
    pub likelihood: Likelihood,
}

impl DenoisingAe {
    /// Its settings as they stand in an experiment file.
    pub const EXAMPLE: &str = "latent_dim = 16\ninput_noise = 0.5";
}

impl Default for DenoisingAe {
    fn default() -> DenoisingAe {
        let (backbone, likelihood) = Default::default();
        DenoisingAe { latent_dim: 16, input_noise: 0.5, backbone, likelihood }
    }
}

impl Model for DenoisingAe {
    fn backbone(&self) -> Option<&Backbone> {
        Some(&self.backbone)
    }

    fn latent_dim(&self) -> usize {
        self.latent_dim
    }

    fn build(&self, input: Input, params: &mut Params) -> Result<Box<dyn Network>, ModelError> {
        let DenoisingAe { latent_dim, input_noise, likelihood, .. } = *self;
        Autoencoder { latent_dim, backbone: self.backbone.clone(), likelihood, input_noise }.build(input, params)
    }
}
