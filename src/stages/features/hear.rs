//! Sound files that are in no corpus: the same features as a trained network has learned from, computed on the spot.
//! Nothing is cached and nothing is hashed: a question about one song is answered before a cache would have been opened.

use super::gather::{begin, rows, table};
use super::{AudioFeatures, FeatureError, Features, sound};
use crate::artifact::{Audio, Corpus, FeatureTable, Track};
use crate::engine::inputs::InputFile;
use crate::engine::{Failure, Key};
use ndarray::ArrayD;
use rayon::prelude::*;
use std::path::{Path, PathBuf};

/// The features are not made of sound alone.
#[derive(Debug, thiserror::Error)]
#[error(
    "its features are made of {what}, and a sound file does not give them; use a run whose features are all under [features.audio]"
)]
pub struct NotSound {
    what: &'static str,
}

/// The features of sound files: rows in order of `paths`, which are the tracks. Files that are no sound are listed as skipped.
///
/// # Errors
/// The features are not made of sound alone, or a file is not there or cannot be read.
pub fn hear(features: &Features, paths: &[PathBuf]) -> Result<FeatureTable, Failure> {
    let audio = of_sound_alone(features).map_err(Failure::experiment)?;
    let plans = audio.plans();
    let of = |path: &PathBuf| {
        let samples = sound::of_file(path, audio)?;
        let analysis = begin(audio, &plans, &samples);
        let arrays = audio.chosen().into_iter().map(|(_, kind)| audio.array(kind, &analysis));
        rows(arrays.collect::<Result<Vec<ArrayD<f32>>, FeatureError>>()?)
    };
    let found = paths.par_iter().map(of).collect();
    table(&corpus(paths), found, vec![0, audio.columns().len()], audio.columns())
}

fn of_sound_alone(features: &Features) -> Result<&AudioFeatures, NotSound> {
    match features {
        Features { text: Some(_), .. } => Err(NotSound { what: "lyrics" }),
        Features { metadata: Some(_), .. } => Err(NotSound { what: "metadata" }),
        Features { table: Some(_), .. } => Err(NotSound { what: "columns of a table" }),
        Features { maps: Some(_), .. } => Err(NotSound { what: "spectrograms made elsewhere" }),
        Features { audio: Some(audio), .. } => Ok(audio),
        _ => Err(NotSound { what: "nothing" }),
    }
}

/// A track a file, so that what is skipped has a name.
fn corpus(paths: &[PathBuf]) -> Corpus {
    let track = |path: &PathBuf| Track { id: name(path), audio: Some(Audio::File(unhashed(path))), ..Track::default() };
    Corpus { tracks: paths.iter().map(track).collect(), ..Corpus::default() }
}

fn unhashed(path: &Path) -> InputFile {
    InputFile { path: name(path), blake3: Key::of_bytes(&[]), length: 0 }
}

fn name(path: &Path) -> String {
    path.display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::FailureKind;
    use crate::stages::features::mfcc::Mfcc;

    fn features() -> Features {
        let audio = AudioFeatures { mfcc: Some(Mfcc::default()), ..AudioFeatures::default() };
        Features { audio: Some(audio), ..Features::default() }
    }

    fn wav(path: &Path, samples: usize) {
        let spec = hound::WavSpec {
            channels: 1,
            sample_rate: 22_050,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut writer = hound::WavWriter::create(path, spec).unwrap();
        (0..samples).for_each(|n| writer.write_sample(((n * 7919) % 20_001) as i16 - 10_000).unwrap());
        writer.finalize().unwrap();
    }

    #[test]
    fn files_are_rows_in_order_and_what_cannot_be_heard_is_listed() {
        let folder = std::env::temp_dir().join(format!("runner-hear-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let paths: Vec<PathBuf> = ["a.wav", "bad.wav", "c.wav"].iter().map(|name| folder.join(name)).collect();
        wav(&paths[0], 22_050);
        std::fs::write(&paths[1], b"no sound").unwrap();
        wav(&paths[2], 11_025);
        let table = hear(&features(), &paths).unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!((table.tracks.clone(), table.rows()), (vec![0, 2], 2));
        assert!(table.skipped.len() == 1 && table.skipped[0].path.ends_with("bad.wav"), "{:?}", table.skipped);
        assert!(table.values.iter().all(|value| value.is_finite()));
    }

    #[test]
    fn a_file_that_is_not_there_ends_it() {
        let failure = hear(&features(), &[PathBuf::from("no/such/file.wav")]).unwrap_err();
        assert!(failure.to_string().contains("no/such/file.wav") && failure.kind == FailureKind::Data, "{failure}");
    }

    #[test]
    fn what_sound_does_not_give_is_named() {
        let features = Features { metadata: Some(Default::default()), ..features() };
        assert!(hear(&features, &[]).unwrap_err().to_string().contains("metadata"));
    }
}
