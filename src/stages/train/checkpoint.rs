//! All that a training is at one step: put aside while it runs, so that one that was killed goes on as if it had not been.
//!
//! What is drawn (order of rows, noise) depends on the seed and the step alone, so nothing else needs keeping. Weights are
//! safetensors; numbers are JSON, whose floats come back to the bit.

use serde::{Deserialize, Serialize};

use super::history::Row;
use super::score::Tally;
use crate::engine::{Artifact, BoxError, Files};
use crate::neural::adam::Adam;
use crate::neural::archive::{from_bytes, to_bytes};
use crate::neural::params::Weight;

const LAST: &str = "last.safetensors";
const BEST: &str = "best.safetensors";
const STATE: &str = "state.json";

/// A training after some step.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    /// The network's weights.
    pub weights: Vec<Weight>,
    /// The best weights so far.
    pub best: Option<Vec<Weight>>,
    /// Everything else.
    pub state: State,
}

/// What a trainer carries from step to step beside the weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The optimiser's moments.
    pub adam: Adam,
    /// Steps done.
    pub done: usize,
    /// Steps whose loss or gradient was not finite.
    pub skipped: usize,
    /// How many of them were the last ones.
    pub skipped_in_a_row: usize,
    /// Evaluations since the held-out loss was lowest.
    pub stale: usize,
    /// The lowest held-out loss, and after how many steps it was measured.
    pub lowest: Option<(f64, usize)>,
    /// Sums since the last record.
    pub window: Tally,
    /// The record so far.
    pub history: Vec<Row>,
}

impl State {
    /// Before the first step.
    pub fn new(adam: Adam) -> State {
        let (window, history) = (Tally::default(), Vec::new());
        State { adam, done: 0, skipped: 0, skipped_in_a_row: 0, stale: 0, lowest: None, window, history }
    }
}

impl Artifact for Checkpoint {
    fn save(&self) -> Result<Files, BoxError> {
        let files = Files::new().with(LAST, to_bytes(&self.weights)?).with(STATE, serde_json::to_vec(&self.state)?);
        Ok(match &self.best {
            Some(best) => files.with(BEST, to_bytes(best)?),
            None => files,
        })
    }

    fn load(files: &Files) -> Result<Checkpoint, BoxError> {
        let best = files.bytes(BEST).ok().map(from_bytes).transpose()?;
        Ok(Checkpoint { weights: from_bytes(files.bytes(LAST)?)?, best, state: files.json(STATE)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neural::params::Params;
    use crate::random::Stream;
    use candle_core::Device;

    fn some() -> Checkpoint {
        let mut params = Params::new(3, &Device::Cpu);
        params.kaiming("a.weight", &[40, 30], 30).unwrap();
        let mut adam = Adam::new(&params, 0.01);
        for step in 0..3 {
            adam.step(&params, &[Stream::at(1, "gradient", step).normals(1200)], 1e-3).unwrap();
        }
        let weights = params.snapshot().unwrap();
        let state = State { done: 3, lowest: Some((0.1 + 0.2, 2)), ..State::new(adam) };
        Checkpoint { best: Some(weights.clone()), weights, state }
    }

    #[test]
    fn every_bit_comes_back() {
        let checkpoint = some();
        assert_eq!(Checkpoint::load(&checkpoint.save().unwrap()).unwrap(), checkpoint);
        let without = Checkpoint { best: None, ..checkpoint };
        assert_eq!(Checkpoint::load(&without.save().unwrap()).unwrap(), without);
    }

    #[test]
    fn a_record_that_is_not_finite_does_not_make_it_unreadable() {
        let row = Row {
            step: 1,
            epoch: 0.5,
            split: crate::artifact::Side::Val,
            loss: f64::INFINITY,
            recon: Some(f64::NAN),
            mse: Some(1.0),
            kl: None,
            learning_rate: 1e-3,
            beta: 0.0,
            active_units: 0,
            kl_dims: None,
            mutual_information: Some(f64::NAN),
            r2: None,
            shuffle_gap: None,
            normalised_loss: None,
            knn: None,
            probe: None,
        };
        let mut checkpoint = some();
        checkpoint.state.history.push(row);
        let loaded = Checkpoint::load(&checkpoint.save().unwrap()).unwrap();
        assert!(loaded.state.history[0].loss.is_nan() && loaded.state.history[0].mse == Some(1.0));
    }
}
