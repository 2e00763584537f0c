//! The training loop, and how it ends. It knows no model, no files and no engine.
//! Kingma and Welling, "Auto-encoding variational Bayes" (ICLR 2014), algorithm 1.

use std::ops::{ControlFlow, Range};

use ndarray::ArrayView2;

use super::checkpoint::Checkpoint;
pub use super::history::Row;
use super::lesson::{Coding, Contrasting};
use super::schedule::{Schedule, ScheduleError};
use super::trainer::Trainer;
use crate::model::{ModelError, Network};
use crate::neural::params::{Params, Weight};

/// Tracks that can be told apart.
const LEAST_TRACKS: usize = 2;

/// Scaled rows, with their labels where the network is told them.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a> {
    /// `[rows, values]`. NaN is what a row lacks, for a network whose rows are made of blocks.
    pub values: ArrayView2<'a, f32>,
    /// The label of each row, where it is known; None for a network that is told nothing.
    pub labels: Option<&'a [Option<u32>]>,
}

/// What is learned from and what is held out; `val` may be empty.
#[derive(Clone, Copy, Debug)]
pub struct Data<'a> {
    /// Rows to learn from.
    pub train: Rows<'a>,
    /// Rows held out.
    pub val: Rows<'a>,
}

/// What is trained, on what, how.
#[derive(Clone, Copy)]
pub struct Training<'a> {
    /// The network.
    pub network: &'a dyn Network,
    /// Its parameters.
    pub params: &'a Params,
    /// The rows.
    pub data: Data<'a>,
    /// How long and how fast.
    pub schedule: &'a Schedule,
    /// Seed of order and noise.
    pub seed: u64,
}

/// Scaled clips of tracks.
#[derive(Clone, Debug)]
pub struct Tracks<'a> {
    /// `[clips, values]`, tracks one after the other.
    pub rows: ArrayView2<'a, f32>,
    /// The clips of each track: places in `rows`, one at least.
    pub clips: Vec<Range<usize>>,
    /// The group (artist, else track) of each track, equal for equal groups.
    pub groups: Vec<u32>,
    /// The label of each track, where it is known. They are not learned from.
    pub labels: Vec<Option<u32>>,
}

/// What learns by telling tracks apart, from what, how.
#[derive(Clone)]
pub struct Pairing<'a> {
    /// The network.
    pub network: &'a dyn Network,
    /// Its parameters.
    pub params: &'a Params,
    /// Tracks to learn from.
    pub train: Tracks<'a>,
    /// Tracks held out; may be none.
    pub val: Tracks<'a>,
    /// How long and how fast; a batch is of tracks.
    pub schedule: &'a Schedule,
    /// Seed of order and views.
    pub seed: u64,
}

/// A finished training.
#[derive(Clone, Debug, PartialEq)]
pub struct Fitted {
    /// The weights with the lowest held-out loss after warm-up; the last ones where nothing is held out.
    pub best: Vec<Weight>,
    /// The step after which they were taken.
    pub best_step: usize,
    /// The weights at the end.
    pub last: Vec<Weight>,
    /// Steps done: fewer than planned if the held-out loss stayed above its lowest for long enough.
    pub last_step: usize,
    /// The record, in order.
    pub history: Vec<Row>,
    /// Steps whose loss or gradient was not finite.
    pub skipped_steps: usize,
    /// Whether the held-out loss was still falling at the end: more steps would help.
    pub still_falling: bool,
}

