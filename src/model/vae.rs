//! The variational autoencoder: a Gaussian code held to a standard normal prior, with KL warm-up.
//! Kingma and Welling, "Auto-encoding variational Bayes" (ICLR 2014), equation 10.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Backbone, Body, InputShape, Likelihood, Model, ModelError, Network, Progress};
use crate::neural::params::Params;

/// Settings of the VAE.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Vae {
    /// Numbers a code.
    #[schemars(range(min = 1))]
    pub latent_dim: usize,
    /// The layers between input and code.
    pub backbone: Backbone,
    /// How a reconstruction is scored; `sigma` (shared optimal variance) makes the loss a calibrated ELBO.
    pub likelihood: Likelihood,
    /// Share of the training over which the weight of the divergence rises from 0.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub kl_warmup: f64,
    /// Standard deviation of the noise put on the standardised input while training; 0 for none.
    #[schemars(range(min = 0.0))]
    pub input_noise: f64,
}

impl Vae {
    /// Its settings as they stand in an experiment file.
    pub const EXAMPLE: &str = "latent_dim = 16\nkl_warmup = 0.2\nbackbone.mlp = { hidden = [256, 128] }";
}

impl Default for Vae {
    fn default() -> Vae {
        let (backbone, likelihood) = Default::default();
        Vae { latent_dim: 16, backbone, likelihood, kl_warmup: 0.2, input_noise: 0.1 }
    }
}

impl Model for Vae {
    fn backbone(&self) -> &Backbone {
        &self.backbone
    }

    fn latent_dim(&self) -> usize {
        self.latent_dim
    }

    fn build(&self, shape: InputShape, params: &mut Params) -> Result<Box<dyn Network>, ModelError> {
        Ok(Box::new(VaeNetwork::new(self, shape, params)?))
    }
}

/// A built VAE; variants hold one and override a term.
pub(super) struct VaeNetwork {
    body: Body,
    settings: Vae,
}

impl VaeNetwork {
    pub(super) fn new(settings: &Vae, shape: InputShape, params: &mut Params) -> Result<VaeNetwork, ModelError> {
        let body = Body::new(&settings.backbone, shape, settings.latent_dim, true, params)?;
        Ok(VaeNetwork { body, settings: settings.clone() })
    }
}

impl Network for VaeNetwork {
    fn body(&self) -> &Body {
        &self.body
    }

    fn likelihood(&self) -> Likelihood {
        self.settings.likelihood
    }

    fn input_noise(&self) -> f64 {
        self.settings.input_noise
    }

    fn kl_weight(&self, at: Progress) -> f64 {
        at.ramp(self.settings.kl_warmup)
    }
}
