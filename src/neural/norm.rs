//! Group normalisation, `torch.nn.GroupNorm`, with the activation behind it in the same pass, for `[rows, channels, ...]`.
//! Wu and He, "Group normalization" (ECCV 2018), equations 2 and 7; the gradient as in Ioffe and Szegedy (2015), section 3.

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor, bail};
use rayon::prelude::*;

use super::activation::{Activation, Curve, by_curve};
use super::cpu::{values, with_all};
use super::params::Params;
use crate::wide::{LANES, dot, sum, wide};

pub(crate) const EPSILON: f32 = 1e-5;
const MOST_GROUPS: usize = 8;

/// Normalises each row over groups of channels, then scales and shifts each channel.
#[derive(Clone, Debug)]
pub struct GroupNorm {
    groups: usize,
    weight: Tensor,
    bias: Tensor,
}

impl GroupNorm {
    /// For `channels` channels, in the largest number of groups up to 8 that divides them.
    pub fn new(params: &mut Params, name: &str, channels: usize) -> Result<GroupNorm> {
        let weight = params.constant(&format!("{name}.weight"), &[channels], 1.0)?;
        let bias = params.constant(&format!("{name}.bias"), &[channels], 0.0)?;
        Ok(GroupNorm { groups: groups(channels), weight, bias })
    }

    /// `x` is `[rows, channels, height, width]`, as is the result, after `activation` if there is one.
    pub fn forward(&self, x: &Tensor, activation: Option<Activation>) -> Result<Tensor> {
        if !x.device().is_cpu() {
            let y = self.forward_stock(x)?;
            return activation.map_or(Ok(y.clone()), |activation| activation.forward(&y));
        }
        let op = Normalise { groups: self.groups, curve: activation.into() };
        x.contiguous()?.apply_op3(&self.weight, &self.bias, op)
    }

    /// The same by candle's own operations, for other devices.
    fn forward_stock(&self, x: &Tensor) -> Result<Tensor> {
        let rows = x.dim(0)?;
        let grouped = x.reshape((rows, self.groups, ()))?;
        let centred = grouped.broadcast_sub(&grouped.mean_keepdim(2)?)?;
        let deviation = (centred.sqr()?.mean_keepdim(2)? + f64::from(EPSILON))?.sqrt()?;
        let y = centred.broadcast_div(&deviation)?.reshape(x.shape())?;
        y.broadcast_mul(&self.weight.reshape((1, (), 1, 1))?)?.broadcast_add(&self.bias.reshape((1, (), 1, 1))?)
    }
}

/// The number of groups for `channels` channels: PyTorch needs the same to load the weights.
pub fn groups(channels: usize) -> usize {
    (1..=MOST_GROUPS).rev().find(|groups| channels.is_multiple_of(*groups)).unwrap_or(1)
}

struct Normalise {
    groups: usize,
    curve: Curve,
}

/// The weights of the channels of one group, and the curve behind.
#[derive(Clone, Copy)]
struct Group<'a> {
    weight: &'a [f32],
    bias: &'a [f32],
    curve: Curve,
}

/// `(mean, 1 / deviation)` of one group.
#[inline(always)]
fn moments(x: &[f32]) -> (f32, f32) {
    let count = x.len() as f32;
    let mean = sum(x) / count;
    let (whole, rest) = x.as_chunks::<LANES>();
    let mut partial = [0.0f32; LANES];
    for lanes in whole {
        for at in 0..LANES {
            partial[at] += (lanes[at] - mean) * (lanes[at] - mean);
        }
    }
    let squares = partial.iter().sum::<f32>() + rest.iter().map(|x| (x - mean) * (x - mean)).sum::<f32>();
    (mean, 1.0 / (squares / count + EPSILON).sqrt())
}

wide! {
    fn forward(group: Group, x: &[f32], y: &mut [f32]) {
        let (mean, scale) = moments(x);
        let plane = x.len() / group.weight.len();
        for (channel, (x, y)) in x.chunks_exact(plane).zip(y.chunks_exact_mut(plane)).enumerate() {
            let a = scale * group.weight[channel];
            let b = group.bias[channel] - a * mean;
            let all = y.iter_mut().zip(x);
            by_curve!(group.curve, curve => all.for_each(|(y, x)| *y = curve.value(a * x + b)));
        }
    }
}

wide! {
    /// Writes the gradient of `x` into `dx`, and into `sums` those of weight and bias, `[channels, 2]`.
    fn backward(group: Group, x: &[f32], gradient: &[f32], dx: &mut [f32], sums: &mut [[f32; 2]]) {
        let (mean, scale) = moments(x);
        let plane = x.len() / group.weight.len();
        let (mut first, mut second) = (0.0, 0.0);
        for (channel, sums) in sums.iter_mut().enumerate() {
            let span = channel * plane..(channel + 1) * plane;
            let (x, g, dx) = (&x[span.clone()], &gradient[span.clone()], &mut dx[span]);
            let a = scale * group.weight[channel];
            let b = group.bias[channel] - a * mean;
            let all = dx.iter_mut().zip(x).zip(g);
            by_curve!(group.curve, curve => all.for_each(|((dx, x), g)| *dx = g * curve.slope(a * x + b)));
            let (shift, product) = (sum(dx), dot(dx, x));
            *sums = [scale * (product - mean * shift), shift];
            first += group.weight[channel] * shift;
            second += group.weight[channel] * sums[0];
        }
        let count = x.len() as f32;
        let (first, second) = (scale * first / count, scale * scale * second / count);
        for (channel, (x, dx)) in x.chunks_exact(plane).zip(dx.chunks_exact_mut(plane)).enumerate() {
            let a = scale * group.weight[channel];
            dx.iter_mut().zip(x).for_each(|(dx, x)| *dx = a * *dx - first - second * (x - mean));
        }
    }
}

