//! Activations with their gradients in one pass each: SiLU, ReLU and leaky ReLU; at 0 the gradients are PyTorch's.
//! Elfwing, Uchibe, Doya, "Sigmoid-weighted linear units" (Neural Networks 2018), equations 5 and 7; Maas, Hannun, Ng (2013).

use candle_core::{CpuStorage, CustomOp1, CustomOp2, Layout, Result, Shape, Tensor};
use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::cpu::values;
use crate::wide::{sigmoid, wide};

/// Values a task: enough to be worth one, and fixed.
const CHUNK: usize = 32 * 1024;

/// What stands between two layers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Activation {
    /// `x · sigmoid(x)`: smooth, so a small network trains without dead units.
    #[default]
    Silu,
    /// `max(x, 0)`.
    Relu,
}

impl Activation {
    /// Applies it to every value.
    pub fn forward(self, x: &Tensor) -> Result<Tensor> {
        match self {
            Activation::Silu => silu(x),
            Activation::Relu => relu(x),
        }
    }
}

/// `x · sigmoid(x)` for every value.
pub fn silu(x: &Tensor) -> Result<Tensor> {
    if x.device().is_cpu() { x.contiguous()?.apply_op1(Pointwise(Curve::Silu)) } else { x.silu() }
}

/// `max(x, 0)` for every value.
pub fn relu(x: &Tensor) -> Result<Tensor> {
    leaky_relu(x, 0.0)
}

/// `x` above 0, `slope · x` below.
pub fn leaky_relu(x: &Tensor, slope: f32) -> Result<Tensor> {
    match x.device().is_cpu() {
        true => x.contiguous()?.apply_op1(Pointwise(Curve::Leaky(slope))),
        false => x.relu()? - (x.neg()?.relu()? * f64::from(slope))?,
    }
}

/// `ln(1 + exp(x))` for every value, for any `x`.
pub fn softplus(x: &Tensor) -> Result<Tensor> {
    relu(x)? + (x.abs()?.neg()?.exp()? + 1.0)?.log()?
}

/// A function of one value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Curve {
    Identity,
    Silu,
    Leaky(f32),
}

impl From<Option<Activation>> for Curve {
    fn from(activation: Option<Activation>) -> Curve {
        match activation {
            None => Curve::Identity,
            Some(Activation::Silu) => Curve::Silu,
            Some(Activation::Relu) => Curve::Leaky(0.0),
        }
    }
}

impl Curve {
    #[inline(always)]
    pub(crate) fn value(self, x: f32) -> f32 {
        match self {
            Curve::Identity => x,
            Curve::Silu => x * sigmoid(x),
            Curve::Leaky(slope) => {
                if x < 0.0 {
                    slope * x
                } else {
                    x
                }
            }
        }
    }

    #[inline(always)]
    pub(crate) fn slope(self, x: f32) -> f32 {
        match self {
            Curve::Identity => 1.0,
            Curve::Silu => {
                let s = sigmoid(x);
                s * (1.0 + x * (1.0 - s))
            }
            Curve::Leaky(slope) => {
                if x > 0.0 {
                    1.0
                } else {
                    slope
                }
            }
        }
    }
}

/// Compiles `$work` once for each curve: a choice inside a loop would keep it from the wide registers.
macro_rules! by_curve {
    ($given:expr, $curve:ident => $work:expr) => {
        match $given {
            Curve::Identity => {
                let $curve = Curve::Identity;
                $work
            }
            Curve::Silu => {
                let $curve = Curve::Silu;
                $work
            }
            Curve::Leaky(slope) => {
                let $curve = Curve::Leaky(slope);
                $work
            }
        }
    };
}
pub(crate) use by_curve;

wide! {
    fn apply(curve: Curve, x: &[f32], y: &mut [f32]) {
        let all = x.iter().zip(y);
        by_curve!(curve, curve => all.for_each(|(x, y)| *y = curve.value(*x)));
    }
}

