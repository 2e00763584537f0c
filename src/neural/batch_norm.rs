//! Batch normalisation, `torch.nn.BatchNorm2d`, with ReLU behind it in the same pass, for `[rows, channels, height, width]`.
//! Ioffe and Szegedy, "Batch normalization" (ICML 2015), algorithms 1 and 2.

#[cfg(test)]
mod tests;

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor, Var, bail};
use rayon::prelude::*;

use super::activation::{Curve, by_curve};
use super::cpu::{values, with, with_all};
use super::norm::EPSILON;
use super::params::Params;
use crate::wide::{LANES, dot, sum, wide};

/// The share of a batch in the running statistics.
const MOMENTUM: f32 = 0.1;

/// Whether a layer learns, or is used as it has learned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Batches are normalised by themselves.
    Learning,
    /// By the running statistics.
    Done,
}

/// Mean and variance of each channel over the batches seen, `running_mean` and `running_var` in PyTorch.
#[derive(Clone, Debug, PartialEq)]
pub struct Running {
    /// `[channels]`.
    pub mean: Vec<f32>,
    /// `[channels]`, unbiased.
    pub variance: Vec<f32>,
}

/// Normalises each channel over the batch (in training) or by the running statistics, then scales and shifts it.
#[derive(Clone, Debug)]
pub struct BatchNorm {
    weight: Tensor,
    bias: Tensor,
    mean: Var,
    variance: Var,
}

impl BatchNorm {
    /// For `channels` channels; parameters `<name>.weight` and `<name>.bias`, and kept with them `<name>.running_mean` and
    /// `<name>.running_var`.
    pub fn new(params: &mut Params, name: &str, channels: usize) -> Result<BatchNorm> {
        let weight = params.constant(&format!("{name}.weight"), &[channels], 1.0)?;
        let bias = params.constant(&format!("{name}.bias"), &[channels], 0.0)?;
        let mean = params.kept(&format!("{name}.running_mean"), &[channels], 0.0)?;
        let variance = params.kept(&format!("{name}.running_var"), &[channels], 1.0)?;
        Ok(BatchNorm { weight, bias, mean, variance })
    }

    /// A copy of the running statistics.
    pub fn running(&self) -> Result<Running> {
        Ok(Running { mean: self.mean.to_vec1()?, variance: self.variance.to_vec1()? })
    }

    /// As the phase asks for; `max(·, 0)` behind if `relu`.
    ///
    /// # Errors
    /// One value a channel has no variance while learning.
    pub fn forward(&self, x: &Tensor, relu: bool, phase: Phase) -> Result<Tensor> {
        match phase {
            Phase::Learning => self.train(x, relu),
            Phase::Done => self.evaluate(x, relu),
        }
    }

    /// In training: by the statistics of this batch, which move the running ones. `max(·, 0)` behind if `relu`.
    ///
    /// # Errors
    /// One value a channel has no variance.
    pub fn train(&self, x: &Tensor, relu: bool) -> Result<Tensor> {
        let (rows, channels, height, width) = x.dims4()?;
        let count = rows * height * width;
        if count < 2 || channels != self.weight.elem_count() {
            bail!(
                "batch normalisation needs two values for each of {} channels, not {:?}",
                self.weight.elem_count(),
                x.dims()
            );
        }
        let moments = if x.device().is_cpu() {
            with(&x.detach(), |x| all_moments(x, channels, height * width))?
        } else {
            stock_moments(x)?
        };
        self.remember(&moments, count)?;
        self.run(x, moments, Some(count), relu)
    }

    /// After training: by the running statistics.
    pub fn evaluate(&self, x: &Tensor, relu: bool) -> Result<Tensor> {
        let running = self.running()?;
        self.run(x, running.mean.into_iter().zip(running.variance).collect(), None, relu)
    }

