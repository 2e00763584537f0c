//! The diagnosis room: does the model use its code, and if not, what to change.

pub mod collapse;
pub mod evidence;
pub mod information;
pub mod predict;

use crate::artifact::{Diagnosis, FeatureTable, Split, Verdict, Weights};
use crate::engine::{Ctx, Failure, Handle, Stage};
use crate::model::{self, InputShape, Likelihood, checkpoint};
use candle_core::Device;
use evidence::Evidence;
use ndarray::Axis;
use serde::Serialize;

/// Held-out rows that are looked at, at most.
const ROWS: usize = 1024;

/// [`Weights`] × [`FeatureTable`] → [`Diagnosis`].
#[derive(Serialize)]
pub struct Diagnose {
    /// The weights.
    pub weights: Handle<Weights>,
    /// What was trained.
    pub model: model::Kind,
    /// What it was trained on.
    pub features: Handle<FeatureTable>,
    /// Which rows it has not learned from.
    pub split: Handle<Split>,
    /// Seed of the draws from the prior.
    pub seed: u64,
}

impl Stage for Diagnose {
    type Output = Diagnosis;
    const NAME: &'static str = "diagnose";

    fn run(&self, ctx: &Ctx) -> Result<Diagnosis, Failure> {
        let (table, weights, split) = (ctx.get(&self.features)?, ctx.get(&self.weights)?, ctx.get(&self.split)?);
        let held_out = split.held_out(&table.tracks);
        let step = held_out.len().div_ceil(ROWS).max(1);
        let chosen: Vec<usize> = held_out.into_iter().step_by(step).collect();
        let rows = weights.scale.apply(&table).select(Axis(0), &chosen);
        let network =
            checkpoint::restored(&self.model, InputShape::of(table.values.shape()), &weights.best, &Device::Cpu)?;
        let evidence = Evidence::gather(network.as_ref(), rows.view(), self.seed, &Device::Cpu)?;
        let mut diagnosis = collapse::diagnose(&evidence, self.seed);
        // A remedy that is taken already is none.
        diagnosis
            .remedies
            .retain(|remedy| !(remedy.contains("likelihood") && network.likelihood() == Likelihood::Sigma));
        if diagnosis.verdict != Verdict::Healthy {
            let (reasons, remedies) = (diagnosis.reasons.join("; "), diagnosis.remedies.join("; "));
            ctx.warn(format!("the latent space is {}: {reasons}. Remedy: {remedies}", diagnosis.verdict.word()));
        }
        Ok(diagnosis)
    }
}
