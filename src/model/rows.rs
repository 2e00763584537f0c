//! A whole table through a network, in batches of fixed size: codes and reconstructions as plain arrays.

use candle_core::{Device, Tensor};
use ndarray::{Array2, ArrayView2, Axis, concatenate};

use super::condition::one_hot;
use super::{InputShape, ModelError, Network};

/// Rows a batch: fixed, so that results do not depend on the caller.
const BATCH: usize = 128;

/// The codes of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Codes {
    /// The code of each row `[rows, latent]`: its posterior mean.
    pub means: Array2<f32>,
    /// Log-variances `[rows, latent]`; none where the code is a point.
    pub logvars: Option<Array2<f32>>,
}

/// What a network may be told of the rows: nothing, or the label of each where it is known.
pub type Labels<'a> = Option<&'a [Option<u32>]>;

/// `rows` `[rows, values]`, standardised as in training, to their posteriors.
///
/// # Errors
/// The rows are not as wide as the network's input.
pub fn encode_rows(
    network: &dyn Network,
    rows: ArrayView2<f32>,
    labels: Labels,
    device: &Device,
) -> Result<Codes, ModelError> {
    let (mut means, mut logvars) = (Vec::new(), Vec::new());
    for (at, batch) in rows.axis_chunks_iter(Axis(0), BATCH).enumerate() {
        let y = condition(network, labels, at * BATCH, batch.nrows(), device)?;
        let posterior = network.encode(&tensor(batch, network.body().shape(), device)?, y.as_ref())?;
        means.push(array(&network.point(&posterior)?.detach())?);
        logvars.extend(posterior.logvar.map(|logvar| array(&logvar.detach())).transpose()?);
    }
    let noisy = !logvars.is_empty();
    let width = network.body().latent_dim();
    Ok(Codes { means: stack(means, width), logvars: noisy.then(|| stack(logvars, width)) })
}

/// How likely each cluster of a network that clusters by itself is for each row, `[rows, clusters]`; None for others.
///
/// # Errors
/// The rows are not as wide as the network's input.
pub fn shares_of_rows(
    network: &dyn Network,
    rows: ArrayView2<f32>,
    device: &Device,
) -> Result<Option<Array2<f32>>, ModelError> {
    let mut parts = Vec::new();
    for batch in rows.axis_chunks_iter(Axis(0), BATCH) {
        let posterior = network.encode(&tensor(batch, network.body().shape(), device)?, None)?;
        let Some(shares) = network.shares(&posterior)? else { return Ok(None) };
        parts.push(array(&shares.detach())?);
    }
    let clusters = parts.first().map_or(0, |part| part.ncols());
    Ok(Some(stack(parts, clusters)))
}

/// Codes `[rows, latent]` to reconstructions `[rows, values]`.
///
/// # Errors
/// The codes are not as wide as the network's.
pub fn decode_rows(
    network: &dyn Network,
    codes: ArrayView2<f32>,
    labels: Labels,
    device: &Device,
) -> Result<Array2<f32>, ModelError> {
    let decode = |(at, batch): (usize, ArrayView2<f32>)| {
        let z = tensor(batch, InputShape::Vector(network.body().latent_dim()), device)?;
        let y = condition(network, labels, at * BATCH, batch.nrows(), device)?;
        Ok(array(&network.body().likelihood().mean(&network.decode(&z, y.as_ref())?)?.detach())?)
    };
    let parts = codes.axis_chunks_iter(Axis(0), BATCH).enumerate().map(decode).collect::<Result<_, ModelError>>()?;
    Ok(stack(parts, network.body().shape().values()))
}

/// The classes of `rows` rows from the row `from` on, where the network is told and they are given.
fn condition(
    network: &dyn Network,
    labels: Labels,
    from: usize,
    rows: usize,
    device: &Device,
) -> candle_core::Result<Option<Tensor>> {
    let classes = network.body().told().decoder;
    let labels = labels.filter(|_| classes > 0);
    labels.map(|labels| one_hot(&labels[from..from + rows], classes, device)).transpose()
}

/// `rows` `[rows, values]` as one tensor `[rows, ...]` of `shape`.
///
/// # Errors
/// The rows are not as wide as `shape`.
pub fn tensor(rows: ArrayView2<f32>, shape: InputShape, device: &Device) -> Result<Tensor, ModelError> {
    if rows.ncols() != shape.values() {
        return Err(ModelError::WrongRow { expected: shape.values(), found: rows.ncols() });
    }
    let values: Vec<f32> = rows.iter().copied().collect();
    Ok(Tensor::from_vec(values, shape.batch(rows.nrows()), device)?)
}

/// A tensor `[rows, ...]` as `[rows, values]`.
pub fn array(tensor: &Tensor) -> candle_core::Result<Array2<f32>> {
    let flat = tensor.flatten_from(1)?;
    let values = flat.flatten_all()?.to_vec1()?;
    Ok(Array2::from_shape_vec(flat.dims2()?, values).expect("a tensor has as many values as its shape says"))
}

fn stack(parts: Vec<Array2<f32>>, width: usize) -> Array2<f32> {
    let views: Vec<ArrayView2<f32>> = parts.iter().map(|part| part.view()).collect();
    concatenate(Axis(0), &views).unwrap_or_else(|_| Array2::zeros((0, width)))
}