    /// A batch that is not finite is no statistic: one bad step must not spoil all that come after it.
    fn remember(&self, moments: &[(f32, f32)], count: usize) -> Result<()> {
        if moments.iter().any(|(mean, variance)| !(mean.is_finite() && variance.is_finite())) {
            return Ok(());
        }
        let Running { mut mean, mut variance } = self.running()?;
        let unbiased = count as f32 / (count - 1) as f32;
        for (at, (of_mean, of_variance)) in moments.iter().enumerate() {
            mean[at] += MOMENTUM * (of_mean - mean[at]);
            variance[at] += MOMENTUM * (unbiased * of_variance - variance[at]);
        }
        let put = |var: &Var, values| var.set(&Tensor::from_vec(values, var.shape(), var.device())?);
        put(&self.mean, mean)?;
        put(&self.variance, variance)
    }

    /// `count` is given where mean and variance are those of `x`, so that the gradient goes through them.
    fn run(&self, x: &Tensor, moments: Vec<(f32, f32)>, count: Option<usize>, relu: bool) -> Result<Tensor> {
        if x.device().is_cpu() {
            let op = Normalise { moments, count, curve: if relu { Curve::Leaky(0.0) } else { Curve::Identity } };
            return x.contiguous()?.apply_op3(&self.weight, &self.bias, op);
        }
        let y = self.run_stock(x, &moments, count.is_some())?;
        if relu { y.relu() } else { Ok(y) }
    }

    /// By candle's own operations, for other devices.
    fn run_stock(&self, x: &Tensor, moments: &[(f32, f32)], training: bool) -> Result<Tensor> {
        let vector = |values: Vec<f32>| Tensor::from_vec(values, (1, moments.len(), 1, 1), x.device());
        let per_channel = |t: &Tensor| t.reshape((1, (), 1, 1));
        let (centred, variance) = if training {
            let centred = x.broadcast_sub(&x.mean_keepdim((0, 2, 3))?)?;
            let variance = centred.sqr()?.mean_keepdim((0, 2, 3))?;
            (centred, variance)
        } else {
            let centred = x.broadcast_sub(&vector(moments.iter().map(|m| m.0).collect())?)?;
            (centred, vector(moments.iter().map(|m| m.1).collect())?)
        };
        let y = centred.broadcast_div(&(variance + f64::from(EPSILON))?.sqrt()?)?;
        y.broadcast_mul(&per_channel(&self.weight)?)?.broadcast_add(&per_channel(&self.bias)?)
    }
}

fn stock_moments(x: &Tensor) -> Result<Vec<(f32, f32)>> {
    let x = x.detach();
    let mean = x.mean_keepdim((0, 2, 3))?;
    let variance = x.broadcast_sub(&mean)?.sqr()?.mean((0, 2, 3))?.to_vec1()?;
    Ok(mean.flatten_all()?.to_vec1()?.into_iter().zip(variance).collect())
}

/// `(mean, variance)` of each channel.
fn all_moments(x: &[f32], channels: usize, plane: usize) -> Vec<(f32, f32)> {
    (0..channels).into_par_iter().map(|channel| moments(x, channel, channels, plane)).collect()
}

wide! {
    fn moments(x: &[f32], channel: usize, channels: usize, plane: usize) -> (f32, f32) {
        let count = (x.len() / channels) as f32;
        let planes = || x.chunks_exact(plane).skip(channel).step_by(channels);
        let mean = planes().map(sum).sum::<f32>() / count;
        let mut squares = 0.0;
        for x in planes() {
            let (whole, rest) = x.as_chunks::<LANES>();
            let mut partial = [0.0f32; LANES];
            for lanes in whole {
                for at in 0..LANES {
                    partial[at] += (lanes[at] - mean) * (lanes[at] - mean);
                }
            }
            squares += partial.iter().sum::<f32>() + rest.iter().map(|x| (x - mean) * (x - mean)).sum::<f32>();
        }
        (mean, squares / count)
    }
}

wide! {
    /// `curve(a x + b)`
    fn scale(curve: Curve, a: f32, b: f32, x: &[f32], y: &mut [f32]) {
        let all = y.iter_mut().zip(x);
        by_curve!(curve, curve => all.for_each(|(y, x)| *y = curve.value(a * x + b)));
    }
}

