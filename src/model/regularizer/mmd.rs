//! Codes held to the prior as a whole and not one by one: the maximum mean discrepancy.
//! Zhao, Song, Ermon, "InfoVAE: balancing learning and inference in variational autoencoders" (AAAI 2019), equation 6:
//! `(1 − α) · KL + (α + λ − 1) · MMD²(q(z), p(z))`, with the kernel `k(x, y) = exp(−|x − y|² / 2h)`, 2h = d².
//!
//! What is usually drawn from the prior is integrated here: `E_p k(z, ·) = (h / (h + 1))^(d/2) · exp(−|z|² / 2(h + 1))` and
//! `E_p,p k = (h / (h + 2))^(d/2)`. So the term has no noise but the codes' own.

use candle_core::{Result, Tensor};

use super::{Posterior, Progress, Regularizer, Warmup, divergence};

/// `weight · (1 − α) · KL + (α + λ − 1) · MMD²`: only the first term can make codes collapse, so only it is warmed up.
pub(in crate::model) struct Mmd {
    /// What is taken off the divergence of the single codes: 1 takes all.
    pub alpha: f64,
    /// Weight of the divergence of all codes together.
    pub lambda: f64,
    /// Share of the training over which the weight of the divergence rises from 0 to 1.
    pub warmup: Warmup,
}

impl Regularizer for Mmd {
    fn kl_weight(&self, at: Progress) -> f64 {
        (1.0 - self.alpha) * self.warmup.weight(at)
    }

    fn term(&self, q: &Posterior, code: &Tensor, at: Progress) -> Result<Tensor> {
        let single = (divergence(q)? * self.kl_weight(at))?;
        single + (discrepancy(code)? * (self.alpha + self.lambda - 1.0))?
    }
}

/// MMD² of the codes `[rows, latent]` from the standard normal, unbiased: a scalar, which may fall a little below 0.
fn discrepancy(code: &Tensor) -> Result<Tensor> {
    let (rows, dims) = code.dims2()?;
    let (rows, dims) = (rows as f64, dims as f64);
    let h = dims * dims / 2.0;
    let squares = code.sqr()?.sum_keepdim(1)?;
    let to_prior = (&squares / (-2.0 * (h + 1.0)))?.exp()?.mean_all()? * (h / (h + 1.0)).powf(dims / 2.0);
    let distances = (squares.broadcast_add(&squares.t()?)? - (code.matmul(&code.t()?)? * 2.0)?)?;
    let among = (distances / (-2.0 * h))?.exp()?.sum_all()?;
    let others = ((among - rows)? / (rows * (rows - 1.0)).max(1.0))?;
    (others - (to_prior? * 2.0)?)? + (h / (h + 2.0)).powf(dims / 2.0)
}

#[cfg(test)]
mod tests {
    use super::super::tests::number;
    use super::*;
    use crate::random::Stream;
    use candle_core::Device;

    fn of(shift: f32, scale: f32) -> f64 {
        let codes: Vec<f32> = Stream::new(3, "codes").normals(2000).iter().map(|x| x * scale + shift).collect();
        number(&discrepancy(&Tensor::from_vec(codes, (1000, 2), &Device::Cpu).unwrap()).unwrap())
    }

    #[test]
    fn codes_of_the_prior_have_none_and_others_have() {
        assert!(of(0.0, 1.0).abs() < 2e-3, "{}", of(0.0, 1.0));
        assert!(of(1.0, 1.0) > 0.05 && of(0.0, 0.1) > 0.02 && of(0.0, 3.0) > 0.02);
    }

    #[test]
    fn integrals_over_the_prior_are_those_of_many_draws() {
        let (h, dims) = (2.0f64, 2);
        let draws: Vec<f64> = Stream::new(5, "prior").normals(200_000).iter().map(|x| f64::from(*x)).collect();
        let kernel = |a: &[f64], b: &[f64]| (-((a[0] - b[0]).powi(2) + (a[1] - b[1]).powi(2)) / (2.0 * h)).exp();
        let pairs: Vec<&[f64]> = draws.chunks(dims).collect();
        let drawn = pairs.iter().map(|draw| kernel(&[0.7, -0.2], draw)).sum::<f64>() / pairs.len() as f64;
        let exact = h / (h + 1.0) * (-(0.49 + 0.04) / (2.0 * (h + 1.0))).exp();
        assert!((drawn - exact).abs() < 3e-3, "{drawn} {exact}");
        let among = pairs.chunks(2).map(|two| kernel(two[0], two[1])).sum::<f64>() / (pairs.len() / 2) as f64;
        assert!((among - h / (h + 2.0)).abs() < 5e-3, "{among}");
    }
}
