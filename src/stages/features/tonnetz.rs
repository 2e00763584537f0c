//! Tonal centroid of each frame: its chroma as a point on the circles of fifths, minor thirds and major thirds.
//! Harte, Sandler, Gasser, "Detecting harmonic change in musical audio" (2006). From the chroma of the STFT.

use super::{Description, Feature, FeatureError};
use crate::signal::analysis::Analysis;
use crate::signal::pitch::{N_CHROMA, tonnetz};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[features.audio.tonnetz]`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tonnetz {}

impl Tonnetz {
    /// The body of the table.
    pub const EXAMPLE: &str = "";
}

impl Feature for Tonnetz {
    fn names(&self) -> Vec<String> {
        (1..=6).map(|axis| format!("tonnetz{axis}")).collect()
    }

    fn reads_spectrogram(&self) -> bool {
        true
    }

    fn describe(&self, sound: &Analysis) -> Result<Description, FeatureError> {
        Ok(Description::Frames(tonnetz(sound.chroma(N_CHROMA)?.view())))
    }
}