/// Why a training ended early.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// The loss or its gradient was not finite too often.
    #[error(
        "training diverged at step {step}: {skipped} steps had no finite loss or gradient; lower train.learning_rate or train.clip_norm, give train.warmup, or look for outliers in the features"
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
    /// There is nothing to tell apart.
    #[error(
        "{found} track(s) to learn from: a contrastive model tells tracks apart and needs two at least; bring more tracks, or raise split.train"
    )]
    FewTracks {
        /// Tracks on the training side.
        found: usize,
    },
    /// A network that decodes was asked to tell tracks apart.
    #[error("this network does not learn from pairs of views")]
    NoPairs,
    /// A row holds infinity or not-a-number.
    #[error("{split} row {row} holds a value that is not finite: drop it or mend the feature")]
    NotFinite {
        /// `train` or `held-out`.
        split: &'static str,
        /// Its index, from 0.
        row: usize,
    },
    /// Whoever watches asked for the end.
    #[error("training was stopped at step {step}")]
    Stopped {
        /// Steps done.
        step: usize,
    },
    /// The schedule contradicts itself.
    #[error(transparent)]
    Schedule(#[from] ScheduleError),
    /// The network cannot take these rows.
    #[error(transparent)]
    Model(#[from] ModelError),
}

impl From<candle_core::Error> for TrainError {
    fn from(error: candle_core::Error) -> TrainError {
        TrainError::Model(error.into())
    }
}

/// A training after a step, as its watcher sees it.
pub struct At<'t, 'a> {
    /// Steps done.
    pub done: usize,
    /// Steps in all.
    pub of: usize,
    /// The records made at this step.
    pub rows: &'t [Row],
    /// Whether the training is given up here: too many steps had no finite loss or gradient.
    pub diverged: bool,
    trainer: &'t Trainer<'a>,
}

impl At<'_, '_> {
    /// All that is needed to go on from here to the same bits.
    ///
    /// # Errors
    /// The weights cannot be read from the device.
    pub fn checkpoint(&self) -> Result<Checkpoint, TrainError> {
        self.trainer.checkpoint()
    }
}

/// Is shown the training after each step; may ask for the end.
pub type Watch<'a> = dyn FnMut(&At) -> ControlFlow<()> + 'a;

/// Trains the network and leaves it with the best weights; goes on `from` a checkpoint of the same training if there is one.
///
/// The same bytes come out for any number of threads, and however often it was stopped and continued.
///
/// # Errors
/// No rows, rows that are not finite or of the wrong width, divergence, or `watch` asked for the end.
pub fn fit(training: &Training, from: Option<Checkpoint>, watch: &mut Watch) -> Result<Fitted, TrainError> {
    check(&training.data, training.network)?;
    let schedule = training.schedule.resolved()?;
    let lesson = Coding::new(training, &schedule);
    teach(Trainer::new(&lesson, training.params, schedule, training.seed), from, watch)
}

/// [`fit`] of a contrastive network.
///
/// # Errors
/// As there; or the network does not learn from pairs.
pub fn fit_pairs(pairing: &Pairing, from: Option<Checkpoint>, watch: &mut Watch) -> Result<Fitted, TrainError> {
    let bare = |values| Rows { values, labels: None };
    check(&Data { train: bare(pairing.train.rows), val: bare(pairing.val.rows) }, pairing.network)?;
    let contrast = pairing.network.contrast().ok_or(TrainError::NoPairs)?;
    if pairing.train.clips.len() < LEAST_TRACKS {
        return Err(TrainError::FewTracks { found: pairing.train.clips.len() });
    }
    let schedule = pairing.schedule.resolved()?;
    let lesson = Contrasting::new(pairing, contrast)?;
    teach(Trainer::new(&lesson, pairing.params, schedule, pairing.seed), from, watch)
}

/// The loop.
fn teach(mut trainer: Trainer, from: Option<Checkpoint>, watch: &mut Watch) -> Result<Fitted, TrainError> {
    if let Some(checkpoint) = from {
        trainer.go_on_from(checkpoint)?;
    }
    trainer.give_up()?;
    while !trainer.has_ended() {
        let known = trainer.state().history.len();
        trainer.step()?;
        if watch(&at(&trainer, known)).is_break() {
            return Err(TrainError::Stopped { step: trainer.state().done });
        }
        trainer.give_up()?;
    }
    trainer.finish()
}

fn at<'t, 'a>(trainer: &'t Trainer<'a>, known: usize) -> At<'t, 'a> {
    let (state, diverged) = (trainer.state(), trainer.has_diverged());
    At { done: state.done, of: trainer.planned(), rows: &state.history[known..], diverged, trainer }
}

fn check(data: &Data, network: &dyn Network) -> Result<(), TrainError> {
    if data.train.values.is_empty() {
        return Err(TrainError::NoRows);
    }
    let may_lack = !network.body().blocks().is_empty();
    let is_odd = |value: &f32| if may_lack { value.is_infinite() } else { !value.is_finite() };
    for (split, rows) in [("train", data.train), ("held-out", data.val)] {
        if let Some(row) = rows.values.rows().into_iter().position(|row| row.iter().any(is_odd)) {
            return Err(TrainError::NotFinite { split, row });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
