//! Runs that differ in nothing but the seed become one row: mean, standard deviation, 95 % interval.

use super::column::Column;
use super::known::Known;
use super::{TableError, student};
use crate::report::runs::{Run, Setting};
use std::collections::BTreeMap;

/// Gives what runs of one row have equal, as text.
type KeyOf = Box<dyn Fn(&Run) -> String>;

/// What makes runs members of one row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum GroupBy {
    /// Equal in all settings; only seeds differ.
    #[default]
    AllButSeed,
    /// Equal in all settings but these.
    AllBut(Vec<String>),
    /// Equal in these.
    Only(Vec<String>),
    /// Each run is a row.
    Nothing,
}

/// One figure over the runs of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    /// Mean of the finite values.
    pub mean: f64,
    /// Sample standard deviation (n - 1); none for one value.
    pub std: Option<f64>,
    /// Finite values.
    pub n: usize,
    /// 95 %: by Student's t over runs; for one run the bootstrap over groups that it came with.
    pub interval: Option<[f64; 2]>,
}

/// One or more runs as a row.
#[derive(Clone, Debug)]
pub struct Row {
    /// The experiment's name; several joined by commas.
    pub experiment: String,
    /// Names of the run folders.
    pub ids: Vec<String>,
    /// Their seeds.
    pub seeds: Vec<u64>,
    /// Settings that all of them share.
    pub settings: BTreeMap<String, Setting>,
    /// Figures that at least one of them has.
    pub metrics: BTreeMap<String, Summary>,
    /// Collapse verdicts and how often each was given.
    pub verdicts: BTreeMap<String, usize>,
}

impl GroupBy {
    /// From `seed` or nothing, `none`, `model.beta_vae.beta,experiment`, or `!beta,!seed`.
    pub fn parse(words: &[String]) -> GroupBy {
        let named = |words: &[String]| words.iter().map(|word| word.trim_start_matches('!').to_owned()).collect();
        match words {
            [] => GroupBy::AllButSeed,
            [only] if only == "none" => GroupBy::Nothing,
            [only] if only == "seed" || only == "!seed" => GroupBy::AllButSeed,
            words if words.iter().all(|word| word.starts_with('!')) => GroupBy::AllBut(named(words)),
            words => GroupBy::Only(named(words)),
        }
    }

    fn key(&self, known: &Known) -> Result<KeyOf, TableError> {
        let find = |names: &[String]| names.iter().map(|name| known.find(name)).collect::<Result<Vec<Column>, _>>();
        Ok(match self {
            GroupBy::Nothing => Box::new(|run| run.id.clone()),
            GroupBy::AllButSeed => Box::new(|run| all_but(run, &[])),
            GroupBy::AllBut(names) => {
                let columns = find(names)?;
                Box::new(move |run| all_but(run, &columns))
            }
            GroupBy::Only(names) => {
                let columns = find(names)?;
                Box::new(move |run| columns.iter().map(|column| column.cell(&Row::of(&[run])).text() + "\n").collect())
            }
        })
    }
}

fn all_but(run: &Run, columns: &[Column]) -> String {
    let counts = |path: &String| !columns.iter().any(|column| column.is_setting(path));
    let name = if columns.contains(&Column::Experiment) { "" } else { run.experiment.as_str() };
    let settings = run.settings.iter().filter(|(path, _)| counts(path));
    settings.fold(format!("{name}\n"), |key, (path, value)| key + path + "=" + &value.to_string() + "\n")
}

/// The rows of `runs`, in the order of their first runs.
pub(super) fn fold(runs: &[&Run], group_by: &GroupBy, known: &Known) -> Result<Vec<Row>, TableError> {
    let key = group_by.key(known)?;
    let mut places = BTreeMap::<String, usize>::new();
    let mut groups = Vec::<Vec<&Run>>::new();
    for run in runs {
        let place = *places.entry(key(run)).or_insert(groups.len());
        if place == groups.len() {
            groups.push(Vec::new());
        }
        groups[place].push(run);
    }
    Ok(groups.iter().map(|group| Row::of(group)).collect())
}

impl Row {
    /// The row of `runs`, of which there is at least one.
    pub(super) fn of(runs: &[&Run]) -> Row {
        let shared =
            |(path, value): &(&String, &Setting)| runs.iter().all(|run| run.settings.get(*path) == Some(*value));
        let settings = runs[0].settings.iter().filter(shared).map(|(path, value)| (path.clone(), value.clone()));
        let mut names: Vec<&String> = runs.iter().flat_map(|run| run.metrics.keys()).collect();
        names.sort_unstable();
        names.dedup();
        let mut verdicts = BTreeMap::new();
        runs.iter()
            .filter_map(|run| run.verdict.clone())
            .for_each(|verdict| *verdicts.entry(verdict).or_insert(0) += 1);
        Row {
            experiment: experiments(runs),
            ids: runs.iter().map(|run| run.id.clone()).collect(),
            seeds: runs.iter().map(|run| run.seed).collect(),
            settings: settings.collect(),
            metrics: names.into_iter().filter_map(|name| Some((name.clone(), Summary::of(name, runs)?))).collect(),
            verdicts,
        }
    }
}

fn experiments(runs: &[&Run]) -> String {
    let mut names: Vec<&str> = Vec::new();
    for run in runs {
        if !names.contains(&run.experiment.as_str()) {
            names.push(&run.experiment);
        }
    }
    names.join(", ")
}

impl Summary {
    fn of(name: &str, runs: &[&Run]) -> Option<Summary> {
        let values: Vec<f64> = runs.iter().filter_map(|run| *run.metrics.get(name)?).collect();
        let n = values.len();
        let mean = (n > 0).then(|| values.iter().sum::<f64>() / n as f64)?;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        let std = (n > 1).then(|| (squares / (n - 1) as f64).sqrt());
        let interval = match (runs, std.and_then(|std| student::half_width(n, std))) {
            ([run], _) => run.intervals.get(name).copied(),
            (_, half) => half.map(|half| [mean - half, mean + half]),
        };
        Some(Summary { mean, std, n, interval })
    }
}
