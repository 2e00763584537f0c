//! A trained network: its weights, what it learned on, how it went.

use super::Scale;
use crate::engine::{Artifact, BoxError, Files};
use serde::{Deserialize, Serialize};

/// What training leaves.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    /// Safetensors with PyTorch's names and layouts: the best weights.
    pub best: Vec<u8>,
    /// Mean and standard deviation of the inputs, one a column for vectors, one in all for maps.
    pub scale: Scale,
    /// Rows of `history.csv`.
    pub history: Vec<HistoryRow>,
    /// The step of the best weights.
    pub best_step: usize,
    /// Steps that were left out because loss or gradient were no finite numbers.
    pub skipped_steps: usize,
    /// Whether the validation loss was still falling at the end.
    pub still_falling: bool,
}

/// Which rows a record is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Seen in training: averages over the steps since the last record.
    Train,
    /// Held out: measured after the step, with noise that is the same each time.
    Val,
}

/// One line of `history.csv`. Times are not in it: they would differ from run to run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HistoryRow {
    /// Steps done.
    pub step: usize,
    /// Passes over the training rows done.
    pub epoch: f64,
    /// Which rows were measured.
    pub split: Side,
    /// Reconstruction plus weighted regulariser, in nats a row.
    pub loss: f64,
    /// Negative log-likelihood of the reconstruction, in nats a row, summed over values.
    pub recon: f64,
    /// Mean squared error a value, in squared units of the standardised input.
    pub mse: f64,
    /// Divergence of the posterior from the prior, in nats a row; none where the code is a point.
    pub kl: Option<f64>,
    /// The learning rate of the last step.
    pub learning_rate: f64,
    /// The weight of the divergence at the last step.
    pub beta: f64,
    /// Code dimensions whose posterior mean varies by more than 0.01 (variance) over rows.
    pub active_units: usize,
}

#[derive(Serialize, Deserialize)]
struct Header {
    scale: Scale,
    best_step: usize,
    skipped_steps: usize,
    still_falling: bool,
}

impl Artifact for Weights {
    fn save(&self) -> Result<Files, BoxError> {
        let (scale, best_step, skipped_steps) = (self.scale.clone(), self.best_step, self.skipped_steps);
        let header = Header { scale, best_step, skipped_steps, still_falling: self.still_falling };
        let files = Files::new().with("model.safetensors", self.best.clone());
        files.with_json("training.json", &header)?.with_json("history.json", &self.history)
    }

    fn load(files: &Files) -> Result<Weights, BoxError> {
        let Header { scale, best_step, skipped_steps, still_falling } = files.json("training.json")?;
        let (best, history) = (files.bytes("model.safetensors")?.to_vec(), files.json("history.json")?);
        Ok(Weights { best, scale, history, best_step, skipped_steps, still_falling })
    }
}
