//! Layers and the optimiser on candle tensors; knows no model and no training loop.
//! Layers follow PyTorch 2: `torch.nn`, its parameter names, layouts and default initialisation.
//!
//! Nothing here draws from candle's own generators, which cannot be seeded on the CPU: all randomness is
//! [`crate::random::Stream`]. Every operation on a trained path has a finite-difference test of its gradient.

pub mod activation;
pub mod adam;
pub mod archive;
pub mod batch_norm;
pub mod conv;
pub(crate) mod cpu;
pub mod depthwise;
pub mod film;
pub mod gaussian;
pub mod init;
pub mod linear;
pub mod mlp;
pub mod norm;
pub mod params;
pub mod pool;
pub mod spectral_norm;

#[cfg(test)]
pub(crate) mod gradcheck;
