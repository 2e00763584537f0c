//! The weighted divergence from the prior, of the VAE and the β-VAE.
//! Kingma and Welling (ICLR 2014), equation 10; Higgins et al. (ICLR 2017), equation 4; free bits: Kingma et al.,
//! "Improved variational inference with inverse autoregressive flow" (NeurIPS 2016), appendix C.8.

use candle_core::{Result, Tensor};

use super::{Posterior, Progress, Regularizer, Warmup, divergence};

/// `weight · Σ_j max(free_bits, KL_j)`.
pub(in crate::model) struct Divergence {
    /// The weight once warm-up has ended.
    pub beta: f64,
    /// Share of the training over which the weight rises from 0.
    pub warmup: Warmup,
    /// Nats of each dimension, averaged over the batch, that cost nothing.
    pub free_bits: f64,
}

impl Regularizer for Divergence {
    fn kl_weight(&self, at: Progress) -> f64 {
        self.beta * self.warmup.weight(at)
    }

    fn term(&self, q: &Posterior, _code: &Tensor, at: Progress) -> Result<Tensor> {
        let kl = match q.kl_per_dim()?.filter(|_| self.free_bits > 0.0) {
            Some(each) => charged(&each, self.free_bits)?,
            None => divergence(q)?,
        };
        kl * self.kl_weight(at)
    }
}

/// Dimensions within their allowance count as it and have no gradient.
fn charged(each: &Tensor, free: f64) -> Result<Tensor> {
    let beyond = each.gt(free)?.to_dtype(each.dtype())?;
    let allowance = (1.0 - &beyond)? * free;
    ((each * beyond)? + allowance?)?.sum_all()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{number, sharp};
    use super::*;

    fn term(free_bits: f64) -> f64 {
        // KL of N(1, 1) from N(0, 1) is a half, of N(0, 1) nothing.
        let q = sharp(&[[1.0, 0.0]], 0.0);
        number(
            &Divergence { beta: 2.0, warmup: Warmup { share: 0.0, cycles: 1 }, free_bits }
                .term(&q, &q.mean, Progress::END)
                .unwrap(),
        )
    }

    #[test]
    fn the_divergence_counts_beta_times() {
        assert!((term(0.0) - 1.0).abs() < 1e-6);
    }

    #[test]
    fn what_is_free_costs_the_same_everywhere() {
        assert!((term(0.2) - 2.0 * (0.5 + 0.2)).abs() < 1e-6);
        assert!((term(0.7) - 2.0 * (0.7 + 0.7)).abs() < 1e-6);
    }
}
