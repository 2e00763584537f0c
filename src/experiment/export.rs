//! An experiment's features as files: arrays for NumPy, and all that says what their rows and numbers are.

mod files;

use super::Experiment;
use super::load::{LoadError, Member, members};
use super::new_folder::must_be_new;
use super::pipeline::{self, Found};
use crate::artifact::{Corpus, FeatureTable};
use crate::engine::cache::random_name;
use crate::engine::inputs::folder_of;
use crate::engine::{self, Cache, Failure, FailureKind, Goal, Handle, Plan, Walk, WalkOptions, Watcher};
use crate::stages::features::text_inputs::TextInputs;
use serde::Serialize;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// What was written.
#[derive(Clone, Debug, Serialize)]
pub struct ExportReport {
    /// Tracks that have features.
    pub tracks: usize,
    /// Rows of the arrays: tracks, or clips of tracks.
    pub rows: usize,
    /// Tracks left out; `preprocessing_info.json` says why.
    pub skipped: usize,
    /// Names of the files.
    pub files: Vec<String>,
    /// The missing data that the built-in synthetic set stood in for.
    pub synthetic_in_place_of: Option<PathBuf>,
}

/// A sweep has no one set of features.
#[derive(Debug, thiserror::Error)]
#[error(
    "the experiment is a sweep over its features or its dataset: choose one of them, by naming it (features...=VALUE)"
)]
struct Several;

/// Computes what `file` has under `[dataset]` and `[features]`, or takes it from the cache, and writes it into `folder`.
/// Nothing is trained. The folder appears whole or not at all.
pub fn export(
    file: &Path,
    assignments: &[String],
    folder: &Path,
    cache: &Path,
    watcher: &dyn Watcher,
) -> Result<ExportReport, LoadError> {
    must_be_new(folder)?;
    let member = only_one(members(&[file.to_owned()], assignments)?)?;
    let survey = member.experiment.dataset.survey(cache)?;
    let stands_in_for = survey.stands_in_for.clone();
    let mut plan = Plan::new();
    let text = member.experiment.features.text.as_ref().map(|text| TextInputs::of(text, cache)).transpose()?;
    let found = Found { survey, text: text.unwrap_or_default(), init: None };
    let (corpus, features) = pipeline::hear(&mut plan, &member.experiment, found);
    let written = Mutex::new(Err(Failure::new(FailureKind::Stage, "nothing ran")));
    let reached = |_, walk: &Walk| {
        let report = values(walk, &corpus, &features).and_then(|(corpus, features)| {
            let files = files::of(&member.experiment, &corpus, &features, stands_in_for.is_some())?;
            publish(folder, &files)?;
            let report = files::report(&corpus, &features, &files);
            Ok(ExportReport { synthetic_in_place_of: stands_in_for.clone(), ..report })
        });
        *written.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = report;
    };
    let goal = Goal { places: vec![plan.place(corpus.key()), plan.place(features.key())] };
    let ends = engine::walk(&plan, &Cache::at(cache), watcher, &WalkOptions::default(), &[goal], &reached);
    match ends.into_iter().find_map(|end| match end {
        engine::End::Failed { kind, message } => Some(Failure::new(kind, message)),
        _ => None,
    }) {
        Some(failure) => Err(failure.into()),
        None => Ok(written.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)?),
    }
}

type Values = (std::sync::Arc<Corpus>, std::sync::Arc<FeatureTable>);

fn values(walk: &Walk, corpus: &Handle<Corpus>, features: &Handle<FeatureTable>) -> Result<Values, Failure> {
    Ok((walk.get(corpus)?, walk.get(features)?))
}

/// Seeds and models do not matter here; datasets and features do.
pub(super) fn only_one(members: Vec<Member>) -> Result<Member, LoadError> {
    let what = |experiment: &Experiment| (experiment.dataset.clone(), experiment.features.clone());
    let mut members = members.into_iter();
    let first = members.next().ok_or_else(|| Failure::new(FailureKind::Experiment, "there is no experiment"))?;
    match members.all(|member| what(&member.experiment) == what(&first.experiment)) {
        true => Ok(first),
        false => Err(Failure::experiment(Several).into()),
    }
}

/// Writes beside `folder` first and renames.
pub(super) fn publish(folder: &Path, files: &crate::engine::Files) -> Result<(), Failure> {
    let parent = folder_of(folder);
    fs::create_dir_all(parent)?;
    let draft = parent.join(format!(".export-{}", random_name()));
    let write = || -> Result<(), Failure> {
        fs::create_dir(&draft)?;
        for (name, bytes) in files.iter() {
            fs::write(draft.join(name), bytes)?;
        }
        // An empty folder may stand there already.
        let _ = fs::remove_dir(folder);
        Ok(fs::rename(&draft, folder)?)
    };
    write().inspect_err(|_| drop(fs::remove_dir_all(&draft)))
}
