//! Zero crossing rate of each frame: the share of neighbouring samples whose signs differ.

use super::{Description, Feature, FeatureError};
use crate::signal::analysis::Analysis;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[features.audio.zero_crossing_rate]`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ZeroCrossingRate {}

impl ZeroCrossingRate {
    /// The body of the table.
    pub const EXAMPLE: &str = "";
}

impl Feature for ZeroCrossingRate {
    fn names(&self) -> Vec<String> {
        vec!["zero_crossing_rate".to_owned()]
    }

    fn describe(&self, sound: &Analysis) -> Result<Description, FeatureError> {
        Ok(Description::one(sound.zero_crossing_rate()))
    }
}
