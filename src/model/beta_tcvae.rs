//! The β-TCVAE: of the divergence only the dependence between dimensions counts β times.
//! Chen, Li, Grosse, Duvenaud, "Isolating sources of disentanglement in VAEs" (NeurIPS 2018), equation 4.

use super::regularizer::TotalCorrelation;
use super::vae::variational;

variational! {
    /// Settings of the β-TCVAE.
    pub struct BetaTcVae {
        /// What the total correlation of the code is multiplied with once warm-up has ended; 1 is the VAE.
        #[schemars(range(min = 0.0))]
        beta: f64 = 6.0,
    }
    example: "latent_dim = 10\nbeta = 6.0",
    regularizer: |settings| TotalCorrelation { beta: settings.beta, warmup: settings.warmup() },
}
