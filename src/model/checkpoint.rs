//! A trained network brought back from its weights.

use super::{Input, Kind, ModelError, Network};
use crate::artifact::{FeatureTable, Weights};
use crate::neural::archive::{self, ArchiveError};
use crate::neural::params::Params;
use candle_core::Device;

/// Weights that do not make this network.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The bytes are no sound weights.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The network is of another shape.
    #[error(transparent)]
    Model(#[from] ModelError),
}

/// The network of `kind` that learned `weights` on rows like those of `table`, in main memory.
pub fn trained(kind: &Kind, weights: &Weights, table: &FeatureTable) -> Result<Box<dyn Network>, CheckpointError> {
    restored(kind, Input::of(table, weights.classes.len()), &weights.best, &Device::Cpu)
}

/// The network of `kind` for rows of `input`, with the weights in safetensors `bytes`.
pub fn restored(kind: &Kind, input: Input, bytes: &[u8], device: &Device) -> Result<Box<dyn Network>, CheckpointError> {
    let mut params = Params::new(0, device);
    let network = kind.build(input, &mut params)?;
    params.restore(&archive::from_bytes(bytes)?).map_err(ModelError::from)?;
    Ok(network)
}
