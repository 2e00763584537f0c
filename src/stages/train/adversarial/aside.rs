//! All that a refinement is at one step, put aside while it runs: one that was killed goes on as if it had not been.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::RefineError;
use super::refiner::Refiner;
use crate::artifact::RefinementRow;
use crate::engine::cache::Partial;
use crate::engine::{BoxError, Ctx, Files, Hold};
use crate::neural::adam::Adam;
use crate::neural::archive::{from_bytes, to_bytes};
use crate::neural::params::Weight;

const NETWORK: &str = "network.safetensors";
const DISCRIMINATOR: &str = "discriminator.safetensors";
const STATE: &str = "state.json";
/// The shortest time between two checkpoints, and how many times what the last one took.
const EVERY: (Duration, u32) = (Duration::from_secs(2), 20);

/// What a refinement carries from step to step beside the weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct State {
    /// The optimiser of the decoder.
    pub decoder: Adam,
    /// That of the discriminator.
    pub discriminator: Adam,
    /// Mean squared error a value of the trained decoder on what it learned from: the unit of the reconstruction.
    pub noise: f64,
    /// Steps done.
    pub done: usize,
    /// Steps whose loss or gradient was not finite.
    pub skipped: usize,
    /// How many of them were the last ones.
    pub skipped_in_a_row: usize,
    /// Sums since the last record.
    pub window: Window,
    /// The record so far.
    pub history: Vec<RefinementRow>,
}

/// Sums since the last record, each with its count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Window {
    /// Of the discriminator: its loss, and the share of its answers that are right.
    pub judged: Sums<2>,
    /// Of the decoder: hinge loss, matching of features, squared error.
    pub made: Sums<3>,
}

/// Numbers summed over steps.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound(serialize = "[f64; N]: Serialize", deserialize = "[f64; N]: Deserialize<'de>"))]
pub(super) struct Sums<const N: usize> {
    count: usize,
    sums: [f64; N],
}

impl<const N: usize> Default for Sums<N> {
    fn default() -> Sums<N> {
        Sums { count: 0, sums: [0.0; N] }
    }
}

impl<const N: usize> Sums<N> {
    pub(super) fn add(&mut self, values: [f64; N]) {
        self.count += 1;
        self.sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
    }

    pub(super) fn means(&self) -> [Option<f64>; N] {
        self.sums.map(|sum| (self.count > 0).then(|| sum / self.count as f64))
    }
}

/// Weights and state as they come back from disk.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Checkpoint {
    pub network: Vec<Weight>,
    pub discriminator: Vec<Weight>,
    pub state: State,
}

impl Checkpoint {
    pub(super) fn save(&self) -> Result<Files, BoxError> {
        let weights = Files::new().with(NETWORK, to_bytes(&self.network)?);
        Ok(weights.with(DISCRIMINATOR, to_bytes(&self.discriminator)?).with(STATE, serde_json::to_vec(&self.state)?))
    }

    pub(super) fn load(files: &Files) -> Result<Checkpoint, BoxError> {
        let weights = |name| -> Result<Vec<Weight>, BoxError> { Ok(from_bytes(files.bytes(name)?)?) };
        Ok(Checkpoint { network: weights(NETWORK)?, discriminator: weights(DISCRIMINATOR)?, state: files.json(STATE)? })
    }
}

/// Watches a refinement for the engine.
pub(super) struct Aside<'a> {
    ctx: &'a Ctx<'a>,
    partial: Partial,
    due: Instant,
    /// Who asks for the end waits for the checkpoint.
    _hold: Hold,
}

impl<'a> Aside<'a> {
    pub(super) fn new(ctx: &'a Ctx<'a>) -> Aside<'a> {
        Aside { ctx, partial: ctx.partial(), due: Instant::now() + EVERY.0, _hold: ctx.interrupt().hold() }
    }

    /// The checkpoint that an earlier attempt left, if it is sound.
    pub(super) fn found(&self) -> Option<Checkpoint> {
        Checkpoint::load(&self.partial.load()?).ok()
    }

    /// After each step.
    pub(super) fn watch(&mut self, refiner: &Refiner) -> Result<(), RefineError> {
        let (done, asked) = (refiner.state().done, self.ctx.interrupt().is_asked());
        self.ctx.progress_with(done, refiner.planned(), refiner.note());
        if asked || Instant::now() >= self.due {
            self.put_aside(refiner);
        }
        if asked { Err(RefineError::Stopped { step: done }) } else { Ok(()) }
    }

    /// Trouble with a checkpoint is told and does not end the refinement, which may well come to its end without.
    fn put_aside(&mut self, refiner: &Refiner) {
        let begun = Instant::now();
        let save = || -> Result<(), BoxError> { Ok(self.partial.save(&refiner.checkpoint()?.save()?)?) };
        if let Err(error) = save() {
            self.ctx.warn(format!("a checkpoint could not be written ({error}): if the refinement is stopped now it begins again from the one before"));
        }
        self.due = Instant::now() + EVERY.0.max(begun.elapsed() * EVERY.1);
    }
}
