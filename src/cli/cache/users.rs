//! Which runs stand on a cached result: their plans name its keys.

use crate::engine::cache::Held;
use crate::report::runs::run_folders;
use rayon::prelude::*;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Run ids by key.
pub struct Users(BTreeMap<String, Vec<String>>);

impl Users {
    /// Reads the plans of all runs below `runs`. A plan that cannot be read names nothing.
    pub fn of(runs: &Path) -> Users {
        let plans: Vec<(String, BTreeSet<String>)> = run_folders(runs).par_iter().map(|folder| named(folder)).collect();
        let mut users = BTreeMap::<String, Vec<String>>::new();
        for (id, keys) in plans {
            keys.into_iter().for_each(|key| users.entry(key).or_default().push(id.clone()));
        }
        Users(users)
    }

    /// Ids of the runs that stand on `held`, in order.
    pub fn of_result(&self, held: &Held) -> Vec<String> {
        let keys = held.aliases.iter().map(|alias| alias.key.hex());
        let ids: BTreeSet<&String> = keys.filter_map(|key| self.0.get(&key)).flatten().collect();
        ids.into_iter().cloned().collect()
    }
}

fn named(folder: &Path) -> (String, BTreeSet<String>) {
    let id = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let plan = std::fs::read(folder.join("plan.json")).ok().and_then(|text| serde_json::from_slice(&text).ok());
    let mut keys = BTreeSet::new();
    collect(&plan.unwrap_or(Value::Null), &mut keys);
    (id, keys)
}

/// Keys are texts of 64 hexadecimal digits, wherever in the plan they stand.
fn collect(value: &Value, keys: &mut BTreeSet<String>) {
    match value {
        Value::String(text) if text.len() == 64 && text.bytes().all(|digit| digit.is_ascii_hexdigit()) => {
            keys.insert(text.clone());
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, keys)),
        Value::Object(fields) => fields.values().for_each(|field| collect(field, keys)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Key;
    use serde_json::json;

    #[test]
    fn keys_are_found_wherever_they_stand() {
        let key = Key::of_bytes(b"x");
        let mut keys = BTreeSet::new();
        collect(&json!({ "stages": [{ "title": "train", "key": key }], "seconds": 3 }), &mut keys);
        assert_eq!(keys.into_iter().collect::<Vec<_>>(), [key.hex()]);
    }
}
