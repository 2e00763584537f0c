//! A trained network: its weights, what it learned on, how it went.

use super::Scale;
use crate::engine::{Artifact, BoxError, Files};
use serde::{Deserialize, Deserializer, Serialize};

const REFINEMENT: &str = "refinement.json";

/// What training leaves.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    /// Safetensors with PyTorch's names and layouts: the best weights.
    pub best: Vec<u8>,
    /// The same of the weights after the last step.
    pub last: Vec<u8>,
    /// Mean and standard deviation of the inputs, one a column for vectors, one in all for maps.
    pub scale: Scale,
    /// Names of the classes that a conditional network is told, in the order of its inputs; empty for others.
    pub classes: Vec<String>,
    /// Rows of `history.csv`.
    pub history: Vec<HistoryRow>,
    /// The step of the best weights.
    pub best_step: usize,
    /// The last step; before the planned end where training ended early.
    pub last_step: usize,
    /// Steps that were left out because loss or gradient were no finite numbers.
    pub skipped_steps: usize,
    /// Whether the validation loss was still falling at the end.
    pub still_falling: bool,
    /// What a discriminator made of the decoder after the training, where one was asked for.
    pub refinement: Option<Refinement>,
}

/// The record of an adversarial refinement of the decoder.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Refinement {
    /// Why nothing was refined, with the remedy; none where it was.
    pub left_alone: Option<String>,
    /// Rows of `history_refine.csv`; the first is of the weights as they were trained.
    pub history: Vec<RefinementRow>,
    /// Steps that were left out because loss or gradient were no finite numbers.
    pub skipped_steps: usize,
}

/// One line of `history_refine.csv`: means over the steps since the line before, and held-out rows as they stand after them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RefinementRow {
    /// Steps of the decoder done.
    pub step: usize,
    /// Hinge loss of the discriminator; none where it did not learn since the line before.
    pub discriminator: Option<f64>,
    /// Hinge loss of the decoder.
    pub adversarial: Option<f64>,
    /// How far its maps are from real ones in what the discriminator sees, as a share.
    pub feature_matching: Option<f64>,
    /// Mean squared error a value of reconstructions in training.
    pub mse: Option<f64>,
    /// Share of the discriminator's answers that are right.
    pub told_apart: Option<f64>,
    /// Mean squared error a value of held-out reconstructions.
    pub val_mse: Option<f64>,
    /// Sharpness of held-out reconstructions beside their inputs; 1 is as sharp as real.
    pub val_sharpness: Option<f64>,
}

impl Weights {
    /// What a run folder keeps of them: enough to use the network, nothing of how it was trained.
    pub fn of_run(best: Vec<u8>, scale: Scale, classes: Vec<String>) -> Weights {
        let (last, history) = (Vec::new(), Vec::new());
        let (best_step, last_step, skipped_steps, still_falling) = (0, 0, 0, false);
        let refinement = None;
        Weights { best, last, scale, classes, history, best_step, last_step, skipped_steps, still_falling, refinement }
    }
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
    /// The objective: for a model that decodes, reconstruction plus weighted regulariser, in nats a row.
    #[serde(deserialize_with = "number")]
    pub loss: f64,
    /// Negative log-likelihood of the reconstruction, in nats a row, summed over values; none where nothing is decoded.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "some_number")]
    pub recon: Option<f64>,
    /// Mean squared error a value, in squared units of the standardised input; none where nothing is decoded.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "some_number")]
    pub mse: Option<f64>,
    /// Divergence of the posterior from the prior, in nats a row; none where the code is a point.
    pub kl: Option<f64>,
    /// The learning rate of the last step.
    pub learning_rate: f64,
    /// The weight of the divergence at the last step.
    pub beta: f64,
    /// Code dimensions whose posterior mean varies by more than 0.01 (variance) over rows.
    pub active_units: usize,
    /// Code dimensions with more than 0.05 nat of divergence; this and the next three on at most 64 held-out rows.
    #[serde(default)]
    pub kl_dims: Option<usize>,
    /// Mutual information of rows and codes, in nats.
    #[serde(default)]
    pub mutual_information: Option<f64>,
    /// Share of the variance that is reconstructed from the codes.
    #[serde(default)]
    pub r2: Option<f64>,
    /// How much of it is lost where codes are exchanged between rows.
    #[serde(default)]
    pub shuffle_gap: Option<f64>,
    /// The loss between the lowest that it can be (0) and that of chance (1), where both are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub normalised_loss: Option<f64>,
    /// Share of tracks whose label the nearest tracks of other groups tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub knn: Option<f64>,
    /// Share of tracks whose label a linear probe names that has not seen their group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probe: Option<f64>,
}

/// JSON has no infinity and no not-a-number: both are written as null and come back as not-a-number.
fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or(f64::NAN))
}

/// [`number`] of a value that may be missing altogether.
fn some_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    number(deserializer).map(Some)
}

#[derive(Serialize, Deserialize)]
struct Header {
    scale: Scale,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    classes: Vec<String>,
    best_step: usize,
    last_step: usize,
    skipped_steps: usize,
    still_falling: bool,
}

impl Artifact for Weights {
    fn save(&self) -> Result<Files, BoxError> {
        let Weights { best_step, last_step, skipped_steps, still_falling, .. } = *self;
        let (scale, classes) = (self.scale.clone(), self.classes.clone());
        let header = Header { scale, classes, best_step, last_step, skipped_steps, still_falling };
        let files =
            Files::new().with("model.safetensors", self.best.clone()).with("last.safetensors", self.last.clone());
        let files = files.with_json("training.json", &header)?.with_json("history.json", &self.history)?;
        match &self.refinement {
            Some(refinement) => files.with_json(REFINEMENT, refinement),
            None => Ok(files),
        }
    }

    fn load(files: &Files) -> Result<Weights, BoxError> {
        let Header { scale, classes, best_step, last_step, skipped_steps, still_falling } =
            files.json("training.json")?;
        let (best, last) = (files.bytes("model.safetensors")?.to_vec(), files.bytes("last.safetensors")?.to_vec());
        let history = files.json("history.json")?;
        let refinement = files.bytes(REFINEMENT).is_ok().then(|| files.json(REFINEMENT)).transpose()?;
        Ok(Weights {
            best,
            last,
            scale,
            classes,
            history,
            best_step,
            last_step,
            skipped_steps,
            still_falling,
            refinement,
        })
    }
}
