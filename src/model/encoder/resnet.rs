//! A residual network: two convolutions of 3 x 3 a block, whose input is added to what they give.
//! He, Zhang, Ren, Sun, "Deep residual learning for image recognition" (CVPR 2016), section 3.3, figure 5 left.
//!
//! The stem is a convolution of 3 x 3 and a pooling, as usual for small maps; every width but the first halves the map by the
//! stride of its first block, whose input is brought there by a convolution of 1 x 1.

use candle_core::{Result, Tensor};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{MapEncoder, Tower, channels_of};
use crate::model::{InputShape, ModelError};
use crate::neural::activation::relu;
use crate::neural::batch_norm::{BatchNorm, Phase};
use crate::neural::conv::{Conv2d, Window};
use crate::neural::params::Params;
use crate::neural::pool::{global_mean, max_pool2};

/// Residual blocks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ResnetEncoder {
    /// Channels of each stage; each halves the map.
    #[schemars(length(min = 1), inner(range(min = 1)))]
    pub channels: Vec<usize>,
    /// Blocks of each stage: 2 and four stages are a ResNet-18.
    #[schemars(range(min = 1, max = 32))]
    pub blocks: usize,
}

impl ResnetEncoder {
    /// Its settings as they stand in an experiment file.
    pub const EXAMPLE: &str = "channels = [16, 32, 64, 128]\nblocks = 1";
}

impl Default for ResnetEncoder {
    fn default() -> ResnetEncoder {
        ResnetEncoder { channels: vec![16, 32, 64, 128], blocks: 1 }
    }
}

impl MapEncoder for ResnetEncoder {
    fn tower(&self, shape: InputShape, params: &mut Params) -> std::result::Result<Box<dyn Tower>, ModelError> {
        let inputs = channels_of(shape, &self.channels, "encoder.resnet.channels")?;
        if self.blocks == 0 {
            return Err(ModelError::OutOfRange { setting: "encoder.resnet.blocks", range: "at least 1" });
        }
        let stem = Layer::new(params, "encoder.stem", (inputs, self.channels[0]), 3, 1)?;
        let mut blocks = Vec::new();
        let mut width = self.channels[0];
        for (stage, channels) in self.channels.iter().enumerate() {
            for at in 0..self.blocks {
                let stride = if stage > 0 && at == 0 { 2 } else { 1 };
                blocks.push(Block::new(params, &format!("encoder.{stage}.{at}"), (width, *channels), stride)?);
                width = *channels;
            }
        }
        Ok(Box::new(Residual { stem, blocks, features: width }))
    }
}

/// A convolution and its normalisation.
struct Layer {
    conv: Conv2d,
    norm: BatchNorm,
}

impl Layer {
    fn new(params: &mut Params, name: &str, widths: (usize, usize), kernel: usize, stride: usize) -> Result<Layer> {
        let window = Window { stride, padding: kernel / 2 };
        let conv = Conv2d::new(params, &format!("{name}.conv"), widths, kernel, window)?;
        Ok(Layer { conv, norm: BatchNorm::new(params, &format!("{name}.norm"), widths.1)? })
    }

    fn forward(&self, x: &Tensor, relu: bool, phase: Phase) -> Result<Tensor> {
        self.norm.forward(&self.conv.forward(x)?, relu, phase)
    }
}

struct Block {
    first: Layer,
    second: Layer,
    /// Where the block changes the size of its maps.
    shortcut: Option<Layer>,
}

impl Block {
    fn new(params: &mut Params, name: &str, (inputs, outputs): (usize, usize), stride: usize) -> Result<Block> {
        let layer = |params: &mut Params, part: &str, widths, kernel, stride| {
            Layer::new(params, &format!("{name}.{part}"), widths, kernel, stride)
        };
        let first = layer(params, "first", (inputs, outputs), 3, stride)?;
        let second = layer(params, "second", (outputs, outputs), 3, 1)?;
        let changes = stride > 1 || inputs != outputs;
        let shortcut = changes.then(|| layer(params, "shortcut", (inputs, outputs), 1, stride)).transpose()?;
        Ok(Block { first, second, shortcut })
    }

    fn forward(&self, x: &Tensor, phase: Phase) -> Result<Tensor> {
        let through = self.second.forward(&self.first.forward(x, true, phase)?, false, phase)?;
        let past = self.shortcut.as_ref().map_or(Ok(x.clone()), |layer| layer.forward(x, false, phase))?;
        relu(&(through + past)?)
    }
}

struct Residual {
    stem: Layer,
    blocks: Vec<Block>,
    features: usize,
}

impl Tower for Residual {
    fn features(&self) -> usize {
        self.features
    }

    fn forward(&self, x: &Tensor, phase: Phase) -> Result<Tensor> {
        let x = max_pool2(&self.stem.forward(x, true, phase)?)?;
        global_mean(&self.blocks.iter().try_fold(x, |x, block| block.forward(&x, phase))?)
    }
}
