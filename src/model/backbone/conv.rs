//! A convolutional backbone for maps: stride-2 convolutions, group normalisation, SiLU; mirrored by transposed convolutions.
//! Radford, Metz, Chintala, "Unsupervised representation learning with DCGAN" (ICLR 2016), section 3: strides, not pooling.
//!
//! In PyTorch: `encoder = Sequential(Conv2d, GroupNorm, SiLU, ..., Flatten)` and
//! `decoder = Sequential(Linear, Unflatten, ConvTranspose2d, GroupNorm, SiLU, ..., ConvTranspose2d)`.

use candle_core::{Result, Tensor};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Architecture, Trunk};
use crate::model::ModelError;
use crate::model::condition::Told;
use crate::model::shape::InputShape;
use crate::neural::activation::Activation;
use crate::neural::conv::{Conv2d, ConvTranspose2d, Window};
use crate::neural::film::Film;
use crate::neural::linear::Linear;
use crate::neural::norm::GroupNorm;
use crate::neural::params::Params;

const KERNEL: usize = 4;
const WINDOW: Window = Window { stride: 2, padding: 1 };

/// Convolutions of kernel 4, stride 2, padding 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Conv {
    /// Channels after each halving of the map; any map of at least `2^levels` on both sides will do.
    #[schemars(length(min = 1), inner(range(min = 1)))]
    pub channels: Vec<usize>,
}

impl Conv {
    /// Its settings as they stand in an experiment file.
    pub const EXAMPLE: &str = "channels = [32, 64, 128, 256]";

    /// Input channels, and the sides `(bins, frames)` before each level and after the last.
    fn sides(&self, shape: InputShape) -> std::result::Result<(usize, Vec<(usize, usize)>), ModelError> {
        let levels = self.channels.len();
        let (channels, bins, frames) = match shape {
            InputShape::Vector(dims) => return Err(ModelError::VectorOnConv { dims }),
            InputShape::Map { channels, bins, frames } => (channels, bins, frames),
        };
        if levels == 0 || levels > 16 || self.channels.contains(&0) {
            return Err(ModelError::OutOfRange {
                setting: "backbone.conv.channels",
                range: "1 to 16 widths, each at least 1",
            });
        }
        let least = 1 << levels;
        if bins.min(frames) < least {
            return Err(ModelError::MapTooSmall { bins, frames, levels, least });
        }
        Ok((channels, (0..=levels).map(|level| (bins >> level, frames >> level)).collect()))
    }
}

impl Default for Conv {
    fn default() -> Conv {
        Conv { channels: vec![32, 64, 128, 256] }
    }
}

impl Architecture for Conv {
    fn trunk(
        &self,
        shape: InputShape,
        latent_dim: usize,
        told: Told,
        params: &mut Params,
    ) -> std::result::Result<Box<dyn Trunk>, ModelError> {
        let (inputs, sides) = self.sides(shape)?;
        let widths = [&[inputs], self.channels.as_slice()].concat();
        let (deepest, last) = (widths.len() - 1, sides[sides.len() - 1]);
        let code = (widths[deepest], last.0, last.1);
        let down = (0..deepest)
            .map(|level| DownBlock::new(params, 3 * level, (widths[level], widths[level + 1]), told.encoder))
            .collect::<Result<_>>()?;
        let spread = Linear::new(params, "decoder.0", latent_dim, code.0 * code.1 * code.2)?;
        let place = |level: usize| 2 + 3 * (deepest - 1 - level);
        let up = (0..deepest)
            .rev()
            .map(|level| {
                let widths = (widths[level + 1], widths[level]);
                let classes = if level > 0 { Some(told.decoder) } else { None };
                UpBlock::new(params, place(level), widths, sides[level], classes)
            })
            .collect::<Result<_>>()?;
        Ok(Box::new(Pyramid {
            code,
            down,
            up,
            spread,
            film: Film::new(params, "decoder.1.film", told.decoder, code.0)?,
        }))
    }
}

/// Normalises, is told the class where it has a modulation, and bends.
struct Bend {
    norm: GroupNorm,
    film: Option<Film>,
}

impl Bend {
    fn new(params: &mut Params, name: &str, channels: usize, classes: usize) -> Result<Bend> {
        let norm = GroupNorm::new(params, name, channels)?;
        Ok(Bend { norm, film: Film::new(params, &format!("{name}.film"), classes, channels)? })
    }

    fn forward(&self, x: &Tensor, y: Option<&Tensor>) -> Result<Tensor> {
        match (&self.film, y) {
            (Some(film), Some(y)) => Activation::Silu.forward(&film.forward(&self.norm.forward(x, None)?, y)?),
            _ => self.norm.forward(x, Some(Activation::Silu)),
        }
    }
}

struct DownBlock {
    conv: Conv2d,
    bend: Bend,
}

impl DownBlock {
    fn new(params: &mut Params, place: usize, widths: (usize, usize), classes: usize) -> Result<DownBlock> {
        let conv = Conv2d::new(params, &format!("encoder.{place}"), widths, KERNEL, WINDOW)?;
        Ok(DownBlock { conv, bend: Bend::new(params, &format!("encoder.{}", place + 1), widths.1, classes)? })
    }

    fn forward(&self, x: &Tensor, y: Option<&Tensor>) -> Result<Tensor> {
        self.bend.forward(&self.conv.forward(x)?, y)
    }
}

/// The last has no bend: its output is the map.
struct UpBlock {
    conv: ConvTranspose2d,
    bend: Option<Bend>,
}

impl UpBlock {
    fn new(
        params: &mut Params,
        place: usize,
        widths: (usize, usize),
        size: (usize, usize),
        classes: Option<usize>,
    ) -> Result<UpBlock> {
        let conv = ConvTranspose2d::new(params, &format!("decoder.{place}"), widths, KERNEL, WINDOW, size)?;
        let name = format!("decoder.{}", place + 1);
        let bend = classes.map(|classes| Bend::new(params, &name, widths.1, classes)).transpose()?;
        Ok(UpBlock { conv, bend })
    }

    fn forward(&self, x: &Tensor, y: Option<&Tensor>) -> Result<Tensor> {
        let map = self.conv.forward(x)?;
        self.bend.as_ref().map_or(Ok(map.clone()), |bend| bend.forward(&map, y))
    }
}

struct Pyramid {
    /// Channels, bins and frames of the smallest map.
    code: (usize, usize, usize),
    down: Vec<DownBlock>,
    spread: Linear,
    up: Vec<UpBlock>,
    film: Option<Film>,
}

impl Trunk for Pyramid {
    fn features(&self) -> usize {
        self.code.0 * self.code.1 * self.code.2
    }

    fn encode(&self, x: &Tensor, y: Option<&Tensor>) -> Result<Tensor> {
        self.down.iter().try_fold(x.clone(), |x, block| block.forward(&x, y))?.flatten_from(1)
    }

    fn decode(&self, z: &Tensor, y: Option<&Tensor>) -> Result<Tensor> {
        let (channels, bins, frames) = self.code;
        let map = self.spread.forward(z)?.reshape((z.dim(0)?, channels, bins, frames))?;
        let map = match (&self.film, y) {
            (Some(film), Some(y)) => film.forward(&map, y)?,
            _ => map,
        };
        self.up.iter().try_fold(map, |x, block| block.forward(&x, y))
    }
}
