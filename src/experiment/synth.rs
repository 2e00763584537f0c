//! Writing the built-in set as files, in GTZAN's layout, for other programs to read.

use super::document::Document;
use super::load::LoadError;
use super::new_folder::must_be_new;
use super::overrides::Assignment;
use crate::engine::{BoxError, Failure};
use crate::signal::decode::{Audio, encode_wav};
use crate::signal::synth::render;
use crate::stages::dataset::synth::{Synth, SynthTrack};
use rayon::prelude::*;
use serde::Serialize;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Sampling rate of the files, Hz: librosa's default.
const RATE_HZ: u32 = 22_050;

/// What was written.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct SynthReport {
    /// Files of sound.
    pub tracks: usize,
    /// Sub-folders.
    pub genres: usize,
    /// Bytes of sound.
    pub bytes: u64,
}

/// Writes `folder/<genre>/<genre>.NNNNN.wav`, `lyrics.csv` and `factors.csv`. `settings` are `key=value` of `[dataset.synth]`;
/// `progress` is told (done, of).
pub fn write_synth(
    folder: &Path,
    settings: &[String],
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<SynthReport, LoadError> {
    let tracks = parse(settings)?.tracks();
    must_be_new(folder)?;
    let done = AtomicUsize::new(0);
    let write = |track: &SynthTrack| {
        let bytes = write_track(folder, track)?;
        progress(done.fetch_add(1, Ordering::Relaxed) + 1, tracks.len());
        Ok(bytes)
    };
    let sizes: Vec<u64> = tracks.par_iter().map(write).collect::<Result<_, Failure>>()?;
    write_tables(folder, &tracks).map_err(Failure::classify)?;
    let genres = tracks.iter().map(|track| track.genre).collect::<std::collections::BTreeSet<_>>().len();
    Ok(SynthReport { tracks: tracks.len(), genres, bytes: sizes.iter().sum() })
}

fn parse(settings: &[String]) -> Result<Synth, LoadError> {
    let mut document = Document::<Synth>::parse("dataset.synth", "").map_err(LoadError::Problems)?;
    for text in settings {
        let set = Assignment::parse(text).and_then(|assignment| document.set(&assignment));
        set.map_err(|problem| LoadError::Problems(vec![problem]))?;
    }
    document.load().map_err(LoadError::Problems)
}

/// `blues/blues.00012.wav`
fn path_of(track: &SynthTrack) -> String {
    format!("{0}/{0}.{1}.wav", track.genre, track.id.rsplit('.').next().unwrap_or_default())
}

fn write_track(folder: &Path, track: &SynthTrack) -> Result<u64, Failure> {
    let wav = encode_wav(&Audio { samples: render(&track.recipe, RATE_HZ), rate_hz: RATE_HZ });
    let path = folder.join(path_of(track));
    fs::create_dir_all(path.parent().unwrap_or(folder))?;
    fs::write(path, &wav)?;
    Ok(wav.len() as u64)
}

fn write_tables(folder: &Path, tracks: &[SynthTrack]) -> Result<(), BoxError> {
    let mut lyrics = csv::Writer::from_path(folder.join("lyrics.csv"))?;
    lyrics.write_record(["file", "genre", "artist", "language", "lyrics"])?;
    for track in tracks {
        let words = track.lyrics.as_deref().unwrap_or("");
        lyrics.write_record([&path_of(track), track.genre, &track.group, track.language, words])?;
    }
    lyrics.flush()?;
    let mut factors = csv::Writer::from_path(folder.join("factors.csv"))?;
    let names =
        tracks.first().map(|track| track.factors.iter().map(|(name, _)| *name).collect::<Vec<_>>()).unwrap_or_default();
    factors.write_record(["file", "artist"].into_iter().chain(names))?;
    for track in tracks {
        let values = track.factors.iter().map(|(_, value)| value.to_string());
        factors.write_record([path_of(track), track.group.clone()].into_iter().chain(values))?;
    }
    Ok(factors.flush()?)
}
