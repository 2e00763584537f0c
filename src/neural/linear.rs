//! A fully connected layer, `torch.nn.Linear`: `y = x Wᵀ + b`.

use candle_core::{Result, Tensor};

use super::params::Params;

/// Weights `[out, in]` and bias `[out]`.
#[derive(Clone, Debug)]
pub struct Linear {
    weight: Tensor,
    bias: Tensor,
}

impl Linear {
    /// A layer from `inputs` to `outputs` values whose parameters are `<name>.weight` and `<name>.bias`.
    pub fn new(params: &mut Params, name: &str, inputs: usize, outputs: usize) -> Result<Linear> {
        let weight = params.kaiming(&format!("{name}.weight"), &[outputs, inputs], inputs)?;
        let bias = params.kaiming(&format!("{name}.bias"), &[outputs], inputs)?;
        Ok(Linear { weight, bias })
    }

    /// `x` is `[rows, in]`; gives `[rows, out]`.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        // The bias as a product with ones: its gradient is a product too, and candle's sum over rows is slow.
        let ones = Tensor::ones((x.dim(0)?, 1), x.dtype(), x.device())?;
        x.matmul(&self.weight.t()?)? + ones.matmul(&self.bias.unsqueeze(0)?)?
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neural::gradcheck::{assert_gradients, noise};
    use candle_core::Device;

    #[test]
    fn the_output_is_the_product_by_hand() {
        let mut params = Params::new(1, &Device::Cpu);
        let layer = Linear::new(&mut params, "l", 3, 2).unwrap();
        let weights = params.snapshot().unwrap();
        let x = [1.0, -2.0, 0.5];
        let y =
            layer.forward(&Tensor::from_slice(&x, (1, 3), &Device::Cpu).unwrap()).unwrap().to_vec2::<f32>().unwrap();
        let by_hand =
            |unit: usize| (0..3).map(|i| weights[0].values[3 * unit + i] * x[i]).sum::<f32>() + weights[1].values[unit];
        assert!((0..2).all(|unit| (y[0][unit] - by_hand(unit)).abs() < 1e-6), "{y:?}");
    }

    #[test]
    fn gradients_are_those_of_finite_differences() {
        let mut params = Params::new(1, &Device::Cpu);
        let layer = Linear::new(&mut params, "l", 5, 4).unwrap();
        let x = noise("x", &[6, 5]);
        assert_gradients(&params, || layer.forward(&x)?.sqr());
    }
}
