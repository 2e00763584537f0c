//! The train room: features become a trained network. It knows no model and no plots.

pub mod batches;
pub mod fit;
pub mod history;
pub mod schedule;
pub mod score;

pub use schedule::Schedule;

use crate::artifact::{FeatureTable, Part, Scale, Split, Weights};
use crate::engine::{Ctx, Failure, FailureKind, Handle, Stage, Version};
use crate::model::{self, InputShape};
use crate::neural::archive::to_bytes;
use crate::neural::params::Params;
use candle_core::Device;
use fit::{Data, Fitted, TrainError, fit};
use ndarray::Axis;
use serde::Serialize;
use std::ops::ControlFlow;

/// [`FeatureTable`] × [`Split`] → [`Weights`].
#[derive(Serialize)]
pub struct Train {
    /// What is learned from.
    pub features: Handle<FeatureTable>,
    /// Which tracks are.
    pub split: Handle<Split>,
    /// What is learned.
    pub model: model::Kind,
    /// How long and how fast.
    pub schedule: Schedule,
    /// Seed of initial weights, order of batches and noise.
    pub seed: u64,
    /// Where it is computed. It is not part of the key.
    #[serde(skip)]
    pub device: Device,
}

impl Stage for Train {
    type Output = Weights;
    const NAME: &'static str = "train";

    fn version(&self) -> Version {
        Version { room: 1, kind: self.model.version() }
    }

    fn title(&self) -> String {
        format!("train {} seed {}", self.model.name(), self.seed)
    }

    fn run(&self, ctx: &Ctx) -> Result<Weights, Failure> {
        let (table, split) = (ctx.get(&self.features)?, ctx.get(&self.split)?);
        let (train, val) = (
            split.rows(&table.tracks, |part| part == Part::Train),
            split.rows(&table.tracks, |part| part == Part::Validation),
        );
        let scale = Scale::fit(&table, &train);
        let rows = scale.apply(&table);
        let (train, val) = (rows.select(Axis(0), &train), rows.select(Axis(0), &val));
        let mut params = Params::new(self.seed, &self.device);
        let network =
            self.model.build(InputShape::of(table.values.shape()), &mut params).map_err(Failure::experiment)?;
        let data = Data { train: train.view(), val: val.view() };
        let mut watch = |step: usize, of: usize, rows: &[fit::Row]| {
            let note = rows.last().map_or_else(String::new, |row| format!("loss {:.1}", row.loss));
            ctx.progress_with(step, of, note);
            ControlFlow::Continue(())
        };
        let fitted = fit(network.as_ref(), &params, &data, &self.schedule, self.seed, &mut watch).map_err(classify)?;
        weights(fitted, scale)
    }
}

fn weights(fitted: Fitted, scale: Scale) -> Result<Weights, Failure> {
    let (best_step, skipped_steps, still_falling) = (fitted.best_step, fitted.skipped_steps, fitted.still_falling);
    Ok(Weights {
        best: to_bytes(&fitted.best)?,
        scale,
        history: fitted.history,
        best_step,
        skipped_steps,
        still_falling,
    })
}

fn classify(error: TrainError) -> Failure {
    let kind = match &error {
        TrainError::Diverged { .. } => FailureKind::Diverged,
        TrainError::NoRows | TrainError::NotFinite { .. } => FailureKind::Data,
        TrainError::Schedule(_) => FailureKind::Experiment,
        TrainError::Model(_) | TrainError::Stopped { .. } => FailureKind::Stage,
    };
    Failure::new(kind, error)
}
