//! The language of a song: as its row or the settings say, else by the script of its words.

use super::Lyrics;
use crate::stages::dataset::conventions::LANGUAGES;
use crate::stages::dataset::sheet::{Sheet, TableError};
use crate::text::language::{Script, guess};

/// Below this share of its letters no script is the script of a text.
const LEAST_SHARE: f64 = 0.8;

/// Where a table says the language.
pub(super) enum Language {
    Column(usize),
    Code(String),
    Unsaid,
}

impl Language {
    /// As the settings name it, else as columns are usually called.
    ///
    /// # Errors
    /// A word that is neither a column nor a code of two or three letters.
    pub(super) fn find(sheet: &Sheet, settings: &Lyrics) -> Result<Language, TableError> {
        let usual = || sheet.find(&LANGUAGES).map_or(Language::Unsaid, Language::Column);
        match settings.language.as_deref() {
            None => Ok(usual()),
            Some(word) => match sheet.named(Some(word), &[]) {
                Err(_) if is_code(word) => Ok(Language::Code(word.to_owned())),
                found => found.map(|column| column.map_or_else(usual, Language::Column)),
            },
        }
    }
}

/// `en`, `ben`, `pt-BR`.
pub(super) fn is_code(word: &str) -> bool {
    let letters = |part: &str| part.bytes().all(|byte| byte.is_ascii_alphabetic());
    let (first, rest) = word.split_once('-').unwrap_or((word, "xx"));
    (2..=3).contains(&first.len()) && letters(first) && !rest.is_empty() && letters(rest)
}

/// The code of a language that a person wrote.
pub(super) fn code(word: &str) -> String {
    match word.to_lowercase().as_str() {
        "english" | "eng" => "en".to_owned(),
        "bangla" | "bengali" | "ben" | "বাংলা" => "bn".to_owned(),
        other => other.to_owned(),
    }
}

/// `en` for Latin script, `bn` for Bengali, `mixed` where neither has four letters in five; None for other scripts.
pub(super) fn detected(text: &str) -> Option<String> {
    let guess = guess(text)?;
    let code = match guess.script {
        _ if guess.share < LEAST_SHARE => "mixed",
        Script::Latin => "en",
        Script::Bengali => "bn",
        Script::Other => return None,
    };
    Some(code.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_tells_the_language() {
        let told = ["Love me", "ভালোবাসা", "love ভালো me বাসা", "любовь", "123"].map(detected);
        assert_eq!(told, [Some("en"), Some("bn"), Some("mixed"), None, None].map(|code| code.map(str::to_owned)));
    }

    #[test]
    fn a_code_is_a_code_and_a_column_a_column() {
        assert_eq!(
            ["en", "ben", "pt-BR", "english", "e", "e1", "en-"].map(is_code),
            [true, true, true, false, false, false, false]
        );
        assert_eq!(["Bangla", "EN", "English"].map(code), ["bn", "en", "en"]);
        let sheet = Sheet::read(b"id,speech\na,en\n").unwrap();
        let find =
            |word: &str| Language::find(&sheet, &Lyrics { language: Some(word.to_owned()), ..Lyrics::default() });
        assert!(matches!(find("speech"), Ok(Language::Column(1))) && matches!(find("bn"), Ok(Language::Code(_))));
        assert!(find("tongues").is_err());
    }
}