wide! {
    fn apply_slope(curve: Curve, x: &[f32], gradient: &[f32], out: &mut [f32]) {
        let all = out.iter_mut().zip(x).zip(gradient);
        by_curve!(curve, curve => all.for_each(|((out, x), g)| *out = g * curve.slope(*x)));
    }
}

struct Pointwise(Curve);

impl CustomOp1 for Pointwise {
    fn name(&self) -> &'static str {
        "activation"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let x = values(x, layout)?;
        let mut y = vec![0.0; x.len()];
        y.par_chunks_mut(CHUNK).zip(x.par_chunks(CHUNK)).for_each(|(y, x)| apply(self.0, x, y));
        Ok((CpuStorage::F32(y), layout.shape().clone()))
    }

    fn bwd(&self, x: &Tensor, _y: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        x.contiguous()?.apply_op2_no_bwd(&gradient.contiguous()?, &Slope(self.0)).map(Some)
    }
}

/// The gradient of the input from the input and the gradient of the output.
struct Slope(Curve);

impl CustomOp2 for Slope {
    fn name(&self) -> &'static str {
        "activation_slope"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        g: &CpuStorage,
        g_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (x, g) = (values(x, x_layout)?, values(g, g_layout)?);
        let mut out = vec![0.0; x.len()];
        let chunks = out.par_chunks_mut(CHUNK).zip(x.par_chunks(CHUNK)).zip(g.par_chunks(CHUNK));
        chunks.for_each(|((out, x), g)| apply_slope(self.0, x, g, out));
        Ok((CpuStorage::F32(out), x_layout.shape().clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neural::gradcheck::{assert_gradients, noise};
    use crate::neural::params::Params;
    use candle_core::Device;

    #[test]
    fn candles_own_give_the_same() {
        let x = (noise("x", &[3, 7000]) * 5.0).unwrap().narrow(1, 10, 6000).unwrap();
        let flat = |y: Result<Tensor>| y.unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
        for (ours, stock) in [(silu(&x), x.silu()), (relu(&x), x.relu())] {
            let (ours, stock) = (flat(ours), flat(stock));
            assert!(ours.iter().zip(&stock).all(|(a, b)| (a - b).abs() <= 1e-6 * b.abs().max(1.0)));
        }
    }

    #[test]
    fn gradients_are_those_of_finite_differences() {
        let mut params = Params::new(1, &Device::Cpu);
        let x = params.kaiming("x", &[6, 8], 1).unwrap();
        assert_gradients(&params, || silu(&(&x * 4.0)?.t()?));
        // No value so near 0 that a finite difference would step over the corner.
        let away = (x.detach().copy().unwrap().sign().unwrap() * 0.1).unwrap();
        assert_gradients(&params, || relu(&(&x + &away)?.t()?));
        assert_gradients(&params, || leaky_relu(&(&x + &away)?, 0.2));
    }

    #[test]
    fn far_values_stay_finite_and_the_corner_has_pytorchs_gradient() {
        let mut params = Params::new(1, &Device::Cpu);
        let x = params.constant("x", &[1], -200.0).unwrap();
        let zero = params.constant("zero", &[1], 0.0).unwrap();
        let gradient = |y: Tensor, x: &Tensor| {
            y.sum_all().unwrap().backward().unwrap().get(x).unwrap().to_vec1::<f32>().unwrap()[0]
        };
        assert!(silu(&x).unwrap().to_vec1::<f32>().unwrap()[0].abs() < 1e-30);
        assert!(gradient(silu(&x).unwrap(), &x).abs() < 1e-30);
        assert_eq!(gradient(relu(&zero).unwrap(), &zero), 0.0);
        let nan = Tensor::from_slice(&[f32::NAN], 1, &Device::Cpu).unwrap();
        assert!(relu(&nan).unwrap().to_vec1::<f32>().unwrap()[0].is_nan());
    }
}
