//! `runner plan` and `--dry-run`: what a run will do, and why.

mod tree;

use super::arguments::told_apart;
use super::members::labels;
use super::output::{Paint, print, print_pretty, warn};
use super::setup::Where;
use super::stop::Stop;
use super::units;
use crate::engine::{Fate, Forecast};
use crate::experiment::{self, Member, Study};
use clap::Args;
use serde_json::{Value, json};
use std::ffi::OsString;

/// Options of a plan.
#[derive(Args, Debug)]
pub struct Plan {
    /// Experiment files or patterns, and overrides of their settings
    #[arg(value_name = "FILES|key=value", required = true)]
    words: Vec<OsString>,
    #[command(flatten)]
    place: Where,
    /// Print the plan as JSON
    #[arg(long)]
    pub json: bool,
}

impl Plan {
    /// Shows the plan.
    ///
    /// # Errors
    /// Whatever is wrong with the command line or the experiments.
    pub fn obey(&self) -> Result<(), Stop> {
        let words = told_apart(&self.words)?;
        let setup = self.place.setup()?;
        let study = Study::new(experiment::members(&words.files, &words.assignments)?, &setup)?;
        study.notices().iter().for_each(|notice| warn(notice));
        show(&study, self.json)
    }
}

/// Prints the plan of `study`.
///
/// # Errors
/// Stdout that cannot be written.
pub fn show(study: &Study, as_json: bool) -> Result<(), Stop> {
    let forecast = study.forecast();
    let members = needed(study, forecast.len());
    if as_json {
        return print_pretty(&json(study, &forecast, &members));
    }
    print(&tree::drawn(&forecast, &members, &labels(study.members()), Paint::for_stdout()))?;
    print(&format!("\n{}\n", summary(&forecast, study.members().len())))
}

/// For each stage, the members that need it.
fn needed(study: &Study, stages: usize) -> Vec<Vec<usize>> {
    let mut members = vec![Vec::new(); stages];
    for member in 0..study.members().len() {
        study.places_of(member).into_iter().for_each(|place| members[place].push(member));
    }
    members
}

fn json(study: &Study, forecast: &[Forecast], members: &[Vec<usize>]) -> Value {
    let stage = |(line, members): (&Forecast, &Vec<usize>)| {
        let mut stage = serde_json::to_value(line).unwrap_or_default();
        stage["members"] = json!(members);
        stage
    };
    json!({
        "members": study.members().iter().map(member_json).collect::<Vec<_>>(),
        "stages": forecast.iter().zip(members).map(stage).collect::<Vec<_>>(),
        "notices": study.notices(),
        "seconds": ahead(forecast).0,
        "stages_without_estimate": ahead(forecast).1,
    })
}

/// A member as machines read it.
pub fn member_json(member: &Member) -> Value {
    json!({
        "name": member.name, "seed": member.seed, "source": member.source,
        "overrides": member.overrides, "digest": member.digest,
    })
}

/// Seconds of the work ahead, and how many of its stages were never timed.
fn ahead(forecast: &[Forecast]) -> (f64, usize) {
    let runs: Vec<Option<f64>> =
        forecast.iter().filter(|line| line.fate != Fate::Hit).map(|line| line.seconds).collect();
    (runs.iter().flatten().sum(), runs.iter().filter(|seconds| seconds.is_none()).count())
}

fn summary(forecast: &[Forecast], members: usize) -> String {
    let cached = forecast.iter().filter(|line| line.fate == Fate::Hit).count();
    let to_run = forecast.len() - cached;
    let (seconds, unknown) = ahead(forecast);
    let time = match (to_run, unknown) {
        (0, _) => String::new(),
        (_, 0) => format!(", about {} of work", units::seconds(seconds)),
        (all, unknown) if all == unknown => ", never timed before".to_owned(),
        _ => format!(", about {} of work and {unknown} stages never timed before", units::seconds(seconds)),
    };
    let runs = if members == 1 { "1 run".to_owned() } else { format!("{members} runs") };
    format!("{runs}, {} stages: {cached} cached, {to_run} to run{time}", forecast.len())
}
