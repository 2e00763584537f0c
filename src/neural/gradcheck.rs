//! Tests only: gradients against central finite differences.

use candle_core::{Device, Result, Tensor};

use super::params::Params;
use crate::random::Stream;

const STEP: f32 = 5e-3;
const ENTRIES_CHECKED: usize = 12;

/// Standard normal values that are the same for the same `name`.
pub(crate) fn noise(name: &str, shape: &[usize]) -> Tensor {
    let values = Stream::new(5, name).normals(shape.iter().product());
    Tensor::from_vec(values, shape, &Device::Cpu).unwrap()
}

/// Asserts that the gradient of a fixed random projection of `output` is right for every parameter.
pub(crate) fn assert_gradients(params: &Params, output: impl Fn() -> Result<Tensor>) {
    let direction = noise("direction", output().unwrap().dims());
    let loss = || (output().unwrap() * &direction).unwrap().sum_all().unwrap();
    let grads = loss().backward().unwrap();
    for (name, var) in params.vars() {
        let exact: Vec<f32> = grads.get(var).expect(name).flatten_all().unwrap().to_vec1().unwrap();
        let scale = exact.iter().fold(2e-2f32, |most, g| most.max(g.abs()));
        for at in (0..exact.len()).step_by(exact.len().div_ceil(ENTRIES_CHECKED)) {
            let numeric = slope(var, at, || value(&output().unwrap(), &direction));
            assert!(
                (numeric - exact[at]).abs() < 0.02 * scale,
                "{name}[{at}]: {} but numerically {numeric}",
                exact[at]
            );
        }
    }
}

fn slope(var: &candle_core::Var, at: usize, loss: impl Fn() -> f64) -> f32 {
    let before: Vec<f32> = var.flatten_all().unwrap().to_vec1().unwrap();
    let moved = |by: f32| {
        let mut values = before.clone();
        values[at] += by;
        var.set(&Tensor::from_vec(values, var.shape(), &Device::Cpu).unwrap()).unwrap();
        loss()
    };
    let difference = moved(STEP) - moved(-STEP);
    moved(0.0);
    (difference / f64::from(2.0 * STEP)) as f32
}

/// The projection in double precision: single precision would drown the difference.
fn value(output: &Tensor, direction: &Tensor) -> f64 {
    let flat = |t: &Tensor| t.flatten_all().unwrap().to_vec1::<f32>().unwrap();
    flat(output).iter().zip(flat(direction)).map(|(a, b)| f64::from(*a) * f64::from(b)).sum()
}
