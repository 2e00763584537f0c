//! Sound as arrays of numbers: bytes to samples, samples to spectra, spectra to mel bands and cepstra, and synthesis.
//!
//! The reference for every number is librosa 0.11 with its defaults; `tests/golden/make_librosa.py` makes the stored
//! outputs that the tests compare with. Spectra lie frames-major, `[frames, bins]`: a frame is made and reduced to mel
//! bands while it is still in the cache, and its row is what a model reads. librosa's `[bins, frames]` is its
//! transposed view, `.t()`.
//! Nothing here runs threads: callers run one track a thread and share one [`plans::Plans`]; each track has an
//! [`analysis::Analysis`] of its own.

pub mod analysis;
pub mod cepstrum;
pub mod decibel;
pub mod decode;
pub mod delta;
pub mod inverse;
pub mod level;
pub mod mel;
pub mod pitch;
pub mod plans;
pub mod resample;
pub mod rhythm;
pub mod separate;
pub mod shape;
pub mod stft;
pub mod synth;
pub mod vocoder;

mod lanes;

#[cfg(test)]
mod golden;
