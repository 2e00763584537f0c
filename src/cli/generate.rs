//! `runner generate RUN`: clips of a genre, a track under another genre, a way between two tracks, as WAV files.

use super::output::{print, print_pretty, say};
use super::stop::Stop;
use crate::experiment::{self, Made, Manner, Wish};
use clap::Args;
use serde_json::json;
use std::path::PathBuf;

/// Options of generating.
#[derive(Args, Debug)]
pub struct Generate {
    /// The run folder, or its name
    #[arg(value_name = "RUN")]
    run: PathBuf,
    /// What to make: without --track and --from, clips of this genre (of each, if none is named); with them, the genre that
    /// the decoder is told
    #[arg(long, value_name = "NAME")]
    genre: Option<String>,
    /// How many clips of a genre; with --from, steps of the way, both ends included
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=1000))]
    n: u16,
    /// Decode this track again: an id of the run's tracks.csv, or a sound file
    #[arg(long, value_name = "ID|FILE", conflicts_with_all = ["from", "to", "n"])]
    track: Option<String>,
    /// Where a way between two tracks begins
    #[arg(long, value_name = "ID|FILE", requires = "to")]
    from: Option<String>,
    /// Where it ends
    #[arg(long, value_name = "ID|FILE", requires = "from")]
    to: Option<String>,
    /// Length of a clip; one window of the model if not given
    #[arg(long, value_name = "S", value_parser = seconds)]
    seconds: Option<f64>,
    /// What the spread of draws is multiplied with: below 1 is more typical, above 1 more varied
    #[arg(long, value_name = "T", value_parser = temperature)]
    temperature: Option<f64>,
    /// Seed of the draws: the same gives the same clips
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Where to write: a new folder
    #[arg(long, value_name = "DIR", default_value = "generated")]
    out: PathBuf,
    /// Write into a folder that holds something, over files of the same names
    #[arg(long)]
    force: bool,
    /// Where run folders are
    #[arg(long, value_name = "DIR", default_value = "runs")]
    runs: PathBuf,
    /// Say only what is wrong
    #[arg(long)]
    quiet: bool,
    /// Print what was written as JSON
    #[arg(long)]
    pub json: bool,
}

fn seconds(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok().filter(|seconds| (0.1..=600.0).contains(seconds));
    number.ok_or_else(|| "give a number of seconds from 0.1 to 600".to_owned())
}

fn temperature(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok().filter(|temperature| (0.0..=4.0).contains(temperature));
    number.ok_or_else(|| "give a number from 0 to 4".to_owned())
}

impl Generate {
    /// Makes the clips and writes them.
    ///
    /// # Errors
    /// A folder that is no run of a model that can be heard; a genre or a track that it does not have; a folder that holds
    /// something.
    pub fn obey(&self) -> Result<(), Stop> {
        if self.from.is_some() && !(2..=101).contains(&self.n) {
            return Err(Stop::usage(format!("a way of {} steps: give --n from 2 to 101, both ends included", self.n)));
        }
        experiment::check_generated(&self.out, self.force)?;
        let manner = Manner { seed: self.seed, seconds: self.seconds, temperature: self.temperature };
        let made = experiment::generate(&self.folder(), &self.wish(), manner)?;
        experiment::write_generated(&made, &self.out, self.force)?;
        self.tell(&made)
    }

    fn wish(&self) -> Wish {
        let genre = self.genre.clone();
        match (&self.track, &self.from, &self.to) {
            (Some(track), ..) => Wish::Track { track: track.clone(), genre },
            (None, Some(from), Some(to)) => {
                Wish::Way { from: from.clone(), to: to.clone(), genre, steps: self.n.into() }
            }
            _ => Wish::Draws { genre, n: self.n.into() },
        }
    }

    /// The run by its path, or by its name below `--runs`.
    fn folder(&self) -> PathBuf {
        let below = self.runs.join(&self.run);
        if !self.run.exists() && below.exists() { below } else { self.run.clone() }
    }

    fn tell(&self, made: &[Made]) -> Result<(), Stop> {
        if self.json {
            return print_pretty(
                &json!({ "run": self.folder(), "folder": self.out, "seed": self.seed, "clips": made }),
            );
        }
        print(&format!("{}\n", self.out.display()))?;
        if !self.quiet {
            let seconds: f64 = made.iter().map(|each| each.seconds).sum();
            say(&format!("{} WAV files, {seconds:.1} s; generated.csv says what each is", made.len()));
        }
        Ok(())
    }
}
