//! What a batch costs: reconstruction plus regulariser, in nats a row.
//! Kingma and Welling, "Auto-encoding variational Bayes" (ICLR 2014), equation 7.
//!
//! Where a row is made of blocks each is scored by itself, with noise of its own: a block of many columns does not drown one
//! of few, and what a row lacks costs nothing.

use candle_core::{Result, Tensor};

use super::presence::{Seen, columns};
use super::{Body, Likelihood, Network, Progress};

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
    /// How well each block is reconstructed; one for a network whose rows are whole.
    pub parts: Vec<Part>,
    /// Mean squared error a value.
    pub mse: Tensor,
    /// Divergence from the prior; none where the code is a point.
    pub kl: Option<Tensor>,
    /// Posterior means `[rows, latent]`.
    pub means: Tensor,
}

/// How well a block of values is reconstructed.
pub struct Part {
    /// The mean error that the likelihood counts, over all values that are there: a scalar, 0 if there are none.
    pub error: Tensor,
    /// Rows that have the block.
    pub rows: f64,
    /// Values that it has in each of them.
    pub values: usize,
}

/// Scores `batch` at the point `at` of the training.
///
/// # Errors
/// The batch does not fit the network.
pub fn terms(network: &dyn Network, batch: &Batch, at: Progress) -> Result<Terms> {
    let condition = batch.condition.as_ref();
    let q = network.encode(&batch.input, condition)?;
    let code = network.draw(&q, &batch.noise)?;
    let (body, output) = (network.body(), network.decode(&code, condition)?);
    let likelihood = body.likelihood();
    let parts = parts(body, likelihood, &batch.target, &output)?;
    let mse = match likelihood.is_gaussian() {
        true => pooled(&parts)?,
        false => pooled(&self::parts(body, Likelihood::Sigma, &batch.target, &likelihood.mean(&output)?.detach())?)?,
    };
    let recon = nats(likelihood, &parts, batch.target.dim(0)?)?;
    let loss = match network.regularizer(&q, &code, at)? {
        Some(term) => (recon + term)?,
        None => recon,
    };
    Ok(Terms { loss, parts, mse, kl: q.kl()?, means: q.mean })
}

/// The error of each block of `body`, as `likelihood` counts it.
fn parts(body: &Body, likelihood: Likelihood, target: &Tensor, output: &Tensor) -> Result<Vec<Part>> {
    if body.blocks().is_empty() {
        let (rows, values) = (target.dim(0)? as f64, body.shape().values());
        return Ok(vec![Part { error: likelihood.error(target, output)?, rows, values }]);
    }
    let (target, output) = (Seen::of(&target.flatten_from(1)?)?, output.flatten_from(1)?);
    let part = |columns: std::ops::Range<usize>| {
        let seen = target.columns(&columns)?;
        let errors = likelihood.errors(&seen.values, &output.narrow(1, columns.start, columns.len())?)?;
        let (count, values) = (seen.count()?, columns.len());
        let error = ((errors * seen.there)?.sum_all()? / count.max(1.0))?;
        Ok(Part { error, rows: count / values as f64, values })
    };
    columns(body.blocks()).into_iter().map(part).collect()
}

/// The mean error of all values.
fn pooled(parts: &[Part]) -> Result<Tensor> {
    let values = |part: &Part| part.rows * part.values as f64;
    let all: f64 = parts.iter().map(values).sum();
    let share = |part: &Part| if parts.len() == 1 { 1.0 } else { values(part) / all.max(1.0) };
    total(parts.iter().map(|part| weighed(&part.error, share(part))))
}

/// Nats a row, of which there are `rows`.
fn nats(likelihood: Likelihood, parts: &[Part], rows: usize) -> Result<Tensor> {
    total(parts.iter().map(|part| weighed(&likelihood.nll(&part.error, part.values)?, part.rows / rows as f64)))
}

/// What counts in full stays as it is, to the bit.
fn weighed(term: &Tensor, share: f64) -> Result<Tensor> {
    if share == 1.0 { Ok(term.clone()) } else { term * share }
}

fn total(mut terms: impl Iterator<Item = Result<Tensor>>) -> Result<Tensor> {
    let first = terms.next().ok_or_else(|| candle_core::Error::msg("a row has no blocks"))??;
    terms.try_fold(first, |sum, term| sum + term?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::Device;

    fn part(error: f32, rows: f64, values: usize) -> Part {
        Part { error: Tensor::from_slice(&[error], (), &Device::Cpu).unwrap(), rows, values }
    }

    fn number(tensor: Result<Tensor>) -> f64 {
        f64::from(tensor.unwrap().to_scalar::<f32>().unwrap())
    }

    #[test]
    fn values_count_alike_in_the_mean_error_and_rows_in_the_nats() {
        let parts = [part(0.5, 4.0, 1), part(0.2, 2.0, 3)];
        assert!((number(pooled(&parts)) - (4.0 * 0.5 + 6.0 * 0.2) / 10.0).abs() < 1e-7);
        let sigma = Likelihood::Sigma;
        let expected = sigma.nll_of(0.5, 1) + 0.5 * sigma.nll_of(0.2, 3);
        assert!((number(nats(sigma, &parts, 4)) - expected).abs() < 1e-6);
    }

    #[test]
    fn a_block_that_no_row_has_costs_nothing() {
        let parts = [part(0.5, 4.0, 1), part(0.0, 0.0, 3)];
        assert_eq!(number(nats(Likelihood::Sigma, &parts, 4)), number(nats(Likelihood::Sigma, &parts[..1], 4)));
        assert_eq!(number(pooled(&parts)), 0.5);
    }
}
