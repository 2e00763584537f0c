//! A fully connected layer, `torch.nn.Linear`: `y = x Wᵀ + b`.

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor, bail};
use rayon::prelude::*;

use super::cpu::{Scratch, values, with};
use super::params::Params;
use crate::product::{Matrix, multiply};
use crate::wide::wide;

/// Multiplications below which a product is not worth a second thread.
const SMALL: usize = 4 << 20;
/// Parts of a larger product, whatever the number of threads.
const PARTS: usize = 4;

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
        self.run(x, false)
    }

    /// The same with `max(·, 0)` of every value.
    pub fn forward_relu(&self, x: &Tensor) -> Result<Tensor> {
        self.run(x, true)
    }

    fn run(&self, x: &Tensor, relu: bool) -> Result<Tensor> {
        affine(x, &self.weight, &self.bias, relu)
    }
}

/// `x Wᵀ + b` of `x` `[rows, in]`, `weight` `[out, in]` and `bias` `[out]`, none of which need be parameters.
///
/// # Errors
/// The widths differ.
pub fn linear(x: &Tensor, weight: &Tensor, bias: &Tensor) -> Result<Tensor> {
    affine(x, &weight.contiguous()?, &bias.contiguous()?, false)
}

fn affine(x: &Tensor, weight: &Tensor, bias: &Tensor, relu: bool) -> Result<Tensor> {
    if x.device().is_cpu() {
        return x.contiguous()?.apply_op3(weight, bias, Affine { relu });
    }
    let y = x.matmul(&weight.t()?)?.broadcast_add(bias)?;
    if relu { y.relu() } else { Ok(y) }
}

struct Affine {
    relu: bool,
}

/// `out = a b`, cut by rows into parts that depend on the sizes alone.
fn product(out: &mut [f32], (rows, columns, inner): (usize, usize, usize), a: Matrix, b: Matrix) {
    let parts = if rows * columns * inner <= SMALL { 1 } else { PARTS };
    let part = rows.div_ceil(parts).max(1);
    let one = |(at, out): (usize, &mut [f32])| {
        multiply(out, columns, a.rows(at * part, out.len() / columns), b, false);
    };
    match parts {
        1 => out.chunks_mut((part * columns).max(1)).enumerate().for_each(one),
        _ => out.par_chunks_mut((part * columns).max(1)).enumerate().for_each(one),
    }
}

wide! {
    fn complete(y: &mut [f32], bias: &[f32], relu: bool) {
        for row in y.chunks_exact_mut(bias.len()) {
            for (y, bias) in row.iter_mut().zip(bias) {
                let sum = *y + bias;
                *y = if relu && sum < 0.0 { 0.0 } else { sum };
            }
        }
    }
}

wide! {
    /// Adds up the rows of `gradient`, which are first set to 0 where `mask` is not above 0.
    fn sum_rows(gradient: &mut [f32], mask: Option<&[f32]>, total: &mut [f32]) {
        if let Some(mask) = mask {
            gradient.iter_mut().zip(mask).for_each(|(g, mask)| *g = if *mask > 0.0 { *g } else { 0.0 });
        }
        for row in gradient.chunks_exact(total.len()) {
            total.iter_mut().zip(row).for_each(|(total, g)| *total += g);
        }
    }
}

fn sizes(x: &[usize], weight: &[usize]) -> Result<(usize, usize, usize)> {
    match (x, weight) {
        (&[rows, columns], &[outputs, inputs]) if columns == inputs => Ok((rows, inputs, outputs)),
        _ => bail!("a layer with weights {weight:?} takes [rows, in], not {x:?}"),
    }
}

