//! What a result is known by: the BLAKE3 hash of everything that can change it.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;
use std::marker::PhantomData;

/// Raised when the meaning of keys or the layout of the cache changes. It is part of every key, so what another
/// release has cached stands at other places: a clean miss, and no two releases fight over one folder.
pub(super) const FORMAT: u32 = 1;
const HANDLE: &str = "handle";

/// The name of a result: 32 bytes, written as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Key([u8; 32]);

impl Key {
    /// The hash of raw bytes.
    pub fn of_bytes(bytes: &[u8]) -> Key {
        Key::from_hash(blake3::hash(bytes))
    }

    pub(super) fn from_hash(hash: blake3::Hash) -> Key {
        Key(*hash.as_bytes())
    }

    /// The hash of settings in canonical form. Order of fields does not count.
    pub fn of(settings: &Value) -> Key {
        Key::of_bytes(canonical(settings).as_bytes())
    }

    /// The key of a stage: its name, its version and its settings, inputs among them.
    pub fn of_stage(name: &str, version: Version, settings: &Value) -> Key {
        Key::of(&serde_json::json!({ "format": FORMAT, "stage": name, "version": version, "settings": settings }))
    }

    /// All 64 digits.
    pub fn hex(&self) -> String {
        blake3::Hash::from_bytes(self.0).to_hex().to_string()
    }

    /// The first 8 digits, for people.
    pub fn short(&self) -> String {
        self.hex()[..8].to_owned()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.short())
    }
}

impl From<Key> for String {
    fn from(key: Key) -> String {
        key.hex()
    }
}

impl TryFrom<String> for Key {
    type Error = blake3::HexError;
    fn try_from(hex: String) -> Result<Key, blake3::HexError> {
        blake3::Hash::from_hex(hex).map(Key::from_hash)
    }
}

/// Versions of a room and of the kind at work in it. Raise one when its numbers change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// The room's own version: its door, what it does around the kind.
    pub room: u32,
    /// The kind's version.
    pub kind: u32,
}

impl Version {
    /// Version of a room whose stage has no kinds.
    pub const fn room(room: u32) -> Version {
        Version { room, kind: 0 }
    }
}

/// A stage's result before it exists. Only [`super::Plan::add`] makes one, so a plan cannot have a cycle.
pub struct Handle<T> {
    key: Key,
    of: PhantomData<fn() -> T>,
}

impl<T> Handle<T> {
    pub(super) fn new(key: Key) -> Handle<T> {
        Handle { key, of: PhantomData }
    }

    /// The key of the stage that gives this result.
    pub fn key(&self) -> Key {
        self.key
    }
}

impl<T> Clone for Handle<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Handle<T> {}

/// A handle serialises as its key, so the keys of a plan chain by themselves.
impl<T> Serialize for Handle<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serde_json::json!({ HANDLE: self.key }).serialize(serializer)
    }
}

/// The key in a serialised handle, if `value` is one.
pub(super) fn handle_in(value: &Value) -> Option<Key> {
    let fields = value.as_object().filter(|fields| fields.len() == 1)?;
    Key::try_from(fields.get(HANDLE)?.as_str()?.to_owned()).ok()
}

/// Keys of all handles in `settings`, in the order met.
pub(super) fn handles_in(settings: &Value) -> Vec<Key> {
    match (handle_in(settings), settings) {
        (Some(key), _) => vec![key],
        (None, Value::Array(items)) => items.iter().flat_map(handles_in).collect(),
        (None, Value::Object(fields)) => fields.values().flat_map(handles_in).collect(),
        _ => Vec::new(),
    }
}

/// `settings` with each handle put through `name`: content digests for early cut-off.
pub(super) fn with_handles(settings: &Value, name: &dyn Fn(Key) -> Key) -> Value {
    match (handle_in(settings), settings) {
        (Some(key), _) => serde_json::json!({ "content": name(key) }),
        (None, Value::Array(items)) => items.iter().map(|item| with_handles(item, name)).collect(),
        (None, Value::Object(fields)) => {
            Value::Object(fields.iter().map(|(field, value)| (field.clone(), with_handles(value, name))).collect())
        }
        _ => settings.clone(),
    }
}

