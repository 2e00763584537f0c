//! `runner status`: what is at work, what stopped, what failed and why.

use super::output::{Paint, print, print_pretty, printable, say};
use super::stop::Stop;
use super::units;
use crate::report::status::{Standing, standings};
use clap::Args;
use std::path::{Path, PathBuf};

/// Options of a look at the runs.
#[derive(Args, Debug)]
pub struct Status {
    /// Run folders, or folders of them, or names below --runs; with one run its log is shown too
    #[arg(value_name = "RUN")]
    chosen: Vec<PathBuf>,
    /// Where run folders are
    #[arg(long, value_name = "DIR", default_value = "runs")]
    runs: PathBuf,
    /// Show runs that are done too
    #[arg(long)]
    all: bool,
    /// Print it as JSON
    #[arg(long)]
    pub json: bool,
}

impl Status {
    /// Prints a block for each run that is not done, and how many are.
    ///
    /// # Errors
    /// A folder that is not there.
    pub fn obey(&self) -> Result<(), Stop> {
        let found = standings(&self.folders()?);
        if self.json {
            return print_pretty(&found);
        }
        let done = found.iter().filter(|standing| standing.is_done()).count();
        let alone = found.len() == 1;
        let shown = found.iter().filter(|standing| self.all || alone || !standing.is_done());
        let blocks: String = shown.map(|standing| block(standing, alone)).collect();
        print(&blocks)?;
        say(&format!("{} runs, {done} of them done", found.len()));
        Ok(())
    }

    fn folders(&self) -> Result<Vec<PathBuf>, Stop> {
        let real = |word: &PathBuf| {
            let found = [word.clone(), self.runs.join(word)].into_iter().find(|path| path.is_dir());
            found.ok_or_else(|| {
                Stop::usage(format!("no run folder {}, here or in {}", word.display(), self.runs.display()))
            })
        };
        match self.chosen.as_slice() {
            [] if self.runs != Path::new("runs") && !self.runs.is_dir() => {
                Err(Stop::usage(format!("there is no folder {}", self.runs.display())))
            }
            [] => Ok(vec![self.runs.clone()]),
            chosen => chosen.iter().map(real).collect(),
        }
    }
}

fn block(standing: &Standing, with_log: bool) -> String {
    let paint = Paint::for_stdout();
    let state = match standing.state {
        "done" => paint.good(standing.state),
        "running" => paint.bold(standing.state),
        "interrupted" | "dead" => paint.warn(standing.state),
        _ => paint.bad(standing.state),
    };
    let of = standing.stages.map_or_else(String::new, |all| format!(" of {all}"));
    let time = standing.seconds.map_or_else(String::new, |seconds| format!(", {}", units::seconds(seconds)));
    let mut text = format!("{state}  {}  ({}{of} stages{time})\n", standing.run, standing.done);
    let working = standing.working.iter().map(|stage| format!("  at work: {}\n", printable(stage)));
    let told = standing.error.iter().map(|error| format!("  {}\n", printable(error)));
    let remedy = standing.remedy.iter().map(|remedy| format!("  {}\n", paint.dim(remedy)));
    let log = standing
        .log
        .iter()
        .filter(|_| with_log || standing.state == "failed")
        .map(|line| format!("    {}\n", printable(line)));
    text.extend(working.chain(told).chain(remedy).chain(log));
    text
}
