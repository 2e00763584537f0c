//! From a track to mono samples at the rate asked for.

use super::FeatureError;
use crate::artifact::{Audio, Track};
use crate::engine::Failure;
use crate::engine::inputs::read_input;
use crate::signal::decode::decode;
use crate::signal::resample::resample;
use crate::signal::synth::render;
use std::path::Path;

/// What a listing calls the track: its file, else its id.
pub(super) fn name(track: &Track) -> String {
    match &track.audio {
        Some(Audio::File(file)) => file.path.clone(),
        _ => track.id.clone(),
    }
}

/// All that can change a track's samples: the hash of its file, not its place; or its whole recipe.
pub(super) fn identity(track: &Track) -> serde_json::Value {
    match &track.audio {
        Some(Audio::File(file)) => serde_json::json!({ "blake3": file.blake3 }),
        recipe => serde_json::json!({ "audio": recipe }),
    }
}

/// Mono samples at `rate_hz`, not all zero.
pub(super) fn samples(track: &Track, root: &Path, rate_hz: u32) -> Result<Vec<f32>, Failure> {
    let samples = match &track.audio {
        Some(Audio::File(file)) => from_file(&read_input(root, file)?, rate_hz)?,
        Some(Audio::Recipe(recipe)) => render(recipe, rate_hz),
        None => Vec::new(),
    };
    if samples.iter().all(|sample| *sample == 0.0) { Err(FeatureError::Silent.into()) } else { Ok(samples) }
}

fn from_file(bytes: &[u8], rate_hz: u32) -> Result<Vec<f32>, FeatureError> {
    let audio = decode(bytes)?;
    if audio.rate_hz == rate_hz { Ok(audio.samples) } else { Ok(resample(&audio.samples, audio.rate_hz, rate_hz)?) }
}
