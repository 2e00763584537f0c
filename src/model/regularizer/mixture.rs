//! A prior of several clusters, learned with the codes.
//! Jiang, Zheng, Tan, Tang, Zhou, "Variational deep embedding" (IJCAI 2017), equations 9 to 12.
//!
//! First the prior is the standard normal, as in a VAE. Then k-means is run on the codes, the clusters become the components
//! of the prior, and codes and components go on learning together.

use candle_core::{D, Result, Tensor};
use ndarray::{ArrayView2, Axis};

use super::{Posterior, Progress, Regularizer, Warmup, divergence, idle, log_sum_exp, no_variances};
use crate::neural::params::Params;
use crate::stats::kmeans;

/// Components narrower than this would draw single codes.
const LEAST_VARIANCE: f64 = 1e-2;

/// `ln π_c`, mean and log-variance of each component, all learned.
pub(in crate::model) struct Mixture {
    /// Share of the training in which the prior is the standard normal.
    pub pretraining: f64,
    /// How the weight of the divergence rises while it is.
    pub warmup: Warmup,
    /// `[components]`, up to a constant.
    weights: Tensor,
    /// `[components, latent]`.
    means: Tensor,
    /// `[components, latent]`.
    logvars: Tensor,
    params: Vec<candle_core::Var>,
}

impl Mixture {
    /// `components` components, all of them the standard normal.
    pub(in crate::model) fn new(
        params: &mut Params,
        components: usize,
        latent_dim: usize,
        pretraining: f64,
        warmup: Warmup,
    ) -> Result<Mixture> {
        let weights = params.constant("prior.weights", &[components], 0.0)?;
        let means = params.constant("prior.means", &[components, latent_dim], 0.0)?;
        let logvars = params.constant("prior.logvars", &[components, latent_dim], 0.0)?;
        let made = &params.vars()[params.vars().len() - 3..];
        let params = made.iter().map(|(_, var)| var.clone()).collect();
        Ok(Mixture { pretraining, warmup, weights, means, logvars, params })
    }

    fn is_pretraining(&self, at: Progress) -> bool {
        at.step < self.placed_at(at)
    }

    /// The step before which the components are placed.
    fn placed_at(&self, at: Progress) -> usize {
        (self.pretraining * at.of as f64) as usize
    }

    /// `ln π_c + ln N(code; component c)`, `[rows, components]`.
    fn log_joint(&self, code: &Tensor) -> Result<Tensor> {
        let gaps = code.unsqueeze(1)?.broadcast_sub(&self.means.unsqueeze(0)?)?.sqr()?;
        let scaled = gaps
            .broadcast_mul(&self.logvars.neg()?.exp()?.unsqueeze(0)?)?
            .broadcast_add(&self.logvars.unsqueeze(0)?)?;
        let density = ((scaled + std::f64::consts::TAU.ln())? * -0.5)?.sum(D::Minus1)?;
        density.broadcast_add(&self.log_weights()?.unsqueeze(0)?)
    }

    fn log_weights(&self) -> Result<Tensor> {
        self.weights.broadcast_sub(&log_sum_exp(&self.weights.unsqueeze(0)?, 1)?)
    }

    /// `ln γ_c`: how likely each component is to have given each code, `[rows, components]`.
    fn log_shares(&self, code: &Tensor) -> Result<Tensor> {
        let joint = self.log_joint(code)?;
        joint.broadcast_sub(&log_sum_exp(&joint, 1)?.unsqueeze(1)?)
    }

    /// The divergence of `q(z, c | x)` from `p(z, c)`, averaged over rows: a scalar.
    fn divergence(&self, q: &Posterior, code: &Tensor) -> Result<Tensor> {
        let logvar = q.logvar.as_ref().ok_or_else(no_variances)?;
        let log_shares = self.log_shares(code)?;
        let shares = log_shares.exp()?;
        let precision = self.logvars.neg()?.exp()?.unsqueeze(0)?;
        let gaps = q.mean.unsqueeze(1)?.broadcast_sub(&self.means.unsqueeze(0)?)?.sqr()?;
        let spread = gaps.broadcast_add(&logvar.exp()?.unsqueeze(1)?)?.broadcast_mul(&precision)?;
        let cross = (spread.broadcast_add(&self.logvars.unsqueeze(0)?)?.sum(D::Minus1)? * 0.5)?;
        let to_components = (&shares * cross)?.sum(1)?;
        let choice = (&shares * log_shares.broadcast_sub(&self.log_weights()?.unsqueeze(0)?)?)?.sum(1)?;
        let entropy = ((logvar + 1.0)?.sum(1)? * 0.5)?;
        ((to_components + choice)? - entropy)?.mean_all()
    }
}

impl Regularizer for Mixture {
    fn kl_weight(&self, at: Progress) -> f64 {
        match self.is_pretraining(at) {
            true => self.warmup.weight(Progress { of: self.placed_at(at), ..at }),
            false => 1.0,
        }
    }

    fn is_settled(&self, at: Progress) -> bool {
        !self.is_pretraining(at)
    }

    fn term(&self, q: &Posterior, code: &Tensor, at: Progress) -> Result<Tensor> {
        match self.is_pretraining(at) {
            true => (divergence(q)? * self.kl_weight(at))? + idle([&self.weights, &self.means, &self.logvars])?,
            false => self.divergence(q, code),
        }
    }

