//! Tells real maps from made ones, piece by piece, knowing their class.
//! Isola et al., "Image-to-image translation with conditional adversarial networks" (CVPR 2017), section 3.2.2, for judging pieces;
//! Miyato and Koyama, "cGANs with projection discriminator" (ICLR 2018), equation 3, for the class: `answer = w · h + e(y) · h`.
//!
//! Convolutions of kernel 4, stride 2 with leaky ReLU (0.2), every weight spectrally normalised; each place of the last map
//! answers for the piece of the input that it sees. A class of zeros ("not known") leaves the first term alone.

use candle_core::{Result, Tensor};

use super::{InputShape, ModelError};
use crate::neural::activation::leaky_relu;
use crate::neural::conv::{Window, conv2d};
use crate::neural::params::Params;
use crate::neural::spectral_norm::spectrally_normalised;

const KERNEL: usize = 4;
const HALVING: Window = Window { stride: 2, padding: 1 };
const PLACE: Window = Window { stride: 1, padding: 0 };
const SLOPE: f32 = 0.2;

/// Weights and biases before they are normalised.
pub struct Discriminator {
    levels: Vec<Layer>,
    answer: Layer,
    /// `[channels, classes]`.
    classes: Option<Tensor>,
}

#[derive(Clone)]
struct Layer {
    weight: Tensor,
    bias: Tensor,
}

impl Layer {
    fn new(params: &mut Params, name: &str, (inputs, outputs): (usize, usize), kernel: usize) -> Result<Layer> {
        let fan = inputs * kernel * kernel;
        let weight = params.kaiming(&format!("{name}.weight"), &[outputs, inputs, kernel, kernel], fan)?;
        Ok(Layer { weight, bias: params.kaiming(&format!("{name}.bias"), &[outputs], fan)? })
    }

    fn normalised(&self) -> Result<Layer> {
        Ok(Layer { weight: spectrally_normalised(&self.weight)?, bias: self.bias.clone() })
    }

    fn held(&self) -> Layer {
        Layer { weight: self.weight.detach(), bias: self.bias.detach() }
    }
}

impl Discriminator {
    /// Of maps of `shape`, with so many `channels` after each halving, told one of `classes` (0: nothing).
    ///
    /// # Errors
    /// Rows are vectors, or maps too small to be halved so often.
    pub fn new(
        shape: InputShape,
        channels: &[usize],
        classes: usize,
        params: &mut Params,
    ) -> std::result::Result<Discriminator, ModelError> {
        let inputs = check(shape, channels)?;
        let widths = [&[inputs], channels].concat();
        let level =
            |(at, pair): (usize, &[usize])| Layer::new(params, &format!("levels.{at}"), (pair[0], pair[1]), KERNEL);
        let levels = widths.windows(2).enumerate().map(level).collect::<Result<_>>()?;
        let last = widths[widths.len() - 1];
        let answer = Layer::new(params, "answer", (last, 1), 1)?;
        let classes = (classes > 0).then(|| params.kaiming("classes.weight", &[last, classes], last)).transpose()?;
        Ok(Discriminator { levels, answer, classes })
    }

    /// With its weights as they are now, normalised.
    pub fn judge(&self) -> Result<Judge> {
        Ok(Judge {
            levels: self.levels.iter().map(Layer::normalised).collect::<Result<_>>()?,
            answer: self.answer.normalised()?,
            classes: self.classes.as_ref().map(spectrally_normalised).transpose()?,
        })
    }
}

/// The planes of a map, if all is well.
fn check(shape: InputShape, channels: &[usize]) -> std::result::Result<usize, ModelError> {
    let levels = channels.len();
    if levels == 0 || levels > 8 || channels.contains(&0) {
        let range = "1 to 8 widths, each at least 1";
        return Err(ModelError::OutOfRange { setting: "adversarial.channels", range });
    }
    match shape {
        InputShape::Vector(dims) => Err(ModelError::VectorOnDiscriminator { dims }),
        InputShape::Map { bins, frames, .. } if bins.min(frames) < 1 << levels => {
            Err(ModelError::MapTooSmall { bins, frames, levels, least: 1 << levels })
        }
        InputShape::Map { channels, .. } => Ok(channels),
    }
}

/// A discriminator for one step.
pub struct Judge {
    levels: Vec<Layer>,
    answer: Layer,
    classes: Option<Tensor>,
}

/// What it says of rows, and what it saw.
pub struct Answers {
    /// Above 0 for real, `[rows, bins, frames]` of the last level.
    pub pieces: Tensor,
    /// What each level made of the rows, `[rows, channels, bins, frames]`.
    pub features: Vec<Tensor>,
}

impl Judge {
    /// The same as constants: no gradient reaches its weights.
    pub fn held(&self) -> Judge {
        let levels = self.levels.iter().map(Layer::held).collect();
        Judge { levels, answer: self.answer.held(), classes: self.classes.as_ref().map(Tensor::detach) }
    }

    /// `x` is `[rows, channels, bins, frames]`, `y` `[rows, classes]` with a one at the class of each row.
    pub fn answers(&self, x: &Tensor, y: Option<&Tensor>) -> Result<Answers> {
        let mut features: Vec<Tensor> = Vec::with_capacity(self.levels.len());
        for layer in &self.levels {
            let below = features.last().unwrap_or(x);
            features.push(leaky_relu(&conv2d(below, &layer.weight, &layer.bias, HALVING, false)?, SLOPE)?);
        }
        let top = features.last().unwrap_or(x);
        let pieces = conv2d(top, &self.answer.weight, &self.answer.bias, PLACE, false)?.squeeze(1)?;
        let pieces = match (&self.classes, y) {
            (Some(classes), Some(y)) => (pieces + projected(top, &y.matmul(&classes.t()?)?)?)?,
            _ => pieces,
        };
        Ok(Answers { pieces, features })
    }
}

