//! Convolutions and transposed convolutions of maps `[rows, channels, height, width]`: `torch.nn.Conv2d`, `ConvTranspose2d`.
//! Weights in PyTorch's layouts: `[out, in, kernel, kernel]` and, transposed, `[in, out, kernel, kernel]`; biases `[out]`.
//!
//! In main memory they run on [`engine`], several times faster than candle's own, which serve every other device.

pub(crate) mod columns;
pub(crate) mod engine;
pub mod geometry;
pub(crate) mod kernels;
pub(crate) mod lay;
pub(crate) mod scheme;
pub(crate) mod segments;
pub(crate) mod tiles;
pub(crate) mod transform;

#[cfg(test)]
mod tests;

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor};

use super::cpu::{values, with_all};
use super::params::Params;
use engine::{Engine, Finish, Gradients, Side};
use geometry::Geometry;
pub use geometry::Window;
use lay::Planes;

/// `x` `[rows, in, height, width]` through `weight` and `bias`, then `max(·, 0)` if `relu`: one pass where they run apart in two.
///
/// # Errors
/// The kernel does not fit into the padded map.
pub fn conv2d(x: &Tensor, weight: &Tensor, bias: &Tensor, window: Window, relu: bool) -> Result<Tensor> {
    if x.device().is_cpu() {
        return x.contiguous()?.apply_op3(&weight.contiguous()?, &bias.contiguous()?, Conv { window, relu });
    }
    stock_conv2d(x, weight, bias, window, relu)
}

/// The transposed convolution of `x` to maps of exactly `size = (height, width)`: PyTorch's `output_padding` is what `size` has
/// beyond the smallest map that gives `x`.
///
/// # Errors
/// A convolution of maps of `size` does not give maps of the size of `x`.
pub fn conv_transpose2d(
    x: &Tensor,
    weight: &Tensor,
    bias: &Tensor,
    window: Window,
    size: (usize, usize),
    relu: bool,
) -> Result<Tensor> {
    if x.device().is_cpu() {
        let op = Transposed { window, size, relu };
        return x.contiguous()?.apply_op3(&weight.contiguous()?, &bias.contiguous()?, op);
    }
    stock_conv_transpose2d(x, weight, bias, window, size, relu)
}

fn finish(y: &Tensor, bias: &Tensor, relu: bool) -> Result<Tensor> {
    let y = y.broadcast_add(&bias.reshape((1, (), 1, 1))?)?;
    if relu { y.relu() } else { Ok(y) }
}

/// By candle's own layer. Padded and cut to what the kernel meets beforehand: candle's gradient is wrong where a border is left
/// over on one axis only.
fn stock_conv2d(x: &Tensor, weight: &Tensor, bias: &Tensor, window: Window, relu: bool) -> Result<Tensor> {
    let g = conv_geometry(x.dims(), weight.dims(), window)?;
    let met = |places: usize, kernel: usize| (places - 1) * window.stride + kernel;
    let (high, wide) = (met(g.coarse.0, g.kernel.0), met(g.coarse.1, g.kernel.1));
    let pad = window.padding;
    let x = x.pad_with_zeros(2, pad, pad)?.pad_with_zeros(3, pad, pad)?.narrow(2, 0, high)?.narrow(3, 0, wide)?;
    finish(&x.contiguous()?.conv2d(weight, 0, window.stride, 1, 1)?, bias, relu)
}

fn stock_conv_transpose2d(
    x: &Tensor,
    weight: &Tensor,
    bias: &Tensor,
    window: Window,
    size: (usize, usize),
    relu: bool,
) -> Result<Tensor> {
    let y = x.conv_transpose2d(weight, 0, 0, window.stride, 1)?;
    let beyond = |side: usize, whole: usize| (side + window.padding).saturating_sub(whole);
    let y = y.pad_with_zeros(2, 0, beyond(size.0, y.dim(2)?))?.pad_with_zeros(3, 0, beyond(size.1, y.dim(3)?))?;
    finish(&y.narrow(2, window.padding, size.0)?.narrow(3, window.padding, size.1)?, bias, relu)
}

fn conv_geometry(x: &[usize], weight: &[usize], window: Window) -> Result<Geometry> {
    match (x, weight) {
        (&[_, channels, height, width], &[outputs, inputs, high, wide])
            if channels == inputs && inputs.min(outputs) > 0 =>
        {
            Geometry::of_conv((height, width), (high, wide), window)
        }
        _ => candle_core::bail!("no convolution of {x:?} with weights {weight:?}"),
    }
}

fn transposed_geometry(x: &[usize], weight: &[usize], window: Window, size: (usize, usize)) -> Result<Geometry> {
    match (x, weight) {
        (&[_, channels, height, width], &[inputs, outputs, high, wide])
            if channels == inputs && inputs.min(outputs) > 0 =>
        {
            Geometry::of_transposed((height, width), size, (high, wide), window)
        }
        _ => candle_core::bail!("no transposed convolution of {x:?} with weights {weight:?}"),
    }
}

struct Conv {
    window: Window,
    relu: bool,
}

