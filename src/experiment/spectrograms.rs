//! Pictures and arrays of the spectrograms of a folder of audio, laid out as the folder is.

use super::load::LoadError;
use super::new_folder::must_be_new;
use super::outcome::cells::skipped_csv;
use crate::artifact::{Skipped, write_npy};
use crate::engine::{BoxError, Failure, FailureKind};
use crate::plotting::{Caption, Drawing};
use crate::signal::analysis::Analysis;
use crate::signal::decibel::power_to_clip_db;
use crate::signal::decode::{Span, decode};
use crate::signal::mel::{MelDefinition, MelScale};
use crate::signal::plans::{Framing, MelBands, Plans};
use crate::signal::resample::at_rate;
use crate::stages::dataset::folder::audio_files;
use crate::stages::plots::spectrogram::Spectrogram;
use ndarray::Array2;
use rayon::prelude::*;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fs;
use std::io::BufReader;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What is shown of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpectrogramKind {
    /// Every bin of the transform.
    Stft,
    /// So many mel bands.
    Mel(usize),
}

/// What to write.
#[derive(Clone, Debug)]
pub struct Spectrograms {
    /// Of what.
    pub root: PathBuf,
    /// Where to.
    pub out: PathBuf,
    /// What is shown.
    pub kind: SpectrogramKind,
    /// Seconds from the beginning of each file.
    pub seconds: f64,
    /// Sampling rate that every file is brought to.
    pub rate_hz: u32,
}

/// What was written.
#[derive(Clone, Debug, Serialize)]
pub struct SpectrogramReport {
    /// Files that have a picture and an array.
    pub written: usize,
    /// Files that could not be heard, and why.
    pub skipped: Vec<Skipped>,
}

/// There is no such folder.
#[derive(Debug, thiserror::Error)]
#[error("{} is no folder: name a folder of audio files", root.display())]
struct NoFolder {
    root: PathBuf,
}

/// Nothing could be heard.
#[derive(Debug, thiserror::Error)]
#[error("none of the {files} files could be heard. First: {first}")]
struct NothingHeard {
    files: usize,
    first: String,
}

