//! Sound as arrays of numbers: bytes to samples, samples to spectra, spectra to mel bands and cepstra, and synthesis.
//!
//! The reference for every number is librosa 0.11 with its defaults; `tests/golden/make_librosa.py` makes the stored
//! outputs that the tests compare with. Spectra lie frames-major, `[frames, bins]`: a frame is made and reduced to mel
//! bands while it is still in the cache, and its row is what a model reads. librosa's `[bins, frames]` is its
//! transposed view, `.t()`.
//! Nothing here runs threads: callers run one track a thread and share one [`analyser::Analyser`].

pub mod analyser;
pub mod cepstrum;
pub mod decibel;
pub mod decode;
pub mod mel;
pub mod resample;
pub mod stft;
pub mod synth;

#[cfg(test)]
mod golden;
