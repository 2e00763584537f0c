//! Root mean square of each frame of samples: its level.

use super::{Description, Feature, FeatureError};
use crate::signal::analysis::Analysis;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[features.audio.rms]`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rms {}

impl Rms {
    /// The body of the table.
    pub const EXAMPLE: &str = "";
}

impl Feature for Rms {
    fn names(&self) -> Vec<String> {
        vec!["rms".to_owned()]
    }

    fn describe(&self, sound: &Analysis) -> Result<Description, FeatureError> {
        Ok(Description::one(sound.rms()))
    }
}
