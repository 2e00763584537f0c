//! Codes drawn to the centre that they are nearest to: clusters that sharpen themselves.
//! Xie, Girshick, Farhadi, "Unsupervised deep embedding for clustering analysis" (ICML 2016), equations 1 to 3; with the
//! reconstruction kept beside it, Guo, Gao, Liu, Yin, "Improved deep embedded clustering" (IJCAI 2017), equation 5.
//!
//! The target distribution is that of the batch; the papers take it over all rows every so many steps.

use candle_core::{Result, Tensor, Var};
use ndarray::ArrayView2;

use super::{Posterior, Progress, Regularizer, idle};
use crate::neural::params::Params;
use crate::stats::kmeans;

/// `weight · KL(P ‖ Q)` a row, Q the Student-t shares of the centres and P the same, sharpened.
pub(in crate::model) struct Sharpening {
    /// Share of the training before centres are placed.
    pub pretraining: f64,
    /// Weight of the divergence, in nats a row.
    pub weight: f64,
    /// `[clusters, latent]`.
    centres: Tensor,
    param: Var,
}

impl Sharpening {
    /// `clusters` centres, all at the origin.
    pub(in crate::model) fn new(
        params: &mut Params,
        clusters: usize,
        latent_dim: usize,
        pretraining: f64,
        weight: f64,
    ) -> Result<Sharpening> {
        let centres = params.constant("centres", &[clusters, latent_dim], 0.0)?;
        let param = params.vars()[params.vars().len() - 1].1.clone();
        Ok(Sharpening { pretraining, weight, centres, param })
    }

    fn placed_at(&self, at: Progress) -> usize {
        (self.pretraining * at.of as f64) as usize
    }

    /// Equation 1 with one degree of freedom: `[rows, clusters]`.
    fn student(&self, code: &Tensor) -> Result<Tensor> {
        let gaps = code.unsqueeze(1)?.broadcast_sub(&self.centres.unsqueeze(0)?)?.sqr()?.sum(2)?;
        let near = (gaps + 1.0)?.recip()?;
        near.broadcast_div(&near.sum_keepdim(1)?)
    }
}

/// Equation 3: squared, and divided by how much each cluster has.
fn sharpened(shares: &Tensor) -> Result<Tensor> {
    let shares = shares.detach();
    let sharp = shares.sqr()?.broadcast_div(&shares.sum_keepdim(0)?)?;
    sharp.broadcast_div(&sharp.sum_keepdim(1)?)
}

impl Regularizer for Sharpening {
    fn kl_weight(&self, _at: Progress) -> f64 {
        0.0
    }

    fn is_settled(&self, at: Progress) -> bool {
        at.step >= self.placed_at(at)
    }

    fn term(&self, _q: &Posterior, code: &Tensor, at: Progress) -> Result<Tensor> {
        if !self.is_settled(at) {
            return idle([&self.centres]);
        }
        let shares = self.student(code)?;
        let target = sharpened(&shares)?;
        let nats = (&target * ((&target + 1e-12)?.log()? - (shares + 1e-12)?.log()?)?)?;
        nats.sum(1)?.mean_all()? * self.weight
    }

    fn wants_codes(&self, at: Progress) -> bool {
        at.step == self.placed_at(at)
    }

    fn place(&self, codes: ArrayView2<f32>, seed: u64) -> Result<()> {
        let fit = kmeans::best(codes.mapv(f64::from).view(), self.centres.dim(0)?, seed);
        let centres: Vec<f32> = fit.centres.iter().map(|value| *value as f32).collect();
        self.param.set(&Tensor::from_vec(centres, self.param.shape(), self.param.device())?)
    }

    fn shares(&self, q: &Posterior) -> Result<Option<Tensor>> {
        self.student(&q.mean).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{number, tensor};
    use super::*;
    use candle_core::Device;

    fn between() -> Sharpening {
        let sharpening = Sharpening::new(&mut Params::new(1, &Device::Cpu), 2, 1, 0.5, 1.0).unwrap();
        sharpening.param.set(&tensor(&[[-2.0], [2.0]])).unwrap();
        sharpening
    }

    #[test]
    fn shares_are_those_of_the_paper() {
        let shares = between().student(&tensor(&[[2.0], [0.0]])).unwrap().to_vec2::<f32>().unwrap();
        assert!((shares[0][1] - 1.0 / (1.0 + 1.0 / 17.0)).abs() < 1e-6 && (shares[1][0] - 0.5).abs() < 1e-6);
    }

    #[test]
    fn sharpening_makes_the_likely_likelier() {
        let shares = sharpened(&tensor(&[[0.8, 0.2], [0.3, 0.7]])).unwrap().to_vec2::<f32>().unwrap();
        assert!(shares[0][0] > 0.85 && shares[1][1] > 0.75);
        assert!(shares.iter().all(|row| (row.iter().sum::<f32>() - 1.0).abs() < 1e-6));
    }

    #[test]
    fn codes_between_two_centres_cost_more_than_codes_at_them() {
        let cost = |codes: &[[f32; 1]]| {
            let code = tensor(codes);
            let q = Posterior { mean: code.clone(), logvar: None };
            number(&between().term(&q, &code, Progress::END).unwrap())
        };
        assert!(cost(&[[0.7], [-0.8]]) > 1.5 * cost(&[[2.0], [-2.0]]));
    }
}
