//! A small experiment with every form of setting that a real one has, for the tests of this room.

mod by_hand;

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::by_hand::{Count, Spaces};
use crate::experiment::document::Document;

/// A file that is right.
pub const VALID: &str = r#"name = "toy"
modality = "audio"
seed = 7
metrics = ["ari", "nmi"]
split = [0.8, 0.2]

[dataset.folder]
root = "data/raw"

[model.beta_vae]
latent_dim = 16
beta = 4.0
backbone.mlp = { hidden = [256, 128] }

[train]
steps = 3000
device = "cpu"

[[cluster]]
algorithm.kmeans = { k = 10 }

[[cluster]]
algorithm.gmm = { k = 3, floor = 1e-6 }
name = "mixture"

[project.tsne]
perplexity = 30

[project.own.pca]
"#;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("not" = { "required": ["seed", "seeds"] }))]
pub struct Toy {
    pub name: String,
    /// What is read.
    pub modality: Modality,
    pub seed: Option<u64>,
    #[schemars(length(min = 1))]
    pub seeds: Option<Vec<u64>>,
    #[serde(default)]
    pub metrics: Vec<Metric>,
    pub split: Option<(f64, f64)>,
    pub dataset: Dataset,
    pub model: Model,
    #[serde(default)]
    pub train: Train,
    #[serde(default)]
    pub cluster: Vec<Cluster>,
    #[serde(default)]
    pub project: Spaces,
    /// Colours of the plots.
    pub palette: Option<Palette>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Modality {
    Audio,
    Text,
    Fusion,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Adjusted Rand index.
    Ari,
    /// Normalised mutual information.
    Nmi,
    Silhouette,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Dataset {
    Folder(Folder),
    Synth(Synth),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Folder {
    /// The folder that holds one folder a genre.
    pub root: String,
    #[serde(default)]
    pub when_missing: WhenMissing,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WhenMissing {
    #[default]
    Fail,
    Synthesize,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Synth {
    #[schemars(range(min = 1, max = 10000))]
    pub tracks_per_genre: usize,
}

impl Default for Synth {
    fn default() -> Synth {
        Synth { tracks_per_genre: 40 }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Model {
    Autoencoder(Vae),
    Vae(Vae),
    BetaVae(BetaVae),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Vae {
    /// Width of the latent space.
    #[schemars(range(min = 1, max = 4096))]
    pub latent_dim: usize,
    pub backbone: Backbone,
}

impl Default for Vae {
    fn default() -> Vae {
        Vae { latent_dim: 16, backbone: Backbone::default() }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BetaVae {
    /// Width of the latent space.
    #[schemars(range(min = 1, max = 4096))]
    pub latent_dim: usize,
    /// Weight of the KL term.
    ///
    /// Not part of the first paragraph.
    #[schemars(range(min = 0.0))]
    pub beta: f64,
    pub backbone: Backbone,
}

impl Default for BetaVae {
    fn default() -> BetaVae {
        BetaVae { latent_dim: 16, beta: 4.0, backbone: Backbone::default() }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Backbone {
    Mlp(Mlp),
    Conv(Conv),
}

impl Default for Backbone {
    fn default() -> Backbone {
        Backbone::Mlp(Mlp::default())
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Mlp {
    pub hidden: Vec<NonZeroUsize>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Conv {
    pub channels: Vec<u32>,
    pub norm: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Train {
    /// Optimiser steps.
    pub steps: usize,
    /// Step size of the optimiser.
    #[schemars(extend("exclusiveMinimum" = 0.0), range(max = 1.0))]
    pub learning_rate: f32,
    pub device: Device,
    pub patience: Option<u8>,
}

impl Default for Train {
    fn default() -> Train {
        Train { steps: 100, learning_rate: 0.5, device: Device::Auto, patience: None }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Device {
    Auto,
    Cpu,
    Cuda(Cuda),
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Cuda {
    pub index: i32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cluster {
    pub algorithm: Algorithm,
    /// The middle part of metric names.
    #[schemars(length(min = 1))]
    pub name: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Algorithm {
    Kmeans(Kmeans),
    Gmm(Gmm),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Kmeans {
    pub k: Count,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Gmm {
    pub k: Count,
    #[serde(default)]
    pub floor: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Space {
    Pca(Pca),
    Tsne(Tsne),
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pca {}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tsne {
    #[schemars(range(min = 1.0, max = 1000.0))]
    pub perplexity: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Palette {
    pub colours: [String; 2],
    pub weights: BTreeMap<String, f64>,
}

/// The document of a file that parses.
pub fn document(text: &str) -> Document<Toy> {
    Document::parse("toy.toml", text).expect("the test's file is TOML")
}

/// Every problem of a file, a line each: `line:column message | help`.
pub fn told(text: &str) -> Vec<String> {
    let problems =
        Document::<Toy>::parse("toy.toml", text).and_then(|document| document.load()).err().unwrap_or_default();
    let help = |help: &Option<String>| help.as_ref().map_or_else(String::new, |help| format!(" | {help}"));
    problems
        .iter()
        .map(|problem| format!("{}:{} {}{}", problem.line, problem.column, problem.message, help(&problem.help)))
        .collect()
}
