//! Where exactly one kind belongs: the only key of a table (`[model.vae]`), or a bare word (`modality = "audio"`).

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::shape::{Kinds, Shape};
use super::{MOST_FINDINGS, Place, Walk, joined, words};

impl<'a> Walk<'a> {
    /// A table whose only key must be a kind.
    pub(super) fn tagged(&mut self, kinds: &'a Kinds, table: &DeTable<'_>, span: Range<usize>) {
        let mut chosen: Vec<&Spanned<DeString<'_>>> = table.keys().filter(|key| known(kinds, key)).collect();
        chosen.sort_by_key(|key| key.span().start);
        for (key, value) in table.iter() {
            if self.found.len() >= MOST_FINDINGS {
                return;
            }
            let name = key.get_ref().as_ref();
            match kinds.tagged.get(name) {
                Some(shape) => self.step(name, |walk| walk.value(Place { shape, doc: None }, value)),
                None if known(kinds, key) => self.step(name, |walk| walk.bare(name, value)),
                None => self.stranger(kinds, chosen.first().map(|key| key.get_ref().as_ref()), key),
            }
        }
        match chosen.as_slice() {
            [] if table.is_empty() => self.report(
                span,
                format!("expected {}, found none", words::expected(&Shape::Kinds(kinds.clone()))),
                None,
            ),
            [first, .., last] => self.several(first.get_ref(), last),
            _ => (),
        }
    }

    fn several(&mut self, first: &str, last: &Spanned<DeString<'_>>) {
        let message = format!("two kinds, `{first}` and `{}`, where one belongs", last.get_ref());
        self.report(last.span(), message, Some("keep one".to_owned()));
    }

    /// A key of a table of kinds that is no kind: a setting outside its kind, or a misspelt kind.
    fn stranger(&mut self, kinds: &'a Kinds, chosen: Option<&str>, key: &Spanned<DeString<'_>>) {
        let name = key.get_ref().as_ref();
        let shown = words::quoted(name);
        let inside = chosen.filter(|tag| kinds.tagged.get(*tag).is_some_and(|body| self.has(body, name)));
        let misspelt = words::nearest(name, kinds.names()).is_some();
        let (message, help) = match (inside, chosen) {
            (Some(tag), _) => (
                format!("{shown} stands beside its kind `{tag}`"),
                Some(format!("put it inside: {}", self.dotted(tag, name))),
            ),
            (None, Some(tag)) if !misspelt => {
                (format!("{shown} stands beside the kind `{tag}`, where nothing else belongs"), self.elsewhere(name))
            }
            _ => (format!("unknown kind {shown}"), Some(self.meant(kinds, name))),
        };
        self.step(name, |walk| walk.report(key.span(), message, help));
    }

    /// A string where a kind belongs.
    pub(super) fn word(&mut self, kinds: &'a Kinds, place: Place<'a>, word: &str, span: Range<usize>) {
        if kinds.words.iter().any(|known| known == word) {
            return;
        }
        let (message, help) = match kinds.tagged.contains_key(word) {
            true => (format!("the kind `{word}` is a table, not a string"), format!("write {}", self.empty(word))),
            false if kinds.tagged.is_empty() => {
                (format!("unknown value {}", words::quoted(word)), self.meant(kinds, word))
            }
            false => (format!("unknown kind {}", words::quoted(word)), self.meant(kinds, word)),
        };
        self.report(span, message, joined([Some(help), self.documentation(place)]));
    }

    /// A kind without settings, written as a table; serde reads it if it is empty.
    fn bare(&mut self, name: &str, value: &Spanned<DeValue<'_>>) {
        if value.get_ref().as_table().is_none_or(|table| !table.is_empty()) {
            self.report(value.span(), format!("the kind `{name}` has no settings"), Some(format!("write \"{name}\"")));
        }
    }

    /// The name that was meant, or where the name belongs, and always the valid ones.
    fn meant(&self, kinds: &Kinds, name: &str) -> String {
        let names = kinds.names();
        let valid = format!("valid: {}", words::listed(&names));
        let near = words::nearest(name, names.iter().copied()).map(|near| format!("did you mean `{near}`?"));
        let hint = joined([near, self.elsewhere(name)]);
        joined([hint, Some(valid.clone())]).unwrap_or(valid)
    }

    /// Does a table of this shape know the key?
    fn has(&self, shape: &Shape, key: &str) -> bool {
        matches!(self.schema.resolve(shape), Shape::Table(fields) if fields.known.contains_key(key))
    }

    fn dotted(&self, tag: &str, key: &str) -> String {
        self.path.last().map_or_else(|| format!("`{tag}.{key}`"), |last| format!("`{last}.{tag}.{key}`"))
    }

    fn empty(&self, tag: &str) -> String {
        match self.path.last().filter(|last| last.parse::<usize>().is_err()) {
            Some(last) => format!("`{last}.{tag} = {{}}`"),
            None => format!("`{{ {tag} = {{}} }}`"),
        }
    }
}

fn known(kinds: &Kinds, key: &Spanned<DeString<'_>>) -> bool {
    let name = key.get_ref().as_ref();
    kinds.tagged.contains_key(name) || kinds.words.iter().any(|word| word == name)
}
