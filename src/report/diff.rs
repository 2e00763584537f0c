//! Runs side by side: what was asked, on what data, by which code, and what came out. The first run is what the others are
//! compared with.

mod paired;
mod terminal;

pub use paired::Paired;
pub use terminal::terminal;

use super::runs::{Run, Setting};
use super::table::names::{is_label_free, order_of};
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

/// What `env.json` says of the code and the machine, as far as it can change a number or a time.
const ENVIRONMENT: [&str; 7] = ["runner", "git", "features", "os", "architecture", "cpu", "threads"];

/// What differs between runs.
#[derive(Clone, Debug, Serialize)]
pub struct Diff {
    /// Names of the run folders; the first is the baseline.
    pub runs: Vec<String>,
    /// Settings, the data among them (`data.digest`); only those that differ. Null where a run has none.
    pub config: Vec<Change<Setting>>,
    /// Version, commit and machine; only what differs.
    pub code: Vec<Change<Value>>,
    /// Figures; only those that differ.
    pub metrics: Vec<Change<f64>>,
    /// How far figures of clusterings of the same tracks lie apart, each run against the first.
    pub paired: Vec<Paired>,
    /// Figures that are equal in all runs.
    pub equal_metrics: usize,
    /// What the reader should know.
    pub notes: Vec<String>,
}

/// One thing that runs do not share.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change<T> {
    /// Dotted path, or a figure's name.
    pub name: String,
    /// One for each run.
    pub values: Vec<Option<T>>,
}

impl Diff {
    /// Compares `runs`, of which there are at least two.
    pub fn of(runs: &[Run]) -> Diff {
        let figures: Vec<BTreeMap<String, f64>> = runs.iter().map(figures).collect();
        let mut metrics = changes(&figures);
        metrics.sort_by(|a, b| order_of(&a.name).cmp(&order_of(&b.name)));
        let names: BTreeSet<&String> = figures.iter().flat_map(BTreeMap::keys).collect();
        let equal_metrics = names.len() - metrics.len();
        let (paired, notes) = paired::against_first(runs);
        Diff {
            runs: runs.iter().map(|run| run.id.clone()).collect(),
            config: changes(&runs.iter().map(settings).collect::<Vec<_>>()),
            code: changes(&runs.iter().map(environment).collect::<Vec<_>>()),
            metrics,
            paired,
            equal_metrics,
            notes,
        }
    }
}

/// The names of which not all `runs` have the same.
fn changes<T: Clone + PartialEq>(runs: &[BTreeMap<String, T>]) -> Vec<Change<T>> {
    let names: BTreeSet<&String> = runs.iter().flat_map(BTreeMap::keys).collect();
    let of =
        |name: &String| Change { name: name.clone(), values: runs.iter().map(|run| run.get(name).cloned()).collect() };
    names.into_iter().map(of).filter(|change| change.values.iter().any(|value| *value != change.values[0])).collect()
}

fn figures(run: &Run) -> BTreeMap<String, f64> {
    run.metrics.iter().filter_map(|(name, value)| Some((name.clone(), (*value)?))).collect()
}

/// The seed is a setting here: it may be all that differs.
fn settings(run: &Run) -> BTreeMap<String, Setting> {
    let own = [("seed", Setting::Number(run.seed as f64)), ("name", Setting::Text(run.experiment.clone()))];
    run.settings.clone().into_iter().chain(own.map(|(name, value)| (name.to_owned(), value))).collect()
}

/// A run without a sound `env.json` has nothing to compare.
fn environment(run: &Run) -> BTreeMap<String, Value> {
    let text = fs::read(run.folder.join("env.json")).unwrap_or_default();
    let all: Value = serde_json::from_slice(&text).unwrap_or_default();
    ENVIRONMENT.iter().filter_map(|name| Some(((*name).to_owned(), all.get(name)?.clone()))).collect()
}

impl Change<f64> {
    /// Whether the figure was computed without looking at labels: it ranks no representations.
    pub fn is_label_free(&self) -> bool {
        is_label_free(&self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&str, f64)]) -> BTreeMap<String, f64> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect()
    }

    #[test]
    fn only_what_differs_is_told_and_what_is_missing_is_nothing() {
        let found = changes(&[map(&[("a", 1.0), ("b", 2.0)]), map(&[("a", 1.0), ("c", 3.0)])]);
        let told: Vec<(&str, &[Option<f64>])> = found.iter().map(|c| (c.name.as_str(), c.values.as_slice())).collect();
        assert_eq!(told, [("b", [Some(2.0), None].as_slice()), ("c", [None, Some(3.0)].as_slice())]);
    }
}
