//! Texts to rows: windows of tokens, batches of windows, one row a window, one row a text.

use ndarray::Array2;
use rayon::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::BertError;
use super::config::Config;
use super::coverage::{Coverage, count, of};
use super::network::Network;
use super::pieces::Pieces;
use super::pooling::to_unit_length;

/// Most tokens of a window unless said otherwise: what all-MiniLM-L6-v2 is used with.
pub const MAX_TOKENS: usize = 256;
/// Tokens of a batch. More read the weights less often, fewer stay in the second-level cache.
const BATCH_TOKENS: usize = 256;

/// A network and its tokenizer, ready to embed.
pub struct Encoder {
    network: Network,
    pieces: Pieces,
    max_tokens: usize,
}

/// Token numbers of one window and the text that it is of.
struct Window {
    text: usize,
    ids: Vec<u32>,
}

impl Encoder {
    /// From the bytes of the three [`super::FILES`]. Windows are of [`MAX_TOKENS`], or fewer where the model takes fewer.
    ///
    /// # Errors
    /// A [`BertError`] that says which file does not fit, and how.
    pub fn from_bytes(config: &[u8], tokenizer: &[u8], weights: &[u8]) -> Result<Encoder, BertError> {
        let config = Config::from_bytes(config)?;
        let pieces = Pieces::from_bytes(tokenizer, config.vocab_size)?;
        let network = Network::from_bytes(config, weights)?;
        let max_tokens = MAX_TOKENS.min(network.config.max_position_embeddings);
        Encoder { network, pieces, max_tokens }.with_max_tokens(max_tokens)
    }

    /// The same with windows of at most `max_tokens` tokens, those at beginning and end counted.
    ///
    /// # Errors
    /// [`BertError::MaxTokens`] if no token would fit, or more than have a place in the model.
    pub fn with_max_tokens(self, max_tokens: usize) -> Result<Encoder, BertError> {
        let (least, most) = (self.pieces.frame() + 1, self.network.config.max_position_embeddings);
        match (least..=most).contains(&max_tokens) {
            true => Ok(Encoder { max_tokens, ..self }),
            false => Err(BertError::MaxTokens { found: max_tokens, least, most }),
        }
    }

    /// Values of an embedding.
    pub fn dims(&self) -> usize {
        self.network.config.hidden_size
    }

    /// Most tokens of a window.
    pub fn max_tokens(&self) -> usize {
        self.max_tokens
    }

    /// The embeddings of `texts`, `[texts, dims]`, rows of unit length. An empty text has one too: that of no words.
    ///
    /// # Errors
    /// [`BertError::Tokenizer`] or [`BertError::NotFinite`] where a model breaks on a text.
    pub fn embed(&self, texts: &[&str]) -> Result<Array2<f32>, BertError> {
        self.embed_with(texts, &|_, _| ())
    }

    /// As [`Encoder::embed`]; `progress` is told windows done and windows in all after every batch.
    ///
    /// # Errors
    /// Those of [`Encoder::embed`].
    pub fn embed_with(
        &self,
        texts: &[&str],
        progress: &(dyn Fn(usize, usize) + Sync),
    ) -> Result<Array2<f32>, BertError> {
        let windows = self.windows(texts)?;
        let done = AtomicUsize::new(0);
        let embed = |batch: &&[Window]| {
            let pooled = self.network.embed(&batch.iter().map(|window| window.ids.as_slice()).collect::<Vec<_>>());
            progress(done.fetch_add(batch.len(), Ordering::Relaxed) + batch.len(), windows.len());
            pooled
        };
        let pooled = batches(&windows).par_iter().map(embed).collect::<Vec<_>>().concat();
        self.joined(&windows, pooled, texts.len())
    }

    /// How well the tokenizer knows the words of `texts`: see [`Coverage`].
    ///
    /// # Errors
    /// [`BertError::Tokenizer`] where the tokenizer breaks on a text.
    pub fn coverage(&self, texts: &[&str]) -> Result<Coverage, BertError> {
        let counts: Result<Vec<_>, _> = texts.par_iter().map(|text| count(&self.pieces, text)).collect();
        Ok(of(&counts?))
    }

    fn windows(&self, texts: &[&str]) -> Result<Vec<Window>, BertError> {
        let cut = |text: &&str| self.pieces.windows(text, self.max_tokens);
        let cut: Vec<Vec<Vec<u32>>> = texts.par_iter().map(cut).collect::<Result<_, _>>()?;
        let numbered = cut.into_iter().enumerate();
        Ok(numbered.flat_map(|(text, windows)| windows.into_iter().map(move |ids| Window { text, ids })).collect())
    }

    /// One row a text from one row a window.
    fn joined(&self, windows: &[Window], pooled: Vec<f32>, texts: usize) -> Result<Array2<f32>, BertError> {
        let mut embeddings = Array2::<f32>::zeros((texts, self.dims()));
        for (window, pooled) in windows.iter().zip(pooled.chunks_exact(self.dims())) {
            let tokens = (window.ids.len() - self.pieces.frame()).max(1) as f32;
            embeddings.row_mut(window.text).iter_mut().zip(pooled).for_each(|(sum, value)| *sum += tokens * value);
        }
        for (text, mut row) in embeddings.rows_mut().into_iter().enumerate() {
            if !row.iter().all(|value| value.is_finite()) {
                return Err(BertError::NotFinite { what: format!("the embedding of text {}", text + 1) });
            }
            to_unit_length(row.as_slice_mut().expect("rows of a new array are contiguous"));
        }
        Ok(embeddings)
    }
}

/// Windows in order, cut where a batch would pass [`BATCH_TOKENS`].
fn batches(windows: &[Window]) -> Vec<&[Window]> {
    let mut tokens = 0;
    let mut fits = |window: &Window| {
        tokens += window.ids.len();
        let fits = tokens <= BATCH_TOKENS;
        tokens = if fits { tokens } else { window.ids.len() };
        fits
    };
    if let Some(first) = windows.first() {
        fits(first);
    }
    windows.chunk_by(|_, next| fits(next)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_hold_all_windows_in_order() {
        let window = |(text, length): (usize, usize)| Window { text, ids: vec![0; length] };
        let windows: Vec<Window> = [100, 100, 56, 1, 300, 2, 250, 6].into_iter().enumerate().map(window).collect();
        let lengths: Vec<usize> = batches(&windows).iter().map(|batch| batch.len()).collect();
        assert_eq!(lengths, [3, 1, 1, 2, 1]);
        assert!(batches(&[]).is_empty());
    }
}
