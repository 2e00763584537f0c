//! Spectral bandwidth of each frame, Hz: how far its magnitude spreads about its centroid.

use super::{Description, Feature, FeatureError};
use crate::signal::analysis::Analysis;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[features.audio.spectral_bandwidth]`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SpectralBandwidth {}

impl SpectralBandwidth {
    /// The body of the table.
    pub const EXAMPLE: &str = "";
}

impl Feature for SpectralBandwidth {
    fn names(&self) -> Vec<String> {
        vec!["spectral_bandwidth".to_owned()]
    }

    fn reads_spectrogram(&self) -> bool {
        true
    }

    fn describe(&self, sound: &Analysis) -> Result<Description, FeatureError> {
        Ok(Description::one(sound.bandwidth()))
    }
}
