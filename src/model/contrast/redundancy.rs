//! Variance, invariance, covariance: views of one track are alike, every dimension varies, and no two say the same.
//! Bardes, Ponce, LeCun, "VICReg: variance-invariance-covariance regularization for self-supervised learning" (ICLR 2022),
//! equations 1 to 6. There are no negatives, so batches may be small.

use candle_core::{Result, Tensor};

use crate::neural::activation::relu;
use crate::neural::linear::linear;

/// Added to variances, against a slope without end at 0.
const EPSILON: f64 = 1e-4;

/// What the three terms count.
#[derive(Clone, Copy, Debug)]
pub(in crate::model) struct Weights {
    pub invariance: f64,
    pub variance: f64,
    pub covariance: f64,
}

/// The loss of views `first` and `second`, both `[tracks, dims]`.
///
/// # Errors
/// Their shapes differ, or there is one track, which has no variance.
pub(in crate::model) fn vicreg(first: &Tensor, second: &Tensor, weights: Weights) -> Result<Tensor> {
    let invariance = (first - second)?.sqr()?.mean_all()?;
    let variance = ((hinge(first)? + hinge(second)?)? * 0.5)?;
    let covariance = (others(first)? + others(second)?)?;
    ((invariance * weights.invariance)? + (variance * weights.variance)?)? + (covariance * weights.covariance)?
}

fn centred(z: &Tensor) -> Result<Tensor> {
    z.broadcast_sub(&z.mean_keepdim(0)?)
}

/// What standard deviations lack to 1, mean over dimensions.
fn hinge(z: &Tensor) -> Result<Tensor> {
    let rows = z.dim(0)?;
    if rows < 2 {
        candle_core::bail!("one track has no variance: VICReg needs two in a batch");
    }
    let deviation = ((centred(z)?.sqr()?.sum(0)? / (rows - 1) as f64)? + EPSILON)?.sqrt()?;
    relu(&(1.0 - deviation)?)?.mean_all()
}

/// Squared covariances of different dimensions, summed, a dimension.
fn others(z: &Tensor) -> Result<Tensor> {
    let (rows, dims) = z.dims2()?;
    let columns = centred(z)?.t()?.contiguous()?;
    let covariance = (linear(&columns, &columns, &Tensor::zeros(dims, z.dtype(), z.device())?)? / (rows - 1) as f64)?;
    let off = |at: usize| if at / dims == at % dims { 0.0 } else { 1.0 };
    let off = Tensor::from_vec((0..dims * dims).map(off).collect::<Vec<f32>>(), (dims, dims), z.device())?;
    (covariance * off)?.sqr()?.sum_all()? / dims as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neural::gradcheck::{assert_gradients, noise};
    use crate::neural::params::Params;
    use candle_core::Device;

    const ALL: Weights = Weights { invariance: 25.0, variance: 25.0, covariance: 1.0 };

    fn rows<const N: usize>(rows: &[[f32; N]]) -> Tensor {
        Tensor::from_slice(&rows.concat(), (rows.len(), N), &Device::Cpu).unwrap()
    }

    fn of(first: &Tensor, second: &Tensor, invariance: f64, variance: f64, covariance: f64) -> f64 {
        let weights = Weights { invariance, variance, covariance };
        f64::from(vicreg(first, second, weights).unwrap().to_scalar::<f32>().unwrap())
    }

    #[test]
    fn each_term_by_hand() {
        let (a, b) = (rows(&[[1.0, 1.0], [-1.0, -1.0]]), rows(&[[2.0, 1.0], [-1.0, -1.0]]));
        assert!((of(&a, &b, 1.0, 0.0, 0.0) - 0.25).abs() < 1e-6);
        // Deviations of the square root of 2 lack nothing; the covariance of both columns is 2, twice, over two columns.
        assert!(of(&a, &a, 0.0, 1.0, 0.0).abs() < 1e-6);
        assert!((of(&a, &a, 0.0, 0.0, 1.0) - 2.0 * 4.0 * 2.0 / 2.0).abs() < 1e-5);
        let flat = rows(&[[3.0, 3.0], [3.0, 3.0]]);
        assert!((of(&flat, &flat, 0.0, 1.0, 0.0) - 0.99).abs() < 1e-6, "collapse costs 1 less the epsilon's root");
        let apart = rows(&[[1.0, 1.0], [-1.0, -1.0], [1.0, -1.0], [-1.0, 1.0]]);
        assert!(of(&apart, &apart, 1.0, 1.0, 1.0).abs() < 1e-6);
        assert!(vicreg(&rows(&[[1.0]]), &rows(&[[1.0]]), ALL).is_err());
    }

    #[test]
    fn gradients_are_those_of_finite_differences() {
        let mut params = Params::new(1, &Device::Cpu);
        let (z, other) = (params.kaiming("z", &[6, 3], 1).unwrap(), noise("other", &[6, 3]));
        assert_gradients(&params, || vicreg(&z, &other, Weights { invariance: 1.0, variance: 2.0, covariance: 0.5 }));
    }
}
