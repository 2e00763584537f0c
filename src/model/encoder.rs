//! Encoders of maps that are not decoded: convolutions, then the mean over what is left of bins and frames.
//! Any number of frames will do: the mean does not ask how many there are.

mod conv;
mod efficient;
mod resnet;

pub use conv::ConvEncoder;
pub use efficient::EfficientEncoder;
pub use resnet::ResnetEncoder;

use candle_core::{Result, Tensor};

use super::ModelError;
use super::shape::InputShape;
use crate::kinds;
use crate::neural::batch_norm::Phase;
use crate::neural::params::Params;

/// Settings of an encoder; nothing is computed before `tower`.
pub trait MapEncoder: Send + Sync {
    /// The layers for maps of `shape`.
    ///
    /// # Errors
    /// These layers cannot take this shape.
    fn tower(&self, shape: InputShape, params: &mut Params) -> std::result::Result<Box<dyn Tower>, ModelError>;
}

/// Built layers.
pub trait Tower: Send + Sync {
    /// Numbers a row that come out.
    fn features(&self) -> usize;

    /// `[rows, channels, bins, frames]` to `[rows, features]`.
    ///
    /// # Errors
    /// The maps are of another shape.
    fn forward(&self, x: &Tensor, phase: Phase) -> Result<Tensor>;
}

kinds! {
    /// Every `encoder.<kind>` a contrastive model may have.
    pub enum Encoder: dyn MapEncoder {
        "conv" => Conv(ConvEncoder), "convolutions of 3 x 3, batch normalisation, ReLU and pooling, level by level"
        "resnet" => Resnet(ResnetEncoder), "residual blocks of two convolutions of 3 x 3"
        "efficient" => Efficient(EfficientEncoder), "inverted residual blocks with squeeze and excitation"
    }
}

impl Default for Encoder {
    fn default() -> Encoder {
        Encoder::Conv(ConvEncoder::default())
    }
}

/// Channels of the maps, if maps of `shape` may be halved once for each of `widths`.
///
/// # Errors
/// There are no maps, they are too small, or a level has no width.
fn channels_of(shape: InputShape, widths: &[usize], setting: &'static str) -> std::result::Result<usize, ModelError> {
    let InputShape::Map { channels, bins, frames } = shape else {
        return Err(ModelError::VectorOnEncoder { dims: shape.values() });
    };
    let levels = widths.len();
    if levels == 0 || levels > 16 || widths.contains(&0) {
        return Err(ModelError::OutOfRange { setting, range: "1 to 16 widths, each at least 1" });
    }
    let least = 1 << levels;
    match bins.min(frames) < least {
        true => Err(ModelError::MapTooSmall { bins, frames, levels, least }),
        false => Ok(channels),
    }
}
