//! The layer against its definition, finite differences and known statistics.

use super::*;
use crate::neural::gradcheck::{assert_gradients, noise};
use candle_core::Device;

fn flat(y: &Tensor) -> Vec<f32> {
    y.flatten_all().unwrap().to_vec1().unwrap()
}

fn layer(params: &mut Params) -> BatchNorm {
    let norm = BatchNorm::new(params, "norm", 5).unwrap();
    norm.weight_and_bias(params);
    norm
}

impl BatchNorm {
    fn weight_and_bias(&self, params: &Params) {
        let vars = params.vars();
        vars[vars.len() - 2].1.set(&noise("w", &[5])).unwrap();
        vars[vars.len() - 1].1.set(&noise("b", &[5])).unwrap();
    }
}

#[test]
fn the_definition_gives_the_same_and_the_running_statistics_follow() {
    let norm = layer(&mut Params::new(1, &Device::Cpu));
    let x = noise("x", &[3, 5, 4, 7]);
    let moments = stock_moments(&x).unwrap();
    let theirs = norm.run_stock(&x, &moments, true).unwrap();
    for (relu, theirs) in [(false, theirs.clone()), (true, theirs.relu().unwrap())] {
        let ours = norm.train(&x, relu).unwrap();
        assert!(flat(&ours).iter().zip(flat(&theirs)).all(|(a, b)| (a - b).abs() < 1e-5));
    }
    let running = norm.running().unwrap();
    for (at, (mean, variance)) in moments.iter().enumerate() {
        assert!((running.mean[at] - 0.19 * mean).abs() < 1e-5);
        assert!((running.variance[at] - (0.81 + 0.19 * variance * 84.0 / 83.0)).abs() < 1e-5);
    }
    let theirs = norm.run_stock(&x, &running.mean.into_iter().zip(running.variance).collect::<Vec<_>>(), false);
    let ours = flat(&norm.evaluate(&x, false).unwrap());
    assert!(ours.iter().zip(flat(&theirs.unwrap())).all(|(a, b)| (a - b).abs() < 1e-5));
}

#[test]
fn gradients_are_those_of_finite_differences() {
    let mut params = Params::new(1, &Device::Cpu);
    let x = params.kaiming("x", &[3, 5, 3, 2], 1).unwrap();
    let norm = layer(&mut params);
    assert_gradients(&params, || norm.train(&x, false));
    assert_gradients(&params, || norm.evaluate(&x, false));
    // The square smooths the corner, which a finite difference would step over.
    assert_gradients(&params, || norm.train(&x, true)?.sqr());
}

#[test]
fn one_value_is_refused_and_a_batch_that_is_not_finite_leaves_the_statistics() {
    let norm = layer(&mut Params::new(1, &Device::Cpu));
    assert!(norm.train(&noise("x", &[1, 5, 1, 1]), false).is_err());
    assert!(norm.train(&noise("x", &[2, 4, 2, 2]), false).is_err());
    let before = norm.running().unwrap();
    norm.train(&(noise("x", &[2, 5, 2, 2]) * f64::INFINITY).unwrap(), false).unwrap();
    assert_eq!(norm.running().unwrap(), before);
}

#[test]
fn the_running_statistics_are_saved_with_the_weights() {
    let (mut params, mut other) = (Params::new(1, &Device::Cpu), Params::new(2, &Device::Cpu));
    let (norm, again) = (layer(&mut params), layer(&mut other));
    norm.train(&noise("x", &[3, 5, 4, 7]), false).unwrap();
    other.restore(&params.snapshot().unwrap()).unwrap();
    assert_eq!(norm.running().unwrap(), again.running().unwrap());
    assert_ne!(again.running().unwrap().mean, [0.0; 5]);
}
