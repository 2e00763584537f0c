//! Sound from a finished run: a genre is sampled, a track is decoded again or under another genre, a way is walked between two.
//!
//! A track is named by its id in the run's `tracks.csv` (its latent is then the run's own, the mean over its clips, and fills one
//! window or as many as the length needs) or by the path of a sound file (its clips are encoded one by one and put together).

mod folder;
mod tracks;

pub use folder::{check_generated, write_generated};

use super::check::words::{listed, nearest};
use super::load::LoadError;
use super::trained::Trained;
use crate::engine::Failure;
use crate::signal::decode::{Audio, encode_wav};
use crate::stages::generate::{Clip, Sampler, between};
use ndarray::{Array2, Axis};
use serde::Serialize;
use std::path::Path;
use tracks::{Known, Tracks};

/// What is to be made.
#[derive(Clone, Debug, PartialEq)]
pub enum Wish {
    /// So many clips of a genre; without one, of each that the model is told.
    Draws {
        /// Its name.
        genre: Option<String>,
        /// How many of each.
        n: usize,
    },
    /// A track as the model knows it.
    Track {
        /// Its id, or a file.
        track: String,
        /// The genre that it is decoded under, in place of its own.
        genre: Option<String>,
    },
    /// From one track to another.
    Way {
        /// Where it begins.
        from: String,
        /// Where it ends.
        to: String,
        /// The genre that all of it is decoded under; without it the genre that both share, else none.
        genre: Option<String>,
        /// Clips, both ends included.
        steps: usize,
    },
}

/// How it is to be made.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Manner {
    /// Seed of codes and phases.
    pub seed: u64,
    /// Length in seconds; without it one window, or as long as the file that is decoded.
    pub seconds: Option<f64>,
    /// What the spread of draws is multiplied with; without it as the run has it.
    pub temperature: Option<f64>,
}

/// A clip and what it is.
#[derive(Clone, Debug, Serialize)]
pub struct Made {
    /// Its file.
    pub file: String,
    /// The genre that the decoder was told; none where it was told nothing.
    pub genre: Option<String>,
    /// What its code is.
    pub code: String,
    /// Length.
    pub seconds: f64,
    /// Samples a second.
    pub rate_hz: u32,
    /// The WAV file, 16 bits.
    #[serde(skip)]
    pub wav: Vec<u8>,
}

/// What cannot be made of this run.
#[derive(Debug, thiserror::Error)]
enum WishError {
    #[error(
        "this model was told no genre while it was trained: leave --genre out, or choose a run of model.cvae or model.beta_cvae"
    )]
    ToldNothing,
    #[error("there is no genre {genre:?} in this run{}; it has {known}", meant(nearest))]
    NoGenre { genre: String, nearest: Option<String>, known: String },
    #[error(
        "{track:?} is neither a track of this run{} nor a file; artifacts/tracks.csv lists its tracks",
        meant(nearest)
    )]
    NoTrack { track: String, nearest: Option<String> },
    #[error("{file} cannot be heard: {reason}")]
    Unheard { file: String, reason: String },
}

fn meant(nearest: &Option<String>) -> String {
    nearest.as_ref().map_or_else(String::new, |name| format!(" (did you mean {name:?}?)"))
}

fn wrong(error: WishError) -> LoadError {
    Failure::experiment(error).into()
}

/// Makes what is wished for of the run in the folder `run`.
///
/// # Errors
/// It is no finished run with a model of log-mel maps; a genre or a track that it does not have.
pub fn generate(run: &Path, wish: &Wish, manner: Manner) -> Result<Vec<Made>, LoadError> {
    let trained = Trained::open(run)?;
    let mut settings = trained.generate_settings();
    settings.temperature = manner.temperature.unwrap_or(settings.temperature);
    settings.seconds = manner.seconds;
    let rate_hz = trained.acoustics()?.rate_hz;
    let studio = Studio { sampler: trained.sampler(settings)?, trained: &trained, manner };
    let made = match wish {
        Wish::Draws { genre, n } => studio.draws(genre.as_deref(), *n),
        Wish::Track { track, genre } => studio.track(track, genre.as_deref()),
        Wish::Way { from, to, genre, steps } => studio.way([from, to], genre.as_deref(), *steps),
    }?;
    Ok(made.into_iter().map(|(name, genre, code, clip)| finished(name, genre, code, &clip, rate_hz)).collect())
}

/// A file's name, a genre, what the code is, the clip.
type Take = (String, Option<String>, String, Clip);

fn finished(name: String, genre: Option<String>, code: String, clip: &Clip, rate_hz: u32) -> Made {
    let wav = encode_wav(&Audio { samples: clip.samples.clone(), rate_hz });
    let seconds = clip.samples.len() as f64 / f64::from(rate_hz);
    Made { file: format!("{name}.wav"), genre, code, seconds, rate_hz, wav }
}

/// A run that is listened to.
struct Studio<'a> {
    trained: &'a Trained,
    sampler: Sampler,
    manner: Manner,
}

