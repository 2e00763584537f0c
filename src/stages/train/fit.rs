//! The training loop: batches, loss, gradient, Adam, record. It knows no model, no files and no engine.
//! Kingma and Welling, "Auto-encoding variational Bayes" (ICLR 2014), algorithm 1.

use std::ops::ControlFlow;

use candle_core::{Device, Tensor};
use ndarray::{ArrayView2, Axis};

use super::batches::Batches;
pub use super::history::Row;
use super::history::{Split, still_falling};
use super::schedule::{Schedule, ScheduleError};
use super::score::{Tally, Terms, held_out, normals, terms};
use crate::model::{ModelError, Network, Progress, rows};
use crate::neural::adam::{Adam, clip, gradients};
use crate::neural::params::{Params, Weight};
use crate::random::Stream;

/// Records a training.
const RECORDS: usize = 60;
/// Held-out rows that are measured at each record, evenly taken from all: half as many as are trained on between two records,
/// so that measuring costs a sixth of training, but no fewer or more than these.
const VAL_ROWS: (usize, usize) = (64, 512);
const SKIPS_IN_A_ROW: usize = 5;

/// Standardised rows `[rows, values]`; `val` may be empty.
#[derive(Clone, Copy, Debug)]
pub struct Data<'a> {
    /// Rows to learn from.
    pub train: ArrayView2<'a, f32>,
    /// Rows held out.
    pub val: ArrayView2<'a, f32>,
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
        "training diverged at step {step}: {skipped} steps had no finite loss or gradient; lower train.learning_rate or train.clip_norm"
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

/// Called after each step with steps done, steps in all and the records made at this step; may ask for the end.
pub type Watch<'a> = dyn FnMut(usize, usize, &[Row]) -> ControlFlow<()> + 'a;

/// Trains `network`, whose parameters are `params`, and leaves it with the best weights.
///
/// The same bytes come out for any number of threads.
///
/// # Errors
/// No rows, rows that are not finite or of the wrong width, divergence, or `watch` asked for the end.
pub fn fit(
    network: &dyn Network,
    params: &Params,
    data: &Data,
    schedule: &Schedule,
    seed: u64,
    watch: &mut Watch,
) -> Result<Fitted, TrainError> {
    let mut trainer = Trainer::new(network, params, data, schedule.resolved()?, seed)?;
    for step in 0..trainer.of {
        trainer.step(step)?;
        let rows = trainer.record(step + 1)?;
        if watch(step + 1, trainer.of, &rows).is_break() {
            return Err(TrainError::Stopped { step: step + 1 });
        }
        trainer.history.extend(rows);
    }
    trainer.finish()
}

struct Trainer<'a> {
    network: &'a dyn Network,
    params: &'a Params,
    train: ArrayView2<'a, f32>,
    val: ndarray::Array2<f32>,
    schedule: Schedule,
    seed: u64,
    of: usize,
    batches: Batches,
    adam: Adam,
    window: Tally,
    history: Vec<Row>,
    best: Option<(f64, usize, Vec<Weight>)>,
    skipped: usize,
    skipped_in_a_row: usize,
}

