//! What may be trained: an objective (autoencoder, VAE, β-VAE) on a backbone (MLP, convolutions).
//! Kingma and Welling, "Auto-encoding variational Bayes" (ICLR 2014).
//!
//! A [`Model`] is settings; built for an input shape it becomes a [`Network`]. Training, embedding and diagnosis see the
//! network only, so a new objective is one file here that overrides the term in which it differs.

pub mod adversarial;
pub mod augment;
pub mod autoencoder;
pub mod backbone;
pub mod beta_tcvae;
pub mod beta_vae;
pub mod body;
pub mod byol;
pub mod capacity_vae;
pub mod checkpoint;
pub mod condition;
pub mod contrast;
pub mod cvae;
pub mod dec;
pub mod denoising_ae;
pub mod discriminator;
pub mod encoder;
pub mod expert;
pub mod info_vae;
pub mod likelihood;
pub mod moco;
pub mod objective;
pub mod poe_vae;
pub mod posterior;
pub mod presence;
pub mod rows;
pub mod shape;
pub mod simclr;
pub mod usage;
pub mod vade;
pub mod vae;
pub mod vicreg;
pub mod vq_vae;
pub mod warmup;

mod regularizer;
mod siamese;

use candle_core::Tensor;
use ndarray::{Array2, ArrayView2};

use crate::kinds;
use crate::neural::params::Params;
use crate::random::Stream;

pub use backbone::Backbone;
pub use body::{Body, Design};
pub use condition::Told;
pub use contrast::Contrast;
pub use likelihood::Likelihood;
pub use posterior::Posterior;
pub use shape::{Input, InputShape};
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
    /// A discriminator looks at pieces of maps.
    #[error(
        "the discriminator compares maps (for instance features.audio.log_mel), not vectors of {dims} values: take [adversarial] out"
    )]
    VectorOnDiscriminator {
        /// Values a row.
        dims: usize,
    },
    /// An encoder of maps was given vectors.
    #[error("this model reads maps (for instance features.audio.log_mel), not vectors of {dims} values")]
    VectorOnEncoder {
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
    /// A conditional model without classes.
    #[error("this model is told the label of each track, and the dataset has none: use model.vae or model.beta_vae")]
    NoClasses,
    /// Blocks are of vectors.
    #[error(
        "rows cannot be cut into {blocks} blocks of {widths} values in all: modalities stand side by side in vectors of as many values, not in maps; use features that give a vector a track (for instance features.audio.mfcc)"
    )]
    NoBlocks {
        /// How many.
        blocks: usize,
        /// Their widths together.
        widths: usize,
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
    /// The network for rows of `input`, its parameters made in `params`.
    ///
    /// # Errors
    /// The backbone cannot take this shape, a conditional model has no classes, or a setting is out of range.
    fn build(&self, input: Input, params: &mut Params) -> Result<Box<dyn Network>, ModelError>;

    /// The layers between input and code; None for a kind that has an encoder of its own and nothing to decode with.
    fn backbone(&self) -> Option<&Backbone> {
        None
    }

    /// Whether it reads maps and nothing else.
    fn needs_maps(&self) -> bool {
        matches!(self.backbone(), Some(Backbone::Conv(_)))
    }

    /// Whether a code becomes a row again: what does not decode has no reconstructions, and collapses in another way.
    fn decodes(&self) -> bool {
        self.backbone().is_some()
    }

    /// Numbers a code.
    fn latent_dim(&self) -> usize;

    /// How many clusters it puts rows into by itself; None if it clusters nothing.
    fn clusters(&self) -> Option<usize> {
        None
    }

    /// Which halves are told the label of each row, one of `classes`.
    fn told(&self, _classes: usize) -> Told {
        Told::default()
    }

    /// Whether any half is told labels.
    fn is_conditional(&self) -> bool {
        self.told(1).decoder > 0
    }

    /// Whether the encoder is: its codes then may carry what it was told.
    fn encoder_is_told(&self) -> bool {
        self.told(1).encoder > 0
    }

    /// Whether it sees each modality by itself and knows what to do where a row lacks one: cells that are NaN are not there.
    fn is_multimodal(&self) -> bool {
        false
    }

    /// Raised when this kind's numbers change.
    fn version(&self) -> u32 {
        1
    }
}

/// A trainable encoder and decoder with its objective: reconstruction plus regulariser, both in nats a row.
pub trait Network: Send + Sync {
    /// The layers.
    fn body(&self) -> &Body;

