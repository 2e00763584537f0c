//! Inverted residual blocks: few channels become many, each is convolved by itself and weighed, and few come out again.
//! Sandler et al., "MobileNetV2" (CVPR 2018), section 3.4; with squeeze and excitation: Tan, Le, "EfficientNet" (ICML 2019),
//! table 1, here with pooling in place of strides.

use candle_core::{Result, Tensor};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{MapEncoder, Tower, channels_of};
use crate::model::{InputShape, ModelError};
use crate::neural::activation::{relu, silu};
use crate::neural::batch_norm::{BatchNorm, Phase};
use crate::neural::conv::{Conv2d, Window};
use crate::neural::depthwise::Depthwise;
use crate::neural::linear::Linear;
use crate::neural::params::Params;
use crate::neural::pool::{global_mean, max_pool2};

/// Hidden values of the weighing are this many times fewer than channels.
const SQUEEZE: usize = 4;

/// Inverted residual blocks with squeeze and excitation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct EfficientEncoder {
    /// Channels of each stage; each halves the map.
    #[schemars(length(min = 1), inner(range(min = 1)))]
    pub channels: Vec<usize>,
    /// Blocks of each stage after the first, which is the stem.
    #[schemars(range(min = 1, max = 32))]
    pub blocks: usize,
    /// How many times more channels there are inside a block.
    #[schemars(range(min = 1, max = 16))]
    pub expand: usize,
}

impl EfficientEncoder {
    /// Its settings as they stand in an experiment file.
    pub const EXAMPLE: &str = "channels = [16, 24, 40, 80]\nblocks = 1\nexpand = 4";
}

impl Default for EfficientEncoder {
    fn default() -> EfficientEncoder {
        EfficientEncoder { channels: vec![16, 24, 40, 80], blocks: 1, expand: 4 }
    }
}

impl MapEncoder for EfficientEncoder {
    fn tower(&self, shape: InputShape, params: &mut Params) -> std::result::Result<Box<dyn Tower>, ModelError> {
        let inputs = channels_of(shape, &self.channels, "encoder.efficient.channels")?;
        if self.blocks.min(self.expand) == 0 {
            return Err(ModelError::OutOfRange { setting: "encoder.efficient.blocks and expand", range: "at least 1" });
        }
        let mut width = self.channels[0];
        let stem = Conv2d::new(params, "encoder.stem.conv", (inputs, width), 3, Window { stride: 1, padding: 1 })?;
        let norm = BatchNorm::new(params, "encoder.stem.norm", width)?;
        let mut stages = Vec::new();
        for (stage, channels) in self.channels.iter().enumerate().skip(1) {
            let mut blocks = Vec::new();
            for at in 0..self.blocks {
                blocks.push(Block::new(params, &format!("encoder.{stage}.{at}"), (width, *channels), self.expand)?);
                width = *channels;
            }
            stages.push(blocks);
        }
        Ok(Box::new(Inverted { stem, norm, stages, features: width }))
    }
}

/// A convolution of 1 x 1 and its normalisation.
struct Mix {
    conv: Conv2d,
    norm: BatchNorm,
}

impl Mix {
    fn new(params: &mut Params, name: &str, widths: (usize, usize)) -> Result<Mix> {
        let conv = Conv2d::new(params, &format!("{name}.conv"), widths, 1, Window { stride: 1, padding: 0 })?;
        Ok(Mix { conv, norm: BatchNorm::new(params, &format!("{name}.norm"), widths.1)? })
    }

    fn forward(&self, x: &Tensor, phase: Phase) -> Result<Tensor> {
        self.norm.forward(&self.conv.forward(x)?, false, phase)
    }
}

struct Block {
    expand: Mix,
    each: Depthwise,
    norm: BatchNorm,
    squeeze: Linear,
    excite: Linear,
    project: Mix,
    /// Whether what comes in is added to what goes out.
    adds: bool,
}

impl Block {
    fn new(params: &mut Params, name: &str, (inputs, outputs): (usize, usize), expand: usize) -> Result<Block> {
        let (wide, few) = (inputs * expand, (inputs * expand / SQUEEZE).max(1));
        Ok(Block {
            expand: Mix::new(params, &format!("{name}.expand"), (inputs, wide))?,
            each: Depthwise::new(params, &format!("{name}.depthwise"), wide)?,
            norm: BatchNorm::new(params, &format!("{name}.norm"), wide)?,
            squeeze: Linear::new(params, &format!("{name}.squeeze"), wide, few)?,
            excite: Linear::new(params, &format!("{name}.excite"), few, wide)?,
            project: Mix::new(params, &format!("{name}.project"), (wide, outputs))?,
            adds: inputs == outputs,
        })
    }

    fn forward(&self, x: &Tensor, phase: Phase) -> Result<Tensor> {
        let wide = silu(&self.expand.forward(x, phase)?)?;
        let wide = silu(&self.norm.forward(&self.each.forward(&wide)?, false, phase)?)?;
        let weights = self.excite.forward(&relu(&self.squeeze.forward(&global_mean(&wide)?)?)?)?;
        let (rows, channels) = weights.dims2()?;
        let weighed = wide.broadcast_mul(&sigmoid(&weights)?.reshape((rows, channels, 1, 1))?)?;
        let out = self.project.forward(&weighed, phase)?;
        if self.adds { out + x } else { Ok(out) }
    }
}

/// `1 / (1 + exp(-x))`.
fn sigmoid(x: &Tensor) -> Result<Tensor> {
    (x.neg()?.exp()? + 1.0)?.recip()
}

struct Inverted {
    stem: Conv2d,
    norm: BatchNorm,
    stages: Vec<Vec<Block>>,
    features: usize,
}

impl Tower for Inverted {
    fn features(&self) -> usize {
        self.features
    }

    fn forward(&self, x: &Tensor, phase: Phase) -> Result<Tensor> {
        let stem = max_pool2(&self.norm.forward(&self.stem.forward(x)?, true, phase)?)?;
        let stage = |x: Tensor, blocks: &Vec<Block>| {
            max_pool2(&blocks.iter().try_fold(x, |x, block| block.forward(&x, phase))?)
        };
        global_mean(&self.stages.iter().try_fold(stem, stage)?)
    }
}
