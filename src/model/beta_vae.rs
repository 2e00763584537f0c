//! The β-VAE: a VAE whose divergence from the prior counts β times.
//! Higgins et al., "beta-VAE: learning basic visual concepts with a constrained variational framework" (ICLR 2017), equation 4.
//!
//! With the `sigma` likelihood the loss a row is `D/2 · ln σ² + const + β · KL`, sums over dimensions on both sides.

use super::regularizer::Divergence;
use super::vae::variational;

variational! {
    /// Settings of the β-VAE.
    pub struct BetaVae {
        /// What the divergence from the prior is multiplied with once warm-up has ended; 1 is the VAE.
        #[schemars(range(min = 0.0))]
        beta: f64 = 4.0,
        /// Nats of each dimension that cost nothing (free bits); 0 for none.
        #[schemars(range(min = 0.0))]
        free_bits: f64 = 0.0,
    }
    example: "latent_dim = 16\nbeta = 4.0\nbackbone.mlp = { hidden = [256, 128] }",
    regularizer: |settings| Divergence { beta: settings.beta, warmup: settings.warmup(), free_bits: settings.free_bits },
}
