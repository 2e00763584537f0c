//! Sentence embeddings of lyrics by a pretrained network of BERT's shape, from a local folder.
//! Reimers, Gurevych, "Sentence-BERT: sentence embeddings using siamese BERT-networks" (EMNLP 2019).

use super::documents::Documents;
use super::{Described, Reading, TextFeature, TextFeatureError};
use crate::text::bert::{Encoder, MAX_TOKENS};
use ndarray::Array2;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Above this share of single letters and unknown pieces a tokenizer was not made for the language.
const FRAGMENTS: f64 = 0.5;

/// `[features.text.bert]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bert {
    /// A folder with `config.json`, `tokenizer.json` and `model.safetensors` (float32, mean pooling).
    pub path: PathBuf,
    /// Longest window in tokens; longer lyrics are cut at lines and sentences.
    #[serde(default = "most")]
    #[schemars(range(min = 4, max = 100_000))]
    pub max_tokens: usize,
}

fn most() -> usize {
    MAX_TOKENS
}

impl Bert {
    /// The body of the table.
    pub const EXAMPLE: &str = "path = \"data/models/all-MiniLM-L6-v2\"";
}

impl TextFeature for Bert {
    fn reads_sentences(&self) -> bool {
        true
    }

    fn describe(&self, reading: &Reading) -> Result<Described, TextFeatureError> {
        let Documents::Texts(texts) = &reading.documents else { return Err(TextFeatureError::OnlyBags) };
        let known: Vec<Option<Vec<f32>>> = texts.iter().map(|text| reading.library.known(text)).collect();
        let missing: Vec<&str> =
            texts.iter().zip(&known).filter(|(_, known)| known.is_none()).map(|(t, _)| *t).collect();
        let mut fresh = self.embed(&missing, reading)?.into_iter();
        let rows: Vec<Vec<f32>> = known.into_iter().filter_map(|known| known.or_else(|| fresh.next())).collect();
        let dims = rows.first().map_or(0, Vec::len);
        let values = Array2::from_shape_fn((rows.len(), dims), |(row, dim)| rows[row][dim]);
        Ok(Described { values, columns: (1..=dims).map(|dim| format!("bert{dim}")).collect() })
    }
}

impl Bert {
    /// The embeddings of texts that are not remembered, which then are.
    fn embed(&self, texts: &[&str], reading: &Reading) -> Result<Vec<Vec<f32>>, TextFeatureError> {
        if texts.is_empty() {
            return Ok(Vec::new());
        }
        let files = reading.library.model()?;
        let [config, tokenizer, weights] = files.as_slice() else { return Err(TextFeatureError::OnlyBags) };
        let encoder = Encoder::from_bytes(config, tokenizer, weights)?.with_max_tokens(self.max_tokens)?;
        let coverage = encoder.coverage(texts)?;
        if coverage.fragment_share > FRAGMENTS {
            reading.library.warn(format!(
                "the tokenizer of features.text.bert does not know these words: {:.0} % of its pieces are single letters, \
                 {:.1} pieces a word. Name a model made for the language, or use features.text.lsa",
                100.0 * coverage.fragment_share, coverage.pieces_per_word
            ));
        }
        let embedded = encoder.embed_with(texts, &|done, of| reading.library.progress(done, of))?;
        let rows: Vec<Vec<f32>> = embedded.rows().into_iter().map(|row| row.to_vec()).collect();
        for (text, row) in texts.iter().zip(&rows) {
            reading.library.remember(text, row)?;
        }
        Ok(rows)
    }
}
