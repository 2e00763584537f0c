//! What a batch costs: reconstruction plus regulariser, in nats a row.
//! Kingma and Welling, "Auto-encoding variational Bayes" (ICLR 2014), equation 7.

use candle_core::{Result, Tensor};

use super::likelihood::mean_squared_error;
use super::{Network, Progress};

/// Rows as a network learns from them.
pub struct Batch {
    /// What the encoder sees, `[rows, ...]` of the input shape.
    pub input: Tensor,
    /// What is to be reconstructed, of the same shape.
    pub target: Tensor,
    /// The class of each row `[rows, classes]`, where the network is told.
    pub condition: Option<Tensor>,
    /// Standard normal noise `[rows, latent]` that draws the code.
    pub noise: Tensor,
}

/// The cost of a batch: `loss` has the gradient, the others are for the record.
pub struct Terms {
    /// Reconstruction plus regulariser.
    pub loss: Tensor,
    /// The mean error that the likelihood counts.
    pub error: Tensor,
    /// Mean squared error a value.
    pub mse: Tensor,
    /// Divergence from the prior; none where the code is a point.
    pub kl: Option<Tensor>,
    /// Posterior means `[rows, latent]`.
    pub means: Tensor,
}

/// Scores `batch` at the point `at` of the training.
///
/// # Errors
/// The batch does not fit the network.
pub fn terms(network: &dyn Network, batch: &Batch, at: Progress) -> Result<Terms> {
    let condition = batch.condition.as_ref();
    let q = network.encode(&batch.input, condition)?;
    let code = network.draw(&q, &batch.noise)?;
    let (likelihood, output) = (network.body().likelihood(), network.decode(&code, condition)?);
    let error = likelihood.error(&batch.target, &output)?;
    let mse = match likelihood.is_gaussian() {
        true => error.clone(),
        false => mean_squared_error(&batch.target, &likelihood.mean(&output)?.detach())?,
    };
    let recon = likelihood.nll(&error, network.body().shape().values())?;
    let loss = match network.regularizer(&q, &code, at)? {
        Some(term) => (recon + term)?,
        None => recon,
    };
    Ok(Terms { loss, error, mse, kl: q.kl()?, means: q.mean })
}
