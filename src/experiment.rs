//! The experiment file: one TOML, typed. Only `experiment::pipeline` reads it as a whole; each room sees its own part.

mod check;
mod data_check;
pub mod document;
mod embedding;
mod export;
mod load;
mod new_folder;
mod outcome;
mod overrides;
mod pipeline;
mod recommender;
mod reference;
mod repro;
mod schema;
mod spectrograms;
mod study;
mod sweep;
mod synth;
mod trained;

pub use check::Problem;
pub use data_check::{Coverage, DataReport, LyricsReport, check_data};
pub use embedding::{Embedded, Facts, embed_files, embed_own, remove_songs, sound_files};
pub use export::{ExportReport, export};
pub use load::{LoadError, Member, members};
pub use outcome::MemberEnd;
pub use recommender::{Filters, Recall, Recommendation, RecommendError, Recommender};
pub use reference::{Setting, place_of, settings};
pub use repro::{Repro, repro};
pub use spectrograms::{SpectrogramKind, SpectrogramReport, Spectrograms, write_spectrograms};
pub use study::{DeviceChoice, Setup, Study};
pub use synth::{SynthReport, write_synth};
pub use trained::{Trained, TrainedError};

use crate::engine::kinds::KindLine;
use crate::model;
use crate::stages::dataset::Source;
use crate::stages::features::maps::Maps;
use crate::stages::features::metadata::Metadata;
use crate::stages::features::table::Columns;
use crate::stages::features::text::TextFeatures;
use crate::stages::features::{AudioFeatures, Features};
use crate::stages::fuse::Fusion;
use crate::stages::metrics::MetricName;
use crate::stages::project::Spaces;
use crate::stages::train::{Adversarial, Schedule};
use crate::stages::{cluster, project, retrieve, split};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A music representation-learning experiment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("not" = { "required": ["seed", "seeds"] }))]
pub struct Experiment {
    /// Name of the experiment, part of the run folder's name: letters, digits, `_`, `-` and `.`.
    pub name: String,
    /// What is learned from.
    #[serde(default)]
    pub modality: Modality,
    /// Seed of model, clustering and projection. Data and split have seeds of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// One run for each of these seeds, in place of `seed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seeds: Option<Vec<u64>>,
    /// What is measured, named as scikit-learn names it.
    #[serde(default = "MetricName::usual")]
    pub metrics: Vec<MetricName>,
    /// Where the tracks come from.
    #[serde(default)]
    pub dataset: Source,
    /// What is computed from them. Without it: MFCC statistics, log-mel maps for a convolutional backbone, or the columns of
    /// a table.
    #[serde(default)]
    pub features: Features,
    /// How sound and lyrics become one. Without it, where both are asked for: `concat`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fusion: Option<Fusion>,
    /// Which tracks are learned from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub split: Option<split::Settings>,
    /// What is learned. Without it only the baselines are clustered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<model::Kind>,
    /// How long and how fast.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub train: Option<Schedule>,
    /// A second phase: the trained decoder learns against a discriminator, if the model is healthy. Needs maps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adversarial: Option<Adversarial>,
    /// How the representations are clustered.
    #[serde(default)]
    pub cluster: Vec<Cluster>,
    /// How they are laid out to be looked at.
    #[serde(default)]
    pub project: Spaces,
    /// How well like finds like in them. Without it nothing is searched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retrieve: Option<retrieve::Settings>,
    /// When data is too bad to go on.
    #[serde(default)]
    pub checks: Checks,
}

/// What is learned from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Modality {
    /// Sound.
    #[default]
    Audio,
    /// Lyrics.
    Text,
    /// Sound and lyrics of the same tracks.
    Fusion,
}

/// `[[cluster]]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cluster {
    /// The middle part of metric names (`latent.NAME.ari`). Without it: the kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The space that is clustered: the name of a table below `[project]`. Without it: the representation itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<String>,
    /// The clusterer.
    pub algorithm: cluster::Algorithm,
}

