//! The script that a text is mostly written in, by counting letters of Unicode blocks.

/// A script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Script {
    /// As English is written.
    Latin,
    /// As Bangla is written.
    Bengali,
    /// Any other.
    Other,
}

/// The script of most letters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Guess {
    /// That script.
    pub script: Script,
    /// Its share of all letters, above 0 and at most 1.
    pub share: f64,
}

/// The script of most letters of `text` (the first of equals in the order of [`Script`]); None if there are no letters.
/// Vowel signs count as letters; digits, punctuation and marks that stand in every script do not.
pub fn guess(text: &str) -> Option<Guess> {
    let mut letters = [0usize; 3];
    text.chars().filter_map(script).for_each(|script| letters[script as usize] += 1);
    let total: usize = letters.iter().sum();
    let most = *letters.iter().max()?;
    let script = [Script::Latin, Script::Bengali, Script::Other].into_iter().find(|s| letters[*s as usize] == most)?;
    (total > 0).then(|| Guess { script, share: most as f64 / total as f64 })
}

/// The script of a letter; None for what is not one.
fn script(c: char) -> Option<Script> {
    match c {
        'a'..='z' | 'A'..='Z' => Some(Script::Latin),
        c if !c.is_alphabetic() => None,
        '\u{980}'..='\u{9FF}' => Some(Script::Bengali),
        '\u{AA}'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}' | '\u{2C60}'..='\u{2C7F}' => Some(Script::Latin),
        '\u{A720}'..='\u{A7FF}' | '\u{FB00}'..='\u{FB06}' | '\u{FF21}'..='\u{FF5A}' => Some(Script::Latin),
        _ => Some(Script::Other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_one_script_are_all_of_it() {
        let of = |text| guess(text).map(|found| (found.script, found.share));
        assert_eq!(of("Love me, 1 2 3 ÉÀ"), Some((Script::Latin, 1.0)));
        assert_eq!(of("আমার সোনার বাংলা। ১২৩"), Some((Script::Bengali, 1.0)));
        assert_eq!(of("Земля"), Some((Script::Other, 1.0)));
    }

    #[test]
    fn the_share_is_of_letters_and_not_of_bytes() {
        assert_eq!(guess("abc গান"), Some(Guess { script: Script::Latin, share: 0.5 }));
        assert_eq!(guess("ab গান"), Some(Guess { script: Script::Bengali, share: 0.6 }));
    }

    #[test]
    fn without_letters_there_is_no_script() {
        assert_eq!([guess(""), guess("12 ।, -"), guess("\u{301}")], [None; 3]);
    }
}
