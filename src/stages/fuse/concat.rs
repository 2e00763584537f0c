//! Early fusion: columns side by side. The scale of a model's inputs gives each modality the same variance in sum, else the
//! wider one would be all that is learned; where a track lacks a modality its columns are at their means.

use super::Fuser;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[fusion.concat]`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Concat {}

impl Concat {
    /// The body of the table.
    pub const EXAMPLE: &str = "";
}

impl Fuser for Concat {}
