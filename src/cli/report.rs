//! `runner report`: runs side by side.

use super::output::{print, print_pretty, say, warn};
use super::stop::Stop;
use crate::engine::run_folder::State;
use crate::report::runs::{Shelf, run_folders};
use crate::report::table::{self, GroupBy, Request, Table};
use clap::{Args, ValueEnum};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

/// Options of a report.
#[derive(Args, Debug)]
pub struct Report {
    /// Run folders, or folders of them; all runs if none is named
    #[arg(value_name = "RUN")]
    chosen: Vec<PathBuf>,
    /// Where run folders are
    #[arg(long, value_name = "DIR", default_value = "runs")]
    runs: PathBuf,
    /// Columns to sort by, `-` for the largest first: -ari,nmi
    #[arg(long, value_name = "COLS", value_delimiter = ',', allow_hyphen_values = true)]
    sort: Vec<String>,
    /// Only rows for which this holds: 'beta>=2', 'experiment=hard*', 'ari>0.3'; may be given several times
    #[arg(long = "where", value_name = "CONDITION")]
    conditions: Vec<String>,
    /// Columns to show: names, their endings, patterns such as 'latent.*'
    #[arg(long, value_name = "COLS", value_delimiter = ',')]
    cols: Vec<String>,
    /// What makes runs one row: `seed` (all but the seed is equal), `none`, columns, or '!column' for all but it
    #[arg(long, value_name = "COLS", value_delimiter = ',', default_value = "seed")]
    group_by: Vec<String>,
    /// Only the best compromises between these figures, `-` before those that shall be large: -ari,val_recon
    #[arg(long, value_name = "COLS", value_delimiter = ',', allow_hyphen_values = true)]
    pareto: Vec<String>,
    /// How to write the table
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// The same as --format json
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    #[default]
    Table,
    Md,
    Csv,
    Json,
    Latex,
}

impl Report {
    /// Prints the table. Damaged run folders are warned of and left out.
    ///
    /// # Errors
    /// A folder that is not there; columns that no run has.
    pub fn obey(&self) -> Result<(), Stop> {
        let shelf = Shelf::read(&self.folders()?);
        shelf.damaged.iter().for_each(|each| warn(&format!("{}: {}", each.folder.display(), each.reason)));
        self.tell_open(&shelf);
        if shelf.runs.is_empty() {
            say("there is no run to show");
            return if self.json() { print_pretty(&table::json(&nothing())) } else { Ok(()) };
        }
        let table = Table::of(shelf.runs, &self.request()).map_err(|error| Stop::usage(error.to_string()))?;
        if table.rows.is_empty() {
            say("no run meets all conditions");
        }
        self.print(&table)
    }

    /// Whether JSON is wanted.
    pub fn json(&self) -> bool {
        self.json || self.format == Format::Json
    }

    fn request(&self) -> Request {
        Request {
            sort: self.sort.clone(),
            conditions: self.conditions.clone(),
            columns: self.cols.clone(),
            group_by: GroupBy::parse(&self.group_by),
            pareto: self.pareto.clone(),
        }
    }

    /// Each chosen word as a path, or as the name of a run below `--runs`.
    fn folders(&self) -> Result<Vec<PathBuf>, Stop> {
        let real = |word: &PathBuf| {
            let found = [word.clone(), self.runs.join(word)].into_iter().find(|path| path.is_dir());
            match found {
                Some(path) if run_folders(&path).is_empty() => {
                    Err(Stop::usage(format!("no runs in {}", path.display())))
                }
                Some(path) => Ok(path),
                None => {
                    Err(Stop::usage(format!("no run folder {}, here or in {}", word.display(), self.runs.display())))
                }
            }
        };
        match self.chosen.as_slice() {
            [] if self.runs != Path::new("runs") && !self.runs.is_dir() => {
                Err(Stop::usage(format!("there is no folder {}", self.runs.display())))
            }
            [] => Ok(vec![self.runs.clone()]),
            chosen => chosen.iter().map(real).collect(),
        }
    }

    fn tell_open(&self, shelf: &Shelf) {
        let states = [(State::Running, "running"), (State::Failed, "failed")];
        let states = states.into_iter().chain([(State::Interrupted, "interrupted"), (State::Diverged, "diverged")]);
        let counted: Vec<String> = states
            .map(|(state, name)| (shelf.open.iter().filter(|(_, each)| *each == state).count(), name))
            .filter(|(count, _)| *count > 0)
            .map(|(count, name)| format!("{count} {name}"))
            .collect();
        if !counted.is_empty() {
            say(&format!("not shown: {}", counted.join(", ")));
        }
    }

    fn print(&self, table: &Table) -> Result<(), Stop> {
        match self.format {
            _ if self.json() => print_pretty(&table::json(table)),
            Format::Md => print(&table::markdown(table)),
            Format::Csv => print(&table::csv(table)),
            Format::Latex => print(&table::latex(table)),
            _ => print(&table::terminal(table, width())),
        }
    }
}

fn nothing() -> Table {
    Table { columns: Vec::new(), rows: Vec::new(), settings: Vec::new(), oracle: Vec::new() }
}

/// The width of the terminal; what goes into a file or a pipe is as wide as it needs to be.
fn width() -> Option<u16> {
    let asked = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
    std::io::stdout().is_terminal().then(|| asked.or_else(|| comfy_table::Table::new().width())).flatten()
}
