//! What contrastive networks learn: two views of one track are alike, and unlike those of other tracks.

mod momentum;
mod nt_xent;
mod redundancy;

use candle_core::{Result, Tensor};

pub(super) use momentum::Momentum;
pub use nt_xent::{Bounds, nt_xent};
pub(super) use nt_xent::{against, unit};
pub(super) use redundancy::{Weights, vicreg};

use super::augment::Augment;
use super::warmup::Progress;
use crate::neural::batch_norm::Phase;

#[cfg(test)]
mod tests;

/// Two views of each of some tracks.
pub struct Pair {
    /// `[tracks, channels, bins, frames]`.
    pub first: Tensor,
    /// The same tracks again.
    pub second: Tensor,
    /// The group (artist, else track) of each track: tracks of one group are not told apart.
    pub groups: Vec<u32>,
}

impl Pair {
    /// All first views, then all second ones.
    pub fn all(&self) -> Result<Tensor> {
        Tensor::cat(&[&self.first, &self.second], 0)
    }
}

/// What a pair costs.
pub struct Cost<'a> {
    /// The objective, a scalar with its gradient.
    pub loss: Tensor,
    /// The loss between the lowest that it can be (0) and that of chance (1), where both are known.
    pub normalised: Option<f64>,
    /// `[2 tracks, embedding]`: all first views, then all second ones.
    pub embeddings: Tensor,
    /// Done after the optimiser has moved the weights.
    pub follow: Option<Box<dyn FnOnce() -> Result<()> + 'a>>,
}

/// A network that learns from pairs of views.
pub trait Contrast: Send + Sync {
    /// How views are changed.
    fn augment(&self) -> &Augment;

    /// Clips from the beginning of one view of a track to that of the other, at least, where the track is long enough.
    fn apart(&self) -> usize;

    /// What `pair` costs at the point `at` of the training; while learning, batches are normalised by themselves.
    ///
    /// # Errors
    /// The views do not fit the network.
    fn cost<'a>(&'a self, pair: &Pair, phase: Phase, at: Progress) -> Result<Cost<'a>>;

    /// What stands for a view when the loss compares it, `[rows, projection]`, after training.
    ///
    /// # Errors
    /// The embeddings `[rows, embedding]` are of another width.
    fn project(&self, embeddings: &Tensor) -> Result<Tensor>;
}
