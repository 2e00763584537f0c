//! What kinds of text features may ask of the outside: the files of a language model, and what is remembered of a text.

use super::super::text_inputs::TextInputs;
use super::TextFeatures;
use crate::engine::{Ctx, Failure};
use serde_json::{Value, json};

const FAMILY: &str = "sentences";
/// Raised when the embedding of a text by the same model changes.
const VERSION: u32 = 1;

/// The room's door, as kinds see it.
pub trait Library: Sync {
    /// The files of the language model, in the order of [`FILES`](crate::text::bert::FILES).
    ///
    /// # Errors
    /// One has changed since it was hashed.
    fn model(&self) -> Result<Vec<Vec<u8>>, Failure>;

    /// The embedding of `text`, if it is remembered.
    fn known(&self, text: &str) -> Option<Vec<f32>>;

    /// Remembers the embedding of `text`.
    ///
    /// # Errors
    /// The disk is full, or cannot be written to.
    fn remember(&self, text: &str, values: &[f32]) -> Result<(), Failure>;

    /// Says how far the work is.
    fn progress(&self, done: usize, of: usize);

    /// Tells the user something.
    fn warn(&self, message: String);
}

/// The memory of one stage.
pub(super) struct Shelf<'a> {
    pub ctx: &'a Ctx<'a>,
    pub inputs: &'a TextInputs,
    pub text: &'a TextFeatures,
}

impl Shelf<'_> {
    /// All that can change the embedding of a text.
    fn identity(&self, text: &str) -> Value {
        let max_tokens = self.text.bert.as_ref().map(|bert| bert.max_tokens);
        json!({ "version": VERSION, "model": self.inputs.model_identity(), "max_tokens": max_tokens, "text": text })
    }
}

impl Library for Shelf<'_> {
    fn model(&self) -> Result<Vec<Vec<u8>>, Failure> {
        Ok(self.inputs.model()?.unwrap_or_default())
    }

    fn known(&self, text: &str) -> Option<Vec<f32>> {
        let bytes = self.ctx.known(FAMILY, &self.identity(text))?;
        let (values, rest) = bytes.as_chunks::<4>();
        rest.is_empty().then(|| values.iter().map(|value| f32::from_le_bytes(*value)).collect())
    }

    fn remember(&self, text: &str, values: &[f32]) -> Result<(), Failure> {
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.ctx.remember(FAMILY, &self.identity(text), &bytes)
    }

    fn progress(&self, done: usize, of: usize) {
        self.ctx.progress(done, of);
    }

    fn warn(&self, message: String) {
        self.ctx.warn(message);
    }
}