impl Cluster {
    /// The middle part of metric names.
    pub fn name(&self) -> &str {
        self.name.as_deref().unwrap_or_else(|| self.algorithm.name())
    }
}

/// `[checks]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Checks {
    /// Share of the tracks that may be unusable (undecodable, silent, too short, copies) before the run is refused.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub max_bad_share: f64,
}

impl Checks {
    /// The body of the table.
    pub const EXAMPLE: &str = "max_bad_share = 0.05";
}

impl Default for Checks {
    fn default() -> Checks {
        Checks { max_bad_share: 0.01 }
    }
}

/// The JSON Schema of experiment files.
pub fn schema() -> String {
    schema::json_schema::<Experiment>()
}

const TABLE: &[KindLine] = &[KindLine {
    name: "table",
    example: Columns::EXAMPLE,
    about: "Columns of a `features` dataset, all of them or those named; variances may be taken as logarithms.",
}];
const MAPS: &[KindLine] = &[KindLine {
    name: "maps",
    example: Maps::EXAMPLE,
    about: "Spectrograms of a `spectrograms` dataset, cut into clips.",
}];
const METADATA: &[KindLine] = &[KindLine {
    name: "metadata",
    example: Metadata::EXAMPLE,
    about: "Facts about tracks, from columns of the dataset's tables: a block beside sound and lyrics.",
}];
const CHECKS: &[KindLine] =
    &[KindLine { name: "checks", example: Checks::EXAMPLE, about: "When data is too bad to go on." }];
const SPLIT: &[KindLine] = &[KindLine {
    name: "split",
    example: split::Settings::EXAMPLE,
    about: "Which tracks are learned from: by group (artist, else track), before tracks are cut into clips.",
}];
const TRAIN: &[KindLine] = &[KindLine {
    name: "train",
    example: Schedule::EXAMPLE,
    about: "How long and how fast a model is trained: steps or epochs, batch, learning rate and its schedule, clipping, early stopping, going on from an earlier run.",
}];
const ADVERSARIAL: &[KindLine] = &[KindLine {
    name: "adversarial",
    example: Adversarial::EXAMPLE,
    about: "A second phase, after the training and only if the model is healthy: its decoder learns against a discriminator and makes sharper maps; latents stay what they are.",
}];

const RETRIEVE: &[KindLine] = &[KindLine {
    name: "retrieve",
    example: retrieve::Settings::EXAMPLE,
    about: "Every track as a query for all others: precision and recall at k, MRR, mAP, nDCG, beside chance and the raw features, and a table of neighbours.",
}];

/// Every table of kinds: its room, where its kinds stand in the file, its lines.
pub fn kinds() -> Vec<(&'static str, &'static str, &'static [KindLine])> {
    vec![
        ("dataset", "[dataset.KIND]", Source::TABLE),
        ("features", "[features.audio.KIND]", AudioFeatures::TABLE),
        ("text", "[features.text.KIND]", TextFeatures::TABLE),
        ("table", "[features.table]", TABLE),
        ("maps", "[features.maps]", MAPS),
        ("metadata", "[features.metadata]", METADATA),
        ("fusion", "[fusion.KIND]", Fusion::TABLE),
        ("checks", "[checks]", CHECKS),
        ("split", "[split]", SPLIT),
        ("model", "[model.KIND]", model::Kind::TABLE),
        ("train", "[train]", TRAIN),
        ("adversarial", "[adversarial]", ADVERSARIAL),
        ("backbone", "backbone.KIND = { ... } in [model.*]", model::Backbone::TABLE),
        ("cluster", "algorithm.KIND = { ... } in [[cluster]]", cluster::Algorithm::TABLE),
        ("project", "[project.KIND]", project::Projection::TABLE),
        ("retrieve", "[retrieve]", RETRIEVE),
    ]
}
