//! Where a long text is cut: after the last sentence or line that fits, or the last word, or wherever it must be.
//! Sentences are those of Unicode Text Segmentation (UAX #29), which ends them at line ends too, and at the danda.

use std::ops::Range;
use unicode_segmentation::UnicodeSegmentation;

/// What begins with a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Begins {
    /// Nothing: it goes on with a word.
    Nothing,
    /// A word.
    Word,
    /// A sentence or a line.
    Sentence,
}

/// What begins with each token: `starts` are their first bytes in `text`, `words` the numbers of their words.
pub(super) fn begins(text: &str, starts: impl Iterator<Item = usize>, words: &[Option<u32>]) -> Vec<Begins> {
    let mut sentences = text.split_sentence_bound_indices().map(|(at, _)| at).peekable();
    let mut last = None;
    let mut begin = |(start, word): (usize, &Option<u32>)| {
        let mut passed = false;
        while sentences.next_if(|at| *at <= start).is_some() {
            passed = true;
        }
        let is_word = last.replace(*word) != Some(*word) || word.is_none();
        match (passed, is_word) {
            (true, _) => Begins::Sentence,
            (false, true) => Begins::Word,
            (false, false) => Begins::Nothing,
        }
    };
    starts.zip(words).map(&mut begin).collect()
}

/// Ranges of tokens, none longer than `most` (above 0), that together are all of them.
pub(super) fn cut(begins: &[Begins], most: usize) -> Vec<Range<usize>> {
    let (mut ranges, mut from) = (Vec::new(), 0);
    while begins.len() - from > most {
        // Of the best places in reach the last one.
        let place = (from + 1..=from + most).max_by_key(|at| (begins[*at], *at)).unwrap_or(from + most);
        ranges.push(from..place);
        from = place;
    }
    ranges.push(from..begins.len());
    ranges
}

#[cfg(test)]
mod tests {
    use super::Begins::{Nothing, Sentence, Word};
    use super::*;
    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

    #[test]
    fn sentences_lines_and_the_danda_begin_anew() {
        let text = "One two. Three\nfour গান। নদী";
        let starts: Vec<usize> = text.split_word_bound_indices().map(|(at, _)| at).collect();
        let words: Vec<&str> = text.split_word_bounds().collect();
        let ids: Vec<Option<u32>> = (0..starts.len() as u32).map(Some).collect();
        let found = begins(text, starts.into_iter(), &ids);
        let first: Vec<&str> =
            words.iter().zip(&found).filter(|(_, b)| **b == Sentence).map(|(word, _)| *word).collect();
        assert_eq!(first, ["One", "Three", "four", "নদী"]);
        let pieces = begins("abc", [0, 1, 2].into_iter(), &[Some(0), Some(0), Some(1)]);
        assert_eq!(pieces, [Sentence, Nothing, Word]);
    }

    #[test]
    fn the_last_sentence_that_fits_ends_a_window() {
        let begins = [Sentence, Word, Sentence, Nothing, Word, Nothing, Nothing, Nothing, Nothing];
        assert_eq!(cut(&begins, 4), [0..2, 2..4, 4..8, 8..9]);
        assert_eq!(cut(&begins, 3), [0..2, 2..4, 4..7, 7..9]);
        assert_eq!((cut(&begins, 9).len(), cut(&[], 3).len()), (1, 1));
    }

    proptest! {
        #[test]
        fn windows_hold_every_token_once(places in proptest::collection::vec(0usize..3, 0..60), most in 1usize..10) {
            let begins: Vec<Begins> = places.iter().map(|at| [Nothing, Word, Sentence][*at]).collect();
            let ranges = cut(&begins, most);
            prop_assert!(ranges.iter().all(|range| range.len() <= most && (!range.is_empty() || begins.is_empty())));
            prop_assert_eq!(ranges.into_iter().flatten().collect::<Vec<_>>(), (0..begins.len()).collect::<Vec<_>>());
        }
    }
}
