//! The term in which VAEs differ: what is added to the reconstruction, in nats a row.

mod capacity;
mod divergence;
mod mixture;
mod mmd;
mod sharpening;
mod total_correlation;

use candle_core::{Result, Tensor};
use ndarray::ArrayView2;

pub(super) use capacity::Capacity;
pub(super) use divergence::Divergence;
pub(super) use mixture::Mixture;
pub(super) use mmd::Mmd;
pub(super) use sharpening::Sharpening;
pub(super) use total_correlation::TotalCorrelation;

use super::warmup::Warmup;
use super::{Posterior, Progress};

/// What holds the codes of a batch to the prior.
pub(super) trait Regularizer: Send + Sync {
    /// What is multiplied with the divergence from the prior at this point of the training.
    fn kl_weight(&self, at: Progress) -> f64;

    /// The weight of the divergence at the end; None where the divergence is held to an amount.
    fn final_beta(&self) -> Option<f64> {
        Some(self.kl_weight(Progress::END))
    }

    /// Whether the term is what it will be at the end.
    fn is_settled(&self, at: Progress) -> bool {
        self.kl_weight(at) == self.kl_weight(Progress::END)
    }

    /// Whether it is to be shown the codes of all training rows before the step `at`.
    fn wants_codes(&self, _at: Progress) -> bool {
        false
    }

    /// Is shown the codes `[rows, latent]`; may set parameters by them.
    fn place(&self, _codes: ArrayView2<f32>, _seed: u64) -> Result<()> {
        Ok(())
    }

    /// How likely each of its clusters is for each row, `[rows, clusters]`; None if it has none.
    fn shares(&self, _q: &Posterior) -> Result<Option<Tensor>> {
        Ok(None)
    }

    /// Standard normal `noise` as draws from the prior, where it is another.
    fn prior_codes(&self, noise: &Tensor) -> Result<Tensor> {
        Ok(noise.clone())
    }

    /// The term, a scalar: `q` says of each row where its code lies, `code` `[rows, latent]` was drawn from it.
    fn term(&self, q: &Posterior, code: &Tensor, at: Progress) -> Result<Tensor>;
}

/// The divergence from the prior, which every VAE has.
fn divergence(q: &Posterior) -> Result<Tensor> {
    q.kl()?.ok_or_else(no_variances)
}

/// Nothing, with a gradient of zero for each of `params`: a parameter must have one, and a factor of 0.0 gives it none.
fn idle<const N: usize>(params: [&Tensor; N]) -> Result<Tensor> {
    let zeros = |param: &Tensor| (param * param.zeros_like()?)?.sum_all();
    let sums = params.into_iter().map(zeros).collect::<Result<Vec<_>>>()?;
    Tensor::stack(&sums, 0)?.sum_all()
}

fn no_variances() -> candle_core::Error {
    candle_core::Error::Msg("a variational network gave codes without variances".into())
}

/// ln Σ exp over the dimension `over`, which goes; safe for values of any size.
pub(in crate::model) fn log_sum_exp(values: &Tensor, over: usize) -> Result<Tensor> {
    let largest = values.max_keepdim(over)?.detach();
    values.broadcast_sub(&largest)?.exp()?.sum(over)?.log()? + largest.squeeze(over)?
}

/// ln N(code_i; mean_j, variance_j) of each dimension, `[rows i, rows j, latent]`.
fn log_densities(q: &Posterior, code: &Tensor) -> Result<Tensor> {
    let logvar = q.logvar.as_ref().ok_or_else(no_variances)?;
    let distance = code.unsqueeze(1)?.broadcast_sub(&q.mean.unsqueeze(0)?)?;
    let scaled = distance.sqr()?.broadcast_mul(&logvar.neg()?.exp()?.unsqueeze(0)?)?;
    (scaled.broadcast_add(&logvar.unsqueeze(0)?)? + std::f64::consts::TAU.ln())? * -0.5
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::Device;

    pub(super) fn tensor<const N: usize>(rows: &[[f32; N]]) -> Tensor {
        Tensor::from_slice(&rows.concat(), (rows.len(), N), &Device::Cpu).unwrap()
    }

    /// Codes at `mean` with variances of 1.
    pub(super) fn sharp<const N: usize>(mean: &[[f32; N]], logvar: f32) -> Posterior {
        let mean = tensor(mean);
        let logvar = (mean.zeros_like().unwrap() + f64::from(logvar)).unwrap();
        Posterior { mean, logvar: Some(logvar) }
    }

    pub(super) fn number(tensor: &Tensor) -> f64 {
        f64::from(tensor.to_scalar::<f32>().unwrap())
    }

    #[test]
    fn sums_of_large_exponents_stay_finite() {
        let sum = log_sum_exp(&tensor(&[[1000.0, 1000.0], [-1000.0, -2000.0]]), 1).unwrap().to_vec1::<f32>().unwrap();
        assert!((sum[0] - 1000.693).abs() < 1e-3 && (sum[1] + 1000.0).abs() < 1e-3);
    }

    #[test]
    fn the_density_of_a_code_at_its_own_mean_is_the_normals_peak() {
        let q = sharp(&[[0.0], [3.0]], 0.0);
        let density = log_densities(&q, &q.mean).unwrap().squeeze(2).unwrap().to_vec2::<f32>().unwrap();
        assert!((density[0][0] + 0.918_94).abs() < 1e-4 && (density[0][1] + 0.918_94 + 4.5).abs() < 1e-4);
    }
}
