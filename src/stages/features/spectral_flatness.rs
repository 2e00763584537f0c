//! Spectral flatness of each frame, 0 to 1: geometric over arithmetic mean of its power; 1 is noise, 0 is a tone.

use super::{Description, Feature, FeatureError};
use crate::signal::analysis::Analysis;
use crate::signal::shape::flatness;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[features.audio.spectral_flatness]`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SpectralFlatness {}

impl SpectralFlatness {
    /// The body of the table.
    pub const EXAMPLE: &str = "";
}

impl Feature for SpectralFlatness {
    fn names(&self) -> Vec<String> {
        vec!["spectral_flatness".to_owned()]
    }

    fn reads_spectrogram(&self) -> bool {
        true
    }

    fn describe(&self, sound: &Analysis) -> Result<Description, FeatureError> {
        Ok(Description::one(flatness(sound.magnitude().view())))
    }
}
