//! For tests: a BERT of 2 layers and 16 values with random weights, and its tokenizer of a few words.

use safetensors::tensor::{Dtype, TensorView, serialize};
use serde_json::Value;

use super::Encoder;
use crate::random::Stream;

/// Tokens of the tokenizer.
pub(super) const WORDS: usize = 13;

/// Settings.
pub(super) const CONFIG: &str = r#"{"model_type": "bert", "vocab_size": 13, "hidden_size": 16, "num_hidden_layers": 2,
    "num_attention_heads": 4, "intermediate_size": 24, "max_position_embeddings": 64, "hidden_act": "gelu"}"#;

/// WordPiece with padding and truncation, as such files carry them.
pub(super) const TOKENIZER: &str = r###"{"version": "1.0",
    "truncation": {"max_length": 8, "strategy": "LongestFirst", "stride": 0, "direction": "Right"},
    "padding": {"strategy": {"Fixed": 8}, "direction": "Right", "pad_to_multiple_of": null, "pad_id": 0,
        "pad_type_id": 0, "pad_token": "[PAD]"},
    "added_tokens": [], "decoder": null, "pre_tokenizer": {"type": "BertPreTokenizer"},
    "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
        "strip_accents": null, "lowercase": true},
    "post_processor": {"type": "TemplateProcessing",
        "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
            {"SpecialToken": {"id": "[SEP]", "type_id": 0}}],
        "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
        "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [2], "tokens": ["[CLS]"]},
            "[SEP]": {"id": "[SEP]", "ids": [3], "tokens": ["[SEP]"]}}},
    "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
        "max_input_chars_per_word": 100, "vocab": {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "la": 4, "love": 5,
        "a": 6, "b": 7, "##a": 8, "##b": 9, ".": 10, ",": 11, "!": 12}}}"###;

/// The number of `token`.
pub(super) fn id(token: &str) -> u32 {
    let tokenizer: Value = serde_json::from_str(TOKENIZER).unwrap();
    tokenizer["model"]["vocab"][token].as_u64().unwrap() as u32
}

/// Names and shapes of all tensors.
pub(super) fn shapes() -> Vec<(String, Vec<usize>)> {
    let mut shapes = vec![
        ("embeddings.word_embeddings.weight".to_owned(), vec![WORDS, 16]),
        ("embeddings.position_embeddings.weight".to_owned(), vec![64, 16]),
        ("embeddings.token_type_embeddings.weight".to_owned(), vec![2, 16]),
    ];
    shapes.extend(["weight", "bias"].map(|part| (format!("embeddings.LayerNorm.{part}"), vec![16])));
    for layer in 0..2 {
        let mut add = |name: &str, outputs: usize, inputs: Option<usize>| {
            let weight = inputs.map_or(vec![outputs], |inputs| vec![outputs, inputs]);
            shapes.push((format!("encoder.layer.{layer}.{name}.weight"), weight));
            shapes.push((format!("encoder.layer.{layer}.{name}.bias"), vec![outputs]));
        };
        ["query", "key", "value"].iter().for_each(|part| add(&format!("attention.self.{part}"), 16, Some(16)));
        add("attention.output.dense", 16, Some(16));
        add("attention.output.LayerNorm", 16, None);
        add("intermediate.dense", 24, Some(16));
        add("output.dense", 16, Some(24));
        add("output.LayerNorm", 16, None);
    }
    shapes
}

/// A safetensors file of random tensors.
pub(super) fn weights(shapes: &[(String, Vec<usize>)]) -> Vec<u8> {
    let draw = |name: &str, shape: &[usize]| -> Vec<u8> {
        let values = Stream::new(5, name).normals(shape.iter().product());
        let mean = f32::from(u8::from(name.ends_with("LayerNorm.weight")));
        values.iter().flat_map(|value| (mean + value * 0.4).to_le_bytes()).collect()
    };
    let bytes: Vec<Vec<u8>> = shapes.iter().map(|(name, shape)| draw(name, shape)).collect();
    let views = shapes.iter().zip(&bytes);
    let views = views.map(|((name, shape), bytes)| (name, TensorView::new(Dtype::F32, shape.clone(), bytes).unwrap()));
    serialize(views, None).unwrap()
}

/// The encoder of all these.
pub(super) fn encoder() -> Encoder {
    Encoder::from_bytes(CONFIG.as_bytes(), TOKENIZER.as_bytes(), &weights(&shapes())).unwrap()
}
