//! An experiment file as it is written: its text, what the command line lays over it, and where each value came from.
//!
//! Spans count over the file and its overrides laid end to end, so that one number says both the text and the place in it.

#[cfg(test)]
mod tests;

use std::marker::PhantomData;
use std::ops::Range;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer, Error};

use super::check::{Finding, Problem, check, syntax};
use super::overrides::{Assignment, COMMAND_LINE};
use super::schema::Schema;

/// The largest file that is read, bytes.
pub const LARGEST_FILE_BYTES: usize = 1 << 20;
/// More problems than this are not told at once.
pub const MOST_PROBLEMS: usize = 100;

/// A file of type `T`, with overrides. Cheap to clone: a member of a sweep is a clone with its own overrides.
#[derive(Debug)]
pub struct Document<T> {
    name: Arc<str>,
    text: Arc<str>,
    overrides: Vec<Assignment>,
    schema: Arc<Schema>,
    reads: PhantomData<fn() -> T>,
}

/// Where a value came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The file.
    File,
    /// The override of this number, in the order they were set.
    Override(usize),
}

/// Where a value is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The text that the spans point into.
    pub origin: Origin,
    /// The bytes of its key; for an item of a list, those of the value.
    pub key: Range<usize>,
    /// The bytes of the value; for a table with a header, those of the header.
    pub value: Range<usize>,
}

impl<T> Clone for Document<T> {
    fn clone(&self) -> Document<T> {
        let (name, text, schema) = (Arc::clone(&self.name), Arc::clone(&self.text), Arc::clone(&self.schema));
        Document { name, text, schema, overrides: self.overrides.clone(), reads: PhantomData }
    }
}

impl<T: JsonSchema + DeserializeOwned> Document<T> {
    /// Reads a file's bytes; `name` is its path as the user named it.
    ///
    /// # Errors
    /// Bytes that are not UTF-8, and all of `parse`.
    pub fn from_bytes(name: &str, bytes: &[u8]) -> Result<Document<T>, Vec<Problem>> {
        check_size(name, bytes.len())?;
        Document::parse(name, std::str::from_utf8(bytes).map_err(|error| not_utf8(name, bytes, error.valid_up_to()))?)
    }

    /// Reads a file's text; `name` is its path as the user named it. A key that stands twice is told by `load`.
    ///
    /// # Errors
    /// A text over 1 MiB, and every place where it is not TOML.
    pub fn parse(name: &str, text: &str) -> Result<Document<T>, Vec<Problem>> {
        check_size(name, text.len())?;
        let text: Arc<str> = text.strip_prefix('\u{feff}').unwrap_or(text).into();
        let schema = Arc::new(Schema::of::<T>());
        let document = Document { name: name.into(), text, overrides: Vec::new(), schema, reads: PhantomData };
        let (_, errors) = DeTable::parse_recoverable(&document.text);
        match syntax::only_double_keys(&errors) && errors.len() <= MOST_PROBLEMS {
            true => Ok(document),
            false => Err(document.syntax(&errors)),
        }
    }

    /// Lays an override over the file and over the overrides before it.
    ///
    /// # Errors
    /// A path through an item that a list does not have. Whether the value is right is told by `load`, with all the rest.
    pub fn set(&mut self, assignment: &Assignment) -> Result<(), Problem> {
        self.overrides.push(assignment.clone());
        self.tree().map(drop).map_err(|finding| {
            let problem = self.problem(finding);
            self.overrides.pop();
            problem
        })
    }

    /// The experiment, checked.
    ///
    /// # Errors
    /// All that is wrong with the file and its overrides, the file's first, in the order it is written.
    pub fn load(&self) -> Result<T, Vec<Problem>> {
        let (table, errors) = self.tree().map_err(|finding| vec![self.problem(finding)])?;
        let mut problems = self.syntax(&errors);
        problems
            .extend(check(&self.schema, &table).into_iter().take(MOST_PROBLEMS).map(|finding| self.problem(finding)));
        if problems.is_empty() {
            return T::deserialize(Deserializer::from(table)).map_err(|error| vec![self.left_to_serde(&error)]);
        }
        problems.sort_by_key(|problem| match &*problem.source_name {
            COMMAND_LINE => usize::MAX,
            _ => problem.span.start,
        });
        problems.truncate(MOST_PROBLEMS);
        Err(problems)
    }

    /// Where the value at a dotted path (`cluster.0.algorithm.kmeans.k`) is written; `None` if it is not written at all.
    pub fn locate(&self, path: &str) -> Option<Place> {
        let (table, _) = self.tree().ok()?;
        let (steps, key, value) = deepest(&table, path);
        (steps == path.split('.').count()).then(|| {
            let (origin, base) = self.source(value.start);
            let local = |span: Range<usize>| span.start.saturating_sub(base)..span.end.saturating_sub(base);
            Place { origin, key: local(key), value: local(value) }
        })
    }

