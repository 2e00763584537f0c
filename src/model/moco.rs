//! MoCo: each view finds its partner among views of earlier batches, which a slow copy of the network has seen.
//! He, Fan, Wu, Xie, Girshick, "Momentum contrast for unsupervised visual representation learning" (CVPR 2020), algorithm 1;
//! the projector and both views in both parts: Chen, Xie, He, "An empirical study of training self-supervised vision
//! transformers" (ICCV 2021).

use candle_core::{Result, Tensor, Var};

use super::contrast::{Cost, Momentum, Pair, against, unit};
use super::siamese::{Objective, Siamese, contrastive};
use super::warmup::Progress;
use super::{InputShape, ModelError};
use crate::neural::batch_norm::Phase;
use crate::neural::params::Params;

contrastive! {
    /// Settings of MoCo.
    pub struct Moco {
        /// What cosines are divided by: the lower, the more the nearest other tracks count.
        #[schemars(range(min = 0.01, max = 10.0))]
        temperature: f64 = 0.1,
        /// Views of earlier batches that are kept.
        #[schemars(range(min = 1, max = 1_000_000))]
        queue: usize = 1024,
        /// What the slow copy keeps of itself at each step.
        #[schemars(range(min = 0.0, max = 1.0))]
        momentum: f64 = 0.99,
    }
    example: "temperature = 0.1\nqueue = 1024\nmomentum = 0.99",
    objective: |settings, shape, params| Queued::new(settings, shape, params)?,
}

/// What nobody's view is of.
const NOBODY: f32 = -1.0;

struct Queued {
    temperature: f64,
    momentum: f64,
    key: Siamese,
    follower: Momentum,
    /// `[queue, projection]`, the newest first.
    queue: Var,
    /// `[queue]`: the group of each, [`NOBODY`] where the queue is not yet filled.
    groups: Var,
}

impl Queued {
    fn new(settings: &Moco, shape: InputShape, params: &mut Params) -> std::result::Result<Queued, ModelError> {
        let Moco { temperature, momentum, queue, embedding, projection, .. } = *settings;
        let (key, follower) = Momentum::follower(params, |params| {
            Siamese::new(&settings.encoder, (embedding, projection), shape, params)
        })?;
        let groups = params.kept("queue.groups", &[queue], NOBODY)?;
        let queue = params.kept("queue.views", &[queue, projection], 0.0)?;
        Ok(Queued { temperature, momentum, key, follower, queue, groups })
    }

    /// The newest views before the others, as many as are kept.
    fn enqueue(&self, keys: &Tensor, groups: &[f32]) -> Result<()> {
        let kept = self.queue.dim(0)?;
        let groups = Tensor::from_slice(groups, groups.len(), keys.device())?;
        self.queue
            .set(&Tensor::cat(&[keys, &self.queue.as_detached_tensor()], 0)?.narrow(0, 0, kept)?.contiguous()?)?;
        self.groups
            .set(&Tensor::cat(&[&groups, &self.groups.as_detached_tensor()], 0)?.narrow(0, 0, kept)?.contiguous()?)
    }
}

impl Objective for Queued {
    fn cost<'a>(&'a self, siamese: &'a Siamese, pair: &Pair, phase: Phase, _at: Progress) -> Result<Cost<'a>> {
        let (views, tracks) = (pair.all()?, pair.groups.len());
        let embeddings = siamese.embed(&views, phase)?;
        let queries = unit(&siamese.project(&embeddings, phase)?)?;
        let keys = unit(&self.key.project(&self.key.embed(&views, phase)?, phase)?)?.detach();
        let groups: Vec<f32> = pair.groups.iter().chain(&pair.groups).map(|group| *group as f32).collect();
        let others = Tensor::cat(&[&keys, &self.queue.as_detached_tensor()], 0)?;
        let of_others = [groups.clone(), self.groups.to_vec1()?].concat();
        let counts = |view: usize, other: usize| of_others[other] != NOBODY && of_others[other] != groups[view];
        let (first, second) = (keys.narrow(0, 0, tracks)?, keys.narrow(0, tracks, tracks)?);
        let partners = Tensor::cat(&[second, first], 0)?;
        let (loss, bounds) = against(&queries, &partners, &others, counts, self.temperature)?;
        let normalised = bounds.normalised(f64::from(loss.to_scalar::<f32>()?));
        let follow = move || {
            self.follower.follow(self.momentum)?;
            self.enqueue(&keys, &groups)
        };
        Ok(Cost { loss, normalised, embeddings, follow: Some(Box::new(follow)) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::Device;

    #[test]
    fn the_queue_keeps_the_newest_first_and_forgets_the_oldest() {
        let mut params = Params::new(1, &Device::Cpu);
        let settings = Moco { queue: 5, projection: 2, ..Moco::default() };
        let shape = InputShape::Map { channels: 1, bins: 16, frames: 16 };
        Siamese::new(&settings.encoder, (settings.embedding, 2), shape, &mut params).unwrap();
        let queued = Queued::new(&settings, shape, &mut params).unwrap();
        let groups = || queued.groups.to_vec1::<f32>().unwrap();
        assert_eq!(groups(), [NOBODY; 5]);
        let keys = |value: f32| Tensor::full(value, (2, 2), &Device::Cpu).unwrap();
        for (value, of) in [(1.0, [10.0, 11.0]), (2.0, [20.0, 21.0]), (3.0, [30.0, 31.0])] {
            queued.enqueue(&keys(value), &of).unwrap();
        }
        assert_eq!(groups(), [30.0, 31.0, 20.0, 21.0, 10.0]);
        let first: Vec<f32> = queued.queue.to_vec2::<f32>().unwrap().iter().map(|row| row[0]).collect();
        assert_eq!(first, [3.0, 3.0, 2.0, 2.0, 1.0]);
    }
}
