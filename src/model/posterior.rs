//! What an encoder says of its rows: a point, or a diagonal Gaussian.

use candle_core::{Result, Tensor};

use crate::neural::gaussian;

/// The code of a batch.
#[derive(Clone, Debug)]
pub struct Posterior {
    /// Posterior means `[rows, latent]`: the representation that is clustered and drawn.
    pub mean: Tensor,
    /// Log-variances `[rows, latent]`; none where the code is a point.
    pub logvar: Option<Tensor>,
}

impl Posterior {
    /// A code drawn with the given standard normal `noise` `[rows, latent]`; the mean itself where the code is a point.
    pub fn sample(&self, noise: &Tensor) -> Result<Tensor> {
        match &self.logvar {
            Some(logvar) => gaussian::sample(&self.mean, logvar, noise),
            None => Ok(self.mean.clone()),
        }
    }

    /// Divergence from the standard normal for each dimension, averaged over rows: `[latent]`, in nats.
    pub fn kl_per_dim(&self) -> Result<Option<Tensor>> {
        self.logvar.as_ref().map(|logvar| gaussian::kl_per_dim(&self.mean, logvar)).transpose()
    }

    /// Divergence from the standard normal, summed over dimensions and averaged over rows, in nats: a scalar.
    pub fn kl(&self) -> Result<Option<Tensor>> {
        self.kl_per_dim()?.map(|kl| kl.sum_all()).transpose()
    }
}
