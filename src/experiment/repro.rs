//! Running a run's own experiment again, without the cache: is it bit for bit the same?

use super::load::{LoadError, members};
use super::study::{Setup, Study};
use crate::engine::cache::random_name;
use crate::engine::{Failure, FailureKind, WalkOptions, Watcher};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Files that must be the same to the byte.
const FILES: [&str; 6] = [
    "artifacts/latents.npy",
    "artifacts/features.npy",
    "artifacts/model.safetensors",
    "artifacts/assignments.csv",
    "artifacts/tracks.csv",
    "history.csv",
];

/// What came out.
#[derive(Clone, Debug, Serialize)]
pub struct Repro {
    /// Whether nothing differs.
    pub identical: bool,
    /// Each file or number that differs, old → new.
    pub differences: Vec<String>,
}

/// The folder is no finished run.
#[derive(Debug, thiserror::Error)]
#[error("{} is no finished run: it has no {missing}", run.display())]
struct NoRun {
    run: PathBuf,
    missing: &'static str,
}

/// A folder that goes when this goes.
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        // Left behind, it costs space in the temporary folder and nothing else.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Runs `run/config.toml` with an empty cache and compares what came out.
pub fn repro(run: &Path, setup: &Setup, watcher: &dyn Watcher) -> Result<Repro, LoadError> {
    let config = run.join("config.toml");
    if let Some(missing) = ["config.toml", "metrics.json"].into_iter().find(|name| !run.join(name).is_file()) {
        return Err(Failure::experiment(NoRun { run: run.to_owned(), missing }).into());
    }
    let scratch = Scratch(std::env::temp_dir().join(format!("runner-repro-{}", random_name())));
    let apart = Setup { runs: scratch.0.join("runs"), cache: scratch.0.join("cache"), device: setup.device };
    let study = Study::new(members(&[config], &[])?, &apart)?;
    let ends = study.run(&WalkOptions::default(), watcher, &|_| {})?;
    let Some(end) = ends.first() else { return Err(Failure::new(FailureKind::Stage, "nothing ran").into()) };
    if let Some((kind, message)) = &end.failure {
        return Err(Failure::new(*kind, message.clone()).into());
    }
    let differences = differences(run, &end.folder)?;
    Ok(Repro { identical: differences.is_empty(), differences })
}

fn differences(old: &Path, new: &Path) -> Result<Vec<String>, Failure> {
    let mut found = number_differences(&metrics(old)?, &metrics(new)?);
    found.extend(FILES.iter().filter_map(|name| file_difference(old, new, name)));
    Ok(found)
}

fn metrics(run: &Path) -> Result<Value, Failure> {
    let mut all: Value = serde_json::from_slice(&fs::read(run.join("metrics.json"))?)?;
    Ok(all["metrics"].take())
}

fn number_differences(old: &Value, new: &Value) -> Vec<String> {
    let names = |value: &Value| {
        value.as_object().map(|fields| fields.keys().cloned().collect::<BTreeSet<_>>()).unwrap_or_default()
    };
    let all: BTreeSet<String> = names(old).union(&names(new)).cloned().collect();
    all.into_iter()
        .filter(|name| old[name] != new[name])
        .map(|name| format!("{name}: {} → {}", old[&name], new[&name]))
        .collect()
}

fn file_difference(old: &Path, new: &Path, name: &str) -> Option<String> {
    match (fs::read(old.join(name)).ok(), fs::read(new.join(name)).ok()) {
        (Some(before), Some(after)) if before == after => None,
        (None, None) => None,
        (Some(before), Some(after)) => {
            let first = before.iter().zip(&after).position(|(a, b)| a != b).unwrap_or(before.len().min(after.len()));
            Some(format!("{name}: first difference at byte {first}"))
        }
        (Some(_), None) => Some(format!("{name}: there before, not now")),
        (None, Some(_)) => Some(format!("{name}: not there before, there now")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_that_differ_in_the_last_bit_are_told() {
        let (old, new) = (json!({ "a": 0.1, "b": null }), json!({ "a": 0.1 + 1e-16, "b": null, "c": 1 }));
        assert_eq!(number_differences(&old, &new), ["a: 0.1 → 0.1000000000000001", "c: null → 1"]);
        assert!(number_differences(&old, &old).is_empty());
    }
}
