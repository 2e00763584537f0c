//! Lyrics as one JSON object, `{"id": "text", ...}` (RFC 8259), in the order of the file.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

use super::{TextError, shortened, utf8};

/// Reads the entries `(id, text)`.
///
/// # Errors
/// Bytes that are no text, [`TextError::Json`] for anything but a map of strings, [`TextError::IdTwice`].
pub fn parse(bytes: &[u8]) -> Result<Vec<(String, String)>, TextError> {
    let Entries(entries) = serde_json::from_str(utf8::text(bytes)?).map_err(fault)?;
    let mut known = BTreeSet::new();
    match entries.iter().position(|(id, _)| !known.insert(id)) {
        Some(at) => Err(TextError::IdTwice { row: at + 1, id: shortened(&entries[at].0) }),
        None => Ok(entries),
    }
}

fn fault(error: serde_json::Error) -> TextError {
    let message = error.to_string();
    // The place stands in fields of its own.
    let reason = message.rsplit_once(" at line ").map_or(message.as_str(), |(reason, _)| reason);
    let reason = reason.chars().take(120).collect();
    TextError::Json { line: error.line(), column: error.column(), reason }
}

/// In order, where a map would sort and drop.
struct Entries(Vec<(String, String)>);

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Entries, D::Error> {
        from.deserialize_map(InOrder)
    }
}

struct InOrder;

impl<'de> Visitor<'de> for InOrder {
    type Value = Entries;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a map from id to text")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Entries(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::proptest;

    #[test]
    fn entries_keep_their_order() {
        let read = parse("\u{FEFF}{\"b\": \"x\\ny\", \"a\": \"গান\"}".as_bytes());
        assert_eq!(read, Ok(vec![("b".into(), "x\ny".into()), ("a".into(), "গান".into())]));
        assert_eq!(parse(b"{}"), Ok(vec![]));
    }

    #[test]
    fn faults_say_where_they_stand() {
        let place = |text: &str| match parse(text.as_bytes()) {
            Err(TextError::Json { line, column, reason }) => Some((line, column, reason)),
            _ => None,
        };
        let number = "invalid type: integer `3`, expected a string".to_owned();
        assert_eq!(place("{\"a\": \"x\",\n \"b\": 3}"), Some((2, 7, number)));
        for text in ["", "[\"a\"]", "\"a\"", "{\"a\": \"x\"", "{\"a\": \"x\"} y", "{\"a\": null}", "{\"a\": \"\\q\"}"] {
            assert!(place(text).is_some(), "{text}");
        }
        assert_eq!(parse(b"{\"a\": \"\", \"a\": \"\"}"), Err(TextError::IdTwice { row: 2, id: "a".into() }));
        assert_eq!(parse(b"{\"a\":\n\0"), Err(TextError::ZeroByte { line: 2 }));
    }

    #[test]
    fn faults_do_not_repeat_long_texts() {
        let text = format!("\"{}\"", "x".repeat(1 << 20));
        let Err(TextError::Json { reason, .. }) = parse(text.as_bytes()) else { panic!("not a map") };
        assert!(reason.len() <= 120);
        assert!(parse("[".repeat(1 << 20).as_bytes()).is_err() && parse("{\"a\":".repeat(9999).as_bytes()).is_err());
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[{}\":a,\\\\u0-9\\[]{0,30}") {
            let _ = parse(text.as_bytes());
        }
    }
}
