//! Pitch without octaves: how an instrument is tuned, how strong each of the twelve notes is, and their harmony.
//!
//! Tuning and chroma take power |X|² `[frames, bins]` of frames of `n_fft` samples at `rate_hz` and follow librosa 0.11
//! called with `S=`; [`tonnetz`] takes the chroma.

mod chroma;
mod tonnetz;
mod tuning;

pub use chroma::{ChromaBank, N_CHROMA};
pub use tonnetz::tonnetz;
pub use tuning::tuning;

/// A0 in Hz: octaves are counted from here.
const A0_HZ: f64 = 440.0 / 16.0;

/// Notes or spectra that do not fit together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PitchError {
    /// An octave of no notes, or a spectrum of nothing.
    #[error(
        "no chroma of {n_chroma} notes from frames of {n_fft} samples at {rate_hz} Hz; \
         give at least 1 note, 2 samples and 1 Hz"
    )]
    EmptyChroma {
        /// Notes an octave.
        n_chroma: usize,
        /// Samples a frame.
        n_fft: usize,
        /// Samples a second.
        rate_hz: u32,
    },
    /// A spectrum of another n_fft than the bank's.
    #[error("the spectrum has {found} bins but the bank is for {expected}; give both the same n_fft")]
    Bins {
        /// Bins that the bank was planned for.
        expected: usize,
        /// Bins of the spectrum.
        found: usize,
    },
}