impl<'a> Trainer<'a> {
    fn new(
        network: &'a dyn Network,
        params: &'a Params,
        data: &'a Data,
        schedule: Schedule,
        seed: u64,
    ) -> Result<Trainer<'a>, TrainError> {
        check(data)?;
        let rows = data.train.nrows();
        let (of, batch) = (schedule.steps(rows), schedule.batch(rows));
        let measured = (of / RECORDS * batch / 2).clamp(VAL_ROWS.0, VAL_ROWS.1);
        let val = data.val.select(Axis(0), &evenly(data.val.nrows(), measured));
        Ok(Trainer {
            network,
            params,
            train: data.train.view(),
            val,
            seed,
            of,
            batches: Batches::new(rows, batch, seed),
            adam: Adam::new(params, schedule.weight_decay),
            schedule,
            window: Tally::default(),
            history: Vec::new(),
            best: None,
            skipped: 0,
            skipped_in_a_row: 0,
        })
    }

    fn at(&self, step: usize) -> Progress {
        Progress { step, of: self.of }
    }

    fn device(&self) -> &Device {
        self.params.device()
    }

    fn step(&mut self, step: usize) -> Result<(), TrainError> {
        let terms = self.forward(step)?;
        if !terms.loss.to_scalar::<f32>()?.is_finite() {
            return self.skip(step);
        }
        let mut gradients = gradients(self.params, &terms.loss.backward()?)?;
        if !clip(&mut gradients, self.schedule.clip_norm).is_finite() {
            return self.skip(step);
        }
        self.adam.step(self.params, &gradients, self.schedule.learning_rate_at(step, self.of))?;
        self.skipped_in_a_row = 0;
        Ok(self.window.add(self.network, &terms)?)
    }

    fn forward(&mut self, step: usize) -> Result<Terms, TrainError> {
        let batch = self.train.select(Axis(0), &self.batches.indices(step));
        let target = rows::tensor(batch.view(), self.network.body().shape(), self.device())?;
        let draw = |name, shape: &[usize]| normals(Stream::at(self.seed, name, step as u64), shape, self.device());
        let input = self.noisy(&target, draw)?;
        let noise = draw("train.code_noise", &[batch.nrows(), self.network.body().latent_dim()])?;
        Ok(terms(self.network, &input, &target, &noise, self.at(step))?)
    }

    fn noisy(
        &self,
        x: &Tensor,
        draw: impl Fn(&'static str, &[usize]) -> candle_core::Result<Tensor>,
    ) -> Result<Tensor, TrainError> {
        match self.network.input_noise() {
            0.0 => Ok(x.clone()),
            deviation => Ok((x + (draw("train.input_noise", x.dims())? * deviation)?)?),
        }
    }

    fn skip(&mut self, step: usize) -> Result<(), TrainError> {
        self.skipped += 1;
        self.skipped_in_a_row += 1;
        let too_many = self.skipped > (self.of / 100).max(SKIPS_IN_A_ROW);
        if too_many || self.skipped_in_a_row >= SKIPS_IN_A_ROW {
            return Err(TrainError::Diverged { step: step + 1, skipped: self.skipped });
        }
        Ok(())
    }

    /// The records that are due after `done` steps.
    fn record(&mut self, done: usize) -> Result<Vec<Row>, TrainError> {
        if !done.is_multiple_of((self.of / RECORDS).max(1)) && done != self.of {
            return Ok(Vec::new());
        }
        let row = |trainer: &Trainer, tally: &Tally, split| {
            let rate = trainer.schedule.learning_rate_at(done - 1, trainer.of);
            let epoch = (done * trainer.schedule.batch(trainer.train.nrows())) as f64 / trainer.train.nrows() as f64;
            tally.row(split, trainer.at(done), epoch, rate, trainer.network.kl_weight(trainer.at(done - 1)))
        };
        let window = std::mem::take(&mut self.window);
        let mut rows = vec![row(self, &window, Split::Train)];
        if !self.val.is_empty() {
            let tally = held_out(self.network, self.val.view(), self.seed, self.device(), self.at(done - 1))?;
            rows.push(row(self, &tally, Split::Val));
            self.keep_best(done, rows[1].loss)?;
        }
        Ok(rows)
    }

    /// Losses compare only once the regulariser has its full weight.
    fn keep_best(&mut self, done: usize, loss: f64) -> Result<(), TrainError> {
        let full = self.network.kl_weight(self.at(done - 1)) == self.network.kl_weight(Progress::END);
        if full && loss.is_finite() && self.best.as_ref().is_none_or(|(best, ..)| loss < *best) {
            self.best = Some((loss, done, self.params.snapshot()?));
        }
        Ok(())
    }

    fn finish(self) -> Result<Fitted, TrainError> {
        let last = self.params.snapshot()?;
        let (_, best_step, best) = self.best.unwrap_or_else(|| (f64::NAN, self.of, last.clone()));
        self.params.restore(&best)?;
        let still_falling = still_falling(&self.history);
        Ok(Fitted { best, best_step, last, history: self.history, skipped_steps: self.skipped, still_falling })
    }
}

fn check(data: &Data) -> Result<(), TrainError> {
    if data.train.is_empty() {
        return Err(TrainError::NoRows);
    }
    for (split, rows) in [("train", data.train), ("held-out", data.val)] {
        if let Some(row) = rows.rows().into_iter().position(|row| row.iter().any(|value| !value.is_finite())) {
            return Err(TrainError::NotFinite { split, row });
        }
    }
    Ok(())
}

/// At most `most` of `rows` indices, evenly spaced: rows often stand sorted by class.
fn evenly(rows: usize, most: usize) -> Vec<usize> {
    let taken = rows.min(most);
    (0..taken).map(|at| at * rows / taken).collect()
}

#[cfg(test)]
mod tests;
