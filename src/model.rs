//! What may be trained: an objective (autoencoder, VAE, β-VAE) on a backbone (MLP, convolutions).
//! Kingma and Welling, "Auto-encoding variational Bayes" (ICLR 2014).
//!
//! A [`Model`] is settings; built for an input shape it becomes a [`Network`]. Training, embedding and diagnosis see the
//! network only, so a new objective is one file here that overrides the term in which it differs.

pub mod autoencoder;
pub mod backbone;
pub mod beta_tcvae;
pub mod beta_vae;
pub mod body;
pub mod capacity_vae;
pub mod checkpoint;
pub mod denoising_ae;
pub mod info_vae;
pub mod likelihood;
pub mod posterior;
pub mod rows;
pub mod shape;
pub mod vae;
pub mod warmup;

mod regularizer;

use candle_core::Tensor;

use crate::kinds;
use crate::neural::params::Params;

pub use backbone::Backbone;
pub use body::Body;
pub use likelihood::Likelihood;
pub use posterior::Posterior;
pub use shape::InputShape;
pub use warmup::Progress;

/// Why a network cannot be built or run.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// Convolutions need an image.
    #[error(
        "the conv backbone needs maps (for instance features.audio.logmel), not vectors of {dims} values: use backbone.mlp"
    )]
    VectorOnConv {
        /// Values a row.
        dims: usize,
    },
    /// Each level halves both sides.
    #[error(
        "maps of {bins} bins x {frames} frames are too small for {levels} conv levels: each side needs at least {least}; use fewer channels entries"
    )]
    MapTooSmall {
        /// Height of the maps.
        bins: usize,
        /// Width of the maps.
        frames: usize,
        /// Convolutions in the encoder.
        levels: usize,
        /// The smallest side that would do.
        least: usize,
    },
    /// A setting is outside its range.
    #[error("{setting} must be {range}")]
    OutOfRange {
        /// The setting's name.
        setting: &'static str,
        /// What it may be.
        range: &'static str,
    },
    /// The rows do not fit the network.
    #[error("rows of {found} values were given to a network for {expected}")]
    WrongRow {
        /// Values a row of the network's input.
        expected: usize,
        /// Values a row of what was given.
        found: usize,
    },
    /// A tensor operation failed.
    #[error(transparent)]
    Tensor(#[from] candle_core::Error),
}

/// An objective with its settings; nothing is computed before `build`.
pub trait Model: Send + Sync {
    /// The network for rows of `shape`, its parameters made in `params`.
    ///
    /// # Errors
    /// The backbone cannot take this shape, or a setting is out of range.
    fn build(&self, shape: InputShape, params: &mut Params) -> Result<Box<dyn Network>, ModelError>;

    /// The layers between input and code.
    fn backbone(&self) -> &Backbone;

    /// Numbers a code.
    fn latent_dim(&self) -> usize;

    /// Raised when this kind's numbers change.
    fn version(&self) -> u32 {
        1
    }
}

/// A trainable encoder and decoder with its objective: reconstruction plus regulariser, both in nats a row.
pub trait Network: Send + Sync {
    /// The layers.
    fn body(&self) -> &Body;

    /// How the decoder's output is scored.
    fn likelihood(&self) -> Likelihood;

    /// Standard deviation of the Gaussian noise put on the input while training; the target stays clean.
    fn input_noise(&self) -> f64 {
        0.0
    }

    /// `x` is `[rows, ...]` of the input shape; gives means (and log-variances) `[rows, latent]`.
    fn encode(&self, x: &Tensor) -> candle_core::Result<Posterior> {
        self.body().encode(x)
    }

    /// `z` is `[rows, latent]`; gives `[rows, ...]` of the input shape.
    fn decode(&self, z: &Tensor) -> candle_core::Result<Tensor> {
        self.body().decode(z)
    }

    /// What is multiplied with the divergence from the prior at this point of the training.
    fn kl_weight(&self, _at: Progress) -> f64 {
        0.0
    }

    /// Whether the objective is what it will be at the end: losses before that do not compare with losses after it.
    fn is_settled(&self, at: Progress) -> bool {
        self.kl_weight(at) == self.kl_weight(Progress::END)
    }

    /// What is added to the reconstruction term, averaged over rows, if anything: a scalar. `code` `[rows, latent]` was drawn
    /// from `q`.
    fn regularizer(&self, _q: &Posterior, _code: &Tensor, _at: Progress) -> candle_core::Result<Option<Tensor>> {
        Ok(None)
    }
}

kinds! {
    /// Every `[model.<kind>]` an experiment may ask for.
    pub enum Kind: dyn Model {
        "ae" => Autoencoder(autoencoder::Autoencoder), "autoencoder: reconstruction only, no noise in the code"
        "denoising_ae" => DenoisingAe(denoising_ae::DenoisingAe), "autoencoder that mends inputs: noise is put on them, the target is clean"
        "vae" => Vae(vae::Vae), "variational autoencoder: a Gaussian code held to a standard normal prior"
        "beta_vae" => BetaVae(beta_vae::BetaVae), "VAE whose divergence from the prior counts beta times"
        "capacity_vae" => CapacityVae(capacity_vae::CapacityVae), "beta-VAE whose code is held to a number of nats that grows while it is trained"
        "beta_tcvae" => BetaTcVae(beta_tcvae::BetaTcVae), "VAE whose dependence between code dimensions counts beta times"
        "info_vae" => InfoVae(info_vae::InfoVae), "VAE whose codes are held to the prior all together (MMD)"
    }
}

#[cfg(test)]
mod tests;
