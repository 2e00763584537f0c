//! The β-VAE: a VAE whose divergence from the prior counts β times.
//! Higgins et al., "beta-VAE: learning basic visual concepts with a constrained variational framework" (ICLR 2017), equation 4.
//!
//! With the `sigma` likelihood the loss a row is `D/2 · ln σ² + const + β · KL`, sums over dimensions on both sides.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::vae::{Vae, VaeNetwork};
use super::{Backbone, Body, InputShape, Likelihood, Model, ModelError, Network, Progress};
use crate::neural::params::Params;

/// Settings of the β-VAE.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BetaVae {
    /// Numbers a code.
    #[schemars(range(min = 1))]
    pub latent_dim: usize,
    /// What the divergence from the prior is multiplied with once warm-up has ended; 1 is the VAE.
    #[schemars(range(min = 0.0))]
    pub beta: f64,
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

impl BetaVae {
    /// Its settings as they stand in an experiment file.
    pub const EXAMPLE: &str = "latent_dim = 16\nbeta = 4.0\nbackbone.mlp = { hidden = [256, 128] }";

    fn vae(&self) -> Vae {
        let BetaVae { latent_dim, likelihood, kl_warmup, input_noise, .. } = *self;
        Vae { latent_dim, backbone: self.backbone.clone(), likelihood, kl_warmup, input_noise }
    }
}

impl Default for BetaVae {
    fn default() -> BetaVae {
        let Vae { latent_dim, backbone, likelihood, kl_warmup, input_noise } = Vae::default();
        BetaVae { latent_dim, beta: 4.0, backbone, likelihood, kl_warmup, input_noise }
    }
}

impl Model for BetaVae {
    fn backbone(&self) -> &Backbone {
        &self.backbone
    }

    fn latent_dim(&self) -> usize {
        self.latent_dim
    }

    fn build(&self, shape: InputShape, params: &mut Params) -> Result<Box<dyn Network>, ModelError> {
        let vae = VaeNetwork::new(&self.vae(), shape, params)?;
        Ok(Box::new(BetaVaeNetwork { vae, beta: self.beta }))
    }
}

struct BetaVaeNetwork {
    vae: VaeNetwork,
    beta: f64,
}

impl Network for BetaVaeNetwork {
    fn body(&self) -> &Body {
        self.vae.body()
    }

    fn likelihood(&self) -> Likelihood {
        self.vae.likelihood()
    }

    fn input_noise(&self) -> f64 {
        self.vae.input_noise()
    }

    fn kl_weight(&self, at: Progress) -> f64 {
        self.beta * self.vae.kl_weight(at)
    }
}
