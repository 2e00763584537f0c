//! SimCLR: each view finds its partner among all views of the batch.
//! Chen, Kornblith, Norouzi, Hinton, "A simple framework for contrastive learning of visual representations" (ICML 2020).

use candle_core::Result;

use super::contrast::{Cost, Pair, nt_xent};
use super::siamese::{Objective, Siamese, contrastive};
use super::warmup::Progress;
use crate::neural::batch_norm::Phase;

contrastive! {
    /// Settings of SimCLR.
    pub struct Simclr {
        /// What cosines are divided by: the lower, the more the nearest other tracks count.
        #[schemars(range(min = 0.01, max = 10.0))]
        temperature: f64 = 0.1,
    }
    example: "temperature = 0.1\nencoder.conv = { channels = [16, 32, 64, 128] }\naugment = { choose = 2, crop = {}, gain = {}, time_mask = { share = 0.2 } }",
    objective: |settings, _shape, _params| Batchwise { temperature: settings.temperature },
}

struct Batchwise {
    temperature: f64,
}

impl Objective for Batchwise {
    fn cost<'a>(&'a self, siamese: &'a Siamese, pair: &Pair, phase: Phase, _at: Progress) -> Result<Cost<'a>> {
        let embeddings = siamese.embed(&pair.all()?, phase)?;
        let (loss, bounds) = nt_xent(&siamese.project(&embeddings, phase)?, &pair.groups, self.temperature)?;
        let normalised = bounds.normalised(f64::from(loss.to_scalar::<f32>()?));
        Ok(Cost { loss, normalised, embeddings, follow: None })
    }
}
