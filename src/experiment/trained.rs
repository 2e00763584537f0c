//! A finished run, opened to be used on sound that it has never heard.
//!
//! All that is read lies in the run folder (`config.toml`, `artifacts/`), so a run that was zipped and mailed will do.

use super::Experiment;
use super::load::{LoadError, members};
use crate::artifact::{FeatureTable, Latents, Scale, Weights};
use crate::engine::{Failure, Key};
use crate::model::checkpoint::restored;
use crate::model::{Input, Kind, Network};
use crate::stages::embed::embed;
use crate::stages::features::hear;
use candle_core::Device;
use serde::de::DeserializeOwned;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

const WEIGHTS: &str = "artifacts/model.safetensors";
const INPUT: &str = "artifacts/input.json";

/// A trained model with all that is needed to put new sound through it.
#[derive(Clone, Debug)]
pub struct Trained {
    folder: PathBuf,
    experiment: Experiment,
    model: Kind,
    input: Input,
    weights: Weights,
}

/// The folder holds no trained model that can be used.
#[derive(Debug, thiserror::Error)]
pub enum TrainedError {
    /// It is no finished run.
    #[error("{} is no finished run: it has no {missing}; give the folder that a run wrote, for instance runs/latest", run.display())]
    NoRun {
        /// The folder.
        run: PathBuf,
        /// A file that every finished run has.
        missing: &'static str,
    },
    /// The experiment clustered features as they are.
    #[error("{} trained no model: choose a run of an experiment with a [model.KIND] table", run.display())]
    NoModel {
        /// The folder.
        run: PathBuf,
    },
    /// The experiment trained a model for each modality.
    #[error("{} trained a model for each modality, and none that hears sound alone knows its latents: choose a run on sound", run.display())]
    Apart {
        /// The folder.
        run: PathBuf,
    },
    /// A file is damaged, or was written by another version.
    #[error("{} cannot be used ({reason}): run the experiment again, what is cached is not computed twice", file.display())]
    Damaged {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

impl Trained {
    /// Opens the run folder `run`; the latest if it is a link to it.
    ///
    /// # Errors
    /// It is no finished run, has no model, or a file of it is damaged.
    pub fn open(run: &Path) -> Result<Trained, LoadError> {
        let experiment = experiment(run)?;
        let Some(model) = experiment.model.clone() else {
            return Err(wrong(TrainedError::NoModel { run: run.into() }));
        };
        if experiment.fusion.as_ref().is_some_and(|fusion| fusion.is_late()) {
            return Err(wrong(TrainedError::Apart { run: run.into() }));
        }
        let input: Input = json(run, INPUT)?;
        let scale: Scale = json(run, "artifacts/scale.json")?;
        let classes = if input.classes > 0 { json(run, "artifacts/classes.json")? } else { Vec::new() };
        let weights = Weights::of_run(read(run, WEIGHTS)?, scale, classes);
        Ok(Trained { folder: run.to_owned(), experiment, model, input, weights })
    }

    /// The run folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What was run, every setting spoken out.
    pub fn experiment(&self) -> &Experiment {
        &self.experiment
    }

    /// What was trained.
    pub fn model(&self) -> &Kind {
        &self.model
    }

    /// What its rows look like.
    pub fn input(&self) -> &Input {
        &self.input
    }

    /// Its weights, standardisation and classes; not how it was trained.
    pub fn weights(&self) -> &Weights {
        &self.weights
    }

    /// Names of the classes that it is told, in order; empty if it is told nothing.
    pub fn classes(&self) -> &[String] {
        &self.weights.classes
    }

    /// Equal for two runs whose embeddings can stand in one store: the same weights, inputs and features.
    ///
    /// # Errors
    /// A setting is no finite number.
    pub fn digest(&self) -> Result<Key, Failure> {
        let parts = (&self.model, &self.experiment.features, &self.weights.scale, Key::of_bytes(&self.weights.best));
        Ok(Key::of(&serde_json::to_value(parts)?))
    }

    /// The network with its weights, in main memory.
    ///
    /// # Errors
    /// The weights are not those of this model.
    pub fn network(&self) -> Result<Box<dyn Network>, Failure> {
        let network = restored(&self.model, self.input.clone(), &self.weights.best, &Device::Cpu);
        network.map_err(|error| Failure::data(self.damaged(WEIGHTS, error)))
    }

    /// The features of sound files as the model has learned from: rows in order of `paths`, which are the tracks. Files that
    /// are no sound are listed as skipped.
    ///
    /// # Errors
    /// The run's features are not made of sound alone, or a file is not there.
    pub fn hear(&self, paths: &[PathBuf]) -> Result<FeatureTable, Failure> {
        hear(&self.experiment.features, paths)
    }

    /// One point a track, the mean over its clips: rows of `table` that [`Trained::hear`] gave.
    ///
    /// # Errors
    /// The rows are of another shape than the model has learned from.
    pub fn embed(&self, table: &FeatureTable) -> Result<Latents, Failure> {
        embed(table, &self.weights, &self.model, None)
    }

    fn damaged(&self, name: &str, error: impl ToString) -> TrainedError {
        TrainedError::Damaged { file: self.folder.join(name), reason: error.to_string() }
    }
}

fn experiment(run: &Path) -> Result<Experiment, LoadError> {
    let missing = ["config.toml", "metrics.json"].into_iter().find(|name| !run.join(name).is_file());
    if let Some(missing) = missing {
        return Err(wrong(TrainedError::NoRun { run: run.to_owned(), missing }));
    }
    let member = members(&[run.join("config.toml")], &[])?.into_iter().next();
    member.map(|member| member.experiment).ok_or_else(|| wrong(TrainedError::NoModel { run: run.to_owned() }))
}

fn json<T: DeserializeOwned>(run: &Path, name: &str) -> Result<T, LoadError> {
    let damaged = |error: serde_json::Error| TrainedError::Damaged { file: run.join(name), reason: error.to_string() };
    Ok(serde_json::from_slice(&read(run, name)?).map_err(|error| Failure::data(damaged(error)))?)
}

fn read(run: &Path, name: &str) -> Result<Vec<u8>, LoadError> {
    fs::read(run.join(name)).map_err(|error| match error.kind() {
        ErrorKind::NotFound => {
            let reason = "it is not there".to_owned();
            Failure::data(TrainedError::Damaged { file: run.join(name), reason }).into()
        }
        _ => Failure::from(error).into(),
    })
}

fn wrong(error: TrainedError) -> LoadError {
    Failure::experiment(error).into()
}
