//! Arrays as `.npy` bytes, read by `np.load(allow_pickle=False)` and checked before anything is allocated.

use crate::engine::BoxError;
use ndarray::{ArrayBase, Data, Dimension};
use ndarray_npy::{ReadNpyExt, ReadableElement, WritableElement, WriteNpyExt};

/// The `.npy` bytes of an array, in C order.
pub fn write_npy<A, S, D>(array: &ArrayBase<S, D>) -> Result<Vec<u8>, BoxError>
where
    A: WritableElement + Clone,
    S: Data<Elem = A>,
    D: Dimension,
{
    let mut bytes = Vec::new();
    array.as_standard_layout().write_npy(&mut bytes)?;
    Ok(bytes)
}

/// The array in `.npy` bytes.
pub fn read_npy<A, D>(bytes: &[u8]) -> Result<ndarray::Array<A, D>, BoxError>
where
    A: ReadableElement,
    D: Dimension,
{
    Ok(ndarray::Array::<A, D>::read_npy(bytes)?)
}
