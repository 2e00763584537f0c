//! Mel decibels of each frame, as statistics over the track: a coarse spectrum.

use super::{Description, Feature, FeatureError};
use crate::signal::analysis::Analysis;
use crate::signal::mel::MelDefinition;
use crate::signal::plans::MelBands;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[features.audio.mel]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Mel {
    /// Number of mel bands.
    #[schemars(range(min = 1, max = 512))]
    pub n_mels: usize,
    /// By whose definition: `librosa`, `htk` or `torchaudio`.
    pub mode: MelDefinition,
}

impl Default for Mel {
    fn default() -> Mel {
        Mel { n_mels: 128, mode: MelDefinition::Librosa }
    }
}

impl Mel {
    /// The body of the table.
    pub const EXAMPLE: &str = "n_mels = 128\nmode = \"librosa\"";
}

impl Feature for Mel {
    fn names(&self) -> Vec<String> {
        (1..=self.n_mels).map(|band| format!("mel{band}")).collect()
    }

    fn describe(&self, sound: &Analysis) -> Result<Description, FeatureError> {
        let bands = MelBands { definition: self.mode, n_mels: self.n_mels };
        Ok(Description::Frames(sound.mel_db(bands).as_ref().clone()))
    }
}
