//! How long and how fast a network is trained.
//! Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts" (ICLR 2017), equation 5, for the cosine.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Steps where neither steps nor epochs are given.
pub const DEFAULT_STEPS: usize = 3000;

/// The `[train]` table: length, batch and learning rate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(extend("not" = { "required": ["steps", "epochs"] }))]
pub struct Schedule {
    /// Optimiser steps: 3000 where `epochs` is not given either. Steps, not epochs, decide whether a small set is trained enough.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub steps: Option<usize>,
    /// Passes over the training rows, in place of `steps`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub epochs: Option<usize>,
    /// Rows a step.
    #[schemars(range(min = 1))]
    pub batch: usize,
    /// Adam's learning rate; the highest where it follows a schedule.
    #[schemars(range(min = 1e-8, max = 1.0))]
    pub learning_rate: f64,
    /// How the learning rate goes on after warm-up.
    pub schedule: RateSchedule,
    /// Share of the training over which the learning rate rises from 0.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub warmup: f64,
    /// Decoupled weight decay (AdamW); 0 for none.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub weight_decay: f64,
    /// Largest global norm of a gradient; longer ones are scaled down to it. The loss is in nats a row, summed over values.
    #[schemars(range(min = 1e-6))]
    pub clip_norm: f64,
    /// Evaluations (60 a training) without a lower held-out loss after which the training ends; without it, it never ends early.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub patience: Option<usize>,
    /// A finished run's folder: the training goes on from that run's weights and standardisation, for instance on a set
    /// that has grown. The run must be of the same model, backbone and features.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub init: Option<PathBuf>,
}

/// How a learning rate goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RateSchedule {
    /// It stays.
    #[default]
    Constant,
    /// It falls to 0 along half a cosine.
    Cosine,
}

/// What is wrong with a schedule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// Two lengths.
    #[error("train.steps and train.epochs are both given: keep one")]
    StepsAndEpochs,
    /// A number that allows no training.
    #[error("train.{0} must be above 0")]
    NotPositive(&'static str),
}

impl Schedule {
    /// Its settings as they stand in an experiment file.
    pub const EXAMPLE: &str = "steps = 3000\nbatch = 64\nlearning_rate = 1e-3";

    /// The schedule with its default length written out, so that a length given and the same by default have one key.
    ///
    /// # Errors
    /// Steps and epochs are both given, or a number is 0.
    pub fn resolved(&self) -> Result<Schedule, ScheduleError> {
        if self.steps.is_some() && self.epochs.is_some() {
            return Err(ScheduleError::StepsAndEpochs);
        }
        let least =
            [("steps", self.steps), ("epochs", self.epochs), ("batch", Some(self.batch)), ("patience", self.patience)];
        if let Some((name, _)) = least.into_iter().find(|(_, value)| *value == Some(0)) {
            return Err(ScheduleError::NotPositive(name));
        }
        let positive = [("learning_rate", self.learning_rate), ("clip_norm", self.clip_norm)];
        if let Some((name, _)) = positive.into_iter().find(|(_, value)| value.is_nan() || *value <= 0.0) {
            return Err(ScheduleError::NotPositive(name));
        }
        let steps = self.steps.or(self.epochs.is_none().then_some(DEFAULT_STEPS));
        Ok(Schedule { steps, ..self.clone() })
    }

    /// Rows a step of a table of `rows` rows.
    pub fn batch(&self, rows: usize) -> usize {
        self.batch.min(rows)
    }

    /// Steps in all over a table of `rows` rows.
    pub fn steps(&self, rows: usize) -> usize {
        match (self.steps, self.epochs) {
            (Some(steps), _) => steps,
            (None, Some(epochs)) => (epochs * rows).div_ceil(self.batch(rows).max(1)),
            (None, None) => DEFAULT_STEPS,
        }
    }

    /// The learning rate of step `step` (from 0) of `of`.
    pub fn learning_rate_at(&self, step: usize, of: usize) -> f64 {
        let warm = self.warmup * of as f64;
        if (step as f64) < warm {
            return self.learning_rate * ((step + 1) as f64 / warm).min(1.0);
        }
        let fraction = (step as f64 - warm) / (of as f64 - warm).max(1.0);
        match self.schedule {
            RateSchedule::Constant => self.learning_rate,
            RateSchedule::Cosine => self.learning_rate * 0.5 * (1.0 + (std::f64::consts::PI * fraction).cos()),
        }
    }
}

impl Default for Schedule {
    fn default() -> Schedule {
        Schedule {
            steps: None,
            epochs: None,
            batch: 64,
            learning_rate: 1e-3,
            schedule: RateSchedule::Constant,
            warmup: 0.0,
            weight_decay: 0.0,
            clip_norm: 10.0,
            patience: None,
            init: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Schedule {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn steps_or_epochs_but_not_both() {
        assert_eq!(parse("").resolved(), parse("steps = 3000").resolved());
        assert_eq!(parse("steps = 10").steps(1000), 10);
        assert_eq!(parse("epochs = 3\nbatch = 64").steps(100), 5);
        assert_eq!(parse("epochs = 3\nbatch = 64").steps(10), 3);
        assert_eq!(parse("epochs = 3").resolved().unwrap().steps, None);
        assert_eq!(parse("steps = 5\nepochs = 3").resolved(), Err(ScheduleError::StepsAndEpochs));
        assert_eq!(parse("batch = 0").resolved(), Err(ScheduleError::NotPositive("batch")));
        assert_eq!(parse("learning_rate = nan").resolved(), Err(ScheduleError::NotPositive("learning_rate")));
        assert!(toml::from_str::<Schedule>("step = 5").is_err());
    }

    #[test]
    fn the_cosine_falls_from_full_to_nothing() {
        let schedule = parse("schedule = 'cosine'\nlearning_rate = 0.5");
        let rates = [0, 50, 100].map(|step| schedule.learning_rate_at(step, 100));
        assert!((rates[0] - 0.5).abs() < 1e-12 && (rates[1] - 0.25).abs() < 1e-12 && rates[2].abs() < 1e-12);
        assert_eq!(parse("").learning_rate_at(99, 100), 1e-3);
    }

    #[test]
    fn the_rate_rises_over_the_warm_up_and_the_cosine_begins_after_it() {
        let warm = parse("warmup = 0.1\nlearning_rate = 0.5");
        assert_eq!([0, 4, 9, 10, 99].map(|step| warm.learning_rate_at(step, 100)), [0.05, 0.25, 0.5, 0.5, 0.5]);
        let both = parse("schedule = 'cosine'\nwarmup = 0.2\nlearning_rate = 1.0");
        assert!((both.learning_rate_at(20, 100) - 1.0).abs() < 1e-12);
        assert!((both.learning_rate_at(60, 100) - 0.5).abs() < 1e-12);
        let rates: Vec<f64> = (0..50).map(|step| parse("warmup = 1.0").learning_rate_at(step, 50)).collect();
        assert!(rates.is_sorted() && rates[0] > 0.0 && rates[49] == 1e-3);
        assert!((0..3).all(|step| parse("warmup = 0.01").learning_rate_at(step, 3) == 1e-3));
    }

    #[test]
    fn the_example_parses() {
        assert_eq!(parse(Schedule::EXAMPLE), parse("").resolved().unwrap());
    }
}
