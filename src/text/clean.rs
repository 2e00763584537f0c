//! One spelling for one text: lower case, Unicode normal form C (UAX #15), no invisible marks, one apostrophe.
//!
//! Zero-width joiner and non-joiner stay: in Bangla they choose between forms of a conjunct and are part of the spelling.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// `text` in lower case and normal form C. Byte order marks, soft hyphens, word joiners and signs of writing direction are
/// dropped; ’ is written '.
pub fn cleaned(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let kept = match text.contains(|c| is_invisible(c) || c == '’') {
        true => Cow::from(text.chars().filter(|c| !is_invisible(*c)).map(plain).collect::<String>()),
        false => Cow::from(text),
    };
    let lower = kept.to_lowercase();
    match is_nfc_quick(lower.chars()) {
        IsNormalized::Yes => lower,
        _ => lower.nfc().collect(),
    }
}

fn plain(c: char) -> char {
    if c == '’' { '\'' } else { c }
}

/// Characters that neither show nor change the spelling: left in, they would make two words of one.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{FEFF}' | '\u{AD}' | '\u{2060}' | '\u{200E}' | '\u{200F}')
        || ('\u{202A}'..='\u{202E}').contains(&c)
        || ('\u{2066}'..='\u{2069}').contains(&c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{prop_assert_eq, proptest};

    #[test]
    fn two_spellings_become_one() {
        assert_eq!(cleaned("Cafe\u{301} CAF\u{C9}"), "caf\u{E9} caf\u{E9}");
        // The letter RRA of one code point is two in normal form C.
        assert_eq!(cleaned("তোমা\u{9DF}"), cleaned("তোমা\u{9AF}\u{9BC}"));
        assert_eq!(cleaned("\u{9C7}\u{9BE}"), "\u{9CB}");
    }

    #[test]
    fn joiners_stay_and_invisible_marks_go() {
        assert_eq!(cleaned("ক্\u{200C}ষ র\u{200D}্যা"), "ক্\u{200C}ষ র\u{200D}্যা");
        assert_eq!(cleaned("\u{FEFF}Don’t so\u{AD}ft\u{200F}"), "don't soft");
        assert_eq!(cleaned(""), "");
    }

    proptest! {
        #[test]
        fn cleaning_twice_changes_nothing(text in "[a-zA-Z’ \u{980}-\u{9FF}\u{C0}-\u{17F}\u{300}-\u{340}]{0,40}") {
            let once = cleaned(&text);
            prop_assert_eq!(cleaned(&once), once);
        }
    }
}