    /// `x` is `[rows, ...]` of the input shape, `y` `[rows, classes]` the classes (none: nothing is known); gives means (and
    /// log-variances) `[rows, latent]`.
    fn encode(&self, x: &Tensor, y: Option<&Tensor>) -> candle_core::Result<Posterior> {
        self.body().encode(x, y)
    }

    /// A code for the decoder, drawn with standard normal `noise` `[rows, latent]`.
    fn draw(&self, q: &Posterior, noise: &Tensor) -> candle_core::Result<Tensor> {
        q.sample(noise)
    }

    /// The code that stands for a row, `[rows, latent]`: what is clustered, drawn and decoded again.
    fn point(&self, q: &Posterior) -> candle_core::Result<Tensor> {
        Ok(q.mean.clone())
    }

    /// `z` is `[rows, latent]`; gives `[rows, ...]` of the input shape, of which [`Likelihood::mean`] makes a reconstruction.
    fn decode(&self, z: &Tensor, y: Option<&Tensor>) -> candle_core::Result<Tensor> {
        self.body().decode(z, y)
    }

    /// How it learns by telling tracks apart, if it does.
    fn contrast(&self) -> Option<&dyn Contrast> {
        None
    }

    /// Whether it is to be shown the codes of all training rows before the step `at`.
    fn wants_codes(&self, _at: Progress) -> bool {
        false
    }

    /// Is shown the codes `[rows, latent]`; may set parameters by them.
    fn place(&self, _codes: ArrayView2<f32>, _seed: u64) -> candle_core::Result<()> {
        Ok(())
    }

    /// Parts of a code and words of each part's codebook, where codes are made of words.
    fn codebooks(&self) -> Option<(usize, usize)> {
        None
    }

    /// How likely each of its clusters is for each row, `[rows, clusters]`; None if it clusters nothing.
    fn shares(&self, _q: &Posterior) -> candle_core::Result<Option<Tensor>> {
        Ok(None)
    }

    /// Standard normal `noise` `[rows, latent]` as draws from the prior, where it is another.
    fn prior_codes(&self, noise: &Tensor) -> candle_core::Result<Tensor> {
        Ok(noise.clone())
    }

    /// What is multiplied with the divergence from the prior at this point of the training.
    fn kl_weight(&self, _at: Progress) -> f64 {
        0.0
    }

    /// The weight of the divergence at the end of the training; None where the divergence is held to an amount in place of being
    /// kept small.
    fn final_beta(&self) -> Option<f64> {
        Some(self.kl_weight(Progress::END))
    }

    /// Whether the objective is what it will be at the end: losses before that do not compare with losses after it.
    fn is_settled(&self, at: Progress) -> bool {
        self.kl_weight(at) == self.kl_weight(Progress::END)
    }

    /// What is hidden from the encoder in a step of the training: 0 where it sees `rows` `[rows, values]`, NaN where it does
    /// not; None for nothing. It is drawn from `stream`.
    fn veil(&self, _rows: ArrayView2<f32>, _stream: &mut Stream) -> Option<Array2<f32>> {
        None
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
        "vade" => Vade(vade::Vade), "VAE whose prior is a mixture: it clusters while it learns"
        "dec" => Dec(dec::Dec), "autoencoder whose codes are drawn to centres: it clusters while it learns"
        "cvae" => Cvae(cvae::Cvae), "VAE whose decoder is told the label, so that the code need not carry it"
        "beta_cvae" => BetaCvae(cvae::BetaCvae), "beta-VAE whose decoder is told the label"
        "vq_vae" => VqVae(vq_vae::VqVae), "autoencoder whose code is made of words from learned codebooks"
        "beta_tcvae" => BetaTcVae(beta_tcvae::BetaTcVae), "VAE whose dependence between code dimensions counts beta times"
        "info_vae" => InfoVae(info_vae::InfoVae), "VAE whose codes are held to the prior all together (MMD)"
        "poe_vae" => PoeVae(poe_vae::PoeVae), "VAE of several modalities, of which a track may lack some: one encoder each, their product is the code"
        "simclr" => Simclr(simclr::Simclr), "contrastive: each view of a track finds its partner among all views of a batch"
        "moco" => Moco(moco::Moco), "contrastive: each view finds its partner among views of many earlier batches"
        "vicreg" => Vicreg(vicreg::Vicreg), "views of a track are alike, and every dimension varies by itself"
        "byol" => Byol(byol::Byol), "one view of a track foretells what a slow copy of the network makes of the other"
    }
}

#[cfg(test)]
mod tests;
