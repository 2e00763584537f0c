//! Energy of each frame in each pitch class, tuned to the track; the loudest class of a frame is 1.
//! Ellis, "Chroma feature analysis and synthesis" (2007).

use super::{Description, Feature, FeatureError};
use crate::signal::analysis::Analysis;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[features.audio.chroma_stft]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ChromaStft {
    /// Pitch classes in an octave.
    #[schemars(range(min = 3, max = 120))]
    pub n_chroma: usize,
}

impl Default for ChromaStft {
    fn default() -> ChromaStft {
        ChromaStft { n_chroma: 12 }
    }
}

impl ChromaStft {
    /// The body of the table.
    pub const EXAMPLE: &str = "n_chroma = 12";
}

impl Feature for ChromaStft {
    fn names(&self) -> Vec<String> {
        (1..=self.n_chroma).map(|class| format!("chroma_stft{class}")).collect()
    }

    fn reads_spectrogram(&self) -> bool {
        true
    }

    fn describe(&self, sound: &Analysis) -> Result<Description, FeatureError> {
        Ok(Description::Frames(sound.chroma(self.n_chroma)?.as_ref().clone()))
    }
}
