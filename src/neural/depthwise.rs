//! A convolution of 3 x 3 of each channel by itself: `torch.nn.Conv2d(c, c, 3, padding=1, groups=c, bias=False)`.
//! Howard et al., "MobileNets" (2017), section 3.1: a tenth of the work of a convolution over all channels.

use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor, bail};
use rayon::prelude::*;

use super::cpu::{values, with_all};
use super::params::Params;
use crate::wide::{dot, wide};

/// Values of a kernel.
const KERNEL: usize = 9;

/// Weights `[channels, 1, 3, 3]`.
#[derive(Clone, Debug)]
pub struct Depthwise {
    weight: Tensor,
}

impl Depthwise {
    /// For `channels` channels; the parameter is `<name>.weight`.
    pub fn new(params: &mut Params, name: &str, channels: usize) -> Result<Depthwise> {
        Ok(Depthwise { weight: params.kaiming(&format!("{name}.weight"), &[channels, 1, 3, 3], KERNEL)? })
    }

    /// `[rows, channels, height, width]`, of which nothing changes but the values.
    ///
    /// # Errors
    /// The maps are of another number of channels.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let (_, channels, height, width) = x.dims4()?;
        if channels != self.weight.dim(0)? || height * width == 0 {
            bail!("a convolution of {} channels was given {:?}", self.weight.dim(0)?, x.dims());
        }
        match x.device().is_cpu() {
            true => x.contiguous()?.apply_op2(&self.weight, Each),
            false => x.conv2d(&self.weight, 1, 1, 1, channels),
        }
    }
}

/// Where `y[from..]` meets `x[at..]`, `length` values, when the kernel's column is `column`.
fn meeting(column: usize, width: usize) -> (usize, usize, usize) {
    match column {
        0 => (1, 0, width - 1),
        1 => (0, 0, width),
        _ => (0, 1, width - 1),
    }
}

wide! {
    fn add(y: &mut [f32], x: &[f32], weight: f32) {
        y.iter_mut().zip(x).for_each(|(y, x)| *y += weight * x);
    }
}

/// Pairs of rows of `y` and `x` that meet at the kernel's row `row`.
fn rows(row: usize, height: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..height).filter_map(move |y| (y + row).checked_sub(1).filter(|x| *x < height).map(|x| (y, x)))
}

fn plane(y: &mut [f32], x: &[f32], width: usize, kernel: impl Fn(usize, usize) -> f32) {
    for row in 0..3 {
        for (to, of) in rows(row, x.len() / width) {
            for column in 0..3 {
                let (start, at, length) = meeting(column, width);
                add(&mut y[to * width + start..][..length], &x[of * width + at..][..length], kernel(row, column));
            }
        }
    }
}

wide! {
    fn kernel_gradient(gradient: &[f32], x: &[f32], width: usize) -> [f32; KERNEL] {
        let mut sums = [0f32; KERNEL];
        for (place, sum) in sums.iter_mut().enumerate() {
            let (start, at, length) = meeting(place % 3, width);
            for (to, of) in rows(place / 3, x.len() / width) {
                *sum += dot(&gradient[to * width + start..][..length], &x[of * width + at..][..length]);
            }
        }
        sums
    }
}

struct Each;

impl CustomOp2 for Each {
    fn name(&self) -> &'static str {
        "depthwise"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        weight: &CpuStorage,
        weight_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (_, channels, height, width) = x_layout.shape().dims4()?;
        let (x, weight) = (values(x, x_layout)?, values(weight, weight_layout)?);
        let mut y = vec![0.0; x.len()];
        let planes = y.par_chunks_exact_mut(height * width).zip(x.par_chunks_exact(height * width));
        planes.enumerate().for_each(|(at, (y, x))| {
            let kernel = &weight[at % channels * KERNEL..][..KERNEL];
            plane(y, x, width, |row, column| kernel[3 * row + column]);
        });
        Ok((CpuStorage::F32(y), x_layout.shape().clone()))
    }

    fn bwd(
        &self,
        x: &Tensor,
        weight: &Tensor,
        _y: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let (_, channels, height, width) = x.dims4()?;
        let area = height * width;
        let (dx, dweight) = with_all([x, weight, gradient], |[x, weight, gradient]| {
            let mut dx = vec![0.0; x.len()];
            // The gradient goes back by the kernel turned round.
            dx.par_chunks_exact_mut(area).zip(gradient.par_chunks_exact(area)).enumerate().for_each(|(at, (dx, g))| {
                let kernel = &weight[at % channels * KERNEL..][..KERNEL];
                plane(dx, g, width, |row, column| kernel[8 - (3 * row + column)]);
            });
            let pairs = gradient.par_chunks_exact(area).zip(x.par_chunks_exact(area));
            let each: Vec<[f32; KERNEL]> = pairs.map(|(g, x)| kernel_gradient(g, x, width)).collect();
            let mut dweight = vec![0.0; channels * KERNEL];
            for (at, sums) in each.iter().enumerate() {
                let of = &mut dweight[at % channels * KERNEL..][..KERNEL];
                of.iter_mut().zip(sums).for_each(|(weight, sum)| *weight += sum);
            }
            (dx, dweight)
        })?;
        let tensor = |values, like: &Tensor| Tensor::from_vec(values, like.shape(), x.device()).map(Some);
        Ok((tensor(dx, x)?, tensor(dweight, weight)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neural::gradcheck::{assert_gradients, noise};
    use candle_core::Device;

    #[test]
    fn candles_own_convolution_in_groups_gives_the_same() {
        let mut params = Params::new(1, &Device::Cpu);
        let layer = Depthwise::new(&mut params, "conv", 3).unwrap();
        for (height, width) in [(1, 1), (1, 5), (4, 1), (5, 7)] {
            let x = noise("x", &[2, 3, height, width]);
            let flat = |y: Tensor| y.flatten_all().unwrap().to_vec1::<f32>().unwrap();
            let (ours, theirs) = (layer.forward(&x).unwrap(), x.conv2d(&layer.weight, 1, 1, 1, 3).unwrap());
            assert!(flat(ours).iter().zip(flat(theirs)).all(|(a, b)| (a - b).abs() < 1e-5), "{height} x {width}");
        }
        assert!(layer.forward(&noise("x", &[2, 4, 5, 5])).is_err());
    }

    #[test]
    fn gradients_are_those_of_finite_differences() {
        let mut params = Params::new(1, &Device::Cpu);
        let x = params.kaiming("x", &[2, 3, 4, 5], 1).unwrap();
        let layer = Depthwise::new(&mut params, "conv", 3).unwrap();
        assert_gradients(&params, || layer.forward(&x));
    }
}