impl CustomOp3 for Conv {
    fn name(&self) -> &'static str {
        "conv2d"
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
        let (x_dims, weight_dims) = (x_layout.dims(), weight_layout.dims());
        let g = conv_geometry(x_dims, weight_dims, self.window)?;
        let finish = Finish { bias: Some(values(bias, bias_layout)?), relu: self.relu };
        let engine = Engine::new(g, x_dims[0], x_dims[1], weight_dims[0]);
        let y = engine.forward(Side::Coarse, values(x, x_layout)?, values(weight, weight_layout)?, finish);
        Ok((CpuStorage::F32(y), (x_dims[0], weight_dims[0], g.coarse.0, g.coarse.1).into()))
    }

    fn bwd(&self, x: &Tensor, weight: &Tensor, _bias: &Tensor, y: &Tensor, gradient: &Tensor) -> Result<Three> {
        let engine =
            Engine::new(conv_geometry(x.dims(), weight.dims(), self.window)?, x.dim(0)?, x.dim(1)?, weight.dim(0)?);
        let wanted = x.track_op();
        let gradients = with_all([x, weight, y, gradient], |[x, weight, y, gradient]| {
            let coarse = Planes { values: gradient, mask: self.relu.then_some(y) };
            engine.gradients(Side::Coarse, Planes { values: x, mask: None }, coarse, wanted.then_some(weight))
        })?;
        tensors(gradients, x, weight)
    }
}

struct Transposed {
    window: Window,
    size: (usize, usize),
    relu: bool,
}

impl CustomOp3 for Transposed {
    fn name(&self) -> &'static str {
        "conv_transpose2d"
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
        let (x_dims, weight_dims) = (x_layout.dims(), weight_layout.dims());
        let g = transposed_geometry(x_dims, weight_dims, self.window, self.size)?;
        let finish = Finish { bias: Some(values(bias, bias_layout)?), relu: self.relu };
        let engine = Engine::new(g, x_dims[0], weight_dims[1], x_dims[1]);
        let y = engine.forward(Side::Fine, values(x, x_layout)?, values(weight, weight_layout)?, finish);
        Ok((CpuStorage::F32(y), (x_dims[0], weight_dims[1], g.fine.0, g.fine.1).into()))
    }

    fn bwd(&self, x: &Tensor, weight: &Tensor, _bias: &Tensor, y: &Tensor, gradient: &Tensor) -> Result<Three> {
        let g = transposed_geometry(x.dims(), weight.dims(), self.window, self.size)?;
        let engine = Engine::new(g, x.dim(0)?, weight.dim(1)?, x.dim(1)?);
        let wanted = x.track_op();
        let gradients = with_all([x, weight, y, gradient], |[x, weight, y, gradient]| {
            let fine = Planes { values: gradient, mask: self.relu.then_some(y) };
            engine.gradients(Side::Fine, fine, Planes { values: x, mask: None }, wanted.then_some(weight))
        })?;
        tensors(gradients, x, weight)
    }
}

type Three = (Option<Tensor>, Option<Tensor>, Option<Tensor>);

fn tensors(gradients: Gradients, x: &Tensor, weight: &Tensor) -> Result<Three> {
    let bias = Tensor::new(gradients.bias.as_slice(), x.device())?;
    let side = gradients.side.map(|side| Tensor::from_vec(side, x.shape(), x.device())).transpose()?;
    Ok((side, Some(Tensor::from_vec(gradients.weight, weight.shape(), x.device())?), Some(bias)))
}

/// `torch.nn.Conv2d`. Weights `[out, in, kernel, kernel]`, bias `[out]`.
#[derive(Clone, Debug)]
pub struct Conv2d {
    weight: Tensor,
    bias: Tensor,
    window: Window,
}

impl Conv2d {
    /// A layer from `inputs` to `outputs` channels whose parameters are `<name>.weight` and `<name>.bias`.
    pub fn new(
        params: &mut Params,
        name: &str,
        (inputs, outputs): (usize, usize),
        kernel: usize,
        window: Window,
    ) -> Result<Conv2d> {
        let fan = inputs * kernel * kernel;
        let weight = params.kaiming(&format!("{name}.weight"), &[outputs, inputs, kernel, kernel], fan)?;
        let bias = params.kaiming(&format!("{name}.bias"), &[outputs], fan)?;
        Ok(Conv2d { weight, bias, window })
    }

    /// `[rows, in, height, width]` to `[rows, out, (height + 2 padding - kernel) / stride + 1, ...]`.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        conv2d(x, &self.weight, &self.bias, self.window, false)
    }

    /// The same with `max(·, 0)` of every value.
    pub fn forward_relu(&self, x: &Tensor) -> Result<Tensor> {
        conv2d(x, &self.weight, &self.bias, self.window, true)
    }
}

/// `torch.nn.ConvTranspose2d` to an exact size. Weights `[in, out, kernel, kernel]`, bias `[out]`.
#[derive(Clone, Debug)]
pub struct ConvTranspose2d {
    weight: Tensor,
    bias: Tensor,
    window: Window,
    size: (usize, usize),
}

impl ConvTranspose2d {
    /// A layer from `inputs` to `outputs` channels that gives maps of `size = (height, width)`.
    pub fn new(
        params: &mut Params,
        name: &str,
        (inputs, outputs): (usize, usize),
        kernel: usize,
        window: Window,
        size: (usize, usize),
    ) -> Result<ConvTranspose2d> {
        // PyTorch takes the second axis for the fan of a transposed convolution too.
        let fan = outputs * kernel * kernel;
        let weight = params.kaiming(&format!("{name}.weight"), &[inputs, outputs, kernel, kernel], fan)?;
        let bias = params.kaiming(&format!("{name}.bias"), &[outputs], fan)?;
        Ok(ConvTranspose2d { weight, bias, window, size })
    }

    /// `[rows, in, ...]` to `[rows, out, size]`.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        conv_transpose2d(x, &self.weight, &self.bias, self.window, self.size, false)
    }

    /// The same with `max(·, 0)` of every value.
    pub fn forward_relu(&self, x: &Tensor) -> Result<Tensor> {
        conv_transpose2d(x, &self.weight, &self.bias, self.window, self.size, true)
    }
}
