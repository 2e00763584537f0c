//! `runner data`: experiments and folders as arrays and pictures, the built-in set as files, and where to get others.

mod check;

use super::datasets;
use super::output::{Paint, print, print_pretty, say, warn};
use super::progress::{self, Screen};
use super::stop::Stop;
use crate::engine::{Event, Watcher};
use crate::experiment::{self, SpectrogramKind};
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// What to do about data.
#[derive(Debug, Subcommand)]
pub enum Data {
    /// Look at the data of an experiment: what can be used, labels, which tracks have no lyrics; nothing is computed
    Check(check::Check),
    /// Write the features of an experiment as .npy, with labels, tracks.csv and how they were made; nothing is trained
    Export(Export),
    /// Write spectrograms of a folder of audio: a picture and a .npy for each file
    Spectrograms(Spectrograms),
    /// Write the built-in set: WAV files in GTZAN's layout, lyrics.csv, and the factors behind each track in factors.csv
    Synth(Synth),
    /// Known datasets: size, licence, where to get them and where to put them
    List(List),
}

/// How much is said.
#[derive(Args, Debug)]
pub struct Voice {
    /// Say only what is wrong
    #[arg(long)]
    quiet: bool,
    /// Print what was written as JSON
    #[arg(long)]
    json: bool,
}

impl Voice {
    fn screen(&self) -> Box<dyn Screen> {
        if self.quiet || self.json { progress::quiet() } else { progress::for_people(&[]) }
    }
}

/// Options of the export.
#[derive(Args, Debug)]
pub struct Export {
    /// The experiment
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Where to write: a new folder
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Overrides, such as features.audio.rate_hz=16000
    #[arg(value_name = "key=value")]
    settings: Vec<String>,
    /// Where results are cached
    #[arg(long, value_name = "DIR", default_value = "data/cache")]
    cache: PathBuf,
    #[command(flatten)]
    voice: Voice,
}

/// Options of the pictures.
#[derive(Args, Debug)]
pub struct Spectrograms {
    /// A folder of audio in any format, with or without sub-folders
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Where to write: a new folder, laid out as DIR
    #[arg(value_name = "OUT")]
    out: PathBuf,
    /// What is shown
    #[arg(long, value_enum, default_value_t)]
    kind: Shown,
    /// Seconds from the beginning of each file
    #[arg(long, value_name = "S", default_value_t = 30.0, value_parser = seconds)]
    duration: f64,
    /// Number of mel bands
    #[arg(long, value_name = "N", default_value_t = 128, value_parser = clap::value_parser!(u16).range(1..=512))]
    n_mels: u16,
    /// Sampling rate in Hz that every file is brought to
    #[arg(long, value_name = "HZ", default_value_t = 22_050, value_parser = clap::value_parser!(u32).range(4_000..=192_000))]
    rate_hz: u32,
    #[command(flatten)]
    voice: Voice,
}

/// Which spectrogram.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Shown {
    /// Mel bands
    #[default]
    Mel,
    /// Every bin of the transform
    Stft,
}

fn seconds(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok().filter(|seconds| (0.1..=1e6).contains(seconds));
    number.ok_or_else(|| "give a number of seconds from 0.1 up".to_owned())
}

/// Options of the built-in set.
#[derive(Args, Debug)]
pub struct Synth {
    /// Where to write
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Settings of [dataset.synth], such as tracks_per_genre=10 difficulty=easy
    #[arg(value_name = "key=value")]
    settings: Vec<String>,
    #[command(flatten)]
    voice: Voice,
}

/// Options of the list.
#[derive(Args, Debug)]
pub struct List {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Data {
    /// Does it.
    ///
    /// # Errors
    /// Settings that are wrong; data that is missing; a folder that cannot be written.
    pub fn obey(&self) -> Result<(), Stop> {
        match self {
            Data::Check(check) => check.obey(),
            Data::Export(export) => export.obey(),
            Data::Spectrograms(spectrograms) => spectrograms.obey(),
            Data::Synth(synth) => synth.obey(),
            Data::List(list) if list.json => print_pretty(&datasets::KNOWN),
            Data::List(_) => print(&datasets::text(Paint::for_stdout())),
        }
    }

