//! The sigmoid-weighted unit `x · sigmoid(x)` with its gradient in one pass; candle's own makes nine tensors of it.
//! Elfwing, Uchibe, Doya, "Sigmoid-weighted linear units" (Neural Networks 2018), equations 5 and 7.

use candle_core::{CpuStorage, CustomOp1, CustomOp2, Layout, Result, Shape, Tensor, bail};
use rayon::prelude::*;

/// Values a task: enough to be worth one, and fixed.
const CHUNK: usize = 16 * 1024;

/// `x · sigmoid(x)` for every value.
pub fn silu(x: &Tensor) -> Result<Tensor> {
    if x.device().is_cpu() { x.contiguous()?.apply_op1(Silu) } else { x.silu() }
}

struct Silu;

impl CustomOp1 for Silu {
    fn name(&self) -> &'static str {
        "silu"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let x = values(x, layout)?;
        let mut y = vec![0.0; x.len()];
        y.par_chunks_mut(CHUNK).zip(x.par_chunks(CHUNK)).for_each(|(y, x)| {
            y.iter_mut().zip(x).for_each(|(y, x)| *y = x * sigmoid(*x));
        });
        Ok((CpuStorage::F32(y), layout.shape().clone()))
    }

    fn bwd(&self, x: &Tensor, _y: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        x.contiguous()?.apply_op2_no_bwd(&gradient.contiguous()?, &Slope).map(Some)
    }
}

/// The gradient of the input from the input and the gradient of the output.
struct Slope;

impl CustomOp2 for Slope {
    fn name(&self) -> &'static str {
        "silu_slope"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        g: &CpuStorage,
        g_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (x, g) = (values(x, x_layout)?, values(g, g_layout)?);
        let mut slope = vec![0.0; x.len()];
        slope.par_chunks_mut(CHUNK).zip(x.par_chunks(CHUNK)).zip(g.par_chunks(CHUNK)).for_each(|((slope, x), g)| {
            for ((slope, x), g) in slope.iter_mut().zip(x).zip(g) {
                let s = sigmoid(*x);
                *slope = g * s * (1.0 + x * (1.0 - s));
            }
        });
        Ok((CpuStorage::F32(slope), x_layout.shape().clone()))
    }
}

fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

fn values<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    match layout.contiguous_offsets() {
        Some((start, end)) => Ok(&storage.as_slice::<f32>()?[start..end]),
        None => bail!("silu needs a contiguous tensor"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neural::gradcheck::{assert_gradients, noise};
    use crate::neural::params::Params;
    use candle_core::Device;

    #[test]
    fn candles_own_gives_the_same() {
        let x = (noise("x", &[3, 7000]) * 5.0).unwrap().narrow(1, 10, 6000).unwrap();
        let [ours, stock] = [silu(&x), x.silu()].map(|y| y.unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap());
        assert!(ours.iter().zip(&stock).all(|(a, b)| (a - b).abs() <= 1e-6 * b.abs().max(1.0)));
    }

    #[test]
    fn gradients_are_those_of_finite_differences() {
        let mut params = Params::new(1, &Device::Cpu);
        let x = params.kaiming("x", &[6, 8], 1).unwrap();
        assert_gradients(&params, || silu(&(&x * 4.0)?.t()?));
    }

    #[test]
    fn far_values_stay_finite() {
        let mut params = Params::new(1, &Device::Cpu);
        let x = params.constant("x", &[1], -200.0).unwrap();
        let y = silu(&x).unwrap();
        let gradient = y.sum_all().unwrap().backward().unwrap().get(&x).unwrap().to_vec1::<f32>().unwrap();
        assert_eq!((y.to_vec1::<f32>().unwrap()[0], gradient[0]), (0.0, 0.0));
    }
}
