//! Sentence embeddings by a pretrained BERT (Devlin, Chang, Lee, Toutanova, NAACL 2019), pooled as Sentence-BERT does
//! (Reimers, Gurevych, EMNLP 2019): the mean over the tokens, at unit length. CPU, single precision.
//!
//! A text longer than `max_tokens` is cut into windows of whole sentences and lines; its embedding is the mean of theirs,
//! weighted by tokens, at unit length. Windows stand below each other in one matrix `[tokens, hidden]` and attend only to
//! themselves, so nothing is padded. Batches are cut by number of tokens and run one thread each: no result depends on
//! the number of threads.

mod attention;
mod config;
mod coverage;
mod encoder;
mod frame;
mod layer;
mod network;
mod pieces;
mod pooling;
mod rows;
mod weights;
mod windows;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tiny;

pub use coverage::Coverage;
pub use encoder::{Encoder, MAX_TOKENS};

/// The file of settings in a folder of a model.
pub const CONFIG_FILE: &str = "config.json";
/// The file of the tokenizer.
pub const TOKENIZER_FILE: &str = "tokenizer.json";
/// The file of the weights.
pub const WEIGHTS_FILE: &str = "model.safetensors";
/// Files that a folder of a model must hold.
pub const FILES: [&str; 3] = [CONFIG_FILE, TOKENIZER_FILE, WEIGHTS_FILE];

/// What is wrong with a model or a setting, and what helps.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum BertError {
    /// The settings are no sound JSON, or one is missing or of another type.
    #[error("config.json cannot be read: {reason}; give the file that stands beside the weights of a BERT")]
    Config {
        /// What the parser says.
        reason: String,
    },
    /// Another architecture.
    #[error("config.json describes a model of type `{found}`, not `bert`; give the folder of a BERT-shaped model")]
    ModelType {
        /// Its `model_type`.
        found: String,
    },
    /// A variant that is not built.
    #[error("config.json asks for {setting} = `{found}`; {known} can be run")]
    Unsupported {
        /// The setting.
        setting: &'static str,
        /// Its value.
        found: String,
        /// Values that are built.
        known: &'static str,
    },
    /// A size that no network can have.
    #[error("config.json: {setting} = {found} {reason}; give the file that stands beside the weights")]
    Size {
        /// The setting.
        setting: &'static str,
        /// Its value.
        found: usize,
        /// Why it cannot be.
        reason: &'static str,
    },
    /// The tokenizer cannot be read or run.
    #[error("tokenizer.json: {reason}; give the file that was saved with the model")]
    Tokenizer {
        /// What the tokenizer says.
        reason: String,
    },
    /// The tokenizer names rows that the embedding does not have.
    #[error("tokenizer.json numbers tokens up to {highest}, the model knows {known}; take both from one model")]
    Vocabulary {
        /// Highest number.
        highest: usize,
        /// Rows of the embedding.
        known: usize,
    },
    /// The weights are no sound safetensors file.
    #[error("model.safetensors cannot be read: {reason}; it may be cut short: copy or download it again")]
    Weights {
        /// What the parser says.
        reason: String,
    },
    /// A tensor that a BERT has.
    #[error("model.safetensors has no tensor `{name}`; are the weights those of a BERT with {layers} layers?")]
    Missing {
        /// Its name.
        name: String,
        /// Layers that the settings name.
        layers: usize,
    },
    /// A tensor of another shape than the settings say.
    #[error("model.safetensors: `{name}` is {found:?}, config.json makes it {expected:?}; take both from one model")]
    Shape {
        /// Its name.
        name: String,
        /// Its shape.
        found: Vec<usize>,
        /// The shape that the settings give it.
        expected: Vec<usize>,
    },
    /// Numbers of another type.
    #[error("model.safetensors: `{name}` holds {found}; save the model in float32")]
    Type {
        /// Its name.
        name: String,
        /// Its type.
        found: String,
    },
    /// Infinite weights or results.
    #[error("{what} holds values that are not finite; copy or download model.safetensors again")]
    NotFinite {
        /// A tensor, or the embedding of a text.
        what: String,
    },
    /// Windows too short or too long.
    #[error("max_tokens = {found}; this model takes {least} to {most}")]
    MaxTokens {
        /// Asked for.
        found: usize,
        /// Fewest: one besides those that mark beginning and end.
        least: usize,
        /// Most that have a place.
        most: usize,
    },
}