impl Normalise {
    /// Channels of a group, and its values.
    fn sizes(&self, dims: &[usize]) -> Result<(usize, usize)> {
        match dims {
            [_, channels, rest @ ..] if channels.is_multiple_of(self.groups) => {
                Ok((channels / self.groups, channels / self.groups * rest.iter().product::<usize>()))
            }
            _ => bail!("{} groups do not divide the channels of {dims:?}", self.groups),
        }
    }

    fn group<'a>(&self, at: usize, channels: usize, weight: &'a [f32], bias: &'a [f32]) -> Group<'a> {
        let from = at % self.groups * channels;
        Group { weight: &weight[from..from + channels], bias: &bias[from..from + channels], curve: self.curve }
    }

    /// Gradients of `x`, weight and bias.
    fn gradients(
        &self,
        (channels, len): (usize, usize),
        x: &[f32],
        weight: &[f32],
        bias: &[f32],
        gradient: &[f32],
    ) -> (Vec<f32>, Vec<f32>, Vec<f32>) {
        let mut dx = vec![0.0; x.len()];
        let mut sums = vec![[0.0; 2]; x.len() / len.max(1) * channels];
        let parts = dx.par_chunks_exact_mut(len.max(1)).zip(sums.par_chunks_exact_mut(channels.max(1))).enumerate();
        parts.for_each(|(at, (dx, sums))| {
            let span = at * len..(at + 1) * len;
            backward(self.group(at, channels, weight, bias), &x[span.clone()], &gradient[span], dx, sums);
        });
        let of = |part: usize| {
            let mut total = vec![0.0; weight.len()];
            sums.iter().enumerate().for_each(|(at, sums)| total[at % weight.len()] += sums[part]);
            total
        };
        (dx, of(0), of(1))
    }
}

impl CustomOp3 for Normalise {
    fn name(&self) -> &'static str {
        "group_norm"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        weight: &CpuStorage,
        weight_layout: &Layout,
        bias: &CpuStorage,
        bias_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (channels, len) = self.sizes(x_layout.dims())?;
        let (x, weight, bias) = (values(x, x_layout)?, values(weight, weight_layout)?, values(bias, bias_layout)?);
        let mut y = vec![0.0; x.len()];
        y.par_chunks_exact_mut(len.max(1)).zip(x.par_chunks_exact(len.max(1))).enumerate().for_each(|(at, (y, x))| {
            forward(self.group(at, channels, weight, bias), x, y);
        });
        Ok((CpuStorage::F32(y), x_layout.shape().clone()))
    }

    fn bwd(
        &self,
        x: &Tensor,
        weight: &Tensor,
        bias: &Tensor,
        _y: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let sizes = self.sizes(x.dims())?;
        let (dx, dweight, dbias) = with_all([x, weight, bias, gradient], |[x, weight, bias, gradient]| {
            self.gradients(sizes, x, weight, bias, gradient)
        })?;
        let vector = |values| Tensor::from_vec(values, weight.shape(), x.device()).map(Some);
        Ok((Some(Tensor::from_vec(dx, x.shape(), x.device())?), vector(dweight)?, vector(dbias)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neural::gradcheck::{assert_gradients, noise};
    use candle_core::Device;

    #[test]
    fn candles_own_layer_gives_the_same() {
        let mut params = Params::new(1, &Device::Cpu);
        let ours = GroupNorm::new(&mut params, "norm", 12).unwrap();
        let [weight, bias] = ["w", "b"].map(|name| noise(name, &[12]));
        params.vars()[0].1.set(&weight).unwrap();
        params.vars()[1].1.set(&bias).unwrap();
        let stock = candle_nn::GroupNorm::new(weight, bias, 12, groups(12), f64::from(EPSILON)).unwrap();
        let x = noise("x", &[3, 12, 4, 5]);
        let theirs = candle_nn::Module::forward(&stock, &x).unwrap();
        let flat = |y: &Tensor| y.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        for y in [ours.forward(&x, None).unwrap(), ours.forward_stock(&x).unwrap()] {
            assert!(flat(&y).iter().zip(flat(&theirs)).all(|(a, b)| (a - b).abs() < 1e-5));
        }
        let silu = ours.forward(&x, Some(Activation::Silu)).unwrap();
        assert!(flat(&silu).iter().zip(flat(&theirs.silu().unwrap())).all(|(a, b)| (a - b).abs() < 1e-5));
    }

    #[test]
    fn gradients_are_those_of_finite_differences() {
        for activation in [None, Some(Activation::Silu)] {
            let mut params = Params::new(1, &Device::Cpu);
            let x = params.kaiming("x", &[2, 4, 3, 3], 1).unwrap();
            let norm = GroupNorm::new(&mut params, "norm", 4).unwrap();
            params.vars()[1].1.set(&noise("w", &[4])).unwrap();
            assert_gradients(&params, || norm.forward(&x, activation));
        }
    }

    #[test]
    fn a_constant_map_becomes_the_bias() {
        let mut params = Params::new(1, &Device::Cpu);
        let norm = GroupNorm::new(&mut params, "norm", 4).unwrap();
        let x = Tensor::full(3f32, (2, 4, 3, 3), &Device::Cpu).unwrap();
        let y = norm.forward(&x, None).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
        assert!(y.iter().all(|y| y.abs() < 1e-5));
    }

    #[test]
    fn groups_divide_the_channels() {
        assert_eq!([1, 6, 8, 12, 13, 256].map(groups), [1, 6, 8, 6, 1, 8]);
    }
}
