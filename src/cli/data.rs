//! `runner data`: the built-in set as files, and where to get others.

use super::datasets;
use super::output::{Paint, print, print_pretty, say};
use super::progress;
use super::stop::Stop;
use crate::engine::Event;
use crate::experiment;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// What to do about data.
#[derive(Debug, Subcommand)]
pub enum Data {
    /// Write the built-in set: WAV files in GTZAN's layout, lyrics.csv, and the factors behind each track in factors.csv
    Synth(Synth),
    /// Known datasets: size, licence, where to get them and where to put them
    List(List),
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
    /// Say only what is wrong
    #[arg(long)]
    quiet: bool,
    /// Print what was written as JSON
    #[arg(long)]
    json: bool,
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
    /// Settings that are wrong; a folder that cannot be written.
    pub fn obey(&self) -> Result<(), Stop> {
        match self {
            Data::Synth(synth) => synth.obey(),
            Data::List(list) if list.json => print_pretty(&datasets::KNOWN),
            Data::List(_) => print(&datasets::text(Paint::for_stdout())),
        }
    }

    /// Whether JSON is wanted.
    pub fn json(&self) -> bool {
        match self {
            Data::Synth(synth) => synth.json,
            Data::List(list) => list.json,
        }
    }
}

impl Synth {
    fn obey(&self) -> Result<(), Stop> {
        if let Some(word) = self.settings.iter().find(|word| !word.contains('=')) {
            return Err(Stop::usage(format!("`{word}` is no setting: write it as tracks_per_genre=10")));
        }
        let screen = if self.quiet || self.json { progress::quiet() } else { progress::for_people(&[]) };
        let title = format!("write {}", self.folder.display());
        screen.on(&Event::Started { node: 0, title });
        let progress =
            |done, of| screen.on(&Event::Progress { node: 0, done: done as u64, of: of as u64, note: String::new() });
        let written = experiment::write_synth(&self.folder, &self.settings, &progress);
        screen.finish();
        let report = written?;
        if self.json {
            return print_pretty(&report);
        }
        print(&format!("{}\n", self.folder.display()))?;
        say(&format!("read it with: dataset.folder.root = \"{}\"", self.folder.display()));
        Ok(())
    }
}
