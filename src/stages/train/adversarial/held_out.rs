//! A few rows that show what a decoder is like: how far its reconstructions are off, and how sharp they are.

use candle_core::Device;
use ndarray::{Array2, ArrayView3, Axis};

use super::super::fit::Rows;
use super::RefineError;
use crate::model::rows::{Codes, decode_rows, encode_rows};
use crate::model::{InputShape, Network};
use crate::stats::evenly;
use crate::stats::sharpness::sharpness;

/// Rows that are decoded, at most.
const MEASURED: usize = 64;

/// Rows that are decoded for a record.
pub(super) struct HeldOut {
    inputs: Array2<f32>,
    labels: Option<Vec<Option<u32>>>,
    codes: Codes,
}

impl HeldOut {
    /// Some of `rows`, evenly taken, with their codes.
    pub(super) fn of(network: &dyn Network, rows: Rows, device: &Device) -> Result<HeldOut, RefineError> {
        let few = evenly(rows.values.nrows(), MEASURED);
        let inputs = rows.values.select(Axis(0), &few);
        let labels = rows.labels.map(|labels| few.iter().map(|row| labels[*row]).collect::<Vec<_>>());
        let codes = encode_rows(network, inputs.view(), labels.as_deref(), device)?;
        Ok(HeldOut { inputs, labels, codes })
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.inputs.is_empty()
    }

    /// Mean squared error a value of what is decoded from their codes, and its sharpness.
    pub(super) fn measured(&self, network: &dyn Network, device: &Device) -> Result<(f64, f64), RefineError> {
        let made = decode_rows(network, self.codes.means.view(), self.labels.as_deref(), device)?;
        let squares = made.iter().zip(&self.inputs).map(|(a, b)| f64::from(a - b).powi(2));
        let error = squares.sum::<f64>() / made.len().max(1) as f64;
        let shape = network.body().shape();
        let sharp = maps(&made, shape).zip(maps(&self.inputs, shape)).map(|(made, real)| sharpness(made, real));
        Ok((error, sharp.unwrap_or(f64::NAN)))
    }
}

/// `[rows · channels, bins, frames]`; none for vectors.
fn maps(rows: &Array2<f32>, shape: InputShape) -> Option<ArrayView3<'_, f32>> {
    let InputShape::Map { channels, bins, frames } = shape else { return None };
    ArrayView3::from_shape((rows.nrows() * channels, bins, frames), rows.as_slice()?).ok()
}
