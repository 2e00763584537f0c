//! `key.path=value` on the command line, laid over the file before anything is checked.
//!
//! An override is put into the parsed file where the same line of the file would stand, so it gives the same experiment.

mod place;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt::{Display, Formatter};
use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeArray, DeString, DeTable, DeValue};

use self::place::put;
use super::check::{Finding, Problem};
use super::schema::Schema;

/// Where overrides are said to come from.
pub const COMMAND_LINE: &str = "command line";

/// One `key.path=value`. A member of a sweep is the same text with one item of its list as the value.
#[derive(Clone, Debug, PartialEq)]
pub struct Assignment {
    text: Arc<str>,
    keys: Vec<(String, Range<usize>)>,
    value: Range<usize>,
}

impl Assignment {
    /// Reads `key.path=value`.
    ///
    /// # Errors
    /// Text without `=`, or with a key that TOML does not read.
    pub fn parse(text: &str) -> Result<Assignment, Problem> {
        let text: Arc<str> = text.into();
        let wrong = |span, message: &str| {
            let help = Some("an override is key.path=value, as in train.steps=100".to_owned());
            Problem::new(COMMAND_LINE, &text, Finding { span, key: String::new(), message: message.to_owned(), help })
        };
        let equals = equals_sign(&text).ok_or_else(|| wrong(0..text.len(), "no `=` in this override"))?;
        let keys = keys(&text[..equals]).ok_or_else(|| wrong(0..equals, "not a dotted key"))?;
        let start = text.len() - text[equals + 1..].trim_start().len();
        let end = start + text[start..].trim_end().len();
        Ok(Assignment { keys, value: start..end, text })
    }

    /// The path of the value, key by key.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().map(|(key, _)| key.as_str())
    }

    /// The dotted path of the value.
    pub fn key(&self) -> String {
        self.keys().collect::<Vec<_>>().join(".")
    }

    /// The value as it was written.
    pub fn written(&self) -> &str {
        &self.text[self.value.clone()]
    }

    /// The bytes of the value in the text.
    pub fn place(&self) -> Range<usize> {
        self.value.clone()
    }

    /// The whole text as it was given.
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// A mistake in this override; `finding.span` counts from the start of its text.
    pub(super) fn problem(&self, finding: Finding) -> Problem {
        let help = match finding.span == self.value {
            true if finding.message.starts_with("expected a string, found") => {
                Some(format!("quotes that the shell leaves: {}='\"{}\"'", self.key(), self.written()))
            }
            true if self.written().starts_with(['[', '{']) && DeValue::parse(self.written()).is_err() => {
                Some("this is not TOML, so it was taken as a string".to_owned())
            }
            _ => finding.help,
        };
        Problem::new(COMMAND_LINE, &self.text, Finding { help, ..finding })
    }

    /// The items of a list with their places in the text; `None` for any other value.
    pub(super) fn items(&self) -> Option<Vec<Assignment>> {
        let value = self.value(0);
        let items = value.get_ref().as_array()?;
        Some(items.iter().map(|item| Assignment { value: item.span(), ..self.clone() }).collect())
    }

    /// The value, with spans that count from `base`. What does not parse as TOML is a string.
    pub(super) fn value(&self, base: usize) -> Spanned<DeValue<'_>> {
        let written = self.written();
        let value = DeValue::parse(written)
            .unwrap_or_else(|_| Spanned::new(0..written.len(), DeValue::String(Cow::Borrowed(written))));
        shifted(value, base + self.value.start)
    }

    /// Puts the value into `table`. Spans of what it puts there count from `base`.
    ///
    /// # Errors
    /// An index that is no number, or lies behind the end of its list.
    pub(super) fn apply<'t>(&'t self, schema: &Schema, table: &mut DeTable<'t>, base: usize) -> Result<(), Finding> {
        let keys: Vec<Spanned<DeString<'t>>> = self.keys.iter().map(|(key, span)| at(key, span, base)).collect();
        put(Some(schema.root()), schema, table, &keys, self.value(base))
            .map_err(|finding| Finding { key: self.key(), ..finding })
    }
}

/// `key=value` with the value of this member alone: the override that gives the same run by itself.
impl Display for Assignment {
    fn fmt(&self, to: &mut Formatter<'_>) -> std::fmt::Result {
        let key = self.keys.last().map_or(0, |(_, span)| span.end);
        write!(to, "{}={}", &self.text[..key], self.written())
    }
}

fn at<'t>(key: &'t str, span: &Range<usize>, base: usize) -> Spanned<DeString<'t>> {
    Spanned::new(span.start + base..span.end + base, Cow::Borrowed(key))
}

/// The first `=` outside quotes.
fn equals_sign(text: &str) -> Option<usize> {
    let mut open = None;
    text.char_indices().find_map(|(at, letter)| {
        match (open, letter) {
            (None, '=') => return Some(at),
            (None, '"' | '\'') => open = Some(letter),
            (Some(quote), _) if quote == letter => open = None,
            _ => (),
        }
        None
    })
}

/// The parts of a dotted key with their places, read by TOML's own rules.
fn keys(text: &str) -> Option<Vec<(String, Range<usize>)>> {
    if text.contains('\n') {
        return None;
    }
    let line = format!("{text}=0");
    let table = DeTable::parse(&line).ok()?;
    let mut keys = Vec::new();
    let mut next = table.get_ref().iter().next();
    while let Some((key, value)) = next {
        keys.push((key.get_ref().to_string(), key.span()));
        next = value.get_ref().as_table().and_then(|table| table.iter().next());
    }
    Some(keys)
}

/// The same value, its spans moved on by `base`.
fn shifted(value: Spanned<DeValue<'_>>, base: usize) -> Spanned<DeValue<'_>> {
    let moved = |span: Range<usize>| span.start + base..span.end + base;
    let span = moved(value.span());
    let value = match value.into_inner() {
        DeValue::Array(items) => {
            DeValue::Array(items.into_iter().map(|item| shifted(item, base)).collect::<DeArray<'_>>())
        }
        DeValue::Table(table) => {
            let pairs = table
                .into_iter()
                .map(|(key, value)| (Spanned::new(moved(key.span()), key.into_inner()), shifted(value, base)));
            DeValue::Table(pairs.collect())
        }
        single => single,
    };
    Spanned::new(span, value)
}
