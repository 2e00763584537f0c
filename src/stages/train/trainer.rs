//! One step after the other: batch, loss, gradient, Adam, record. It knows no model, no files and no engine.
//!
//! A step whose loss or gradient is not finite changes no weight; it is left out and counted. After [`SKIPS_IN_A_ROW`] of
//! them in a row, or more than [`SKIP_SHARE`] of all steps so far (looked at from step [`SKIPS_FROM`] on), the training has
//! diverged.

use candle_core::{Device, Tensor};
use ndarray::{Array2, Axis};

use super::batches::Batches;
use super::checkpoint::{Checkpoint, State};
use super::fit::{Fitted, Rows, TrainError, Training};
use super::history::{Row, Split, still_falling};
use super::schedule::Schedule;
use super::score::{Tally, condition, held_out, normals, probe};
use crate::model::objective::{Batch, Terms, terms};
use crate::model::{Network, Progress, rows};
use crate::neural::adam::{Adam, clip, gradients};
use crate::neural::params::{Params, Weight};
use crate::random::Stream;
use crate::stats::evenly;

/// Records a training.
const RECORDS: usize = 60;
/// Held-out rows that are measured at each record, evenly taken from all: half as many as are trained on between two records,
/// so that measuring costs a sixth of training, but no fewer or more than these.
const VAL_ROWS: (usize, usize) = (64, 512);
/// Steps without a finite loss or gradient, one after the other, that end a training.
const SKIPS_IN_A_ROW: usize = 10;
/// Share of the steps so far that may be without.
const SKIP_SHARE: f64 = 0.05;
/// Steps before that share says anything.
const SKIPS_FROM: usize = 100;

/// A training under way.
pub struct Trainer<'a> {
    network: &'a dyn Network,
    params: &'a Params,
    train: Rows<'a>,
    /// The held-out rows that are measured, and their labels.
    val: (Array2<f32>, Option<Vec<Option<u32>>>),
    schedule: Schedule,
    seed: u64,
    of: usize,
    batches: Batches,
    best: Option<Vec<Weight>>,
    state: State,
}

