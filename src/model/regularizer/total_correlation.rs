//! The divergence taken apart, so that the dependence between dimensions can count more than the rest.
//! Chen, Li, Grosse, Duvenaud, "Isolating sources of disentanglement in VAEs" (NeurIPS 2018), equations 2 to 5.
//!
//! With z_i drawn for row i and q(z) estimated from the batch: index-code information `ln q(z_i|x_i) − ln q(z_i)`, total
//! correlation `ln q(z_i) − Σ_d ln q(z_id)`, and divergence of each dimension `Σ_d ln q(z_id) − ln p(z_id)`. The weights of
//! the batch are uniform; the size of the whole set would only add constants, which no gradient sees.

use candle_core::{D, Result, Tensor};

use super::{Posterior, Progress, Regularizer, Warmup, log_densities, log_sum_exp};

/// `weight · (information + β · total correlation + divergence of the dimensions)`.
pub(in crate::model) struct TotalCorrelation {
    /// What the total correlation is multiplied with.
    pub beta: f64,
    /// Share of the training over which the weight of all three rises from 0 to 1.
    pub warmup: Warmup,
}

/// The three parts, averaged over rows: scalars.
struct Parts {
    information: Tensor,
    total_correlation: Tensor,
    dimensions: Tensor,
}

impl Regularizer for TotalCorrelation {
    fn kl_weight(&self, at: Progress) -> f64 {
        self.warmup.weight(at)
    }

    fn term(&self, q: &Posterior, code: &Tensor, at: Progress) -> Result<Tensor> {
        let Parts { information, total_correlation, dimensions } = parts(q, code)?;
        ((information + (total_correlation * self.beta)?)? + dimensions)? * self.kl_weight(at)
    }
}

fn parts(q: &Posterior, code: &Tensor) -> Result<Parts> {
    let rows = code.dim(0)?;
    let each = log_densities(q, code)?;
    let own = Tensor::eye(rows, each.dtype(), each.device())?;
    let given_its_row = (each.sum(D::Minus1)? * own)?.sum(1)?;
    let mixture = (rows as f64).ln();
    let joint = (log_sum_exp(&each.sum(D::Minus1)?, 1)? - mixture)?;
    let product = (log_sum_exp(&each, 1)? - mixture)?.sum(1)?;
    let prior = ((code.sqr()? + std::f64::consts::TAU.ln())? * -0.5)?.sum(1)?;
    Ok(Parts {
        information: (given_its_row - &joint)?.mean_all()?,
        total_correlation: (joint - &product)?.mean_all()?,
        dimensions: (product - prior)?.mean_all()?,
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{number, sharp};
    use super::*;

    #[test]
    fn the_parts_add_up_to_the_divergence_of_the_drawn_codes() {
        let q = sharp(&[[0.3, -1.0], [1.5, 0.2], [-0.4, 0.9]], -1.0);
        let code = (&q.mean + 0.25).unwrap();
        let Parts { information, total_correlation, dimensions } = parts(&q, &code).unwrap();
        let sum = number(&information) + number(&total_correlation) + number(&dimensions);
        let own = |mean: f64, z: f64| -0.5 * ((z - mean).powi(2) / (-1f64).exp() - 1.0) + 0.5 * z * z;
        let means = q.mean.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        let drawn: f64 = means.iter().map(|mean| own(f64::from(*mean), f64::from(*mean) + 0.25)).sum::<f64>() / 3.0;
        assert!((sum - drawn).abs() < 1e-5, "{sum} {drawn}");
    }

    #[test]
    fn dimensions_that_move_together_have_a_total_correlation_and_others_none() {
        let of = |codes: &[[f32; 2]]| {
            let q = sharp(codes, -6.0);
            number(&parts(&q, &q.mean).unwrap().total_correlation)
        };
        let together = of(&[[0.0, 0.0], [1.0, 1.0], [2.0, 2.0], [3.0, 3.0]]);
        let crossed = of(&[[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]);
        assert!((together - 4f64.ln()).abs() < 0.01, "{together}");
        assert!(crossed.abs() < 0.01, "{crossed}");
    }
}
