//! Tempo in beats a minute, and the mean and spread of the time between beats, in seconds.
//! Ellis, "Beat tracking by dynamic programming" (Journal of New Music Research 36, 2007), as `librosa.beat.beat_track(y=...)`.
//! Without beats all are 0.

use super::statistics::mean_and_variance;
use super::{Description, Feature, FeatureError, Form};
use crate::signal::analysis::Analysis;
use crate::signal::plans::Framing;
use ndarray::Array1;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[features.audio.tempo]`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tempo {}

impl Tempo {
    /// The body of the table.
    pub const EXAMPLE: &str = "";
}

impl Feature for Tempo {
    fn form(&self) -> Form {
        Form::Track
    }

    fn names(&self) -> Vec<String> {
        ["tempo", "beat_interval_mean", "beat_interval_std"].map(str::to_owned).to_vec()
    }

    fn describe(&self, sound: &Analysis) -> Result<Description, FeatureError> {
        let beats = sound.beats();
        let Framing { rate_hz, hop_samples, .. } = sound.framing();
        let seconds = |frames: usize| (frames * hop_samples) as f32 / rate_hz as f32;
        let intervals: Array1<f32> = beats.frames.windows(2).map(|pair| seconds(pair[1] - pair[0])).collect();
        let (mean, variance) = mean_and_variance(intervals.view());
        Ok(Description::Track(vec![beats.bpm as f32, mean as f32, variance.sqrt() as f32]))
    }
}
