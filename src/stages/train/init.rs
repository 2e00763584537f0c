//! Going on from the weights of an earlier run, for instance on a set that has grown since.
//!
//! The earlier run's standardisation is kept with its weights: to another one they would mean something else.

use serde::Serialize;
use std::path::{Path, PathBuf};

use crate::artifact::Scale;
use crate::engine::Failure;
use crate::engine::inputs::{InputError, InputFile, hash_inputs, read_input};
use crate::neural::archive::from_bytes;
use crate::neural::params::Params;

/// Below a run folder: the weights, and how their inputs are standardised.
const FILES: [&str; 2] = ["artifacts/model.safetensors", "artifacts/scale.json"];

/// The files of an earlier run. They count by content; where the run lies does not.
#[derive(Clone, Debug, Serialize)]
pub struct Init {
    files: Vec<InputFile>,
    #[serde(skip)]
    run: PathBuf,
}

/// The earlier run's weights do not fit.
#[derive(Debug, thiserror::Error)]
#[error(
    "cannot go on from {}: {reason}; train.init needs a run of the same model, backbone and features", run.display()
)]
pub struct InitError {
    run: PathBuf,
    reason: String,
}

impl Init {
    /// Hashes the files of the run folder `run`; `cache_root` keeps the memo.
    ///
    /// # Errors
    /// The folder is no finished run with a trained model, or cannot be read.
    pub fn of(run: &Path, cache_root: &Path) -> Result<Init, InputError> {
        let files = hash_inputs(run, &FILES.map(str::to_owned), cache_root)?;
        Ok(Init { files, run: run.to_owned() })
    }

    /// The earlier run's standardisation, for rows of `columns` values or maps.
    ///
    /// # Errors
    /// It cannot be read, or is of another width.
    pub(super) fn scale(&self, columns: usize) -> Result<Scale, Failure> {
        let scale: Scale = serde_json::from_slice(&read_input(&self.run, &self.files[1])?)?;
        match scale.mean.len() == scale.std.len() && [1, columns].contains(&scale.mean.len()) {
            true => Ok(scale),
            false => Err(self.misfit(format!("its rows have {} columns, these {columns}", scale.mean.len()))),
        }
    }

    /// Sets `params` to the earlier run's weights.
    ///
    /// # Errors
    /// They cannot be read, or have other names or shapes.
    pub(super) fn apply(&self, params: &Params) -> Result<(), Failure> {
        let weights = from_bytes(&read_input(&self.run, &self.files[0])?)?;
        params.restore(&weights).map_err(|error| self.misfit(error.to_string()))
    }

    fn misfit(&self, reason: String) -> Failure {
        Failure::experiment(InitError { run: self.run.clone(), reason })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::FailureKind;
    use crate::engine::cache::random_name;
    use crate::neural::archive::to_bytes;
    use candle_core::Device;
    use std::fs;

    fn network(inputs: usize, value: f32) -> Params {
        let mut params = Params::new(0, &Device::Cpu);
        params.constant("encoder.0.weight", &[2, inputs], value).unwrap();
        params
    }

    fn run() -> PathBuf {
        let run = std::env::temp_dir().join(format!("runner-init-{}", random_name()));
        fs::create_dir_all(run.join("artifacts")).unwrap();
        let weights = to_bytes(&network(3, 0.5).snapshot().unwrap()).unwrap();
        fs::write(run.join(FILES[0]), weights).unwrap();
        fs::write(run.join(FILES[1]), r#"{ "mean": [1, 2, 3], "std": [1, 1, 1] }"#).unwrap();
        run
    }

    #[test]
    fn weights_and_scale_come_from_the_run_and_count_by_content() {
        let (run, elsewhere) = (run(), run());
        let init = |run: &Path| Init::of(run, run).unwrap();
        let params = network(3, 0.0);
        init(&run).apply(&params).unwrap();
        assert_eq!(params.snapshot().unwrap(), network(3, 0.5).snapshot().unwrap());
        assert_eq!(init(&run).scale(3).unwrap().mean, [1.0, 2.0, 3.0]);
        let settings = |run: &Path| serde_json::to_value(init(run)).unwrap();
        assert_eq!(settings(&run), settings(&elsewhere));
        fs::write(elsewhere.join(FILES[1]), r#"{ "mean": [1, 2, 4], "std": [1, 1, 1] }"#).unwrap();
        assert_ne!(settings(&run), settings(&elsewhere));
        [run, elsewhere].iter().for_each(|folder| fs::remove_dir_all(folder).unwrap());
    }

    #[test]
    fn a_network_of_another_shape_and_a_folder_that_is_no_run_are_told() {
        let run = run();
        let init = Init::of(&run, &run).unwrap();
        let failure = init.apply(&network(4, 0.0)).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Experiment);
        assert!(failure.to_string().contains("encoder.0.weight") && failure.to_string().contains("train.init"));
        assert!(init.scale(5).unwrap_err().to_string().contains("3 columns"));
        assert!(Init::of(&run.join("nowhere"), &run).unwrap_err().is_missing());
        fs::remove_dir_all(run).unwrap();
    }
}
