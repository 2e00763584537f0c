//! Texts as numbers of word pieces (WordPiece: Wu et al., 2016; or what else `tokenizer.json` describes), cut into windows
//! between the tokens that mark beginning and end.

use serde_json::Value;
use std::collections::BTreeMap;
use tokenizers::{Encoding, Tokenizer};

use super::BertError;
use super::frame::Frame;
use super::windows::{begins, cut};

/// A tokenizer without padding and truncation, and what it sets around a text.
pub(super) struct Pieces {
    tokenizer: Tokenizer,
    frame: Frame,
}

impl Pieces {
    /// From `tokenizer.json`; no token may have a number of `vocab_size` or above.
    pub fn from_bytes(bytes: &[u8], vocab_size: usize) -> Result<Pieces, BertError> {
        let reason = |error: serde_json::Error| BertError::Tokenizer { reason: error.to_string() };
        let mut file: BTreeMap<String, Value> = serde_json::from_slice(bytes).map_err(reason)?;
        let frame = Frame::from_json(file.remove("post_processor").unwrap_or_default())?;
        // What pads, cuts, frames and turns numbers back to texts is not used, and panics where it is written wrongly.
        file.retain(|part, _| !["padding", "truncation", "decoder"].contains(&part.as_str()));
        let tokenizer: Tokenizer = serde_json::from_value(Value::from_iter(file)).map_err(reason)?;
        let ids = tokenizer.get_vocab(true).into_values();
        let highest = ids.chain(frame.around(&[])).max().unwrap_or(0) as usize;
        match highest < vocab_size {
            true => Ok(Pieces { tokenizer, frame }),
            false => Err(BertError::Vocabulary { highest, known: vocab_size }),
        }
    }

    /// How many tokens stand around a text.
    pub fn frame(&self) -> usize {
        self.frame.len()
    }

    /// The pieces of `text`, nothing around them, with their places in its bytes.
    pub fn of(&self, text: &str) -> Result<Encoding, BertError> {
        self.tokenizer.encode(text, false).map_err(|error| BertError::Tokenizer { reason: error.to_string() })
    }

    /// Token numbers of the windows of `text`, at least one, each of at most `max_tokens` with its marks.
    pub fn windows(&self, text: &str, max_tokens: usize) -> Result<Vec<Vec<u32>>, BertError> {
        let (pieces, most) = (self.of(text)?, max_tokens.saturating_sub(self.frame()).max(1));
        if pieces.len() <= most {
            return Ok(vec![self.frame.around(pieces.get_ids())]);
        }
        let starts = pieces.get_offsets().iter().map(|(start, _)| *start);
        let begins = begins(text, starts, pieces.get_word_ids());
        Ok(cut(&begins, most).into_iter().map(|range| self.frame.around(&pieces.get_ids()[range])).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::bert::tiny;

    fn pieces() -> Pieces {
        Pieces::from_bytes(tiny::TOKENIZER.as_bytes(), tiny::WORDS).unwrap()
    }

    #[test]
    fn marks_stand_around_every_window() {
        let windows = pieces().windows("la la\nla la la", 6).unwrap();
        let [first, last, la] = ["[CLS]", "[SEP]", "la"].map(tiny::id);
        assert_eq!(windows, [vec![first, la, la, last], vec![first, la, la, la, last]]);
        assert_eq!(pieces().windows("", 6).unwrap(), [vec![first, last]]);
    }

    #[test]
    fn padding_and_truncation_of_the_file_are_not_used() {
        let words = "la ".repeat(40);
        assert_eq!(pieces().windows(&words, 64).unwrap()[0].len(), 42);
    }

    #[test]
    fn a_tokenizer_that_does_not_fit_is_refused() {
        let of = |bytes: &[u8], size| Pieces::from_bytes(bytes, size).err().unwrap();
        let all = tiny::TOKENIZER.as_bytes();
        assert_eq!(
            of(all, tiny::WORDS - 1),
            BertError::Vocabulary { highest: tiny::WORDS - 1, known: tiny::WORDS - 1 }
        );
        assert!((0..all.len()).all(|length| matches!(of(&all[..length], 99), BertError::Tokenizer { .. })));
    }
    /// Every value of `json`, one at a time, by `other`.
    fn changed(json: &Value, other: &Value) -> Vec<Value> {
        let keys: Vec<String> = match json {
            Value::Object(map) => map.keys().map(|key| format!("/{key}")).collect(),
            Value::Array(list) => (0..list.len()).map(|at| format!("/{at}")).collect(),
            _ => Vec::new(),
        };
        let below = |key: &String| -> Vec<Value> {
            let with = |part: Value| {
                let mut whole = json.clone();
                *whole.pointer_mut(key).expect("a key of it") = part;
                whole
            };
            changed(json.pointer(key).expect("a key of it"), other).into_iter().map(with).collect()
        };
        std::iter::once(other.clone()).chain(keys.iter().flat_map(below)).collect()
    }

    #[test]
    fn no_value_in_a_tokenizer_makes_it_panic() {
        let sound: Value = serde_json::from_str(tiny::TOKENIZER).unwrap();
        let mut read = 0;
        for other in [Value::Null, "[UNK]".into(), 3.into(), (-1).into(), Value::Array(vec![]), 1e30.into()] {
            for file in changed(&sound, &other) {
                let pieces = Pieces::from_bytes(file.to_string().as_bytes(), tiny::WORDS);
                read += usize::from(pieces.is_ok_and(|pieces| pieces.windows("la [UNK] love, zzz\nabba", 6).is_ok()));
            }
        }
        assert!(read > 20, "{read}");
    }
}
