//! Convolutions of 3 x 3 with batch normalisation, ReLU and maximum pooling over 2 x 2: VGG's blocks with one layer each.
//! Simonyan, Zisserman, "Very deep convolutional networks for large-scale image recognition" (ICLR 2015), section 2.1;
//! the global mean: Lin, Chen, Yan, "Network in network" (ICLR 2014), section 3.2.
//!
//! In PyTorch: `encoder = Sequential(Conv2d(padding=1), BatchNorm2d, ReLU, MaxPool2d(2), ..., AdaptiveAvgPool2d(1))`.

use candle_core::{Result, Tensor};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{MapEncoder, Tower, channels_of};
use crate::model::{InputShape, ModelError};
use crate::neural::batch_norm::{BatchNorm, Phase};
use crate::neural::conv::{Conv2d, Window};
use crate::neural::params::Params;
use crate::neural::pool::{global_mean, max_pool2};

/// Blocks of one convolution each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ConvEncoder {
    /// Channels of each block; each halves the map. Four to six are usual, up to 64, 128, 256, 512.
    #[schemars(length(min = 1), inner(range(min = 1)))]
    pub channels: Vec<usize>,
}

impl ConvEncoder {
    /// Its settings as they stand in an experiment file.
    pub const EXAMPLE: &str = "channels = [16, 32, 64, 128]";
}

impl Default for ConvEncoder {
    fn default() -> ConvEncoder {
        ConvEncoder { channels: vec![16, 32, 64, 128] }
    }
}

impl MapEncoder for ConvEncoder {
    fn tower(&self, shape: InputShape, params: &mut Params) -> std::result::Result<Box<dyn Tower>, ModelError> {
        let inputs = channels_of(shape, &self.channels, "encoder.conv.channels")?;
        let widths = [&[inputs], self.channels.as_slice()].concat();
        let blocks =
            widths.windows(2).enumerate().map(|(level, pair)| Block::new(params, 4 * level, (pair[0], pair[1])));
        Ok(Box::new(Blocks { blocks: blocks.collect::<Result<_>>()?, features: widths[widths.len() - 1] }))
    }
}

struct Block {
    conv: Conv2d,
    norm: BatchNorm,
}

impl Block {
    fn new(params: &mut Params, place: usize, widths: (usize, usize)) -> Result<Block> {
        let conv = Conv2d::new(params, &format!("encoder.{place}"), widths, 3, Window { stride: 1, padding: 1 })?;
        Ok(Block { conv, norm: BatchNorm::new(params, &format!("encoder.{}", place + 1), widths.1)? })
    }

    fn forward(&self, x: &Tensor, phase: Phase) -> Result<Tensor> {
        max_pool2(&self.norm.forward(&self.conv.forward(x)?, true, phase)?)
    }
}

struct Blocks {
    blocks: Vec<Block>,
    features: usize,
}

impl Tower for Blocks {
    fn features(&self) -> usize {
        self.features
    }

    fn forward(&self, x: &Tensor, phase: Phase) -> Result<Tensor> {
        global_mean(&self.blocks.iter().try_fold(x.clone(), |x, block| block.forward(&x, phase))?)
    }
}
