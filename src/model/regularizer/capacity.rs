//! A divergence that is held to a capacity which grows over the training.
//! Burgess et al., "Understanding disentangling in β-VAE" (2018), equation 8: `γ · |KL − C|`.

use candle_core::{Result, Tensor};

use super::{Posterior, Progress, Regularizer, divergence};

/// `γ · |KL − C(t)|`, C rising linearly from 0.
pub(in crate::model) struct Capacity {
    /// Weight of the distance.
    pub gamma: f64,
    /// Nats of a code at the end of the rise.
    pub nats: f64,
    /// Share of the training over which it rises.
    pub rise: f64,
}

impl Regularizer for Capacity {
    fn kl_weight(&self, _at: Progress) -> f64 {
        self.gamma
    }

    fn final_beta(&self) -> Option<f64> {
        None
    }

    fn is_settled(&self, at: Progress) -> bool {
        at.ramp(self.rise) == 1.0
    }

    fn term(&self, q: &Posterior, _code: &Tensor, at: Progress) -> Result<Tensor> {
        (divergence(q)? - self.nats * at.ramp(self.rise))?.abs()? * self.gamma
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{number, sharp};
    use super::*;

    #[test]
    fn less_and_more_than_the_capacity_cost_alike() {
        let q = sharp(&[[1.0]], 0.0);
        let term = |nats, step| {
            let capacity = Capacity { gamma: 10.0, nats, rise: 0.5 };
            number(&capacity.term(&q, &q.mean, Progress { step, of: 100 }).unwrap())
        };
        assert!((term(0.7, 50) - 2.0).abs() < 1e-5 && (term(0.3, 99) - 2.0).abs() < 1e-5);
        assert!((term(0.7, 25) - 1.5).abs() < 1e-5, "half of the rise");
        let settled = |step| Capacity { gamma: 1.0, nats: 1.0, rise: 0.5 }.is_settled(Progress { step, of: 100 });
        assert!(!settled(49) && settled(50));
    }
}