impl<'a> Trainer<'a> {
    /// Before the first step.
    pub(super) fn new(training: &Training<'a>, schedule: Schedule) -> Result<Trainer<'a>, TrainError> {
        let Training { network, params, data, seed, .. } = *training;
        let rows = data.train.values.nrows();
        let (of, batch) = (schedule.steps(rows), schedule.batch(rows));
        let measured = (of / RECORDS * batch / 2).clamp(VAL_ROWS.0, VAL_ROWS.1);
        let taken = evenly(data.val.values.nrows(), measured);
        let labels = data.val.labels.map(|labels| taken.iter().map(|row| labels[*row]).collect());
        let val = (data.val.values.select(Axis(0), &taken), labels);
        let state = State::new(Adam::new(params, schedule.weight_decay));
        let batches = Batches::new(rows, batch, seed);
        Ok(Trainer { network, params, train: data.train, val, schedule, seed, of, batches, best: None, state })
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
        if self.network.wants_codes(self.at(step)) {
            let codes = rows::encode_rows(self.network, self.train.values, None, self.device())?;
            self.network.place(codes.means.view(), self.seed)?;
        }
        match self.learn(step)? {
            Some(terms) => {
                self.state.skipped_in_a_row = 0;
                self.state.window.add(self.network, &terms)?;
            }
            None => {
                self.state.skipped += 1;
                self.state.skipped_in_a_row += 1;
            }
        }
        self.state.done += 1;
        self.record()
    }

    /// Moves the weights; None where loss or gradient are not finite, and nothing has moved.
    fn learn(&mut self, step: usize) -> Result<Option<Terms>, TrainError> {
        let terms = self.forward(step)?;
        if !terms.loss.to_scalar::<f32>()?.is_finite() {
            return Ok(None);
        }
        let mut gradients = gradients(self.params, &terms.loss.backward()?)?;
        if !clip(&mut gradients, self.schedule.clip_norm).is_finite() {
            return Ok(None);
        }
        self.state.adam.step(self.params, &gradients, self.schedule.learning_rate_at(step, self.of))?;
        Ok(Some(terms))
    }

    fn forward(&mut self, step: usize) -> Result<Terms, TrainError> {
        let indices = self.batches.indices(step);
        let batch = self.train.values.select(Axis(0), &indices);
        let target = rows::tensor(batch.view(), self.network.body().shape(), self.device())?;
        let draw = |name, shape: &[usize]| normals(Stream::at(self.seed, name, step as u64), shape, self.device());
        let input = self.veiled(self.noisy(&target, draw)?, &batch, step)?;
        let noise = draw("train.code_noise", &[batch.nrows(), self.network.body().latent_dim()])?;
        let condition = condition(self.network, self.told(step, &indices).as_deref(), self.device())?;
        Ok(terms(self.network, &Batch { input, target, condition, noise }, self.at(step))?)
    }

    /// The labels of `rows`, some of them hidden.
    fn told(&self, step: usize, rows: &[usize]) -> Option<Vec<Option<u32>>> {
        let mut stream = Stream::at(self.seed, "train.condition_dropout", step as u64);
        let mut hidden = || stream.chance(self.network.body().told().hidden);
        self.train.labels.map(|labels| rows.iter().map(|row| labels[*row].filter(|_| !hidden())).collect())
    }

    fn noisy(
        &self,
        x: &Tensor,
        draw: impl Fn(&'static str, &[usize]) -> candle_core::Result<Tensor>,
    ) -> Result<Tensor, TrainError> {
        match self.network.body().input_noise() {
            0.0 => Ok(x.clone()),
            deviation => Ok((x + (draw("train.input_noise", x.dims())? * deviation)?)?),
        }
    }

    /// Without what the network wants hidden of `rows`, of which `x` was made.
    fn veiled(&self, x: Tensor, rows: &Array2<f32>, step: usize) -> Result<Tensor, TrainError> {
        let mut stream = Stream::at(self.seed, "train.veil", step as u64);
        match self.network.veil(rows.view(), &mut stream) {
            Some(veil) => Ok((x + rows::tensor(veil.view(), self.network.body().shape(), self.device())?)?),
            None => Ok(x),
        }
    }

    /// Makes the records that are due.
    fn record(&mut self) -> Result<(), TrainError> {
        let done = self.state.done;
        if !done.is_multiple_of((self.of / RECORDS).max(1)) && done != self.of {
            return Ok(());
        }
        let window = std::mem::take(&mut self.state.window);
        let row = self.row(&window, Split::Train);
        self.state.history.push(row);
        if !self.val.0.is_empty() {
            let val = Rows { values: self.val.0.view(), labels: self.val.1.as_deref() };
            let tally = held_out(self.network, val, self.seed, self.device(), self.at(done - 1))?;
            let row = self.row(&tally, Split::Val);
            let row = probe(row, self.network, val, self.seed, self.device())?;
            self.keep_best(row.loss)?;
            self.state.history.push(row);
        }
        Ok(())
    }

    fn row(&self, tally: &Tally, split: Split) -> Row {
        let (done, rows) = (self.state.done, self.train.values.nrows());
        let rate = self.schedule.learning_rate_at(done - 1, self.of);
        let epoch = (done * self.schedule.batch(rows)) as f64 / rows as f64;
        tally.row(split, self.at(done), epoch, rate, self.network.kl_weight(self.at(done - 1)))
    }

    /// Losses compare only once the regulariser has its full weight.
    fn keep_best(&mut self, loss: f64) -> Result<(), TrainError> {
        let done = self.state.done;
        if !self.network.is_settled(self.at(done - 1)) {
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

    fn device(&self) -> &Device {
        self.params.device()
    }
}
