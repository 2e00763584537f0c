//! One walk over a parsed experiment file finds everything that its types do not allow, each mistake at its own place.
//!
//! Nothing is said here of any kind: the shapes come from the JSON Schema of the types, so a new kind is checked as soon
//! as it is in its table. What a schema cannot say (a `try_from` of a type) is left to serde, which reads the file after.

#[cfg(test)]
mod agreement;
mod kinds;
mod problem;
mod scalar;
pub(super) mod shape;
pub(super) mod syntax;
#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) mod toy;
pub(super) mod words;

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeArray, DeString, DeTable, DeValue};

pub use self::problem::{Finding, Problem};
use self::shape::{Field, Fields, Shape};
use super::schema::Schema;

/// After so many findings the walk ends: the rest of such a file is no experiment either.
const MOST_FINDINGS: usize = 1000;

/// Everything in `table` that `schema` does not allow, in the order it is written.
pub fn check(schema: &Schema, table: &Spanned<DeTable<'_>>) -> Vec<Finding> {
    let mut walk = Walk { schema, path: Vec::new(), found: Vec::new() };
    match schema.root() {
        Shape::Table(fields) => walk.table(fields, table.get_ref(), table.span()),
        Shape::Kinds(kinds) => walk.tagged(kinds, table.get_ref(), table.span()),
        _ => (),
    }
    walk.found.sort_by_key(|finding| finding.span.start);
    walk.found
}

/// A place on the walk: what may stand there, and the doc comment of the nearest setting.
#[derive(Clone, Copy)]
struct Place<'a> {
    shape: &'a Shape,
    doc: Option<&'a str>,
}

struct Walk<'a> {
    schema: &'a Schema,
    path: Vec<String>,
    found: Vec<Finding>,
}

impl<'a> Walk<'a> {
    fn value(&mut self, place: Place<'a>, value: &Spanned<DeValue<'_>>) {
        let shape = self.schema.resolve(place.shape);
        let place = Place { shape, ..place };
        match (shape, value.get_ref()) {
            (Shape::Anything | Shape::Named(_), _) => (),
            (Shape::Table(fields), DeValue::Table(table)) => self.table(fields, table, value.span()),
            (Shape::Kinds(kinds), DeValue::Table(table)) if !kinds.tagged.is_empty() || table.len() == 1 => {
                self.tagged(kinds, table, value.span())
            }
            (Shape::Kinds(kinds), DeValue::String(word)) => self.word(kinds, place, word, value.span()),
            (Shape::List { .. }, DeValue::Array(items)) => self.list(place, items, value.span()),
            (Shape::Either(shapes), _) => self.either(shapes, place, value),
            _ => self.scalar(place, value),
        }
    }

    fn table(&mut self, fields: &'a Fields, table: &DeTable<'_>, span: Range<usize>) {
        let mut meant = Vec::new();
        for (key, value) in table.iter() {
            if self.found.len() >= MOST_FINDINGS {
                return;
            }
            let name = key.get_ref().as_ref();
            match (fields.known.get(name), &fields.rest) {
                (Some(Field { shape, doc }), _) => {
                    self.step(name, |walk| walk.value(Place { shape, doc: doc.as_deref() }, value))
                }
                (None, Some(rest)) => self.step(name, |walk| walk.rest(fields, rest, name, value)),
                (None, None) => meant.extend(self.unknown(fields, key)),
            }
        }
        self.missing(fields, table, &meant, span);
        self.exclusive(fields, table);
    }

    /// A value under a name of the user's own; if it is wrong, a known name may have been meant.
    fn rest(&mut self, fields: &'a Fields, rest: &'a Shape, name: &str, value: &Spanned<DeValue<'_>>) {
        let before = self.found.len();
        self.value(Place { shape: rest, doc: None }, value);
        let near = words::nearest(name, fields.known.keys().map(String::as_str));
        if let (Some(near), Some(first)) = (near, self.found.get_mut(before)) {
            first.help = joined([
                Some(format!("did you mean `{near}` in place of {}?", words::quoted(name))),
                first.help.take(),
            ]);
        }
    }

