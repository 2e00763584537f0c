//! The terms of the loss, for a batch with gradients and for held-out rows without.

use candle_core::{Device, Result, Tensor};
use ndarray::{Array2, ArrayView2, Axis};
use serde::{Deserialize, Serialize};

use super::fit::TrainError;
use super::history::{Row, Split};
use crate::model::rows;
use crate::model::{Network, Progress};
use crate::neural::loss;
use crate::random::Stream;

/// A code dimension is active where its posterior mean's variance over rows exceeds this.
pub const ACTIVE_VARIANCE: f64 = 0.01;

const BATCH: usize = 128;

/// The loss of one batch: `loss` has the gradient, the others are for the record.
pub(super) struct Terms {
    pub loss: Tensor,
    pub mse: Tensor,
    pub kl: Option<Tensor>,
    pub means: Tensor,
}

/// `input` is what the encoder sees, `target` what is to be reconstructed, `noise` `[rows, latent]` draws the code.
pub(super) fn terms(
    network: &dyn Network,
    input: &Tensor,
    target: &Tensor,
    noise: &Tensor,
    at: Progress,
) -> Result<Terms> {
    let q = network.encode(input)?;
    let code = q.sample(noise)?;
    let mse = loss::mean_squared_error(target, &network.decode(&code)?)?;
    let recon = network.likelihood().nll(&mse, network.body().shape().values())?;
    let loss = match network.regularizer(&q, &code, at)? {
        Some(term) => (recon + term)?,
        None => recon,
    };
    Ok(Terms { loss, mse, kl: q.kl()?, means: q.mean })
}

/// Sums over batches from which a [`Row`] is made.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    rows: f64,
    mse: f64,
    regularizer: f64,
    recon: f64,
    kl: Option<f64>,
    sums: Vec<f64>,
    squares: Vec<f64>,
}

impl Tally {
    /// Adds a batch, its loss as `recon + regularizer`.
    pub(super) fn add(&mut self, network: &dyn Network, terms: &Terms) -> Result<()> {
        let number = |tensor: &Tensor| tensor.to_scalar::<f32>().map(f64::from);
        let rows = terms.means.dim(0)? as f64;
        let (loss, mse) = (number(&terms.loss)?, number(&terms.mse)?);
        let recon = network.likelihood().nll_of(mse, network.body().shape().values());
        self.rows += rows;
        self.mse += rows * mse;
        self.recon += rows * recon;
        self.regularizer += rows * (loss - recon);
        if let Some(kl) = &terms.kl {
            *self.kl.get_or_insert(0.0) += rows * number(kl)?;
        }
        self.add_means(&rows::array(&terms.means)?);
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
    pub(super) fn row(&self, split: Split, done: Progress, epoch: f64, learning_rate: f64, beta: f64) -> Row {
        let mean = |sum: f64| sum / self.rows;
        Row {
            step: done.step,
            epoch,
            split,
            loss: mean(self.recon + self.regularizer),
            recon: mean(self.recon),
            mse: mean(self.mse),
            kl: self.kl.map(mean),
            learning_rate,
            beta,
            active_units: self.active_units(),
        }
    }

    /// The same scored as one batch: the optimal variance is that of all rows together.
    fn pooled(self, network: &dyn Network) -> Tally {
        let recon = network.likelihood().nll_of(self.mse / self.rows, network.body().shape().values());
        Tally { recon: recon * self.rows, ..self }
    }
}

/// Scores `rows` `[rows, values]`, with code noise that is the same at every call.
pub(super) fn held_out(
    network: &dyn Network,
    rows: ArrayView2<f32>,
    seed: u64,
    device: &Device,
    at: Progress,
) -> std::result::Result<Tally, TrainError> {
    let mut tally = Tally::default();
    for (index, batch) in rows.axis_chunks_iter(Axis(0), BATCH).enumerate() {
        let x = rows::tensor(batch, network.body().shape(), device)?;
        let noise = normals(
            Stream::at(seed, "train.val_noise", index as u64),
            &[batch.nrows(), network.body().latent_dim()],
            device,
        )?;
        tally.add(network, &terms(network, &x, &x, &noise, at)?)?;
    }
    Ok(tally.pooled(network))
}

/// Standard normal noise of the given shape.
pub(super) fn normals(mut stream: Stream, shape: &[usize], device: &Device) -> Result<Tensor> {
    Tensor::from_vec(stream.normals(shape.iter().product()), shape, device)
}