    fn wants_codes(&self, at: Progress) -> bool {
        at.step == self.placed_at(at)
    }

    fn place(&self, codes: ArrayView2<f32>, seed: u64) -> Result<()> {
        let (components, _) = self.means.dims2()?;
        let codes = codes.mapv(f64::from);
        let fit = kmeans::best(codes.view(), components, seed);
        let of =
            |cluster: usize| (0..codes.nrows()).filter(|row| fit.labels[*row] == cluster as i32).collect::<Vec<_>>();
        let members: Vec<Vec<usize>> = (0..components).map(of).collect();
        let variances = |rows: &Vec<usize>| match rows.len() {
            0 | 1 => ndarray::Array1::from_elem(codes.ncols(), 1.0),
            _ => codes.select(Axis(0), rows).var_axis(Axis(0), 0.0).mapv(|variance| variance.max(LEAST_VARIANCE)),
        };
        let logvars: Vec<f32> = members.iter().flat_map(|rows| variances(rows).mapv(|v| v.ln() as f32)).collect();
        let weights: Vec<f32> = members.iter().map(|rows| (rows.len().max(1) as f32).ln()).collect();
        let means: Vec<f32> = fit.centres.iter().map(|value| *value as f32).collect();
        for (var, values) in self.params.iter().zip([weights, means, logvars]) {
            var.set(&Tensor::from_vec(values, var.shape(), var.device())?)?;
        }
        Ok(())
    }

    fn shares(&self, q: &Posterior) -> Result<Option<Tensor>> {
        self.log_shares(&q.mean)?.exp().map(Some)
    }

    fn prior_codes(&self, noise: &Tensor) -> Result<Tensor> {
        let (rows, components) = (noise.dim(0)?, self.means.dim(0)?);
        // Components in turn by their weights: as many draws of each as it has a share.
        let weights = self.log_weights()?.exp()?.to_vec1::<f32>()?;
        let mut chosen = Vec::with_capacity(rows);
        let mut owed = vec![0f32; components];
        for _ in 0..rows {
            owed.iter_mut().zip(&weights).for_each(|(owed, weight)| *owed += weight);
            let next = (0..components).max_by(|a, b| owed[*a].total_cmp(&owed[*b])).unwrap_or(0);
            owed[next] -= 1.0;
            chosen.push(next as u32);
        }
        let chosen = Tensor::from_vec(chosen, rows, noise.device())?;
        let deviations = (self.logvars.index_select(&chosen, 0)? * 0.5)?.exp()?;
        self.means.index_select(&chosen, 0)? + (deviations * noise)?
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{number, sharp};
    use super::*;
    use candle_core::Device;
    use ndarray::Array2;

    const ONCE: Warmup = Warmup { share: 0.0, cycles: 1 };

    fn mixture(components: usize) -> Mixture {
        Mixture::new(&mut Params::new(1, &Device::Cpu), components, 2, 0.5, ONCE).unwrap()
    }

    #[test]
    fn equal_standard_components_are_the_standard_normal() {
        let q = sharp(&[[1.0, -0.5], [0.0, 2.0]], -0.3);
        let gap = number(&mixture(3).divergence(&q, &q.mean).unwrap()) - number(&divergence(&q).unwrap());
        assert!(gap.abs() < 1e-5, "{gap}");
    }

    #[test]
    fn codes_of_two_groups_make_two_components() {
        let codes = Array2::from_shape_fn((60, 2), |(row, column)| {
            let side = if row % 3 == 0 { 4.0 } else { -4.0 };
            side + ((row * 7 + column * 3) % 10) as f32 / 10.0
        });
        let mixture = mixture(2);
        mixture.place(codes.view(), 1).unwrap();
        let q = sharp(&[[4.5, 4.5], [-3.5, -3.5]], 0.0);
        let shares = mixture.shares(&q).unwrap().unwrap().to_vec2::<f32>().unwrap();
        let first = usize::from(shares[0][1] > 0.5);
        assert!(shares[0][first] > 0.999 && shares[1][1 - first] > 0.999);
        let mut weights = mixture.log_weights().unwrap().exp().unwrap().to_vec1::<f32>().unwrap();
        weights.sort_by(f32::total_cmp);
        assert!((weights[0] - 1.0 / 3.0).abs() < 1e-4);
        let noise = Tensor::zeros((3, 2), candle_core::DType::F32, &Device::Cpu).unwrap();
        let drawn = mixture.prior_codes(&noise).unwrap().to_vec2::<f32>().unwrap();
        assert_eq!(drawn.iter().filter(|code| code[0] > 0.0).count(), 1, "a third of the draws: {drawn:?}");
    }

    #[test]
    fn the_prior_changes_once() {
        let (mixture, at) = (mixture(2), |step| Progress { step, of: 100 });
        let placed: Vec<usize> = (0..100).filter(|step| mixture.wants_codes(at(*step))).collect();
        assert_eq!(placed, [50]);
        assert!(!mixture.is_settled(at(49)) && mixture.is_settled(at(50)) && mixture.is_settled(Progress::END));
    }
}