/// `e · h` at each place: `h` is `[rows, channels, bins, frames]`, `e` `[rows, channels]`.
fn projected(h: &Tensor, e: &Tensor) -> Result<Tensor> {
    h.broadcast_mul(&e.unsqueeze(2)?.unsqueeze(3)?)?.sum(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::adversarial::{feature_matching, fooling_loss, judging_loss};
    use crate::model::condition::one_hot;
    use crate::neural::gradcheck::{assert_gradients, noise};
    use candle_core::{Device, Var};

    const MAP: InputShape = InputShape::Map { channels: 1, bins: 12, frames: 16 };

    fn made(classes: usize) -> (Params, Discriminator) {
        let mut params = Params::new(4, &Device::Cpu);
        let discriminator = Discriminator::new(MAP, &[3, 4], classes, &mut params).unwrap();
        (params, discriminator)
    }

    fn flat(tensor: &Tensor) -> Vec<f32> {
        tensor.flatten_all().unwrap().to_vec1().unwrap()
    }

    #[test]
    fn every_piece_is_answered_for_and_the_class_counts() {
        let (_, discriminator) = made(2);
        let (judge, x) = (discriminator.judge().unwrap(), noise("x", &[2, 1, 12, 16]));
        let answers = [None, Some(0), Some(1)].map(|class| {
            let y = one_hot(&[class, class], 2, &Device::Cpu).unwrap();
            judge.answers(&x, Some(&y)).unwrap()
        });
        assert_eq!(answers[0].pieces.dims(), [2, 3, 4]);
        assert_eq!(
            answers[0].features.iter().map(|level| level.dims().to_vec()).collect::<Vec<_>>(),
            [[2, 3, 6, 8], [2, 4, 3, 4]]
        );
        let [unknown, first, second] = answers.map(|answers| flat(&answers.pieces));
        assert!(unknown != first && first != second);
        assert_eq!(unknown, flat(&judge.answers(&x, None).unwrap().pieces));
    }

    #[test]
    fn no_layer_stretches_what_it_is_given() {
        let (params, discriminator) = made(0);
        params.vars().iter().for_each(|(_, var)| var.set(&(var.as_tensor() * 100.0).unwrap()).unwrap());
        let judge = discriminator.judge().unwrap();
        let (a, b) = (noise("a", &[1, 1, 12, 16]), noise("b", &[1, 1, 12, 16]));
        let [ya, yb] = [&a, &b].map(|x| flat(&judge.answers(x, None).unwrap().pieces));
        let far = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f32>().sqrt();
        // A kernel of 4 with stride 2 meets each value up to four times a level.
        assert!(far(&ya, &yb) <= 4.0 * far(&flat(&a), &flat(&b)), "{} of {}", far(&ya, &yb), far(&flat(&a), &flat(&b)));
    }

    #[test]
    fn gradients_of_its_weights_are_those_of_finite_differences() {
        let (params, discriminator) = made(2);
        // Each channel stays on its side of the corner of its activation.
        let biases = params.vars().iter().filter(|(name, _)| name.contains("levels") && name.ends_with("bias"));
        biases.for_each(|(name, var)| var.set(&(noise(name, var.dims()).sign().unwrap() * 1.5).unwrap()).unwrap());
        let quiet = |name| (noise(name, &[2, 1, 12, 16]) * 0.2).unwrap();
        let (real, fake) = (quiet("real"), quiet("fake"));
        let y = one_hot(&[Some(0), Some(1)], 2, &Device::Cpu).unwrap();
        let loss = || -> Result<Tensor> {
            let judge = discriminator.judge()?;
            let (real, fake) = (judge.answers(&real, Some(&y))?, judge.answers(&fake, Some(&y))?);
            judging_loss(&real.pieces, &fake.pieces)
        };
        let at = loss().unwrap().to_scalar::<f32>().unwrap();
        assert!((0.5..4.0).contains(&at), "{at}: the hinge counts");
        assert_gradients(&params, || loss()?.reshape(1));
    }

    #[test]
    fn gradients_of_what_it_judges_are_those_of_finite_differences_and_its_own_are_none() {
        let (own, discriminator) = made(0);
        let judge = discriminator.judge().unwrap().held();
        let mut params = Params::new(9, &Device::Cpu);
        let (fake, real) = (params.kaiming("fake", &[2, 1, 12, 16], 1).unwrap(), noise("real", &[2, 1, 12, 16]));
        let loss = || -> Result<Tensor> {
            let (real, fake) = (judge.answers(&real, None)?, judge.answers(&fake, None)?);
            (((fooling_loss(&fake.pieces)? + feature_matching(&real.features, &fake.features)?)?) * 30.0)?.reshape(1)
        };
        assert_gradients(&params, loss);
        let store = loss().unwrap().sum_all().unwrap().backward().unwrap();
        assert!(own.vars().iter().all(|(_, var): &(String, Var)| store.get(var).is_none()));
    }

    #[test]
    fn vectors_and_small_maps_are_refused_with_a_remedy() {
        let refused = |shape, channels: &[usize]| {
            let error = Discriminator::new(shape, channels, 0, &mut Params::new(1, &Device::Cpu)).err().unwrap();
            error.to_string()
        };
        assert!(refused(InputShape::Vector(5), &[4]).contains("[adversarial]"));
        assert!(refused(MAP, &[4; 4]).contains("too small"));
        assert!(refused(MAP, &[]).contains("adversarial.channels"));
    }
}
