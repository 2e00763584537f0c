//! Onset strength of each frame: how much louder its mel bands are than those of the frame before.

use super::{Description, Feature, FeatureError};
use crate::signal::analysis::Analysis;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[features.audio.onset_strength]`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OnsetStrength {}

impl OnsetStrength {
    /// The body of the table.
    pub const EXAMPLE: &str = "";
}

impl Feature for OnsetStrength {
    fn names(&self) -> Vec<String> {
        vec!["onset_strength".to_owned()]
    }

    fn describe(&self, sound: &Analysis) -> Result<Description, FeatureError> {
        Ok(Description::one(sound.onset_strength().to_vec()))
    }
}
