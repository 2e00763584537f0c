//! Refining a trained decoder against a discriminator: sharper maps from the same codes.
//! Larsen, Sønderby, Larochelle, Winther, "Autoencoding beyond pixels using a learned similarity metric" (ICML 2016); in two phases
//! as Caillon and Esling, "RAVE" (arXiv 2111.05011), section 3.1: first the representation, then the sound of it.
//!
//! The encoder is not touched, so latents and clusterings are what they were. A model whose code is not used is left alone: a
//! discriminator makes blurred maps sharp, it does not cure a collapse.

mod aside;
mod held_out;
mod refiner;
mod settings;

pub use settings::Adversarial;

use super::fit::Rows;
use crate::artifact::{Corpus, Diagnosis, FeatureTable, Part, Refinement, Split, Verdict, Weights};
use crate::engine::{Ctx, Failure, FailureKind, Handle, Stage, Version};
use crate::model::{self, Input, ModelError};
use crate::neural::archive::{from_bytes, to_bytes};
use crate::neural::params::Params;
use aside::Aside;
use candle_core::Device;
use refiner::{Refiner, Refining};
use serde::Serialize;

/// [`Weights`] × [`Diagnosis`] → [`Weights`] with another decoder, or the same where the diagnosis is bad.
#[derive(Serialize)]
pub struct Refine {
    /// What was trained.
    pub weights: Handle<Weights>,
    /// Whether it is healthy.
    pub diagnosis: Handle<Diagnosis>,
    /// What it was trained on.
    pub features: Handle<FeatureTable>,
    /// Which tracks are learned from.
    pub split: Handle<Split>,
    /// Where the labels come from that a conditional model is told; none for others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corpus: Option<Handle<Corpus>>,
    /// The kind of the model.
    pub model: model::Kind,
    /// How.
    pub settings: Adversarial,
    /// Seed of the discriminator's weights, order of batches and noise.
    pub seed: u64,
    /// Where it is computed. It is not part of the key.
    #[serde(skip)]
    pub device: Device,
}

impl Stage for Refine {
    type Output = Weights;
    const NAME: &'static str = "refine";

    fn version(&self) -> Version {
        Version { room: 1, kind: self.model.version() }
    }

    fn title(&self) -> String {
        format!("refine {} seed {}", self.model.name(), self.seed)
    }

    fn run(&self, ctx: &Ctx) -> Result<Weights, Failure> {
        let (trained, diagnosis) = (ctx.get(&self.weights)?, ctx.get(&self.diagnosis)?);
        if diagnosis.verdict != Verdict::Healthy {
            let why = why_not(&diagnosis);
            ctx.warn(why.clone());
            let refinement = Some(Refinement { left_alone: Some(why), ..Refinement::default() });
            return Ok(Weights { refinement, ..trained.as_ref().clone() });
        }
        let (table, split) = (ctx.get(&self.features)?, ctx.get(&self.split)?);
        let mut params = Params::new(self.seed, &self.device);
        let network =
            self.model.build(Input::of(&table, trained.classes.len()), &mut params).map_err(Failure::experiment)?;
        params.restore(&from_bytes(&trained.best)?)?;
        let corpus = ctx.get_if(self.corpus.as_ref())?;
        let labels = corpus.map(|corpus| corpus.labels_of(&table.tracks));
        let side = |wanted: fn(Part) -> bool| {
            let rows = split.rows(&table.tracks, wanted);
            let labels = labels.as_ref().map(|labels| rows.iter().map(|row| labels[*row]).collect::<Vec<_>>());
            (trained.scale.apply_to(&table, &rows), labels)
        };
        let (train, val) = (side(|part| part == Part::Train), side(|part| part == Part::Validation));
        let [train, val] =
            [&train, &val].map(|(values, labels)| Rows { values: values.view(), labels: labels.as_deref() });
        let refining = Refining {
            network: network.as_ref(),
            params: &params,
            train,
            val,
            settings: &self.settings,
            seed: self.seed,
        };
        let refinement = run(&refining, ctx).map_err(classify)?;
        let best = to_bytes(&params.snapshot()?)?;
        Ok(Weights { last: best.clone(), best, refinement: Some(refinement), ..trained.as_ref().clone() })
    }
}

/// Why a refinement ended early.
#[derive(Debug, thiserror::Error)]
pub enum RefineError {
    /// The loss or its gradient was not finite too often.
    #[error(
        "the adversarial refinement diverged at step {step}: {skipped} steps had no finite loss or gradient; lower adversarial.learning_rate or adversarial.weight, or set adversarial.steps = 0"
    )]
    Diverged {
        /// The step at which it was given up.
        step: usize,
        /// Steps skipped until then.
        skipped: usize,
    },
    /// There is nothing to learn from.
    #[error("no training rows: the split leaves all of them out")]
    NoRows,
    /// Whoever watches asked for the end.
    #[error("the adversarial refinement was stopped at step {step}")]
    Stopped {
        /// Steps done.
        step: usize,
    },
    /// The discriminator cannot take these rows.
    #[error(transparent)]
    Model(#[from] ModelError),
}

impl From<candle_core::Error> for RefineError {
    fn from(error: candle_core::Error) -> RefineError {
        RefineError::Model(error.into())
    }
}

/// Refines, puts the work aside from time to time and when it is asked to stop.
fn run(refining: &Refining, ctx: &Ctx) -> Result<Refinement, RefineError> {
    let mut aside = Aside::new(ctx);
    let mut refiner = Refiner::new(refining, aside.found())?;
    refiner.give_up()?;
    while !refiner.has_ended() {
        refiner.step()?;
        aside.watch(&refiner)?;
        refiner.give_up()?;
    }
    Ok(refiner.finish())
}

fn why_not(diagnosis: &Diagnosis) -> String {
    let (reasons, remedies) = (diagnosis.reasons.join("; "), diagnosis.remedies.join("; "));
    format!(
        "[adversarial] was not used: the latent space is {}, which a discriminator does not cure ({reasons}). First: {remedies}",
        diagnosis.verdict.word()
    )
}

fn classify(error: RefineError) -> Failure {
    let kind = match &error {
        RefineError::Diverged { .. } => FailureKind::Diverged,
        RefineError::NoRows => FailureKind::Data,
        RefineError::Stopped { .. } => FailureKind::Interrupted,
        RefineError::Model(_) => FailureKind::Experiment,
    };
    Failure::new(kind, error)
}

#[cfg(test)]
mod tests;
