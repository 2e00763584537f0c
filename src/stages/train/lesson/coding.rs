//! The lesson of networks that decode: rows are encoded and decoded again, and what is lost costs nats.
//! Kingma and Welling, "Auto-encoding variational Bayes" (ICLR 2014), algorithm 1.

use candle_core::{Device, Tensor};
use ndarray::{Array2, Axis};

use super::{Answer, Lesson, Place};
use crate::model::objective::{Batch, Terms, terms};
use crate::model::{Network, Progress, rows};
use crate::random::Stream;
use crate::stages::train::fit::{Rows, TrainError, Training};
use crate::stages::train::history::{Row, Split};
use crate::stages::train::schedule::Schedule;
use crate::stages::train::score::{condition, held_out, normals, probe};
use crate::stages::train::trainer::RECORDS;
use crate::stats::evenly;

/// Held-out rows that are measured at each record, evenly taken from all: half as many as are trained on between two records,
/// so that measuring costs a sixth of training, but no fewer or more than these.
const VAL_ROWS: (usize, usize) = (64, 512);

/// Rows, and the network that codes them.
pub(in crate::stages::train) struct Coding<'a> {
    network: &'a dyn Network,
    device: &'a Device,
    train: Rows<'a>,
    /// The held-out rows that are measured, and their labels.
    val: (Array2<f32>, Option<Vec<Option<u32>>>),
    seed: u64,
}

impl<'a> Coding<'a> {
    /// The lesson of `training`, whose schedule is `schedule`.
    pub fn new(training: &Training<'a>, schedule: &Schedule) -> Coding<'a> {
        let Training { network, params, data, seed, .. } = *training;
        let rows = data.train.values.nrows();
        let (of, batch) = (schedule.steps(rows), schedule.batch(rows));
        let measured = (of / RECORDS * batch / 2).clamp(VAL_ROWS.0, VAL_ROWS.1);
        let taken = evenly(data.val.values.nrows(), measured);
        let labels = data.val.labels.map(|labels| taken.iter().map(|row| labels[*row]).collect());
        let val = (data.val.values.select(Axis(0), &taken), labels);
        Coding { network, device: params.device(), train: data.train, val, seed }
    }

    fn forward(&self, indices: &[usize], at: Progress) -> Result<Terms, TrainError> {
        let batch = self.train.values.select(Axis(0), indices);
        let target = rows::tensor(batch.view(), self.network.body().shape(), self.device)?;
        let draw = |name, shape: &[usize]| normals(Stream::at(self.seed, name, at.step as u64), shape, self.device);
        let input = self.veiled(self.noisy(&target, draw)?, &batch, at.step)?;
        let noise = draw("train.code_noise", &[batch.nrows(), self.network.body().latent_dim()])?;
        let condition = condition(self.network, self.told(at.step, indices).as_deref(), self.device)?;
        Ok(terms(self.network, &Batch { input, target, condition, noise }, at)?)
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
            Some(veil) => Ok((x + rows::tensor(veil.view(), self.network.body().shape(), self.device)?)?),
            None => Ok(x),
        }
    }
}

impl Lesson for Coding<'_> {
    fn items(&self) -> usize {
        self.train.values.nrows()
    }

    fn prepare(&self, at: Progress) -> Result<(), TrainError> {
        if self.network.wants_codes(at) {
            let codes = rows::encode_rows(self.network, self.train.values, None, self.device)?;
            self.network.place(codes.means.view(), self.seed)?;
        }
        Ok(())
    }

    fn ask<'a>(&'a self, items: &[usize], at: Progress) -> Result<Answer<'a>, TrainError> {
        let terms = self.forward(items, at)?;
        let loss = terms.loss.clone();
        Ok(Answer { loss, note: Box::new(move |tally| tally.add(self.network, &terms)), follow: None })
    }

    fn examine(&self, at: &Place) -> Result<Option<Row>, TrainError> {
        if self.val.0.is_empty() {
            return Ok(None);
        }
        let val = Rows { values: self.val.0.view(), labels: self.val.1.as_deref() };
        let tally = held_out(self.network, val, self.seed, self.device, at.last_step())?;
        probe(at.row(&tally, Split::Val), self.network, val, self.seed, self.device).map(Some)
    }

    fn beta(&self, at: Progress) -> f64 {
        self.network.kl_weight(at)
    }

    fn is_settled(&self, at: Progress) -> bool {
        self.network.is_settled(at)
    }
}
