//! One step after the other: batch, loss, gradient, Adam, record. It knows no model, no files and no engine.
//!
//! A step whose loss or gradient is not finite changes no weight; it is left out and counted. After [`SKIPS_IN_A_ROW`] of
//! them in a row, or more than [`SKIP_SHARE`] of all steps so far (looked at from step [`SKIPS_FROM`] on), the training has
//! diverged.

use super::batches::Batches;
use super::checkpoint::{Checkpoint, State};
use super::fit::{Fitted, TrainError};
use super::history::{Split, still_falling};
use super::lesson::{Answer, Lesson, Place};
use super::schedule::Schedule;
use crate::model::Progress;
use crate::neural::adam::{Adam, clip, gradients};
use crate::neural::params::{Params, Weight};

/// Records a training.
pub(super) const RECORDS: usize = 60;
/// Steps without a finite loss or gradient, one after the other, that end a training.
const SKIPS_IN_A_ROW: usize = 10;
/// Share of the steps so far that may be without.
const SKIP_SHARE: f64 = 0.05;
/// Steps before that share says anything.
const SKIPS_FROM: usize = 100;

/// A training under way.
pub struct Trainer<'a> {
    lesson: &'a dyn Lesson,
    params: &'a Params,
    schedule: Schedule,
    of: usize,
    batches: Batches,
    best: Option<Vec<Weight>>,
    state: State,
}

impl<'a> Trainer<'a> {
    /// Before the first step; `seed` is that of the order of items.
    pub(super) fn new(lesson: &'a dyn Lesson, params: &'a Params, schedule: Schedule, seed: u64) -> Trainer<'a> {
        let items = lesson.items();
        let of = schedule.steps(items);
        let state = State::new(Adam::new(params, schedule.weight_decay));
        let batches = Batches::new(items, schedule.batch(items), seed);
        Trainer { lesson, params, schedule, of, batches, best: None, state }
    }

    /// Takes up the training where `checkpoint` left it.
    pub(super) fn go_on_from(&mut self, checkpoint: Checkpoint) -> Result<(), TrainError> {
        self.params.restore(&checkpoint.weights)?;
        (self.best, self.state) = (checkpoint.best, checkpoint.state);
        Ok(())
    }

    pub(super) fn checkpoint(&self) -> Result<Checkpoint, TrainError> {
        Ok(Checkpoint { weights: self.params.snapshot()?, best: self.best.clone(), state: self.state.clone() })
    }

    pub(super) fn state(&self) -> &State {
        &self.state
    }

    pub(super) fn planned(&self) -> usize {
        self.of
    }

    /// All steps are done, or the held-out loss has not been lower for as long as the schedule is patient.
    pub(super) fn has_ended(&self) -> bool {
        self.state.done >= self.of || self.schedule.patience.is_some_and(|patience| self.state.stale >= patience)
    }

    pub(super) fn has_diverged(&self) -> bool {
        let State { done, skipped, skipped_in_a_row, .. } = self.state;
        let too_many = done >= SKIPS_FROM && skipped as f64 > SKIP_SHARE * done as f64;
        too_many || skipped_in_a_row >= SKIPS_IN_A_ROW
    }

    /// An error if the training has diverged.
    pub(super) fn give_up(&self) -> Result<(), TrainError> {
        let (step, skipped) = (self.state.done, self.state.skipped);
        if self.has_diverged() { Err(TrainError::Diverged { step, skipped }) } else { Ok(()) }
    }

    /// Does one step, and records what is due after it.
    pub(super) fn step(&mut self) -> Result<(), TrainError> {
        let step = self.state.done;
        self.lesson.prepare(self.at(step))?;
        if self.learn(step)? {
            self.state.skipped_in_a_row = 0;
        } else {
            self.state.skipped += 1;
            self.state.skipped_in_a_row += 1;
        }
        self.state.done += 1;
        self.record()
    }

    /// Moves the weights; false where loss or gradient are not finite, and nothing has moved.
    fn learn(&mut self, step: usize) -> Result<bool, TrainError> {
        let items = self.batches.indices(step);
        let lesson = self.lesson;
        let Answer { loss, note, follow } = lesson.ask(&items, self.at(step))?;
        if !loss.to_scalar::<f32>()?.is_finite() {
            return Ok(false);
        }
        let mut gradients = gradients(self.params, &loss.backward()?)?;
        if !clip(&mut gradients, self.schedule.clip_norm).is_finite() {
            return Ok(false);
        }
        self.state.adam.step(self.params, &gradients, self.schedule.learning_rate_at(step, self.of))?;
        note(&mut self.state.window)?;
        follow.map_or(Ok(()), |follow| follow())?;
        Ok(true)
    }

    /// Makes the records that are due.
    fn record(&mut self) -> Result<(), TrainError> {
        let done = self.state.done;
        if !done.is_multiple_of((self.of / RECORDS).max(1)) && done != self.of {
            return Ok(());
        }
        let (window, place) = (std::mem::take(&mut self.state.window), self.place());
        self.state.history.push(place.row(&window, Split::Train));
        if let Some(row) = self.lesson.examine(&place)? {
            self.keep_best(row.loss)?;
            self.state.history.push(row);
        }
        Ok(())
    }

    fn place(&self) -> Place {
        let (done, items) = (self.state.done, self.lesson.items());
        let learning_rate = self.schedule.learning_rate_at(done - 1, self.of);
        let epoch = (done * self.schedule.batch(items)) as f64 / items as f64;
        Place { done: self.at(done), epoch, learning_rate, beta: self.lesson.beta(self.at(done - 1)) }
    }

    /// Losses compare only once the regulariser has its full weight.
    fn keep_best(&mut self, loss: f64) -> Result<(), TrainError> {
        let done = self.state.done;
        if !self.lesson.is_settled(self.at(done - 1)) {
            return Ok(());
        }
        self.state.stale += 1;
        if loss.is_finite() && self.state.lowest.is_none_or(|(lowest, _)| loss < lowest) {
            self.best = Some(self.params.snapshot()?);
            (self.state.lowest, self.state.stale) = (Some((loss, done)), 0);
        }
        Ok(())
    }

    /// Leaves the network with the best weights.
    pub(super) fn finish(self) -> Result<Fitted, TrainError> {
        let (last, State { done, skipped, lowest, history, .. }) = (self.params.snapshot()?, self.state);
        let best_step = lowest.map_or(done, |(_, step)| step);
        let best = self.best.unwrap_or_else(|| last.clone());
        self.params.restore(&best)?;
        let still_falling = still_falling(&history);
        Ok(Fitted { best, best_step, last, last_step: done, history, skipped_steps: skipped, still_falling })
    }

    fn at(&self, step: usize) -> Progress {
        Progress { step, of: self.of }
    }
}
