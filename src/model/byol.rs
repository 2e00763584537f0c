//! BYOL: one view foretells what a slow copy of the network makes of the other. It needs no other tracks.
//! Grill et al., "Bootstrap your own latent: a new approach to self-supervised learning" (NeurIPS 2020), equations 1 and 2.

use candle_core::{Result, Tensor};

use super::contrast::{Cost, Momentum, Pair, unit};
use super::siamese::{Head, Objective, Siamese, contrastive};
use super::warmup::Progress;
use super::{InputShape, ModelError};
use crate::neural::batch_norm::Phase;
use crate::neural::params::Params;

contrastive! {
    /// Settings of BYOL.
    pub struct Byol {
        /// What the slow copy keeps of itself at each step of the beginning; towards the end it keeps all.
        #[schemars(range(min = 0.0, max = 1.0))]
        momentum: f64 = 0.99,
    }
    example: "momentum = 0.99",
    objective: |settings, shape, params| Bootstrap::new(settings, shape, params)?,
}

struct Bootstrap {
    momentum: f64,
    predictor: Head,
    target: Siamese,
    follower: Momentum,
}

impl Bootstrap {
    fn new(settings: &Byol, shape: InputShape, params: &mut Params) -> std::result::Result<Bootstrap, ModelError> {
        let Byol { momentum, embedding, projection, .. } = *settings;
        let (target, follower) = Momentum::follower(params, |params| {
            Siamese::new(&settings.encoder, (embedding, projection), shape, params)
        })?;
        let predictor = Head::new(params, "predictor", (projection, embedding, projection))?;
        Ok(Bootstrap { momentum, predictor, target, follower })
    }

    /// From the momentum of the beginning to 1 along half a cosine.
    fn kept(&self, at: Progress) -> f64 {
        1.0 - (1.0 - self.momentum) * 0.5 * ((std::f64::consts::PI * at.fraction()).cos() + 1.0)
    }
}

impl Objective for Bootstrap {
    fn cost<'a>(&'a self, siamese: &'a Siamese, pair: &Pair, phase: Phase, at: Progress) -> Result<Cost<'a>> {
        let (views, tracks) = (pair.all()?, pair.groups.len());
        let embeddings = siamese.embed(&views, phase)?;
        let foretold = unit(&self.predictor.forward(&siamese.project(&embeddings, phase)?, phase)?)?;
        let targets = unit(&self.target.project(&self.target.embed(&views, phase)?, phase)?)?.detach();
        let (first, second) = (targets.narrow(0, 0, tracks)?, targets.narrow(0, tracks, tracks)?);
        let partners = Tensor::cat(&[second, first], 0)?;
        let loss = (2.0 - ((foretold * partners)?.sum(1)?.mean_all()? * 2.0)?)?;
        let follow = move || self.follower.follow(self.kept(at));
        Ok(Cost { loss, normalised: None, embeddings, follow: Some(Box::new(follow)) })
    }
}
