//! Spectral centroid of each frame, Hz: where the middle of its magnitude lies, which is heard as brightness.

use super::{Description, Feature, FeatureError};
use crate::signal::analysis::Analysis;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[features.audio.spectral_centroid]`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SpectralCentroid {}

impl SpectralCentroid {
    /// The body of the table.
    pub const EXAMPLE: &str = "";
}

impl Feature for SpectralCentroid {
    fn names(&self) -> Vec<String> {
        vec!["spectral_centroid".to_owned()]
    }

    fn reads_spectrogram(&self) -> bool {
        true
    }

    fn describe(&self, sound: &Analysis) -> Result<Description, FeatureError> {
        Ok(Description::one(sound.centroid()))
    }
}