/// JSON with sorted keys and no spaces. Sorted here: any dependency may turn on serde_json's `preserve_order`.
fn canonical(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(",")),
        Value::Object(fields) => {
            let mut pairs: Vec<_> = fields.iter().collect();
            pairs.sort_unstable_by_key(|(field, _)| *field);
            let text =
                |(field, value): (&String, &Value)| format!("{}:{}", Value::from(field.as_str()), canonical(value));
            format!("{{{}}}", pairs.into_iter().map(text).collect::<Vec<_>>().join(","))
        }
        scalar => scalar.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{Just, Strategy, any, prop, prop_assert_eq, prop_oneof, proptest};
    use serde_json::json;

    #[test]
    fn order_of_fields_does_not_count() {
        assert_eq!(
            canonical(&json!({ "b": [1, 2.5, null], "a": { "d": "x\"", "c": true } })),
            r#"{"a":{"c":true,"d":"x\""},"b":[1,2.5,null]}"#
        );
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let scalar = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            "[a-z\"\\\\ß]{0,4}".prop_map(Value::from),
        ];
        scalar.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("[a-d]{1,2}", inner, 0..4)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn canonical_json_is_json_of_the_same_value(value in any_json()) {
            prop_assert_eq!(serde_json::from_str::<Value>(&canonical(&value)).unwrap(), value);
        }

        #[test]
        fn fields_written_in_any_order_give_one_key(
            pairs in prop::collection::btree_map("[a-z]{1,3}", any_json(), 0..6).prop_map(Vec::from_iter),
            turn in 0usize..6,
        ) {
            let text = |pairs: &[(String, Value)]| {
                let fields: Vec<String> =
                    pairs.iter().map(|(name, value)| format!("{} : {value}", json!(name))).collect();
                serde_json::from_str::<Value>(&format!("{{ {} }}", fields.join(" , "))).unwrap()
            };
            let mut turned = pairs.clone();
            turned.rotate_left(turn % pairs.len().max(1));
            turned.reverse();
            prop_assert_eq!(Key::of(&text(&pairs)), Key::of(&text(&turned)));
        }
    }

    #[test]
    fn name_version_and_settings_count() {
        let base = Key::of_stage("train", Version::room(1), &json!({ "steps": 1 }));
        assert_ne!(base, Key::of_stage("embed", Version::room(1), &json!({ "steps": 1 })));
        assert_ne!(base, Key::of_stage("train", Version { room: 1, kind: 1 }, &json!({ "steps": 1 })));
        assert_ne!(base, Key::of_stage("train", Version::room(1), &json!({ "steps": 2 })));
        assert_eq!(base, Key::of_stage("train", Version::room(1), &json!({ "steps": 1 })));
    }

    #[test]
    fn keys_never_change_by_accident() {
        // If this fails, every cache in the world becomes stale: raise FORMAT on purpose or mend the canonical form.
        let key =
            Key::of_stage("train", Version { room: 2, kind: 1 }, &json!({ "beta": 4.0, "rate": 1e-3, "name": "ß" }));
        assert_eq!(key.short(), "43a4321a");
    }

    #[test]
    fn handles_are_found_and_replaced() {
        let handle = Handle::<u8>::new(Key::of_bytes(b"corpus"));
        let settings = json!({ "inputs": [handle, { "deep": handle }], "k": 3 });
        assert_eq!(handles_in(&settings), [handle.key(), handle.key()]);
        let replaced = with_handles(&settings, &|_| Key::of_bytes(b"content"));
        assert!(handles_in(&replaced).is_empty() && replaced["k"] == 3);
    }
}
