//! The InfoVAE: codes are held to the prior all together, by their maximum mean discrepancy from it.
//! Zhao, Song, Ermon, "InfoVAE: balancing learning and inference in variational autoencoders" (AAAI 2019), equation 6.

use super::regularizer::Mmd;
use super::vae::variational;

variational! {
    /// Settings of the InfoVAE.
    pub struct InfoVae {
        /// What is taken off the divergence of the single codes: 1 takes all, 0 leaves the VAE's.
        #[schemars(range(min = 0.0, max = 1.0))]
        alpha: f64 = 0.5,
        /// Weight of the discrepancy of all codes together.
        #[schemars(range(min = 0.0))]
        lambda: f64 = 100.0,
    }
    example: "latent_dim = 16\nalpha = 0.5\nlambda = 100.0",
    regularizer: |settings| Mmd { alpha: settings.alpha, lambda: settings.lambda, warmup: settings.warmup() },
}
