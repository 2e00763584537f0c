//! `runner embed RUN AUDIO... --out DIR`: sound files become rows of a store that `runner recommend` searches.

use super::output::{print, print_pretty, printable, say, warn};
use super::stop::Stop;
use crate::engine::Failure;
use crate::experiment::{self, Embedded, Facts};
use clap::Args;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Skipped files that are named one by one.
const NAMED: usize = 5;
/// Time between two lines of progress.
const BETWEEN: Duration = Duration::from_secs(5);

/// Options of an embedding.
#[derive(Args, Debug)]
pub struct Embed {
    /// The run folder whose model embeds, or its name
    #[arg(value_name = "RUN")]
    run: PathBuf,
    /// Sound files, or folders of them; without any, the tracks that the run was run on
    #[arg(value_name = "AUDIO")]
    audio: Vec<PathBuf>,
    /// The store: a folder, made if it is not there; songs are added to what it holds
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Files that are decoded and embedded together
    #[arg(long, value_name = "N", default_value_t = 32, value_parser = clap::value_parser!(u16).range(1..))]
    batch: u16,
    /// The genre of these songs
    #[arg(long, value_name = "NAME")]
    genre: Option<String>,
    /// The genre of each song is the name of the folder that it lies in
    #[arg(long, conflicts_with = "genre")]
    genre_of_folder: bool,
    /// The artist of these songs
    #[arg(long, value_name = "NAME")]
    artist: Option<String>,
    /// Take this song out of the store, by id (its path as it was given); may be repeated
    #[arg(long, value_name = "ID", conflicts_with_all = ["audio", "genre", "artist"])]
    remove: Vec<String>,
    /// Put the songs that the store has through this run's model, in place of the one that made the store: after a training
    /// that went on, or another
    #[arg(long, conflicts_with_all = ["audio", "genre", "genre_of_folder", "artist", "remove"])]
    again: bool,
    /// Where run folders are
    #[arg(long, value_name = "DIR", default_value = "runs")]
    runs: PathBuf,
    /// Print what was done as JSON
    #[arg(long)]
    pub json: bool,
}

/// The run by its path, or by its name below `runs`.
pub(super) fn run_folder(run: &Path, runs: &Path) -> PathBuf {
    let below = runs.join(run);
    if !run.exists() && below.exists() { below } else { run.to_owned() }
}

impl Embed {
    /// Embeds and says how many songs the store has now.
    ///
    /// # Errors
    /// A run without a model that hears sound; a store that is damaged or another model's; no file that can be used.
    pub fn obey(&self) -> Result<(), Stop> {
        let run = run_folder(&self.run, &self.runs);
        if !self.remove.is_empty() {
            return self.take_out(&run);
        }
        let facts =
            Facts { label: self.genre.clone(), label_of_folder: self.genre_of_folder, artist: self.artist.clone() };
        let told = if self.again {
            experiment::embed_again(&run, &self.out, usize::from(self.batch), &progress())?
        } else if self.audio.is_empty() {
            experiment::embed_own(&run, &self.out)?
        } else {
            let files = experiment::sound_files(&self.audio)?;
            experiment::embed_files(&run, &files, &facts, &self.out, usize::from(self.batch), &progress())?
        };
        self.tell(&told)
    }

    fn take_out(&self, run: &Path) -> Result<(), Stop> {
        let (unknown, left) = experiment::remove_songs(run, &self.remove, &self.out)?;
        unknown.iter().for_each(|id| warn(&format!("{} is not in the store", printable(id))));
        let removed = self.remove.len() - unknown.len();
        if self.json {
            return print_pretty(&json!({ "removed": removed, "unknown": unknown, "songs": left }));
        }
        print(&format!("{removed} removed; {} now has {}\n", self.out.display(), songs(left)))
    }

    fn tell(&self, told: &Embedded) -> Result<(), Stop> {
        for skipped in told.skipped.iter().take(NAMED) {
            warn(&format!("{} is left out: {}", printable(&skipped.path), printable(&skipped.reason)));
        }
        if told.skipped.len() > NAMED {
            warn(&format!("{} more files are left out; --json names them all", told.skipped.len() - NAMED));
        }
        if self.json {
            print_pretty(told)?;
        } else if told.added > 0 {
            let (added, now) = (songs(told.added), songs(told.songs));
            let replaced = if told.replaced > 0 { format!(" ({} known before)", told.replaced) } else { String::new() };
            print(&format!(
                "{added} embedded{replaced}; {} now has {now} of {} values\n",
                self.out.display(),
                told.dims
            ))?;
        }
        match told.added {
            0 => Err(Failure::data("no file could be embedded").into()),
            _ => Ok(()),
        }
    }
}

/// `1 song`, `8 songs`.
fn songs(count: usize) -> String {
    format!("{count} song{}", if count == 1 { "" } else { "s" })
}

/// Says on stderr how far it is, now and then.
fn progress() -> impl Fn(usize, usize) -> bool {
    let last = std::cell::Cell::new(Instant::now());
    move |done, of| {
        if last.get().elapsed() > BETWEEN {
            last.set(Instant::now());
            say(&format!("{done} of {of} files"));
        }
        true
    }
}