/// Writes `out/<path of the file without its ending>.png` and `.npy` (`[bins, frames]`, low bins first, dB below the loudest value, −80 to 0) for
/// every audio file below the root; `progress` is told (done, of).
pub fn write_spectrograms(
    asked: &Spectrograms,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<SpectrogramReport, LoadError> {
    if !asked.root.is_dir() {
        return Err(Failure::data(NoFolder { root: asked.root.clone() }).into());
    }
    must_be_new(&asked.out)?;
    let files = named(audio_files(&asked.root).map_err(Failure::data)?);
    let (plans, done) = (Plans::new(Framing::standard(asked.rate_hz)), AtomicUsize::new(0));
    let write = |(file, name): &(String, String)| {
        let told = asked.one(&plans, file, name);
        progress(done.fetch_add(1, Ordering::Relaxed) + 1, files.len());
        told
    };
    let skipped: Vec<Skipped> =
        files.par_iter().map(write).collect::<Result<Vec<_>, Failure>>()?.into_iter().flatten().collect();
    match skipped.first().filter(|_| skipped.len() == files.len()) {
        Some(Skipped { path, reason }) => {
            let first = format!("{path} ({reason})");
            Err(Failure::data(NothingHeard { files: files.len(), first }).into())
        }
        None => {
            fs::write(asked.out.join("skipped.csv"), skipped_csv(&skipped)?).map_err(Failure::from)?;
            Ok(SpectrogramReport { written: files.len() - skipped.len(), skipped })
        }
    }
}

impl Spectrograms {
    /// Writes one file's picture and array; what cannot be heard is given back.
    fn one(&self, plans: &Plans, file: &str, name: &str) -> Result<Option<Skipped>, Failure> {
        let skipped = |reason: String| Ok(Some(Skipped { path: file.to_owned(), reason }));
        let samples = match self.samples(file) {
            Ok(samples) if samples.len() < plans.framing().n_fft => {
                return skipped(format!("too short: {} samples, a frame is {}", samples.len(), plans.framing().n_fft));
            }
            Ok(samples) if samples.iter().all(|sample| *sample == 0.0) => {
                return skipped("silent: every sample is zero".to_owned());
            }
            Ok(samples) => samples,
            Err(error) => return skipped(error.to_string()),
        };
        let db = self.decibels(&Analysis::new(&samples, plans));
        let seconds = samples.len() as f64 / f64::from(self.rate_hz);
        let picture = self.draw(file, &db, seconds).map_err(|error| Failure::new(FailureKind::Stage, error))?;
        let path = |ending: &str| self.out.join(format!("{name}.{ending}"));
        fs::create_dir_all(path("npy").parent().unwrap_or(&self.out))?;
        fs::write(path("npy"), write_npy(&db).map_err(Failure::classify)?)?;
        fs::write(path("png"), picture.png)?;
        Ok(None)
    }

    fn samples(&self, file: &str) -> Result<Vec<f32>, BoxError> {
        let open = fs::File::open(self.root.join(file))?;
        let sound = decode(BufReader::new(open), Span { offset_seconds: 0.0, seconds: Some(self.seconds) })?;
        Ok(at_rate(sound, self.rate_hz)?)
    }

    /// `[bins, frames]`
    fn decibels(&self, sound: &Analysis) -> Array2<f32> {
        let power = match self.kind {
            SpectrogramKind::Stft => sound.power().clone(),
            SpectrogramKind::Mel(n_mels) => sound.mel_power(MelBands { definition: MelDefinition::Librosa, n_mels }),
        };
        power_to_clip_db(power).reversed_axes().as_standard_layout().into_owned()
    }

    fn draw(&self, file: &str, db: &Array2<f32>, seconds: f64) -> Result<Drawing, crate::plotting::PlotError> {
        let what = match self.kind {
            SpectrogramKind::Stft => "magnitude spectrogram".to_owned(),
            SpectrogramKind::Mel(n_mels) => format!("mel spectrogram, {n_mels} bands"),
        };
        let line = format!("{what} · {seconds:.1} s at {} Hz · dB below the loudest", self.rate_hz);
        let caption = Caption { title: file.to_owned(), of_one: Some(line), ..Caption::default() };
        let marks = self.marks(db.nrows());
        Spectrogram { caption: &caption, db: db.mapv(f64::from).view(), seconds, marks: &marks }.draw()
    }

    /// Round frequencies and the bins where they lie.
    fn marks(&self, bins: usize) -> Vec<(f64, String)> {
        let half_hz = f64::from(self.rate_hz) / 2.0;
        let (round_hz, place): ([f64; 6], Box<dyn Fn(f64) -> f64>) = match self.kind {
            SpectrogramKind::Stft => {
                ([0.0, 2_000.0, 4_000.0, 6_000.0, 8_000.0, 10_000.0], Box::new(move |hz| hz / half_hz))
            }
            SpectrogramKind::Mel(_) => {
                let mel = |hz| MelScale::Slaney.mel(hz);
                ([0.0, 500.0, 1_000.0, 2_000.0, 4_000.0, 8_000.0], Box::new(move |hz| mel(hz) / mel(half_hz)))
            }
        };
        let below = round_hz.into_iter().filter(|hz| *hz <= half_hz);
        below.map(|hz| (place(hz) * bins as f64, format!("{hz}"))).collect()
    }
}

/// Each file with the name that its picture and array get: without its ending, unless two files differ in that only.
fn named(files: Vec<String>) -> Vec<(String, String)> {
    let stem = |file: &str| file.rsplit_once('.').map_or(file, |(stem, _)| stem).to_owned();
    let mut count = BTreeMap::<String, usize>::new();
    files.iter().for_each(|file| *count.entry(stem(file)).or_default() += 1);
    let name = |file: &String| if count[&stem(file)] == 1 { stem(file) } else { file.clone() };
    let names: Vec<String> = files.iter().map(name).collect();
    files.into_iter().zip(names).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_differ_in_their_ending_get_names_of_their_own() {
        let files = ["a/x.mp3", "a/x.wav", "a/y.wav"].map(str::to_owned).to_vec();
        let names: Vec<String> = named(files).into_iter().map(|(_, name)| name).collect();
        assert_eq!(names, ["a/x.mp3", "a/x.wav", "a/y"]);
    }
}
