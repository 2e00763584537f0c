//! Spectral contrast of each frame, dB: peak over valley in each octave.
//! Jiang, Lu, Zhang, Tao, Cai, "Music type classification by spectral contrast feature" (ICME 2002).

use super::{Description, Feature, FeatureError};
use crate::signal::analysis::Analysis;
use crate::signal::plans::Octaves;
use crate::signal::shape::{FMIN_HZ, N_BANDS, QUANTILE};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[features.audio.spectral_contrast]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SpectralContrast {
    /// Octaves above the lowest band.
    #[schemars(range(min = 1, max = 10))]
    pub n_bands: usize,
    /// Upper end of the lowest band, Hz; the highest octave must begin below half the sampling rate.
    #[schemars(range(min = 20.0, max = 10000.0))]
    pub fmin_hz: f64,
    /// Share of a band's bins that is its peak, and its valley.
    #[schemars(range(min = 0.001, max = 0.5))]
    pub quantile: f64,
}

impl Default for SpectralContrast {
    fn default() -> SpectralContrast {
        SpectralContrast { n_bands: N_BANDS, fmin_hz: FMIN_HZ, quantile: QUANTILE }
    }
}

impl SpectralContrast {
    /// The body of the table.
    pub const EXAMPLE: &str = "n_bands = 6";
}

impl Feature for SpectralContrast {
    fn names(&self) -> Vec<String> {
        (1..=self.n_bands + 1).map(|band| format!("spectral_contrast{band}")).collect()
    }

    fn reads_spectrogram(&self) -> bool {
        true
    }

    fn describe(&self, sound: &Analysis) -> Result<Description, FeatureError> {
        let octaves = Octaves { n_bands: self.n_bands, fmin_hz: self.fmin_hz, quantile: self.quantile };
        Ok(Description::Frames(sound.plans().contrast_bank(octaves)?.apply(sound.magnitude().view())?))
    }
}
