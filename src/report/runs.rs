//! Run folders as they lie on disk: what is done, what is not, what is damaged.

mod config;

pub use config::{Setting, settings};

use crate::engine::Key;
use crate::engine::run_folder::{State, read_status};
use jiff::Timestamp;
use rayon::prelude::*;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The newest layout of `metrics.json` that is understood.
pub const SCHEMA_VERSION: u64 = 1;

/// A run that is done.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// The name of its folder.
    pub id: String,
    /// Its folder.
    pub folder: PathBuf,
    /// The experiment's name.
    pub experiment: String,
    /// The seed.
    pub seed: u64,
    /// Digest of the resolved experiment.
    pub digest: Key,
    /// When it began.
    pub started: Timestamp,
    /// Resolved settings by dotted path, without name and seeds, and what is known of the data.
    pub settings: BTreeMap<String, Setting>,
    /// Figures by name; none where a figure is not a finite number.
    pub metrics: BTreeMap<String, Option<f64>>,
    /// Bootstrap intervals by the same names.
    pub intervals: BTreeMap<String, [f64; 2]>,
    /// What was found of posterior collapse.
    pub verdict: Option<String>,
}

/// A folder that cannot be read as a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damaged {
    /// The folder.
    pub folder: PathBuf,
    /// What is wrong with it.
    pub reason: String,
}

/// All runs of some folders.
#[derive(Clone, Debug, Default)]
pub struct Shelf {
    /// Runs that are done, in the order found: by name, and so by time.
    pub runs: Vec<Run>,
    /// Runs that are not done.
    pub open: Vec<(PathBuf, State)>,
    /// Folders that cannot be read.
    pub damaged: Vec<Damaged>,
}

#[derive(Deserialize)]
struct Layout {
    schema_version: u64,
}

/// `metrics.json`, as much of it as a table needs.
#[derive(Deserialize)]
struct Metrics {
    experiment: String,
    seed: u64,
    #[serde(default)]
    dataset: Dataset,
    metrics: BTreeMap<String, Option<f64>>,
    #[serde(default)]
    intervals: BTreeMap<String, Option<[Option<f64>; 2]>>,
    #[serde(default)]
    collapse: Option<Collapse>,
}

#[derive(Default, Deserialize)]
struct Dataset {
    digest: Option<String>,
    synthetic: Option<bool>,
}

#[derive(Deserialize)]
struct Collapse {
    verdict: Option<String>,
}

enum Found {
    Done(Box<Run>),
    Open(PathBuf, State),
    Damaged(Damaged),
}

impl Shelf {
    /// Reads each of `paths`: a run folder, or a folder of run folders. What cannot be read is listed, never an error.
    pub fn read(paths: &[PathBuf]) -> Shelf {
        let mut folders: Vec<PathBuf> = paths.iter().flat_map(|path| run_folders(path)).collect();
        folders.sort_unstable();
        folders.dedup();
        let found: Vec<Found> = folders.par_iter().map(|folder| look_at(folder)).collect();
        let mut shelf = Shelf::default();
        for each in found {
            match each {
                Found::Done(run) => shelf.runs.push(*run),
                Found::Open(folder, state) => shelf.open.push((folder, state)),
                Found::Damaged(damaged) => shelf.damaged.push(damaged),
            }
        }
        shelf
    }
}

/// The run folders at `path`: itself, or those in it. Links (`latest`) inside are passed over.
pub fn run_folders(path: &Path) -> Vec<PathBuf> {
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    if is_run(&path) {
        return vec![path];
    }
    let entries = fs::read_dir(&path).into_iter().flatten().flatten();
    let real = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())).map(|entry| entry.path());
    let mut found: Vec<PathBuf> = real.filter(|path| is_run(path)).collect();
    found.sort_unstable();
    found
}

/// It says so itself by a status, or its name begins with a time: `20260314T101500Z_`.
fn is_run(folder: &Path) -> bool {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let begins_with_time = || {
        let bytes = name.as_bytes();
        bytes.len() > 16 && bytes[8] == b'T' && &bytes[15..17] == b"Z_" && bytes[..8].iter().all(u8::is_ascii_digit)
    };
    folder.join("status.json").is_file() || (folder.is_dir() && begins_with_time())
}

fn look_at(folder: &Path) -> Found {
    let damaged = |reason: String| Found::Damaged(Damaged { folder: folder.to_owned(), reason });
    match read_status(folder) {
        None => damaged("status.json is missing or cannot be read".to_owned()),
        Some(status) if status.state != State::Done => Found::Open(folder.to_owned(), status.state),
        Some(status) => match read_run(folder, status.digest, status.started) {
            Ok(run) => Found::Done(Box::new(run)),
            Err(reason) => damaged(reason),
        },
    }
}

fn read_run(folder: &Path, digest: Key, started: Timestamp) -> Result<Run, String> {
    let Layout { schema_version } = read_json(folder, "metrics.json")?;
    if schema_version > SCHEMA_VERSION {
        return Err(format!("metrics.json has layout {schema_version}: it was written by a newer version of runner"));
    }
    let found: Metrics = read_json(folder, "metrics.json")?;
    let mut settings = config::read(folder)?;
    settings.extend(found.dataset.settings());
    let bounds = |(name, bounds): (String, Option<[Option<f64>; 2]>)| match bounds {
        Some([Some(low), Some(high)]) => Some((name, [low, high])),
        _ => None,
    };
    Ok(Run {
        id: folder.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        folder: folder.to_owned(),
        experiment: found.experiment,
        seed: found.seed,
        digest,
        started,
        settings,
        metrics: found.metrics,
        intervals: found.intervals.into_iter().filter_map(bounds).collect(),
        verdict: found.collapse.and_then(|collapse| collapse.verdict),
    })
}

impl Dataset {
    /// The data counts like a setting: runs on other data are never folded together.
    fn settings(self) -> impl Iterator<Item = (String, Setting)> {
        let digest =
            self.digest.map(|digest| ("data.digest".to_owned(), Setting::Text(digest.chars().take(12).collect())));
        let synthetic =
            self.synthetic.map(|synthetic| ("data.synthetic".to_owned(), Setting::Text(synthetic.to_string())));
        digest.into_iter().chain(synthetic)
    }
}

fn read_json<T: DeserializeOwned>(folder: &Path, name: &str) -> Result<T, String> {
    let bytes = fs::read(folder.join(name)).map_err(|error| unreadable(name, &error))?;
    serde_json::from_slice(&bytes).map_err(|error| format!("{name} is damaged: {error}"))
}

fn unreadable(name: &str, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => format!("{name} is missing"),
        _ => format!("{name} cannot be read: {error}"),
    }
}

#[cfg(test)]
mod tests;
