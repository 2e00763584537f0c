//! From a track to mono samples at the rate asked for.

use super::{AudioFeatures, FeatureError};
use crate::artifact::{Audio, Track};
use crate::engine::inputs::{InputFile, open_any, open_input, read_input};
use crate::engine::{Failure, FailureKind};
use crate::signal::decode::{DecodeError, Span, decode};
use crate::signal::resample::at_rate;
use crate::signal::synth::render;
use std::io::{BufReader, Cursor};
use std::path::Path;

/// Files below this length are read at once, which is fastest.
const IN_MEMORY_BYTES: u64 = 32 << 20;

/// What a listing calls the track: its file, else its id.
pub(super) fn name(track: &Track) -> String {
    match &track.audio {
        Some(Audio::File(file) | Audio::Array { file, .. }) => file.path.clone(),
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

/// Mono samples of the span and at the rate of `audio`, not all zero and at least a frame long.
pub(super) fn samples(track: &Track, root: &Path, audio: &AudioFeatures) -> Result<Vec<f32>, Failure> {
    let (rate_hz, span) = (audio.rate_hz, Span { offset_seconds: audio.offset, seconds: audio.duration });
    let samples = match &track.audio {
        Some(Audio::File(file)) => from_file(root, file, span, rate_hz)?,
        Some(Audio::Recipe(recipe)) => cut(&render(recipe, rate_hz), span, rate_hz).to_vec(),
        _ => Vec::new(),
    };
    audible(samples, audio)
}

/// The same of a file that is in no dataset.
pub(super) fn of_file(path: &Path, audio: &AudioFeatures) -> Result<Vec<f32>, Failure> {
    let span = Span { offset_seconds: audio.offset, seconds: audio.duration };
    let sound = decode(BufReader::new(open_any(path)?), span).map_err(fault)?;
    audible(at_rate(sound, audio.rate_hz).map_err(FeatureError::from)?, audio)
}

/// Not all zero and at least a frame long.
fn audible(samples: Vec<f32>, audio: &AudioFeatures) -> Result<Vec<f32>, Failure> {
    let rate_hz = audio.rate_hz;
    match samples.len() {
        samples if samples < audio.n_fft => Err(FeatureError::TooShort { samples, rate_hz, least: audio.n_fft }.into()),
        _ if samples.iter().all(|sample| *sample == 0.0) => Err(FeatureError::Silent.into()),
        _ => Ok(samples),
    }
}

/// A long file is never held whole: it is hashed in passing, then only the span is read.
fn from_file(root: &Path, file: &InputFile, span: Span, rate_hz: u32) -> Result<Vec<f32>, Failure> {
    let sound = match file.length {
        0..IN_MEMORY_BYTES => decode(Cursor::new(read_input(root, file)?), span),
        _ => decode(BufReader::new(open_input(root, file)?), span),
    };
    Ok(at_rate(sound.map_err(fault)?, rate_hz).map_err(FeatureError::from)?)
}

/// A disk that cannot be read says nothing of the track: the stage stops, and nothing is skipped.
fn fault(error: DecodeError) -> Failure {
    match error {
        DecodeError::Io { .. } => Failure::new(FailureKind::Io, error),
        bad => FeatureError::from(bad).into(),
    }
}

fn cut(samples: &[f32], span: Span, rate_hz: u32) -> &[f32] {
    let place = |seconds: f64| ((seconds * f64::from(rate_hz)) as usize).min(samples.len());
    let start = place(span.offset_seconds);
    &samples[start..span.seconds.map_or(samples.len(), |seconds| place(span.offset_seconds + seconds))]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::ErrorKind;

    #[test]
    fn a_span_is_cut_from_rendered_sound() {
        let samples: Vec<f32> = (0..10).map(|n| n as f32).collect();
        let of = |offset_seconds, seconds| cut(&samples, Span { offset_seconds, seconds }, 2).to_vec();
        assert_eq!(of(1.0, Some(1.5)), [2.0, 3.0, 4.0]);
        assert_eq!(fault(DecodeError::Io { kind: ErrorKind::Other, message: "x".into() }).kind, FailureKind::Io);
        assert!(fault(DecodeError::Empty).source.is::<FeatureError>());
        assert_eq!((of(0.0, None).len(), of(4.0, Some(9.0)).len(), of(9.0, None).len()), (10, 2, 0));
    }
}
