//! What differs between two settings, leaf by leaf, in words.

use crate::engine::Key;
use crate::engine::inputs::InputFile;
use crate::engine::key::handle_in;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Change {
    /// In words, old → new.
    pub text: String,
    /// Whether it is another result of a stage and not a setting.
    pub input: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Leaf {
    Scalar(String),
    Input(Key),
    File(Key),
}

/// Leaves by dotted path; an input file by its own path.
pub(super) type Leaves = BTreeMap<String, Leaf>;

/// The differences, in order of path.
pub(super) fn changes(old: &Value, new: &Value) -> Vec<Change> {
    let (old, new) = (flat(old), flat(new));
    differing(&old, &new).into_iter().map(|path| change(path, old.get(path), new.get(path))).collect()
}

/// How many differences there are.
pub(super) fn count_changes(old: &Leaves, new: &Leaves) -> usize {
    differing(old, new).len()
}

fn differing<'a>(old: &'a Leaves, new: &'a Leaves) -> BTreeSet<&'a String> {
    old.keys().chain(new.keys()).filter(|path| old.get(*path) != new.get(*path)).collect()
}

fn change(path: &str, old: Option<&Leaf>, new: Option<&Leaf>) -> Change {
    let input = [old, new].iter().any(|leaf| matches!(leaf, Some(Leaf::Input(_))));
    let text = match (old, new) {
        (Some(Leaf::Input(_)), Some(Leaf::Input(_))) => format!("input {path} changed"),
        (Some(Leaf::File(_)), Some(Leaf::File(_))) => format!("{path} changed"),
        (Some(Leaf::File(_)), None) => format!("{path} is gone"),
        (None, Some(Leaf::File(_))) => format!("{path} is new"),
        (old, new) => format!("{path} {} → {}", in_words(old), in_words(new)),
    };
    Change { text, input }
}

fn in_words(leaf: Option<&Leaf>) -> String {
    match leaf {
        Some(Leaf::Scalar(text)) => shortened(text),
        Some(Leaf::Input(_)) => "an input".to_owned(),
        Some(Leaf::File(_)) => "a file".to_owned(),
        None => "nothing".to_owned(),
    }
}

/// A long text (a list of numbers) is told by its ends: the middle is never what a person compares.
fn shortened(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    if chars.len() <= 40 {
        text.to_owned()
    } else {
        format!("{}…{}", chars[..20].iter().collect::<String>(), chars[chars.len() - 12..].iter().collect::<String>())
    }
}

/// All leaves of `settings`.
pub(super) fn flat(settings: &Value) -> Leaves {
    let mut leaves = Leaves::new();
    flatten(settings, String::new(), &mut leaves);
    leaves
}

fn flatten(value: &Value, path: String, leaves: &mut Leaves) {
    let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    if let Some(key) = handle_in(value) {
        leaves.insert(path, Leaf::Input(key));
    } else if let Some(file) = input_file(value) {
        leaves.insert(file.path, Leaf::File(file.blake3));
    } else {
        match value {
            Value::Object(fields) if !fields.is_empty() => {
                fields.iter().for_each(|(name, value)| flatten(value, below(name), leaves));
            }
            Value::Array(items) if items.iter().any(|item| item.is_object() || item.is_array()) => {
                items.iter().enumerate().for_each(|(index, item)| flatten(item, below(&index.to_string()), leaves));
            }
            scalar => drop(leaves.insert(path, Leaf::Scalar(scalar.to_string()))),
        }
    }
}

/// The input file that `value` describes, if it does: files are told by name, not by their place in a list.
fn input_file(value: &Value) -> Option<InputFile> {
    value.as_object().filter(|fields| fields.len() == 3 && fields.contains_key("blake3"))?;
    serde_json::from_value(value.clone()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{Just, Strategy, any, prop, prop_assert, prop_assert_eq, prop_oneof, proptest};
    use serde_json::json;

    fn texts(old: &Value, new: &Value) -> Vec<String> {
        changes(old, new).into_iter().map(|change| change.text).collect()
    }

    #[test]
    fn a_changed_setting_is_named_with_old_and_new() {
        let (old, new) =
            (json!({ "kmeans": { "k": 10, "restarts": 3 } }), json!({ "kmeans": { "k": 12, "restarts": 3 } }));
        assert_eq!(texts(&old, &new), ["kmeans.k 10 → 12"]);
        assert!(texts(&old, &old).is_empty());
    }

    #[test]
    fn a_setting_that_came_or_went_is_named() {
        assert_eq!(texts(&json!({ "a": 1 }), &json!({ "b": [1, 2] })), ["a 1 → nothing", "b nothing → [1,2]"]);
    }

    #[test]
    fn files_are_told_by_name_whatever_their_place() {
        let file =
            |path: &str, bytes: &[u8]| InputFile { path: path.to_owned(), blake3: Key::of_bytes(bytes), length: 3 };
        let old = json!({ "files": [file("b.wav", b"b"), file("c.wav", b"c"), file("d.wav", b"d")] });
        let new = json!({ "files": [file("a.wav", b"a"), file("b.wav", b"b"), file("c.wav", b"C")] });
        assert_eq!(texts(&old, &new), ["a.wav is new", "c.wav changed", "d.wav is gone"]);
    }

    fn any_settings() -> impl Strategy<Value = Value> {
        let scalar = prop_oneof![Just(Value::Null), any::<bool>().prop_map(Value::from), (0..3).prop_map(Value::from)];
        scalar.prop_recursive(3, 16, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::btree_map("[a-c]", inner, 0..3)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn settings_have_changes_exactly_if_they_differ(old in any_settings(), new in any_settings()) {
            prop_assert_eq!(changes(&old, &new).is_empty(), old == new);
            prop_assert!(changes(&old, &old).is_empty());
        }

        #[test]
        fn there_and_back_are_the_same_number_of_changes(old in any_settings(), new in any_settings()) {
            prop_assert_eq!(changes(&old, &new).len(), changes(&new, &old).len());
        }
    }
}
