//! Shape of a spectrum: one or a few numbers a frame that say where its energy lies and how it is spread.
//!
//! Each takes magnitudes |X| `[frames, bins]` of frames of `n_fft` samples at `rate_hz` and follows librosa 0.11 called
//! with `S=`. Silent frames have values, never NaN: 0 Hz for frequencies, flatness 1, contrast 0 dB.

mod bandwidth;
mod centroid;
mod contrast;
mod flatness;
mod largest;
mod rolloff;

pub use bandwidth::bandwidth;
pub use centroid::centroid;
pub use contrast::{ContrastBank, FMIN_HZ, N_BANDS, QUANTILE};
pub use flatness::flatness;
pub use rolloff::{ROLL_PERCENT, rolloff};

/// Settings that do not describe a shape, or a spectrum of another size than was planned for.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ShapeError {
    /// All of the energy, or none.
    #[error("a roll-off at {roll_percent} of the energy has no frequency; give a share between 0 and 1, such as 0.85")]
    RollPercent {
        /// The share asked for.
        roll_percent: f64,
    },
    /// All of the bins, or none.
    #[error(
        "a contrast over the quantile {quantile} has no peaks or no valleys; give one between 0 and 1, such as 0.02"
    )]
    Quantile {
        /// The quantile asked for.
        quantile: f64,
    },
    /// No octaves, or octaves that begin at nothing.
    #[error("contrast over {n_bands} octaves from {fmin_hz} Hz has no bands; give at least 1 octave from above 0 Hz")]
    Octaves {
        /// Octaves asked for.
        n_bands: usize,
        /// Where the first begins.
        fmin_hz: f64,
    },
    /// The top band begins above the highest frequency there is.
    #[error("a contrast band begins at {low_hz} Hz but the sound ends at {nyquist_hz} Hz; lower n_bands or fmin_hz")]
    AboveNyquist {
        /// Lower edge of the band.
        low_hz: f64,
        /// Half the sampling rate.
        nyquist_hz: f64,
    },
    /// The frames are so short that a band falls between two bins.
    #[error("no bins between {low_hz} Hz and {high_hz} Hz in frames of {n_fft} samples; raise n_fft or fmin_hz")]
    EmptyBand {
        /// Lower edge of the band.
        low_hz: f64,
        /// Upper edge of the band.
        high_hz: f64,
        /// Samples a frame.
        n_fft: usize,
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

/// Width of a bin in Hz, rounded as `numpy.fft.rfftfreq` rounds it. `n_fft` 0 counts as 1.
fn bin_hz(rate_hz: u32, n_fft: usize) -> f64 {
    1.0 / (n_fft.max(1) as f64 * (1.0 / f64::from(rate_hz)))
}
