//! Late fusion: a model for each modality, and their latents side by side, each with the same variance in sum. A track that
//! lacks a modality is where the model of that modality puts its mean.

use super::Fuser;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[fusion.late]`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Late {}

impl Late {
    /// The body of the table.
    pub const EXAMPLE: &str = "";
}

impl Fuser for Late {
    fn is_late(&self) -> bool {
        true
    }
}
