//! Words of a cleaned text: Unicode Text Segmentation (UAX #29, word boundaries), or runs of word characters.
//!
//! Marks (vowel signs, virama, nukta) and joiners belong to the word before them; the danda ends one.

use unicode_normalization::char::is_combining_mark;
use unicode_segmentation::UnicodeSegmentation;

/// What is taken for a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Segmentation {
    /// As UAX #29 has it: "don't" and "3.14" are one word each, and a segment without a letter or a digit is none.
    Words,
    /// Runs of letters, digits, marks, joiners and `_`: scikit-learn's pattern, had it known marks.
    Runs,
}

/// Calls `found` with each word of `text`, in order. Words hold no white space, and begin with a letter, a digit or `_`.
pub fn for_each_word<'a>(text: &'a str, segmentation: Segmentation, mut found: impl FnMut(&'a str)) {
    match segmentation {
        Segmentation::Words if text.is_ascii() => text.unicode_words().for_each(found),
        Segmentation::Words => text.unicode_words().filter_map(begun).for_each(found),
        Segmentation::Runs => {
            text.split(|c| !continues(c)).filter_map(begun).filter(|word| !word.is_empty()).for_each(&mut found)
        }
    }
}

/// The segment from its first letter on: a mark behind a space makes one segment with it.
fn begun(segment: &str) -> Option<&str> {
    let start = segment.find(|c: char| continues(c) && !is_combining_mark(c) && !is_joiner(c))?;
    Some(&segment[start..])
}

fn continues(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || !c.is_ascii() && (is_combining_mark(c) || is_joiner(c))
}

fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200C}' | '\u{200D}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::clean::cleaned;
    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

    fn words(text: &str, segmentation: Segmentation) -> Vec<String> {
        let mut found = Vec::new();
        for_each_word(&cleaned(text), segmentation, |word| found.push(word.to_owned()));
        found
    }

    #[test]
    fn vowel_signs_and_joiners_belong_to_words() {
        for segmentation in [Segmentation::Words, Segmentation::Runs] {
            assert_eq!(words("আমার সোনার বাংলা আমি তোমায় ভালোবাসি", segmentation).len(), 6);
            assert_eq!(words("গান।নদী॥ মেঘ", segmentation), ["গান", "নদী", "মেঘ"]);
            assert_eq!(words("ক্\u{200C}ষ র\u{200D}্যা", segmentation), ["ক্\u{200C}ষ", "র\u{200D}্যা"]);
        }
    }

    #[test]
    fn the_two_segmentations_differ_in_what_joins_words() {
        assert_eq!(words("Don’t stop, 3.5 a_b -", Segmentation::Words), ["don't", "stop", "3.5", "a_b"]);
        assert_eq!(words("Don’t stop, 3.5 a_b -", Segmentation::Runs), ["don", "t", "stop", "3", "5", "a_b"]);
    }

    #[test]
    fn a_mark_without_a_letter_is_no_word() {
        for segmentation in [Segmentation::Words, Segmentation::Runs] {
            assert!(words(" \u{9BF} \u{301} \u{200D} ", segmentation).is_empty());
            assert!(words("", segmentation).is_empty());
        }
    }

    proptest! {
        #[test]
        fn words_are_parts_of_the_text_without_spaces(text in "[a-c'. \u{985}-\u{9CD}\u{200C}\u{964}\u{301}\n]{0,30}") {
            for segmentation in [Segmentation::Words, Segmentation::Runs] {
                let found = words(&text, segmentation);
                let whole = |word: &String| !word.is_empty() && !word.contains([' ', '\n', '।']);
                prop_assert!(found.iter().all(whole));
                prop_assert_eq!(words(&found.join(" "), segmentation), found);
            }
        }
    }
}
