//! Reconstruction terms: Gaussian negative log-likelihood, with given or with optimal shared variance.
//! Rybkin, Daniilidis, Levine, "Simple and effective VAE training with calibrated decoders" (ICML 2021), equation 5.

use candle_core::{Result, Tensor};

/// The smallest decoder variance: below it the likelihood of a perfectly fitted batch would grow without bound.
pub const VARIANCE_FLOOR: f64 = 1e-4;

/// The squared error averaged over rows and values, as a scalar. Both are `[rows, ...]` of the same shape.
pub fn mean_squared_error(x: &Tensor, reconstruction: &Tensor) -> Result<Tensor> {
    (x - reconstruction)?.sqr()?.mean_all()
}

/// The shared variance that maximises the likelihood of a batch: its mean squared error, floored.
pub fn optimal_variance(mean_squared_error: f64) -> f64 {
    mean_squared_error.max(VARIANCE_FLOOR)
}

/// `D/2 · (mse/σ² + ln σ² + ln 2π)`: nats a row, summed (not averaged) over the `values` numbers D of a row.
///
/// With `σ² = mse` held constant its gradient is that of `D/2 · ln mse`, the loss with the variance optimised away.
pub fn gaussian_nll(mse: &Tensor, values: usize, variance: f64) -> Result<Tensor> {
    let half = values as f64 / 2.0;
    mse.affine(half / variance, half * (std::f64::consts::TAU * variance).ln())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neural::gradcheck::{assert_gradients, noise};
    use crate::neural::params::Params;
    use candle_core::Device;

    fn scalar(value: f64) -> Tensor {
        Tensor::from_slice(&[value], (), &Device::Cpu).unwrap()
    }

    #[test]
    fn a_standard_normal_costs_its_entropy() {
        let nll = gaussian_nll(&scalar(1.0), 3, 1.0).unwrap().to_scalar::<f64>().unwrap();
        assert!((nll - 1.5 * (1.0 + std::f64::consts::TAU.ln())).abs() < 1e-12);
    }

    #[test]
    fn no_variance_beats_the_optimal_one() {
        let nll = |variance| gaussian_nll(&scalar(0.3), 10, variance).unwrap().to_scalar::<f64>().unwrap();
        let best = nll(optimal_variance(0.3));
        assert!([0.1, 0.29, 0.31, 1.0].into_iter().all(|variance| nll(variance) > best));
        assert_eq!(optimal_variance(0.0), VARIANCE_FLOOR);
    }

    #[test]
    fn the_gradient_is_that_of_the_log_of_the_error() {
        let mut params = Params::new(4, &Device::Cpu);
        let guess = params.kaiming("guess", &[3, 4], 1).unwrap();
        let x = noise("x", &[3, 4]);
        assert_gradients(&params, || mean_squared_error(&x, &guess));
        let mse = mean_squared_error(&x, &guess).unwrap();
        let variance = optimal_variance(f64::from(mse.to_scalar::<f32>().unwrap()));
        let slope = |loss: Tensor| {
            let grads = loss.backward().unwrap();
            grads.get(&guess).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap()
        };
        let held = slope(gaussian_nll(&mse, 4, variance).unwrap());
        let profiled = slope((mse.log().unwrap() * 2.0).unwrap());
        assert!(held.iter().zip(&profiled).all(|(a, b)| (a - b).abs() < 1e-5), "{held:?} against {profiled:?}");
    }
}