impl CustomOp3 for Affine {
    fn name(&self) -> &'static str {
        "linear"
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
        let (rows, inputs, outputs) = sizes(x_layout.dims(), weight_layout.dims())?;
        let x = Matrix::new(values(x, x_layout)?, (rows, inputs), inputs);
        let weight = Matrix::new(values(weight, weight_layout)?, (outputs, inputs), inputs);
        let mut y = vec![0.0; rows * outputs];
        product(&mut y, (rows, outputs, inputs), x, weight.t());
        if outputs > 0 {
            complete(&mut y, values(bias, bias_layout)?, self.relu);
        }
        Ok((CpuStorage::F32(y), (rows, outputs).into()))
    }

    fn bwd(
        &self,
        x: &Tensor,
        weight: &Tensor,
        bias: &Tensor,
        y: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let (rows, inputs, outputs) = sizes(x.dims(), weight.dims())?;
        let mut masked = Scratch::new(rows * outputs);
        let mut db = vec![0.0; outputs];
        with(gradient, |gradient| masked.copy_from_slice(gradient))?;
        with(y, |y| {
            if outputs > 0 {
                sum_rows(&mut masked, self.relu.then_some(y), &mut db)
            }
        })?;
        let g = Matrix::new(&masked, (rows, outputs), outputs);
        let mut dw = vec![0.0; outputs * inputs];
        with(x, |x| product(&mut dw, (outputs, inputs, rows), g.t(), Matrix::new(x, (rows, inputs), inputs)))?;
        let dx = x.track_op().then(|| -> Result<Tensor> {
            let mut dx = vec![0.0; rows * inputs];
            with(weight, |w| product(&mut dx, (rows, inputs, outputs), g, Matrix::new(w, (outputs, inputs), inputs)))?;
            Tensor::from_vec(dx, x.shape(), x.device())
        });
        let tensor = |values, like: &Tensor| Tensor::from_vec(values, like.shape(), like.device()).map(Some);
        Ok((dx.transpose()?, tensor(dw, weight)?, tensor(db, bias)?))
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
        let input = Tensor::from_slice(&x, (1, 3), &Device::Cpu).unwrap();
        let y = layer.forward(&input).unwrap().to_vec2::<f32>().unwrap();
        let by_hand =
            |unit: usize| (0..3).map(|i| weights[0].values[3 * unit + i] * x[i]).sum::<f32>() + weights[1].values[unit];
        assert!((0..2).all(|unit| (y[0][unit] - by_hand(unit)).abs() < 1e-6), "{y:?}");
        let relu = layer.forward_relu(&input).unwrap().to_vec2::<f32>().unwrap();
        assert!((0..2).all(|unit| relu[0][unit] == y[0][unit].max(0.0)), "{relu:?}");
    }

    #[test]
    fn gradients_are_those_of_finite_differences() {
        let mut params = Params::new(1, &Device::Cpu);
        let layer = Linear::new(&mut params, "l", 5, 4).unwrap();
        let x = noise("x", &[6, 5]);
        assert_gradients(&params, || layer.forward(&x)?.sqr());
        let second = Linear::new(&mut params, "m", 4, 3).unwrap();
        assert_gradients(&params, || second.forward(&layer.forward_relu(&x)?)?.sqr());
    }

    #[test]
    fn a_large_product_has_the_same_bits_for_any_number_of_threads() {
        let mut params = Params::new(1, &Device::Cpu);
        let layer = Linear::new(&mut params, "l", 300, 200).unwrap();
        let bits = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let store = layer.forward_relu(&noise("x", &[130, 300])).unwrap().sqr().unwrap().backward().unwrap();
                store.get(&layer.weight).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap()
            })
        };
        let one = bits(1);
        assert!(one == bits(2) && one == bits(4));
    }

    #[test]
    fn no_rows_give_no_rows() {
        let mut params = Params::new(1, &Device::Cpu);
        let layer = Linear::new(&mut params, "l", 3, 2).unwrap();
        let x = Tensor::from_vec(Vec::<f32>::new(), (0, 3), &Device::Cpu).unwrap();
        assert_eq!(layer.forward(&x).unwrap().dims(), [0, 2]);
        assert!(layer.forward(&noise("x", &[2, 4])).is_err());
    }
}
