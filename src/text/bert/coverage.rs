//! How well a tokenizer knows the words of texts. A script that it was not made for falls to single letters, and the
//! embeddings then say little: Bangla under an English tokenizer has about four pieces a word, nearly all single letters.

use super::BertError;
use super::pieces::Pieces;

/// Shares over all words of some texts. Punctuation counts for nothing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coverage {
    /// Pieces a word: 1 to 1.5 for the language of the tokenizer. 0 where there are no words.
    pub pieces_per_word: f64,
    /// Share of the pieces, in words of two letters or more, that are a single letter or stand for an unknown word.
    /// Below 0.1 for the language of the tokenizer.
    pub fragment_share: f64,
}

/// Counts in one text.
#[derive(Clone, Copy, Default)]
pub(super) struct Count {
    words: usize,
    pieces: usize,
    long_pieces: usize,
    fragments: usize,
}

/// Counts of words, pieces and fragments in `text`. Words stand between white space and hold a letter or a digit.
pub(super) fn count(pieces: &Pieces, text: &str) -> Result<Count, BertError> {
    let encoding = pieces.of(text)?;
    let mut spans = encoding.get_offsets().iter().zip(encoding.get_tokens()).peekable();
    let mut count = Count::default();
    for word in text.split_whitespace().filter(|word| word.contains(char::is_alphanumeric)) {
        let start = word.as_ptr() as usize - text.as_ptr() as usize;
        while spans.next_if(|((from, _), _)| *from < start).is_some() {}
        let is_long = word.chars().filter(|c| c.is_alphanumeric()).nth(1).is_some();
        count.words += 1;
        while let Some(((from, to), piece)) = spans.next_if(|((from, _), _)| *from < start + word.len()) {
            let letters = text.get(*from..*to).unwrap_or("").chars().filter(|c| c.is_alphanumeric()).count();
            let is_unknown = matches!(piece.as_str(), "[UNK]" | "<unk>");
            count.pieces += usize::from(letters > 0);
            count.long_pieces += usize::from(letters > 0 && is_long);
            count.fragments += usize::from(is_long && (letters == 1 || letters > 0 && is_unknown));
        }
    }
    Ok(count)
}

/// Shares of all counts together.
pub(super) fn of(counts: &[Count]) -> Coverage {
    let total = |part: fn(&Count) -> usize| counts.iter().map(part).sum::<usize>() as f64;
    Coverage {
        pieces_per_word: total(|count| count.pieces) / total(|count| count.words).max(1.0),
        fragment_share: total(|count| count.fragments) / total(|count| count.long_pieces).max(1.0),
    }
}

#[cfg(test)]
mod tests {
    use crate::text::bert::tiny;

    #[test]
    fn known_words_are_one_piece_and_unknown_ones_fragments() {
        let of = |text: &str| tiny::encoder().coverage(&[text]).unwrap();
        assert_eq!((of("la, LA! love").pieces_per_word, of("la, LA! love").fragment_share), (1.0, 0.0));
        // a ##b ##b ##a
        assert_eq!((of("la abba").pieces_per_word, of("la abba").fragment_share), (2.5, 0.8));
        assert_eq!(of("la zzz").fragment_share, 0.5);
        assert_eq!((of("").pieces_per_word, of("?!").pieces_per_word), (0.0, 0.0));
        // A word that is one letter long is not in pieces.
        assert_eq!(of("a").fragment_share, 0.0);
    }
}
