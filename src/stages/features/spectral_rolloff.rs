//! Spectral rolloff of each frame, Hz: the frequency below which a share of its magnitude lies.

use super::{Description, Feature, FeatureError};
use crate::signal::analysis::Analysis;
use crate::signal::shape::ROLL_PERCENT;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[features.audio.spectral_rolloff]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SpectralRolloff {
    /// The share of the magnitude that lies below.
    #[schemars(range(min = 0.01, max = 0.99))]
    pub share: f64,
}

impl Default for SpectralRolloff {
    fn default() -> SpectralRolloff {
        SpectralRolloff { share: ROLL_PERCENT }
    }
}

impl SpectralRolloff {
    /// The body of the table.
    pub const EXAMPLE: &str = "share = 0.85";
}

impl Feature for SpectralRolloff {
    fn names(&self) -> Vec<String> {
        vec!["spectral_rolloff".to_owned()]
    }

    fn reads_spectrogram(&self) -> bool {
        true
    }

    fn describe(&self, sound: &Analysis) -> Result<Description, FeatureError> {
        Ok(Description::one(sound.rolloff(self.share)?))
    }
}
