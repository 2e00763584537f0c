//! Where a file is not TOML: the parser's own errors, in the words of the other problems.

use std::ops::Range;

use toml::de::Error;

use super::Finding;

/// Findings that do not follow from one another: the first of each line, and double keys only where all else is sound.
pub fn findings(text: &str, errors: &[Error], most: usize) -> Vec<Finding> {
    let broken = !only_double_keys(errors);
    let telling = errors.iter().filter(|error| !(broken && is_double_key(error)));
    let mut findings: Vec<Finding> = telling.take(most).map(|error| finding(text, error)).collect();
    findings.sort_by_key(|finding| finding.span.start);
    findings.dedup_by(|later, first| !text[first.span.start..later.span.start].contains('\n'));
    findings
}

/// Is the file sound but for keys that stand twice? Then its values can be checked all the same.
pub fn only_double_keys(errors: &[Error]) -> bool {
    errors.iter().all(is_double_key)
}

fn is_double_key(error: &Error) -> bool {
    error.message() == "duplicate key"
}

fn finding(text: &str, error: &Error) -> Finding {
    let span = error.span().map_or(0..0, |span| span.start.min(text.len())..span.end.min(text.len()));
    let (span, message, help) = match error.message() {
        "duplicate key" => (span, "this key stands twice", Some("keep one")),
        "recursion limit" | "cannot recurse further; max recursion depth met" => (span, "nested too deeply", None),
        said if ["string values must be", "invalid float", "invalid boolean"]
            .iter()
            .any(|known| said.starts_with(known)) =>
        {
            bare_word(text, span, said)
        }
        said if said.starts_with("invalid unquoted key") && !text[span.clone()].is_ascii() => {
            (span, "a key with such letters needs quotes", None)
        }
        said => (span, said.strip_suffix(", expected nothing").unwrap_or(said), None),
    };
    Finding { span, key: String::new(), message: message.to_owned(), help: help.map(str::to_owned) }
}

/// A value that is neither a number nor a word of TOML; `said` is what the parser took it for.
fn bare_word<'a>(text: &str, span: Range<usize>, said: &'a str) -> (Range<usize>, &'a str, Option<&'a str>) {
    let ends = |letter: char| letter.is_whitespace() || ",=[]{}#".contains(letter);
    let start = text[..span.start].rfind(ends).map_or(0, |at| at + text[at..].chars().next().map_or(0, char::len_utf8));
    let end = start + text[start..].find(ends).unwrap_or(text.len() - start);
    let word = &text[start..end];
    let (message, help) = match word.to_lowercase().as_str() {
        "" => ("no value after `=`", None),
        "true" | "false" | "nan" | "inf" => ("this word is written in small letters", None),
        "null" | "none" | "nil" => ("TOML has no such value", Some("leave the key out")),
        _ if word.starts_with(char::is_alphabetic) => ("a string needs quotes", None),
        _ if word.starts_with(['“', '”', '„', '‘', '’', '`']) => {
            ("these are not TOML's quotes", Some("write \"...\""))
        }
        _ if said.starts_with("string values") => ("neither a number nor a string in quotes", None),
        _ => (said, None),
    };
    (start..end.max(span.start), message, help)
}

#[cfg(test)]
mod tests {
    use toml::de::DeTable;

    use super::*;

    fn said(text: &str) -> Vec<(usize, String)> {
        let (_, errors) = DeTable::parse_recoverable(text);
        findings(text, &errors, 100).into_iter().map(|finding| (finding.span.start, finding.message)).collect()
    }

    #[test]
    fn each_line_tells_its_first_error_in_plain_words() {
        let told = |text, start, message: &str| assert_eq!(said(text), [(start, message.to_owned())], "{text}");
        told("a = ", 4, "no value after `=`");
        told("a = # b\nc = 1", 4, "no value after `=`");
        told("a = yes", 4, "a string needs quotes");
        told("a = noise", 4, "a string needs quotes");
        told("a = data/raw x", 4, "a string needs quotes");
        told("a = True", 4, "this word is written in small letters");
        told("a = null", 4, "TOML has no such value");
        told("a = “b”", 4, "these are not TOML's quotes");
        told("a = 5k", 4, "neither a number nor a string in quotes");
        told("a = 1 b = 2", 4, "neither a number nor a string in quotes");
        told("গান = 1", 0, "a key with such letters needs quotes");
        told("a = 'b", 6, "invalid literal string, expected `'`");
        told("a = 1\nb = 2\na = 3", 12, "this key stands twice");
        assert_eq!(said("a = yes\nb = 1\nb = 2\n[c").len(), 2);
    }
}