impl Studio<'_> {
    fn draws(&self, genre: Option<&str>, n: usize) -> Result<Vec<Take>, LoadError> {
        let classes: Vec<Option<u32>> = match (genre, self.trained.classes()) {
            (Some(genre), _) => vec![Some(self.class(genre)?)],
            (None, []) => vec![None],
            (None, all) => (0..all.len() as u32).map(Some).collect(),
        };
        let mut made = Vec::new();
        for class in classes {
            let clips = self.sampler.draw(class, n, self.manner.seed).map_err(Failure::experiment)?;
            let genre = self.name(class);
            let stem = plain(genre.as_deref().unwrap_or("clip"));
            let take = |(at, clip)| (format!("{stem}_{at:02}"), genre.clone(), format!("draw {at}"), clip);
            made.extend(clips.into_iter().enumerate().map(take));
        }
        Ok(made)
    }

    fn track(&self, track: &str, genre: Option<&str>) -> Result<Vec<Take>, LoadError> {
        let Known { name, codes, class } = self.known(track)?;
        let (class, swapped) = match genre {
            Some(genre) => (Some(self.class(genre)?), format!("_as_{}", plain(genre))),
            None => (class, String::new()),
        };
        let clip = self.sound(&codes, class)?;
        let clips = clip
            .into_iter()
            .map(|clip| (format!("{}{swapped}", plain(&name)), self.name(class), format!("latent of {name}"), clip));
        Ok(clips.collect())
    }

    fn way(&self, ends: [&String; 2], genre: Option<&str>, steps: usize) -> Result<Vec<Take>, LoadError> {
        let [from, to] = [self.known(ends[0])?, self.known(ends[1])?];
        let class = match genre {
            Some(genre) => Some(self.class(genre)?),
            None => from.class.filter(|class| to.class == Some(*class)),
        };
        let codes = between(from.mean().view(), to.mean().view(), steps);
        let mut made = Vec::new();
        for (step, code) in codes.axis_iter(Axis(0)).enumerate() {
            let percent = 100 * step / steps.saturating_sub(1).max(1);
            let name = format!("{}_to_{}_{percent:03}", plain(&from.name), plain(&to.name));
            let told = format!("{percent} % of the way from {} to {}", from.name, to.name);
            let clips = self.sound(&code.to_owned().insert_axis(Axis(0)), class)?;
            made.extend(clips.into_iter().map(|clip| (name.clone(), self.name(class), told.clone(), clip)));
        }
        Ok(made)
    }

    /// One clip of codes `[windows, latent]` side by side; a single code is held for as long as is asked for.
    fn sound(&self, codes: &Array2<f32>, class: Option<u32>) -> Result<Vec<Clip>, LoadError> {
        let acoustics = self.trained.acoustics()?;
        let (windows, step) = match codes.nrows() {
            1 => (acoustics.windows(self.manner.seconds), acoustics.step()),
            rows => (rows, acoustics.frames),
        };
        let rows: Vec<usize> = (0..windows).map(|window| window.min(codes.nrows() - 1)).collect();
        let codes = codes.select(Axis(0), &rows);
        let clips = self.sampler.sound(codes.view(), class, windows, step, self.manner.seed);
        Ok(clips.map_err(Failure::experiment)?)
    }

    /// A track of the run, else a file.
    fn known(&self, track: &str) -> Result<Known, LoadError> {
        let tracks = Tracks::read(self.trained)?;
        if let Some(known) = tracks.find(track, self.trained.classes()) {
            return Ok(known);
        }
        match Path::new(track).is_file() {
            true => self.heard(track),
            false => {
                let nearest = nearest(track, tracks.ids()).map(str::to_owned);
                Err(wrong(WishError::NoTrack { track: track.to_owned(), nearest }))
            }
        }
    }

    fn heard(&self, file: &str) -> Result<Known, LoadError> {
        let table = self.trained.hear(&[file.into()])?;
        if table.rows() == 0 {
            let reason = table.skipped.first().map_or("it has no sound", |skipped| &skipped.reason).to_owned();
            return Err(wrong(WishError::Unheard { file: file.to_owned(), reason }));
        }
        let codes = self.sampler.codes_of(&table).map_err(Failure::experiment)?;
        let name = Path::new(file).file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Known { name, codes, class: None })
    }

    fn class(&self, genre: &str) -> Result<u32, LoadError> {
        let classes: Vec<&str> = self.trained.classes().iter().map(String::as_str).collect();
        let place = classes.iter().position(|class| *class == genre);
        match (place, classes.as_slice()) {
            (Some(place), _) => Ok(place as u32),
            (None, []) => Err(wrong(WishError::ToldNothing)),
            (None, _) => {
                let nearest = nearest(genre, classes.iter().copied()).map(str::to_owned);
                Err(wrong(WishError::NoGenre { genre: genre.to_owned(), nearest, known: listed(&classes) }))
            }
        }
    }

    fn name(&self, class: Option<u32>) -> Option<String> {
        self.trained.classes().get(class? as usize).cloned()
    }
}

/// Fit for a file's name.
fn plain(name: &str) -> String {
    let plain: String = name.chars().map(|c| if c.is_alphanumeric() || "-_".contains(c) { c } else { '_' }).collect();
    plain.trim_matches('_').to_owned()
}
