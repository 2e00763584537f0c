//! The layers between input and code: fully connected for vectors, convolutional for maps.

mod conv;
mod mlp;

pub use conv::Conv;
pub use mlp::Mlp;

use candle_core::{Result, Tensor};

use super::ModelError;
use super::condition::Told;
use super::shape::InputShape;
use crate::kinds;
use crate::neural::params::Params;

/// Settings of a backbone; nothing is computed before `trunk`.
pub trait Architecture {
    /// The layers for rows of `shape` and codes of `latent_dim` numbers, told the class of each row where `told` says so.
    ///
    /// # Errors
    /// These layers cannot take this shape.
    fn trunk(
        &self,
        shape: InputShape,
        latent_dim: usize,
        told: Told,
        params: &mut Params,
    ) -> std::result::Result<Box<dyn Trunk>, ModelError>;
}

/// Built layers, without the heads for mean and variance.
pub trait Trunk: Send + Sync {
    /// Numbers a row that [`Trunk::encode`] gives.
    fn features(&self) -> usize;

    /// `[rows, ...]` of the input shape to `[rows, features]`; `y` `[rows, classes]` has a one at the class of each row.
    fn encode(&self, x: &Tensor, y: Option<&Tensor>) -> Result<Tensor>;

    /// `[rows, latent]` to `[rows, ...]` of the input shape.
    fn decode(&self, z: &Tensor, y: Option<&Tensor>) -> Result<Tensor>;
}

kinds! {
    /// Every `backbone.<kind>` a model may stand on.
    pub enum Backbone: dyn Architecture {
        "mlp" => Mlp(Mlp), "fully connected layers, for any input"
        "conv" => Conv(Conv), "convolutions of stride 2, for maps such as log-mel spectrograms"
    }
}

impl Default for Backbone {
    fn default() -> Backbone {
        Backbone::Mlp(Mlp::default())
    }
}