wide! {
    /// The gradient before the curve into `out`; its sum, and its sum with `x`.
    fn slope(curve: Curve, a: f32, b: f32, x: &[f32], gradient: &[f32], out: &mut [f32]) -> (f32, f32) {
        let all = out.iter_mut().zip(x).zip(gradient);
        by_curve!(curve, curve => all.for_each(|((out, x), g)| *out = g * curve.slope(a * x + b)));
        (sum(out), dot(out, x))
    }
}

wide! {
    /// `dx = a dx - first - second x`
    fn settle(a: f32, first: f32, second: f32, x: &[f32], dx: &mut [f32]) {
        dx.iter_mut().zip(x).for_each(|(dx, x)| *dx = a * *dx - first - second * x);
    }
}

struct Normalise {
    moments: Vec<(f32, f32)>,
    count: Option<usize>,
    curve: Curve,
}

impl Normalise {
    /// `1 / deviation`, and `a x + b` of a channel.
    fn line(&self, channel: usize, weight: &[f32], bias: &[f32]) -> (f32, f32, f32) {
        let (mean, variance) = self.moments[channel];
        let inverse = 1.0 / (variance + EPSILON).sqrt();
        let a = inverse * weight[channel];
        (inverse, a, bias[channel] - a * mean)
    }

    /// Gradients of `x`, weight and bias.
    fn gradients(
        &self,
        plane: usize,
        x: &[f32],
        weight: &[f32],
        bias: &[f32],
        gradient: &[f32],
    ) -> (Vec<f32>, Vec<f32>, Vec<f32>) {
        let channels = weight.len();
        let mut dx = vec![0.0; x.len()];
        let planes =
            dx.par_chunks_exact_mut(plane).zip(x.par_chunks_exact(plane)).zip(gradient.par_chunks_exact(plane));
        let sums = planes.enumerate().map(|(at, ((dx, x), gradient))| {
            let (_, a, b) = self.line(at % channels, weight, bias);
            slope(self.curve, a, b, x, gradient, dx)
        });
        let sums: Vec<(f32, f32)> = sums.collect();
        let (mut dweight, mut dbias) = (vec![0.0; channels], vec![0.0; channels]);
        for (at, (plain, product)) in sums.iter().enumerate() {
            dbias[at % channels] += plain;
            dweight[at % channels] +=
                self.line(at % channels, weight, bias).0 * (product - self.moments[at % channels].0 * plain);
        }
        dx.par_chunks_exact_mut(plane).zip(x.par_chunks_exact(plane)).enumerate().for_each(|(at, (dx, x))| {
            let (channel, (inverse, a, _)) = (at % channels, self.line(at % channels, weight, bias));
            let share = self.count.map_or(0.0, |count| a / count as f32);
            let second = share * inverse * dweight[channel];
            settle(a, share * dbias[channel] - second * self.moments[channel].0, second, x, dx);
        });
        (dx, dweight, dbias)
    }
}

impl CustomOp3 for Normalise {
    fn name(&self) -> &'static str {
        "batch_norm"
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
        let (_, channels, height, width) = x_layout.shape().dims4()?;
        let (x, weight, bias) = (values(x, x_layout)?, values(weight, weight_layout)?, values(bias, bias_layout)?);
        let (mut y, plane) = (vec![0.0; x.len()], (height * width).max(1));
        y.par_chunks_exact_mut(plane).zip(x.par_chunks_exact(plane)).enumerate().for_each(|(at, (y, x))| {
            let (_, a, b) = self.line(at % channels, weight, bias);
            scale(self.curve, a, b, x, y);
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
        let plane = (x.dim(2)? * x.dim(3)?).max(1);
        let (dx, dweight, dbias) = with_all([x, weight, bias, gradient], |[x, weight, bias, gradient]| {
            self.gradients(plane, x, weight, bias, gradient)
        })?;
        let vector = |values| Tensor::from_vec(values, weight.shape(), x.device()).map(Some);
        Ok((Some(Tensor::from_vec(dx, x.shape(), x.device())?), vector(dweight)?, vector(dbias)?))
    }
}
