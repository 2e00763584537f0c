//! Plain slices of tensors in main memory, and working memory that is kept from step to step.

use std::cell::RefCell;
use std::ops::{Deref, DerefMut};

use candle_core::{CpuStorage, Layout, Result, Storage, Tensor, bail};

/// The values of a contiguous tensor inside a custom operation.
pub(crate) fn values<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    match layout.contiguous_offsets() {
        Some((start, end)) => Ok(&storage.as_slice::<f32>()?[start..end]),
        None => bail!("this operation needs contiguous tensors: call contiguous() first"),
    }
}

/// Calls `read` with the values of a tensor in main memory; copies only where they are not contiguous.
pub(crate) fn with<R>(tensor: &Tensor, read: impl FnOnce(&[f32]) -> R) -> Result<R> {
    with_all([tensor], |[values]| read(values))
}

/// [`with`] of several tensors at once.
pub(crate) fn with_all<R, const N: usize>(tensors: [&Tensor; N], read: impl FnOnce([&[f32]; N]) -> R) -> Result<R> {
    let tensors = tensors.map(Tensor::contiguous).into_iter().collect::<Result<Vec<_>>>()?;
    let stored: Vec<_> = tensors.iter().map(Tensor::storage_and_layout).collect();
    let mut slices: [&[f32]; N] = [&[]; N];
    for (slot, (storage, layout)) in slices.iter_mut().zip(&stored) {
        *slot = match &**storage {
            Storage::Cpu(storage) => values(storage, layout)?,
            _ => bail!("this operation runs in main memory only: move the tensor to the CPU"),
        };
    }
    Ok(read(slices))
}

thread_local! {
    static KEPT: RefCell<Vec<Vec<f32>>> = const { RefCell::new(Vec::new()) };
}

/// Working memory whose contents are whatever was there: fresh pages cost more than most of what is written into them.
pub(crate) struct Scratch {
    values: Vec<f32>,
    len: usize,
}

impl Scratch {
    /// `len` values, unspecified but initialised.
    pub(crate) fn new(len: usize) -> Scratch {
        let mut values = KEPT.with_borrow_mut(|kept| {
            let large_enough = kept.iter().enumerate().filter(|(_, values)| values.len() >= len);
            let best = large_enough.min_by_key(|(_, values)| values.len()).map(|(at, _)| at);
            best.map(|at| kept.swap_remove(at)).or_else(|| kept.pop()).unwrap_or_default()
        });
        if values.len() < len {
            values = vec![0.0; len];
        }
        Scratch { values, len }
    }

    /// `len` zeros.
    pub(crate) fn zeros(len: usize) -> Scratch {
        let mut scratch = Scratch::new(len);
        scratch.fill(0.0);
        scratch
    }
}

impl Deref for Scratch {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        &self.values[..self.len]
    }
}

impl DerefMut for Scratch {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.values[..self.len]
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        KEPT.with_borrow_mut(|kept| kept.push(std::mem::take(&mut self.values)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::Device;

    #[test]
    fn values_of_a_transposed_tensor_come_in_its_own_order() {
        let tensor = Tensor::from_slice(&[1f32, 2.0, 3.0, 4.0], (2, 2), &Device::Cpu).unwrap().t().unwrap();
        assert_eq!(with(&tensor, <[f32]>::to_vec).unwrap(), [1.0, 3.0, 2.0, 4.0]);
    }

    #[test]
    fn working_memory_is_as_long_as_asked_for_and_zeros_are_zeros() {
        Scratch::new(10).fill(7.0);
        assert_eq!(Scratch::zeros(4).to_vec(), [0.0; 4]);
        assert_eq!((Scratch::new(20).len(), Scratch::new(0).len()), (20, 0));
    }
}
