//! Pooling of maps `[rows, channels, height, width]`: maximum over 2 × 2, `torch.nn.MaxPool2d(2)`, and the mean of each map.
//! candle's own `max_pool2d` has a gradient four times too small.

use candle_core::{CpuStorage, CustomOp1, CustomOp2, Layout, Result, Shape, Tensor, bail};
use rayon::prelude::*;

use super::cpu::values;
use crate::wide::{sum, wide};

/// The largest of each 2 × 2 values; an odd last row or column is left out. The gradient goes to the first of equals.
///
/// # Errors
/// A map is lower or narrower than 2.
pub fn max_pool2(x: &Tensor) -> Result<Tensor> {
    let (_, _, height, width) = x.dims4()?;
    if height < 2 || width < 2 {
        bail!("maps of {height} x {width} are too small to be pooled over 2 x 2");
    }
    if x.device().is_cpu() { x.contiguous()?.apply_op1(Largest) } else { stock_max_pool2(x) }
}

/// By operations whose gradient is right, for other devices.
fn stock_max_pool2(x: &Tensor) -> Result<Tensor> {
    let (rows, channels, height, width) = x.dims4()?;
    let x = x.narrow(2, 0, height / 2 * 2)?.narrow(3, 0, width / 2 * 2)?;
    x.reshape((rows, channels, height / 2, 2, width / 2, 2))?.max(5)?.max(3)
}

/// The mean of each map: `[rows, channels]`.
pub fn global_mean(x: &Tensor) -> Result<Tensor> {
    if x.device().is_cpu() { x.contiguous()?.apply_op1(Mean) } else { x.flatten_from(2)?.mean(2) }
}

#[inline(always)]
fn pairs(x: &[f32], width: usize, row: usize) -> (&[[f32; 2]], &[[f32; 2]]) {
    let line = |at: usize| x[at * width..][..width].as_chunks::<2>().0;
    (line(2 * row), line(2 * row + 1))
}

wide! {
    fn largest(x: &[f32], width: usize, y: &mut [f32]) {
        for (row, y) in y.chunks_exact_mut(width / 2).enumerate() {
            let (upper, lower) = pairs(x, width, row);
            for ((y, [a, b]), [c, d]) in y.iter_mut().zip(upper).zip(lower) {
                let (first, second) = (if b > a { b } else { a }, if d > c { d } else { c });
                *y = if second > first { *second } else { *first };
            }
        }
    }
}

wide! {
    fn hand_back(x: &[f32], width: usize, gradient: &[f32], dx: &mut [f32]) {
        for (row, gradient) in gradient.chunks_exact(width / 2).enumerate() {
            let (upper, lower) = pairs(x, width, row);
            let (first, second) = dx[2 * row * width..][..2 * width].split_at_mut(width);
            let lines = first.as_chunks_mut::<2>().0.iter_mut().zip(second.as_chunks_mut::<2>().0);
            for (((above, below), g), ([a, b], [c, d])) in lines.zip(gradient).zip(upper.iter().zip(lower)) {
                let (right, right_below) = (b > a, d > c);
                let lower = (if right_below { d } else { c }) > (if right { b } else { a });
                let (up, down) = if lower { (0.0, *g) } else { (*g, 0.0) };
                *above = if right { [0.0, up] } else { [up, 0.0] };
                *below = if right_below { [0.0, down] } else { [down, 0.0] };
            }
        }
    }
}

struct Largest;

impl CustomOp1 for Largest {
    fn name(&self) -> &'static str {
        "max_pool2"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (rows, channels, height, width) = layout.shape().dims4()?;
        let (x, (high, wide)) = (values(x, layout)?, (height / 2, width / 2));
        let mut y = vec![0.0; rows * channels * high * wide];
        let planes = y.par_chunks_exact_mut(high * wide).zip(x.par_chunks_exact(height * width));
        planes.for_each(|(y, x)| largest(x, width, y));
        Ok((CpuStorage::F32(y), (rows, channels, high, wide).into()))
    }

    fn bwd(&self, x: &Tensor, _y: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        x.contiguous()?.apply_op2_no_bwd(&gradient.contiguous()?, &HandBack).map(Some)
    }
}

struct HandBack;

impl CustomOp2 for HandBack {
    fn name(&self) -> &'static str {
        "max_pool2_gradient"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        gradient: &CpuStorage,
        gradient_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (_, _, height, width) = x_layout.shape().dims4()?;
        let (x, gradient) = (values(x, x_layout)?, values(gradient, gradient_layout)?);
        let mut dx = vec![0.0; x.len()];
        let planes = dx.par_chunks_exact_mut(height * width).zip(x.par_chunks_exact(height * width));
        planes
            .zip(gradient.par_chunks_exact(height / 2 * (width / 2)))
            .for_each(|((dx, x), g)| hand_back(x, width, g, dx));
        Ok((CpuStorage::F32(dx), x_layout.shape().clone()))
    }
}

struct Mean;

impl CustomOp1 for Mean {
    fn name(&self) -> &'static str {
        "global_mean"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (rows, channels, height, width) = layout.shape().dims4()?;
        let plane = height * width;
        if plane == 0 {
            bail!("a map without values has no mean");
        }
        let y = values(x, layout)?.par_chunks_exact(plane).map(|x| sum(x) / plane as f32).collect();
        Ok((CpuStorage::F32(y), (rows, channels).into()))
    }

    fn bwd(&self, x: &Tensor, _y: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        let (rows, channels, height, width) = x.dims4()?;
        let share = (gradient.reshape((rows, channels, 1, 1))? / (height * width) as f64)?;
        share.broadcast_as(x.shape())?.contiguous().map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neural::gradcheck::{assert_gradients, noise};
    use crate::neural::params::Params;
    use candle_core::Device;
    use proptest::prelude::{ProptestConfig, proptest};

    fn flat(y: &Tensor) -> Vec<f32> {
        y.flatten_all().unwrap().to_vec1().unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(30))]
        #[test]
        fn the_definitions_give_the_same(rows in 1usize..3, channels in 1usize..3, height in 2usize..40, width in 2usize..40) {
            let x = noise("x", &[rows, channels, height, width]);
            assert_eq!(flat(&max_pool2(&x).unwrap()), flat(&stock_max_pool2(&x).unwrap()));
            let theirs = flat(&x.flatten_from(2).unwrap().mean(2).unwrap());
            assert!(flat(&global_mean(&x).unwrap()).iter().zip(theirs).all(|(a, b)| (a - b).abs() < 1e-5));
        }
    }

    #[test]
    fn gradients_are_those_of_finite_differences() {
        let mut params = Params::new(1, &Device::Cpu);
        let x = params.kaiming("x", &[2, 2, 5, 4], 1).unwrap();
        let apart = noise("apart", &[2, 2, 5, 4]);
        assert_gradients(&params, || max_pool2(&(&x + &apart)?));
        assert_gradients(&params, || global_mean(&x)?.sqr());
    }

    #[test]
    fn of_equal_values_one_has_the_gradient() {
        let mut params = Params::new(1, &Device::Cpu);
        let x = params.constant("x", &[1, 1, 2, 3], 1.0).unwrap();
        let store = max_pool2(&x).unwrap().sum_all().unwrap().backward().unwrap();
        assert_eq!(flat(store.get(&x).unwrap()), [1.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
        assert!(max_pool2(&noise("x", &[1, 1, 1, 4])).is_err());
    }
}
