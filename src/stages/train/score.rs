//! The record of the loss: sums over batches, for those learned from and for held-out rows.

use candle_core::{Device, Result, Tensor};
use ndarray::{Array2, Axis};
use serde::{Deserialize, Serialize};

use super::fit::{Rows, TrainError};
use super::history::{Row, Split};
use super::lesson::Place;
use crate::model::condition::one_hot;
use crate::model::objective::{Batch, Terms, terms};
use crate::model::rows;
use crate::model::usage::{ACTIVE_KL, ACTIVE_VARIANCE, Evidence, mutual_information};
use crate::model::{Likelihood, Network, Progress};
use crate::random::Stream;
use crate::stats::evenly;

const BATCH: usize = 128;
/// Held-out rows that are decoded again and again to see whether the code is used.
const PROBED: usize = 64;

/// Sums over batches from which a [`Row`] is made.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    rows: f64,
    mse: f64,
    blocks: Vec<Block>,
    regularizer: f64,
    recon: f64,
    kl: Option<f64>,
    sums: Vec<f64>,
    squares: Vec<f64>,
    #[serde(default)]
    normalised: Option<f64>,
}

/// Sums over the rows that have a block of values.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Block {
    rows: f64,
    values: usize,
    error: f64,
}

impl Block {
    /// Nats of all these rows, scored as one batch.
    fn nats(&self, likelihood: Likelihood) -> f64 {
        if self.rows > 0.0 { likelihood.nll_of(self.error / self.rows, self.values) * self.rows } else { 0.0 }
    }
}

impl Tally {
    /// Adds a batch, its loss as `recon + regularizer`.
    pub(super) fn add(&mut self, network: &dyn Network, terms: &Terms) -> Result<()> {
        let number = |tensor: &Tensor| tensor.to_scalar::<f32>().map(f64::from);
        let rows = terms.means.dim(0)? as f64;
        let (loss, likelihood) = (number(&terms.loss)?, network.body().likelihood());
        let mut recon = 0.0;
        self.blocks.resize_with(terms.parts.len(), Block::default);
        for (part, block) in terms.parts.iter().zip(&mut self.blocks) {
            let error = number(&part.error)?;
            recon += part.rows / rows * likelihood.nll_of(error, part.values);
            block.rows += part.rows;
            block.values = part.values;
            block.error += part.rows * error;
        }
        self.rows += rows;
        self.mse += rows * number(&terms.mse)?;
        self.recon += rows * recon;
        self.regularizer += rows * (loss - recon);
        if let Some(kl) = &terms.kl {
            *self.kl.get_or_insert(0.0) += rows * number(kl)?;
        }
        self.add_means(&rows::array(&terms.means)?);
        Ok(())
    }

    /// Adds a batch of pairs of views.
    pub(super) fn add_pair(&mut self, loss: &Tensor, normalised: Option<f64>, embeddings: &Tensor) -> Result<()> {
        let rows = embeddings.dim(0)? as f64;
        self.rows += rows;
        self.regularizer += rows * f64::from(loss.to_scalar::<f32>()?);
        if let Some(normalised) = normalised {
            *self.normalised.get_or_insert(0.0) += rows * normalised;
        }
        self.add_means(&rows::array(&embeddings.detach())?);
        Ok(())
    }

    fn add_means(&mut self, means: &Array2<f32>) {
        self.sums.resize(means.ncols(), 0.0);
        self.squares.resize(means.ncols(), 0.0);
        for row in means.rows() {
            for (at, value) in row.iter().enumerate() {
                self.sums[at] += f64::from(*value);
                self.squares[at] += f64::from(*value).powi(2);
            }
        }
    }

    fn active_units(&self) -> usize {
        let variance = |(sum, squares): (&f64, &f64)| squares / self.rows - (sum / self.rows).powi(2);
        self.sums.iter().zip(&self.squares).map(variance).filter(|variance| *variance > ACTIVE_VARIANCE).count()
    }

    /// The record, with the reconstruction term as the batches had it.
    pub(super) fn row(&self, split: Split, at: &Place) -> Row {
        let mean = |sum: f64| sum / self.rows;
        // Where every step was left out, nobody knows what the terms were.
        let decodes = !self.blocks.is_empty() || self.rows == 0.0;
        Row {
            step: at.done.step,
            epoch: at.epoch,
            split,
            loss: mean(self.recon + self.regularizer),
            recon: decodes.then(|| mean(self.recon)),
            mse: decodes.then(|| mean(self.mse)),
            kl: self.kl.map(mean),
            learning_rate: at.learning_rate,
            beta: at.beta,
            active_units: self.active_units(),
            kl_dims: None,
            mutual_information: None,
            r2: None,
            shuffle_gap: None,
            normalised_loss: self.normalised.map(mean),
            knn: None,
            probe: None,
        }
    }

    /// The same scored as one batch: the optimal scale of the noise is that of all rows together.
    fn pooled(self, network: &dyn Network) -> Tally {
        let likelihood = network.body().likelihood();
        Tally { recon: self.blocks.iter().map(|block| block.nats(likelihood)).sum(), ..self }
    }
}

/// Scores `rows`, with code noise that is the same at every call.
pub(super) fn held_out(
    network: &dyn Network,
    rows: Rows,
    seed: u64,
    device: &Device,
    at: Progress,
) -> std::result::Result<Tally, TrainError> {
    let mut tally = Tally::default();
    for (index, values) in rows.values.axis_chunks_iter(Axis(0), BATCH).enumerate() {
        let target = rows::tensor(values, network.body().shape(), device)?;
        let shape = [values.nrows(), network.body().latent_dim()];
        let noise = normals(Stream::at(seed, "train.val_noise", index as u64), &shape, device)?;
        let labels = rows.labels.map(|labels| &labels[index * BATCH..index * BATCH + values.nrows()]);
        let condition = condition(network, labels, device)?;
        let batch = Batch { input: target.clone(), target, condition, noise };
        tally.add(network, &terms(network, &batch, at)?)?;
    }
    Ok(tally.pooled(network))
}

/// Adds to the record of held-out rows whether the code is used, measured on a few of them.
pub(super) fn probe(
    row: Row,
    network: &dyn Network,
    rows: Rows,
    seed: u64,
    device: &Device,
) -> std::result::Result<Row, TrainError> {
    let few = evenly(rows.values.nrows(), PROBED);
    let labels = rows.labels.map(|labels| few.iter().map(|row| labels[*row]).collect::<Vec<_>>());
    let values = rows.values.select(Axis(0), &few);
    let evidence = Evidence::gather(network, values.view(), labels.as_deref(), seed, device)?;
    let kl_dims = evidence.kl_per_dim().map(|each| each.iter().filter(|kl| **kl > ACTIVE_KL).count());
    let mutual_information = mutual_information(&evidence.codes, PROBED, seed);
    Ok(Row { kl_dims, mutual_information, r2: Some(evidence.r2()), shuffle_gap: Some(evidence.shuffle_gap()), ..row })
}

/// The classes of rows as the network is told them, if it is.
pub(super) fn condition(
    network: &dyn Network,
    labels: Option<&[Option<u32>]>,
    device: &Device,
) -> Result<Option<Tensor>> {
    labels.map(|labels| one_hot(labels, network.body().told().decoder, device)).transpose()
}

/// Standard normal noise of the given shape.
pub(super) fn normals(mut stream: Stream, shape: &[usize], device: &Device) -> Result<Tensor> {
    Tensor::from_vec(stream.normals(shape.iter().product()), shape, device)
}
