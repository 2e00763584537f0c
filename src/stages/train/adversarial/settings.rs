//! How long, how hard and against whom a decoder is refined.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The `[adversarial]` table: after the training, and only if the model is healthy, its decoder learns against a discriminator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Adversarial {
    /// Steps of the decoder; 0 switches the refinement off.
    pub steps: usize,
    /// Rows a step.
    #[schemars(range(min = 1))]
    pub batch: usize,
    /// Adam's learning rate of the decoder.
    #[schemars(range(min = 1e-8, max = 1.0))]
    pub learning_rate: f64,
    /// Adam's learning rate of the discriminator: higher than the decoder's, as its weights are held to stretch nothing.
    #[schemars(range(min = 1e-8, max = 1.0))]
    pub discriminator_learning_rate: f64,
    /// Channels of the discriminator after each halving of the map; more levels see larger pieces.
    #[schemars(length(min = 1, max = 8), inner(range(min = 1)))]
    pub channels: Vec<usize>,
    /// The discriminator learns at every so many-th step of the decoder.
    #[schemars(range(min = 1))]
    pub every: usize,
    /// What the hinge loss of the decoder is multiplied with. The reconstruction counts half at the beginning, by its own noise.
    #[schemars(range(min = 0.0))]
    pub weight: f64,
    /// What the distance in the discriminator's features is multiplied with; without it maps become sharper than real ones.
    #[schemars(range(min = 0.0))]
    pub feature_matching: f64,
    /// Share of the steps over which both weights rise from 0, while the discriminator learns to tell apart.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub warmup: f64,
    /// Maps decoded from draws of the prior beside those of the batch, as a share of it. A model without a prior has none.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub prior_share: f64,
}

impl Adversarial {
    /// Its settings as they stand in an experiment file.
    pub const EXAMPLE: &str = "steps = 1000\nweight = 5.0\nfeature_matching = 10.0";
}

impl Default for Adversarial {
    fn default() -> Adversarial {
        Adversarial {
            steps: 1000,
            batch: 16,
            learning_rate: 2e-4,
            discriminator_learning_rate: 2e-3,
            channels: vec![16, 32, 64],
            every: 1,
            weight: 5.0,
            feature_matching: 10.0,
            warmup: 0.1,
            prior_share: 0.5,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_parses_and_a_typo_does_not() {
        assert_eq!(toml::from_str::<Adversarial>(Adversarial::EXAMPLE).unwrap(), Adversarial::default());
        assert!(toml::from_str::<Adversarial>("step = 5").is_err());
    }
}
