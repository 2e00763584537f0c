//! VICReg: views of one track are alike, and no dimension may fall silent or repeat another. It needs no other tracks.
//! Bardes, Ponce, LeCun, "VICReg: variance-invariance-covariance regularization for self-supervised learning" (ICLR 2022).

use candle_core::Result;

use super::contrast::{Cost, Pair, Weights, vicreg};
use super::siamese::{Objective, Siamese, contrastive};
use super::warmup::Progress;
use crate::neural::batch_norm::Phase;

contrastive! {
    /// Settings of VICReg.
    pub struct Vicreg {
        /// Weight of the distance between views of one track.
        #[schemars(range(min = 0.0))]
        invariance: f64 = 25.0,
        /// Weight of what standard deviations lack to 1.
        #[schemars(range(min = 0.0))]
        variance: f64 = 25.0,
        /// Weight of what dimensions share.
        #[schemars(range(min = 0.0))]
        covariance: f64 = 1.0,
    }
    example: "invariance = 25.0\nvariance = 25.0\ncovariance = 1.0",
    objective: |settings, _shape, _params| Redundancy(Weights {
        invariance: settings.invariance,
        variance: settings.variance,
        covariance: settings.covariance,
    }),
}

struct Redundancy(Weights);

impl Objective for Redundancy {
    fn cost<'a>(&'a self, siamese: &'a Siamese, pair: &Pair, phase: Phase, _at: Progress) -> Result<Cost<'a>> {
        let embeddings = siamese.embed(&pair.all()?, phase)?;
        let (z, tracks) = (siamese.project(&embeddings, phase)?, pair.groups.len());
        let loss = vicreg(&z.narrow(0, 0, tracks)?, &z.narrow(0, tracks, tracks)?, self.0)?;
        Ok(Cost { loss, normalised: None, embeddings, follow: None })
    }
}
