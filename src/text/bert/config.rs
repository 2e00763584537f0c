//! The settings of a BERT as `config.json` holds them: sizes, activation, epsilon.

use serde::Deserialize;

use super::BertError;

/// Settings that the network is built from; all others are left unread.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Config {
    pub vocab_size: usize,
    pub hidden_size: usize,
    pub num_hidden_layers: usize,
    pub num_attention_heads: usize,
    pub intermediate_size: usize,
    pub max_position_embeddings: usize,
    #[serde(default = "two")]
    pub type_vocab_size: usize,
    #[serde(default = "epsilon")]
    pub layer_norm_eps: f32,
    #[serde(default)]
    hidden_act: Option<String>,
    #[serde(default)]
    position_embedding_type: Option<String>,
}

/// What is read first, so that another architecture is named before its sizes are missed.
#[derive(Deserialize)]
struct Kind {
    #[serde(default)]
    model_type: String,
}

/// What stands between the two linear maps of a layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Activation {
    /// `x Φ(x)` with the error function.
    Gelu,
    /// Its approximation by the hyperbolic tangent.
    GeluTanh,
    /// `max(x, 0)`.
    Relu,
}

fn two() -> usize {
    2
}

fn epsilon() -> f32 {
    1e-12
}

impl Config {
    /// From `config.json`.
    pub fn from_bytes(bytes: &[u8]) -> Result<Config, BertError> {
        let reason = |error: serde_json::Error| BertError::Config { reason: error.to_string() };
        let kind: Kind = serde_json::from_slice(bytes).map_err(reason)?;
        if kind.model_type != "bert" {
            return Err(BertError::ModelType { found: kind.model_type });
        }
        let config: Config = serde_json::from_slice(bytes).map_err(reason)?;
        config.check_sizes()?;
        config.activation()?;
        match config.position_embedding_type.as_deref() {
            None | Some("absolute") => Ok(config),
            Some(found) => Err(unsupported("position_embedding_type", found, "`absolute`")),
        }
    }

    /// Values of one head.
    pub fn head_dims(&self) -> usize {
        self.hidden_size / self.num_attention_heads
    }

    /// What `hidden_act` names.
    pub fn activation(&self) -> Result<Activation, BertError> {
        match self.hidden_act.as_deref() {
            None | Some("gelu") => Ok(Activation::Gelu),
            Some("gelu_new" | "gelu_pytorch_tanh") => Ok(Activation::GeluTanh),
            Some("relu") => Ok(Activation::Relu),
            Some(found) => Err(unsupported("hidden_act", found, "`gelu`, `gelu_new` and `relu`")),
        }
    }

    fn check_sizes(&self) -> Result<(), BertError> {
        let sizes = [
            ("vocab_size", self.vocab_size),
            ("hidden_size", self.hidden_size),
            ("num_hidden_layers", self.num_hidden_layers),
            ("num_attention_heads", self.num_attention_heads),
            ("intermediate_size", self.intermediate_size),
            ("max_position_embeddings", self.max_position_embeddings),
            ("type_vocab_size", self.type_vocab_size),
        ];
        if let Some((setting, found)) = sizes.into_iter().find(|(_, size)| *size == 0) {
            return Err(BertError::Size { setting, found, reason: "must be at least 1" });
        }
        match self.hidden_size.is_multiple_of(self.num_attention_heads) {
            true => Ok(()),
            false => Err(BertError::Size {
                setting: "num_attention_heads",
                found: self.num_attention_heads,
                reason: "does not divide hidden_size",
            }),
        }
    }
}

fn unsupported(setting: &'static str, found: &str, known: &'static str) -> BertError {
    BertError::Unsupported { setting, found: found.to_owned(), known }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn with(setting: &str, value: Value) -> Result<Config, BertError> {
        let mut config = json!({"model_type": "bert", "vocab_size": 9, "hidden_size": 8, "num_hidden_layers": 1,
            "num_attention_heads": 2, "intermediate_size": 8, "max_position_embeddings": 16});
        config[setting] = value;
        Config::from_bytes(config.to_string().as_bytes())
    }

    #[test]
    fn what_is_not_said_is_as_in_the_paper() {
        let config = with("use_cache", true.into()).unwrap();
        assert_eq!((config.type_vocab_size, config.layer_norm_eps, config.head_dims()), (2, 1e-12, 4));
        assert_eq!(config.activation(), Ok(Activation::Gelu));
    }

    #[test]
    fn other_networks_are_refused_by_name() {
        let refused = |setting, value: Value| with(setting, value).unwrap_err().to_string();
        assert!(refused("model_type", "roberta".into()).contains("type `roberta`, not `bert`"));
        assert!(refused("hidden_act", "silu".into()).contains("hidden_act = `silu`"));
        assert!(refused("position_embedding_type", "relative_key".into()).contains("relative_key"));
        assert!(refused("hidden_size", "wide".into()).contains("config.json cannot be read"));
        assert!(refused("num_attention_heads", 3.into()).contains("does not divide hidden_size"));
        assert!(refused("num_hidden_layers", 0.into()).contains("num_hidden_layers = 0 must be at least 1"));
        assert!(matches!(Config::from_bytes(b"{\"hidden_size\": 8}"), Err(BertError::ModelType { .. })));
        assert!(matches!(Config::from_bytes(b"{"), Err(BertError::Config { .. })));
    }
}
