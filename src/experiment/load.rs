//! From files and overrides to members: every file, every value of a sweep, every seed is one run.

mod given;
mod meaning;
mod resolve;

use super::Experiment;
use super::check::Problem;
use super::document::{Document, resolved_toml};
use super::overrides::Assignment;
use super::sweep;
use crate::engine::{Failure, Key};
use std::path::{Path, PathBuf};

/// One run to be: a resolved experiment with one seed.
#[derive(Clone, Debug)]
pub struct Member {
    /// The file, as named by the user.
    pub source: String,
    /// The overrides from the command line that this member has.
    pub overrides: Vec<String>,
    /// The experiment's name.
    pub name: String,
    /// The seed of this run.
    pub seed: u64,
    /// Digest of the resolved experiment without its seed: equal for runs that differ in the seed only.
    pub digest: Key,
    /// Every setting spoken out, defaults included.
    pub experiment: Experiment,
    /// The same as TOML: fed back, it gives the same run.
    pub config: String,
}

/// Why there is nothing to run.
#[derive(Debug)]
pub enum LoadError {
    /// The experiment files or overrides are wrong: exit 2.
    Problems(Vec<Problem>),
    /// Something else: data is missing, a file cannot be read.
    Failure(Failure),
}

impl From<Failure> for LoadError {
    fn from(failure: Failure) -> LoadError {
        LoadError::Failure(failure)
    }
}

/// An experiment file cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read the experiment {}", path.display())]
struct Unreadable {
    path: PathBuf,
    source: std::io::Error,
}

/// All members of all `files`, each with all `assignments` (`key.path=value`).
pub fn members(files: &[PathBuf], assignments: &[String]) -> Result<Vec<Member>, LoadError> {
    let parsed: Vec<Result<Assignment, Problem>> = assignments.iter().map(|text| Assignment::parse(text)).collect();
    let (good, mut problems) = partition(parsed);
    let mut members = Vec::new();
    for file in files {
        match of_file(file, &good) {
            Ok(found) => members.extend(found),
            Err(LoadError::Problems(found)) => problems.extend(found),
            Err(failure) => return Err(failure),
        }
    }
    if problems.is_empty() { Ok(members) } else { Err(LoadError::Problems(problems)) }
}

fn partition(parsed: Vec<Result<Assignment, Problem>>) -> (Vec<Assignment>, Vec<Problem>) {
    let (good, bad): (Vec<_>, Vec<_>) = parsed.into_iter().partition(Result::is_ok);
    (good.into_iter().flatten().collect(), bad.into_iter().filter_map(Result::err).collect())
}

fn of_file(path: &Path, assignments: &[Assignment]) -> Result<Vec<Member>, LoadError> {
    let unreadable = |source| Failure::experiment(Unreadable { path: path.to_owned(), source });
    let bytes = std::fs::read(path).map_err(unreadable)?;
    let name = path.display().to_string();
    let document = Document::<Experiment>::from_bytes(&name, &bytes).map_err(LoadError::Problems)?;
    let found = sweep::members(&document, assignments).map_err(LoadError::Problems)?;
    let problems: Vec<Problem> =
        found.iter().flat_map(|member| meaning::problems(&member.document, &member.experiment)).collect();
    if !problems.is_empty() {
        return Err(LoadError::Problems(unique(problems)));
    }
    found.iter().flat_map(|member| seeds(&member.experiment).into_iter().map(|seed| one(&name, member, seed))).collect()
}

/// A problem that all members of a sweep share is told once.
fn unique(problems: Vec<Problem>) -> Vec<Problem> {
    problems.into_iter().fold(Vec::new(), |mut told, problem| {
        if !told.contains(&problem) {
            told.push(problem);
        }
        told
    })
}

fn seeds(experiment: &Experiment) -> Vec<u64> {
    experiment.seeds.clone().unwrap_or_else(|| vec![experiment.seed.unwrap_or(0)])
}

fn one(source: &str, member: &sweep::Member<Experiment>, seed: u64) -> Result<Member, LoadError> {
    let mut experiment = resolve::resolve(&member.experiment, seed);
    experiment.dataset = given::source(&experiment.dataset, member.document.overrides());
    let seedless = Experiment { seed: None, ..experiment.clone() };
    let digest = Key::of(&serde_json::to_value(&seedless).map_err(Failure::from)?);
    let config = resolved_toml(&experiment).map_err(Failure::from)?;
    let overrides = member.document.overrides().iter().map(ToString::to_string).collect();
    Ok(Member { source: source.to_owned(), overrides, name: experiment.name.clone(), seed, digest, experiment, config })
}