    /// A problem of meaning at a dotted path. Where the path is not written, it points at the table that would hold it.
    pub fn problem_at(&self, path: &str, message: impl Into<String>, help: Option<String>) -> Problem {
        let (steps, key, value) = self.tree().map_or((0, 0..0, 0..0), |(table, _)| deepest(&table, path));
        let span = if steps == path.split('.').count() { value } else { key };
        self.problem(Finding { span, key: path.to_owned(), message: message.into(), help })
    }

    /// What may stand where in this file.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// The overrides, in the order they were set.
    pub fn overrides(&self) -> &[Assignment] {
        &self.overrides
    }

    /// The parsed file with the overrides in place, and the keys that stand twice in it.
    fn tree(&self) -> Result<(Spanned<DeTable<'_>>, Vec<Error>), Finding> {
        let (mut table, errors) = DeTable::parse_recoverable(&self.text);
        let mut base = self.text.len() + 1;
        for assignment in &self.overrides {
            assignment.apply(&self.schema, table.get_mut(), base)?;
            base += assignment.text().len() + 1;
        }
        Ok((table, errors))
    }

    /// The text that a place lies in, and where that text begins.
    fn source(&self, at: usize) -> (Origin, usize) {
        let mut base = self.text.len() + 1;
        if at < base {
            return (Origin::File, 0);
        }
        for (number, assignment) in self.overrides.iter().enumerate() {
            let end = base + assignment.text().len() + 1;
            if at < end {
                return (Origin::Override(number), base);
            }
            base = end;
        }
        (Origin::File, 0)
    }

    fn problem(&self, finding: Finding) -> Problem {
        let (origin, base) = self.source(finding.span.start);
        let span = finding.span.start - base..finding.span.end.max(finding.span.start) - base;
        let finding = Finding { span, ..finding };
        match origin {
            Origin::File => Problem::new(&self.name, &self.text, finding),
            Origin::Override(number) => self.overrides[number].problem(finding),
        }
    }

    /// The errors of TOML itself.
    fn syntax(&self, errors: &[Error]) -> Vec<Problem> {
        syntax::findings(&self.text, errors, MOST_PROBLEMS).into_iter().map(|finding| self.problem(finding)).collect()
    }

    /// What no schema says and serde refused: the ranges of a type that checks itself.
    fn left_to_serde(&self, error: &Error) -> Problem {
        self.problem(Finding {
            span: error.span().unwrap_or(0..0),
            key: String::new(),
            message: error.message().to_owned(),
            help: None,
        })
    }
}

/// The complete TOML of a value: tables by their headers, unset options left out. Reading it gives the value back.
///
/// # Errors
/// A value that TOML cannot hold, as a whole number above 2^63 - 1.
pub fn resolved_toml<T: Serialize>(value: &T) -> Result<String, toml::ser::Error> {
    toml::to_string_pretty(value)
}

fn check_size(name: &str, bytes: usize) -> Result<(), Vec<Problem>> {
    if bytes <= LARGEST_FILE_BYTES {
        return Ok(());
    }
    let message = format!("the file is too large for an experiment: {bytes} bytes, at most {LARGEST_FILE_BYTES}");
    Err(vec![Problem::new(name, &"".into(), Finding { span: 0..0, key: String::new(), message, help: None })])
}

fn not_utf8(name: &str, bytes: &[u8], at: usize) -> Vec<Problem> {
    let message = format!("not UTF-8 text: the byte 0x{:02x}", bytes.get(at).copied().unwrap_or_default());
    let help = Some("save the file as UTF-8".to_owned());
    let text: Arc<str> = String::from_utf8_lossy(bytes).into();
    vec![Problem::new(name, &text, Finding { span: at..at + 3, key: String::new(), message, help })]
}

/// The deepest written value along a path: how many steps lead to it, its key and itself.
fn deepest(table: &Spanned<DeTable<'_>>, path: &str) -> (usize, Range<usize>, Range<usize>) {
    let mut keys = path.split('.');
    let first = keys.next().and_then(|key| table.get_ref().get_key_value(key));
    let Some((key, mut value)) = first else { return (0, table.span(), table.span()) };
    let (mut steps, mut key) = (1, key.span());
    for name in keys {
        let Some((next_key, next)) = below(value.get_ref(), name) else { break };
        (steps, key, value) = (steps + 1, next_key, next);
    }
    (steps, key, value.span())
}

fn below<'v, 't>(value: &'v DeValue<'t>, name: &str) -> Option<(Range<usize>, &'v Spanned<DeValue<'t>>)> {
    match value {
        DeValue::Table(table) => table.get_key_value(name).map(|(key, value)| (key.span(), value)),
        DeValue::Array(items) => {
            name.parse::<usize>().ok().and_then(|at| items.get(at)).map(|item| (item.span(), item))
        }
        _ => None,
    }
}