    /// Says that a key is unknown; gives the known key that was probably meant.
    fn unknown(&mut self, fields: &'a Fields, key: &Spanned<DeString<'_>>) -> Option<&'a str> {
        let name = key.get_ref().as_ref();
        let names: Vec<&str> = fields.known.keys().map(String::as_str).collect();
        let near = words::nearest(name, names.iter().copied());
        let help = [near.map(|near| format!("did you mean `{near}`?")), self.elsewhere(name)];
        let known = if names.is_empty() {
            "nothing is set here".to_owned()
        } else {
            format!("known here: {}", words::listed(&names))
        };
        self.step(name, |walk| {
            walk.report(key.span(), format!("unknown key {}", words::quoted(name)), joined(help).or(Some(known)))
        });
        near
    }

    /// The tables that do know a key which is unknown here.
    fn elsewhere(&self, name: &str) -> Option<String> {
        let homes = self.schema.homes(name);
        (1..=4).contains(&homes.len()).then(|| format!("{} belongs to {}", words::quoted(name), words::either(&homes)))
    }

    fn missing(&mut self, fields: &'a Fields, table: &DeTable<'_>, meant: &[&str], span: Range<usize>) {
        for name in fields.required.iter().map(String::as_str) {
            if !table.contains_key(name) && !meant.contains(&name) {
                let doc = fields.known.get(name).and_then(|field| field.doc.as_ref());
                let help = doc.map(|doc| format!("`{name}`: {doc}"));
                self.step(name, |walk| walk.report(span.clone(), format!("missing key `{name}`"), help));
            }
        }
    }

    fn exclusive(&mut self, fields: &'a Fields, table: &DeTable<'_>) {
        for group in &fields.exclusive {
            let given = group.iter().filter_map(|name| table.get_key_value(name.as_str()));
            let Some(last) = given.clone().map(|(key, _)| key.span()).max_by_key(|span| span.start) else { continue };
            if given.count() == group.len() {
                let names: Vec<&str> = group.iter().map(String::as_str).collect();
                self.report(last, format!("{} exclude each other", words::listed(&names)), Some("keep one".to_owned()));
            }
        }
    }

    fn list(&mut self, place: Place<'a>, items: &DeArray<'_>, span: Range<usize>) {
        let Shape::List { item, first, least, most } = place.shape else { return };
        if !(*least..=*most).contains(&items.len()) {
            let message = format!("expected {}, found {}", words::amount(*least, *most, "item"), items.len());
            self.report(span, message, self.documentation(place));
        }
        for (at, value) in items.iter().enumerate() {
            if self.found.len() >= MOST_FINDINGS {
                return;
            }
            let shape = first.get(at).unwrap_or(item);
            self.step(&at.to_string(), |walk| walk.value(Place { shape, ..place }, value));
        }
    }

    /// Of several shapes, the first that takes the value whole, else the first that takes a value of this type.
    fn either(&mut self, shapes: &'a [Shape], place: Place<'a>, value: &Spanned<DeValue<'_>>) {
        let fitting = shapes.iter().filter(|shape| self.takes(shape, value.get_ref()));
        let mut tries = fitting.map(|shape| self.found_in(Place { shape, ..place }, value));
        match tries.next() {
            Some(first) if first.is_empty() || tries.any(|found| found.is_empty()) => (),
            Some(first) => self.found.extend(first),
            None => self.scalar(place, value),
        }
    }

    fn found_in(&self, place: Place<'a>, value: &Spanned<DeValue<'_>>) -> Vec<Finding> {
        let mut attempt = Walk { schema: self.schema, path: self.path.clone(), found: Vec::new() };
        attempt.value(place, value);
        attempt.found
    }

    fn step(&mut self, key: &str, visit: impl FnOnce(&mut Self)) {
        self.path.push(key.to_owned());
        visit(self);
        self.path.pop();
    }

    fn report(&mut self, span: Range<usize>, message: String, help: Option<String>) {
        self.found.push(Finding { span, key: self.path.join("."), message, help });
    }

    /// What the setting means, after its name.
    fn documentation(&self, place: Place<'_>) -> Option<String> {
        let name = self.path.iter().rev().find(|key| key.parse::<usize>().is_err())?;
        place.doc.map(|doc| format!("`{name}`: {doc}"))
    }
}

/// Pieces of help in one line.
fn joined(parts: [Option<String>; 2]) -> Option<String> {
    let said = parts.into_iter().flatten();
    said.reduce(|first, next| if first.ends_with('?') { format!("{first} {next}") } else { format!("{first}; {next}") })
}
