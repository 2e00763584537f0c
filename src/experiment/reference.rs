//! What may be set at a place of the experiment file: keys with their types, defaults and documentation, from the schema.

use super::Experiment;
use serde::Serialize;
use serde_json::Value;

/// One key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Setting {
    /// The key.
    pub name: String,
    /// What may stand there: `integer 1 to 128`, or the words there are.
    pub values: String,
    /// What holds without it; none where it must be given or may be absent.
    pub default: Option<String>,
    /// What it means.
    pub about: String,
}

/// The keys of the table at `path`, such as `["features", "audio", "mfcc"]`; `0` steps into a list, `*` under any key. Tables
/// of kinds that stand below are left out.
pub fn settings(path: &[&str]) -> Vec<Setting> {
    let schema = schemars::schema_for!(Experiment).to_value();
    let found = path.iter().try_fold(&schema, |node, key| step(&schema, node, key));
    let properties = found.map(|node| resolved(&schema, node)).and_then(|node| node["properties"].as_object());
    let keys = properties.into_iter().flatten().filter(|(_, node)| !is_kind(&schema, node));
    keys.map(|(name, node)| setting(&schema, name, node)).collect()
}

/// Where the settings of `kind` of a room of [`super::kinds`] stand.
pub fn place_of<'a>(room: &'a str, kind: &'a str) -> Vec<&'a str> {
    match room {
        "dataset" | "model" | "fusion" => vec![room, kind],
        "features" => vec![room, "audio", kind],
        "text" => vec!["features", room, kind],
        "table" | "maps" | "metadata" => vec!["features", room],
        "backbone" => vec!["model", "vae", room, kind],
        "encoder" | "augment" => vec!["model", "simclr", room, kind],
        "cluster" => vec![room, "0", "algorithm", kind],
        "project" => vec![room, "*", kind],
        alone => vec![alone],
    }
}

fn setting(schema: &Value, name: &str, node: &Value) -> Setting {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let about = node["description"].as_str().unwrap_or_default().replace('\n', " ");
    let default = node.get("default").filter(|value| !value.is_null()).map(text);
    Setting { name: name.to_owned(), values: values(resolved(schema, node)), default, about }
}

/// Kinds that are asked for by a table of their own have a reference of their own.
fn is_kind(schema: &Value, node: &Value) -> bool {
    node.get("anyOf").is_some() && resolved(schema, node)["type"] == "object"
}

/// `node` with names followed and what may be absent taken as there.
fn resolved<'a>(schema: &'a Value, node: &'a Value) -> &'a Value {
    let named = node["$ref"].as_str().and_then(|name| name.strip_prefix("#/$defs/"));
    let given = node["anyOf"].as_array().and_then(|forms| forms.iter().find(|form| form["type"] != "null"));
    match (named, given) {
        (Some(name), _) => resolved(schema, &schema["$defs"][name]),
        (_, Some(form)) => resolved(schema, form),
        _ => node,
    }
}

fn step<'a>(schema: &'a Value, node: &'a Value, key: &str) -> Option<&'a Value> {
    let node = resolved(schema, node);
    let below = match key {
        "0" => node.get("items"),
        "*" => node.get("additionalProperties"),
        key => node["properties"].get(key),
    };
    let forms = node["oneOf"].as_array().or(node["anyOf"].as_array()).into_iter().flatten();
    below.or_else(|| forms.filter_map(|form| step(schema, form, key)).next())
}

fn values(node: &Value) -> String {
    let words: Vec<&str> =
        node["oneOf"].as_array().into_iter().flatten().filter_map(|form| form["const"].as_str()).collect();
    let listed = node["enum"].as_array().into_iter().flatten().filter_map(Value::as_str).collect::<Vec<_>>();
    let kind = node["type"].as_str().or_else(|| node["type"][0].as_str()).unwrap_or("table");
    match [words, listed].concat().as_slice() {
        [] => format!("{kind}{}", range(node)),
        words => words.join(" | "),
    }
}

fn range(node: &Value) -> String {
    match (&node["minimum"], &node["maximum"]) {
        (Value::Null, Value::Null) => String::new(),
        (low, Value::Null) => format!(" from {low}"),
        (Value::Null, high) => format!(" to {high}"),
        (low, high) => format!(" {low} to {high}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(path: &[&str], name: &str) -> Setting {
        settings(path)
            .into_iter()
            .find(|setting| setting.name == name)
            .unwrap_or_else(|| panic!("no {name} at {path:?}"))
    }

    #[test]
    fn keys_have_their_range_default_and_documentation() {
        let n_mfcc = one(&["features", "audio", "mfcc"], "n_mfcc");
        assert_eq!((n_mfcc.values.as_str(), n_mfcc.default.as_deref()), ("integer 1 to 128", Some("20")));
        assert_eq!(n_mfcc.about, "Number of coefficients.");
        let mode = one(&["features", "audio", "mfcc"], "mode");
        assert_eq!(mode.values, "librosa | htk | torchaudio");
        assert_eq!(one(&["cluster", "0", "algorithm", "kmeans"], "restarts").values, "integer from 1");
    }

    #[test]
    fn every_kind_of_every_room_is_found() {
        let bare = ["spectral_centroid", "spectral_bandwidth", "spectral_flatness", "zero_crossing_rate", "rms"];
        let bare = [
            bare.as_slice(),
            &["onset_strength", "tonnetz", "tempo", "harmonic_percussive", "row_l2", "concat", "late"],
        ]
        .concat();
        for (room, _, kinds) in crate::experiment::kinds() {
            for kind in kinds {
                let found = settings(&place_of(room, kind.name));
                assert_eq!(found.is_empty(), bare.contains(&kind.name), "{room}.{}", kind.name);
                assert!(found.iter().all(|setting| !setting.about.is_empty()), "{room}.{}", kind.name);
            }
        }
    }

    #[test]
    fn shared_settings_stand_without_the_kinds_below_them() {
        let names: Vec<String> = settings(&["features", "audio"]).into_iter().map(|setting| setting.name).collect();
        assert!(names.contains(&"hop".to_owned()) && !names.contains(&"mfcc".to_owned()), "{names:?}");
        assert!(settings(&["no", "such"]).is_empty());
    }
}
