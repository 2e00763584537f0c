//! `runner diff RUN RUN...`: what two or more runs do not share.

use super::output::{print, print_pretty};
use super::stop::Stop;
use crate::report::diff::{Diff as Difference, terminal};
use crate::report::runs::{Shelf, run_folders};
use clap::Args;
use std::path::{Path, PathBuf};

/// Options of a comparison.
#[derive(Args, Debug)]
pub struct Diff {
    /// Run folders, or their names below --runs; the first is what the others are compared with
    #[arg(value_name = "RUN", num_args = 2.., required = true)]
    chosen: Vec<PathBuf>,
    /// Where run folders are
    #[arg(long, value_name = "DIR", default_value = "runs")]
    runs: PathBuf,
    /// Print the comparison as JSON
    #[arg(long)]
    pub json: bool,
}

impl Diff {
    /// Prints settings, code and figures that differ, and how far scores lie apart on the same tracks.
    ///
    /// # Errors
    /// A folder that is no finished run.
    pub fn obey(&self) -> Result<(), Stop> {
        let mut runs = Vec::new();
        for chosen in &self.chosen {
            runs.push(self.one(chosen)?);
        }
        let diff = Difference::of(&runs);
        if self.json { print_pretty(&diff) } else { print(&terminal(&diff)) }
    }

    fn one(&self, chosen: &Path) -> Result<crate::report::runs::Run, Stop> {
        let below = self.runs.join(chosen);
        let path = if !chosen.exists() && below.exists() { &below } else { chosen };
        let refuse = |reason: String| Stop::usage(format!("{}: {reason}", chosen.display()));
        if run_folders(path).len() != 1 {
            return Err(refuse("this is not one run folder; `runner report` lists the runs that there are".to_owned()));
        }
        let mut shelf = Shelf::read(&[path.to_path_buf()]);
        match (shelf.runs.pop(), shelf.open.pop(), shelf.damaged.pop()) {
            (Some(run), ..) => Ok(run),
            (None, Some((_, state)), _) => Err(refuse(format!("it is not done but {state:?}").to_lowercase())),
            (None, None, damaged) => Err(refuse(damaged.map_or("it is no run".to_owned(), |each| each.reason))),
        }
    }
}
