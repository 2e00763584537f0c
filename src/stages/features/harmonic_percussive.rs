//! Level of the sustained and of the struck part of a track, and the share of the energy that is sustained.
//! Fitzgerald, "Harmonic/percussive separation using median filtering" (DAFx 2010).

use super::{Description, Feature, FeatureError, Form};
use crate::signal::analysis::Analysis;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[features.audio.harmonic_percussive]`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HarmonicPercussive {}

impl HarmonicPercussive {
    /// The body of the table.
    pub const EXAMPLE: &str = "";
}

impl Feature for HarmonicPercussive {
    fn form(&self) -> Form {
        Form::Track
    }

    fn names(&self) -> Vec<String> {
        ["harmonic_rms", "percussive_rms", "harmonic_share"].map(str::to_owned).to_vec()
    }

    fn describe(&self, sound: &Analysis) -> Result<Description, FeatureError> {
        let [harmonic, percussive] = sound.harmonic_and_percussive();
        let (harmonic, percussive) = (mean_square(harmonic), mean_square(percussive));
        let share = harmonic / (harmonic + percussive).max(f64::MIN_POSITIVE);
        Ok(Description::Track([harmonic.sqrt(), percussive.sqrt(), share].map(|value| value as f32).to_vec()))
    }
}

fn mean_square(samples: &[f32]) -> f64 {
    samples.iter().map(|sample| f64::from(*sample).powi(2)).sum::<f64>() / samples.len().max(1) as f64
}