    /// Whether JSON is wanted.
    pub fn json(&self) -> bool {
        match self {
            Data::Check(check::Check { voice, .. })
            | Data::Export(Export { voice, .. })
            | Data::Spectrograms(Spectrograms { voice, .. })
            | Data::Synth(Synth { voice, .. }) => voice.json,
            Data::List(list) => list.json,
        }
    }
}

impl Export {
    fn obey(&self) -> Result<(), Stop> {
        if let Some(word) = self.settings.iter().find(|word| !word.contains('=')) {
            return Err(Stop::usage(format!("`{word}` is no setting: write it as features.audio.rate_hz=16000")));
        }
        let screen = self.voice.screen();
        let calm = Calm(&*screen);
        let written = experiment::export(&self.file, &self.settings, &self.folder, &self.cache, &calm);
        screen.finish();
        let report = written?;
        if self.voice.json {
            return print_pretty(&report);
        }
        if let Some(missing) = &report.synthetic_in_place_of {
            warn(&format!("{} is not there: these are features of the built-in SYNTHETIC set", missing.display()));
        }
        print(&format!("{}\n", self.folder.display()))?;
        let left_out =
            if report.skipped == 0 { String::new() } else { format!(", {} left out (skipped.csv)", report.skipped) };
        say(&format!("{}: {} rows of {} tracks{left_out}", report.files.join(", "), report.rows, report.tracks));
        Ok(())
    }
}

/// A screen that leaves failures to the command, which tells them once.
struct Calm<'a>(&'a dyn Screen);

impl Watcher for Calm<'_> {
    fn on(&self, event: &Event) {
        if !matches!(event, Event::Failed { .. }) {
            self.0.on(event);
        }
    }
}

impl Spectrograms {
    fn obey(&self) -> Result<(), Stop> {
        let kind =
            if self.kind == Shown::Mel { SpectrogramKind::Mel(self.n_mels.into()) } else { SpectrogramKind::Stft };
        let (root, out) = (self.folder.clone(), self.out.clone());
        let asked = experiment::Spectrograms { root, out, kind, seconds: self.duration, rate_hz: self.rate_hz };
        let title = format!("write {}", self.out.display());
        let report = with_progress(&self.voice, title, |progress| experiment::write_spectrograms(&asked, progress))?;
        if self.voice.json {
            return print_pretty(&report);
        }
        report.skipped.iter().for_each(|skipped| warn(&format!("{}: {}", skipped.path, skipped.reason)));
        print(&format!("{}\n", self.out.display()))?;
        say(&format!("{} files, a picture and an array each; {} left out", report.written, report.skipped.len()));
        Ok(())
    }
}

/// Does `work`, which tells (done, of), with a bar.
fn with_progress<T, E: Into<Stop>>(
    voice: &Voice,
    title: String,
    work: impl FnOnce(&(dyn Fn(usize, usize) + Sync)) -> Result<T, E>,
) -> Result<T, Stop> {
    let screen = voice.screen();
    screen.on(&Event::Started { node: 0, title });
    let told = work(&|done, of| {
        screen.on(&Event::Progress { node: 0, done: done as u64, of: of as u64, note: String::new() });
    });
    screen.finish();
    told.map_err(Into::into)
}

impl Synth {
    fn obey(&self) -> Result<(), Stop> {
        if let Some(word) = self.settings.iter().find(|word| !word.contains('=')) {
            return Err(Stop::usage(format!("`{word}` is no setting: write it as tracks_per_genre=10")));
        }
        let title = format!("write {}", self.folder.display());
        let report = with_progress(&self.voice, title, |progress| {
            experiment::write_synth(&self.folder, &self.settings, progress)
        })?;
        if self.voice.json {
            return print_pretty(&report);
        }
        print(&format!("{}\n", self.folder.display()))?;
        say(&format!("read it with: dataset.folder.root = \"{}\"", self.folder.display()));
        Ok(())
    }
}
