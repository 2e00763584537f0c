//! Convolutions that halve an image and transposed convolutions that double it: kernel 4, stride 2, padding 1.
//! `torch.nn.Conv2d(i, o, 4, 2, 1)` and `torch.nn.ConvTranspose2d(i, o, 4, 2, 1, output_padding)`, weights in their layouts.
//!
//! Activations are `[channels, rows, bins, frames]`, channels first of all: a convolution is then one matrix product.

use candle_core::{Result, Tensor};

use super::columns::{Grid, KERNEL};
use super::params::Params;

const TAPS: usize = KERNEL * KERNEL;

/// Halves bins and frames, rounding down. Weights `[out, in, 4, 4]`, bias `[out]`.
#[derive(Clone, Debug)]
pub struct Down {
    weight: Tensor,
    bias: Tensor,
}

impl Down {
    /// A layer from `inputs` to `outputs` channels whose parameters are `<name>.weight` and `<name>.bias`.
    pub fn new(params: &mut Params, name: &str, inputs: usize, outputs: usize) -> Result<Down> {
        let weight = params.kaiming(&format!("{name}.weight"), &[outputs, inputs, KERNEL, KERNEL], inputs * TAPS)?;
        let bias = params.kaiming(&format!("{name}.bias"), &[outputs], inputs * TAPS)?;
        Ok(Down { weight, bias })
    }

    /// `[in, rows, bins, frames]` to `[out, rows, bins/2, frames/2]`.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        if !x.device().is_cpu() {
            return self.forward_stock(x);
        }
        let (inputs, rows, bins, frames) = x.dims4()?;
        let grid = Grid { rows, fine: (bins, frames) };
        let weight = self.weight.reshape(((), inputs * TAPS))?;
        let y = weight.matmul(&grid.unfold(x)?)?.broadcast_add(&self.bias.reshape(((), 1))?)?;
        y.reshape(((), rows, grid.coarse().0, grid.coarse().1))
    }

    /// The same by candle's own layer, for devices that [`Grid`] has no code for.
    fn forward_stock(&self, x: &Tensor) -> Result<Tensor> {
        let y = x.transpose(0, 1)?.contiguous()?.conv2d(&self.weight, 1, 2, 1, 1)?.transpose(0, 1)?;
        y.broadcast_add(&self.bias.reshape(((), 1, 1, 1))?)
    }
}

/// Doubles bins and frames, to an exact size. Weights `[in, out, 4, 4]`, bias `[out]`.
#[derive(Clone, Debug)]
pub struct Up {
    weight: Tensor,
    bias: Tensor,
    size: (usize, usize),
}

impl Up {
    /// A layer from `inputs` to `outputs` channels that gives maps of `size = (bins, frames)`, whose halves (rounded down) are
    /// the size of its input. An odd size is PyTorch's `output_padding = 1`.
    pub fn new(params: &mut Params, name: &str, inputs: usize, outputs: usize, size: (usize, usize)) -> Result<Up> {
        // PyTorch takes the second axis for the fan of a transposed convolution too.
        let weight = params.kaiming(&format!("{name}.weight"), &[inputs, outputs, KERNEL, KERNEL], outputs * TAPS)?;
        let bias = params.kaiming(&format!("{name}.bias"), &[outputs], outputs * TAPS)?;
        Ok(Up { weight, bias, size })
    }

    /// `[in, rows, bins/2, frames/2]` to `[out, rows, bins, frames]`.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        if !x.device().is_cpu() {
            return self.forward_stock(x);
        }
        let (inputs, rows, ..) = x.dims4()?;
        let columns = self.weight.reshape((inputs, ()))?.t()?.matmul(&x.reshape((inputs, ()))?)?;
        let y = Grid { rows, fine: self.size }.fold(&columns)?;
        y.flatten_from(1)?.broadcast_add(&self.bias.reshape(((), 1))?)?.reshape(y.shape())
    }

    /// The same by candle's own layer, for devices that [`Grid`] has no code for.
    fn forward_stock(&self, x: &Tensor) -> Result<Tensor> {
        let y = x.transpose(0, 1)?.contiguous()?.conv_transpose2d(&self.weight, 1, 1, 2, 1)?;
        let y = y.narrow(2, 0, self.size.0)?.narrow(3, 0, self.size.1)?.transpose(0, 1)?;
        y.broadcast_add(&self.bias.reshape(((), 1, 1, 1))?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neural::gradcheck::{assert_gradients, noise};
    use candle_core::Device;
    use proptest::prelude::{ProptestConfig, proptest};

    fn gap(a: &Tensor, b: &Tensor) -> f32 {
        assert_eq!(a.dims(), b.dims());
        (a - b).unwrap().abs().unwrap().flatten_all().unwrap().max(0).unwrap().to_scalar().unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20))]
        #[test]
        fn candles_own_layers_give_the_same(inputs in 1usize..4, outputs in 1usize..4, bins in 2usize..9, frames in 2usize..9) {
            let mut params = Params::new(1, &Device::Cpu);
            let down = Down::new(&mut params, "down", inputs, outputs).unwrap();
            let x = noise("x", &[inputs, 3, bins, frames]);
            let y = down.forward(&x).unwrap();
            assert!(gap(&y, &down.forward_stock(&x).unwrap()) < 1e-5);
            let up = Up::new(&mut params, "up", outputs, inputs, (bins, frames)).unwrap();
            assert!(gap(&up.forward(&y).unwrap(), &up.forward_stock(&y).unwrap()) < 1e-5);
        }
    }

    #[test]
    fn gradients_are_those_of_finite_differences() {
        let mut params = Params::new(1, &Device::Cpu);
        let x = params.kaiming("x", &[2, 3, 5, 4], 1).unwrap();
        let down = Down::new(&mut params, "down", 2, 3).unwrap();
        let up = Up::new(&mut params, "up", 3, 2, (5, 4)).unwrap();
        assert_gradients(&params, || up.forward(&down.forward(&x)?.silu()?));
    }
}
