//! `config.toml` of a run folder as settings by dotted path.

use serde::Serialize;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::Path;

/// What every run has, or what is compared by other means.
const NOT_COMPARED: [&str; 3] = ["name", "seed", "seeds"];

/// The value of one setting.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(into = "serde_json::Value")]
pub enum Setting {
    /// A number.
    Number(f64),
    /// Anything else as TOML would show it, texts without quotes.
    Text(String),
}

impl Setting {
    /// Numbers by size and before texts, texts by letter.
    pub fn order(&self, other: &Setting) -> Ordering {
        match (self, other) {
            (Setting::Number(a), Setting::Number(b)) => a.total_cmp(b),
            (Setting::Text(a), Setting::Text(b)) => a.cmp(b),
            (Setting::Number(_), Setting::Text(_)) => Ordering::Less,
            (Setting::Text(_), Setting::Number(_)) => Ordering::Greater,
        }
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Setting::Number(number) => write!(to, "{number}"),
            Setting::Text(text) => to.write_str(text),
        }
    }
}

impl From<Setting> for serde_json::Value {
    fn from(setting: Setting) -> serde_json::Value {
        match setting {
            Setting::Number(number) => number.into(),
            Setting::Text(text) => text.into(),
        }
    }
}

/// The settings in `folder`, without name and seeds.
pub(super) fn read(folder: &Path) -> Result<BTreeMap<String, Setting>, String> {
    let text =
        fs::read_to_string(folder.join("config.toml")).map_err(|error| super::unreadable("config.toml", &error))?;
    settings(&text).map_err(|error| format!("config.toml is damaged: {error}"))
}

/// The settings of a resolved experiment by dotted path, without name and seeds.
///
/// # Errors
/// A text that is not TOML: one line that says why.
pub fn settings(config: &str) -> Result<BTreeMap<String, Setting>, String> {
    let first_line = |error: toml::de::Error| error.message().lines().next().unwrap_or_default().to_owned();
    let table: toml::Table = config.parse().map_err(first_line)?;
    let mut settings = kinds(&table);
    let compared = table.into_iter().filter(|(key, _)| !NOT_COMPARED.contains(&key.as_str()));
    compared.for_each(|(key, value)| flatten(key, value, &mut settings));
    Ok(settings)
}

/// Which kind stands where an experiment has exactly one: `dataset` = `folder`.
fn kinds(table: &toml::Table) -> BTreeMap<String, Setting> {
    let one = |room: &str| match table.get(room).and_then(toml::Value::as_table).filter(|kinds| kinds.len() == 1) {
        Some(kinds) => kinds.keys().next().cloned().unwrap_or_default(),
        None => "none".to_owned(),
    };
    let mut kinds: BTreeMap<String, Setting> =
        ["dataset", "model"].map(|room| (room.to_owned(), Setting::Text(one(room)))).into();
    if table.contains_key("fusion") {
        kinds.insert("fusion".to_owned(), Setting::Text(one("fusion")));
    }
    kinds
}

fn flatten(path: String, value: toml::Value, settings: &mut BTreeMap<String, Setting>) {
    match value {
        toml::Value::Table(table) => {
            table.into_iter().for_each(|(key, value)| flatten(format!("{path}.{key}"), value, settings));
        }
        toml::Value::Array(items) if items.iter().any(toml::Value::is_table) => {
            items.into_iter().enumerate().for_each(|(at, value)| flatten(format!("{path}.{at}"), value, settings));
        }
        scalar => drop(settings.insert(path, setting(&scalar))),
    }
}

fn setting(value: &toml::Value) -> Setting {
    match value {
        toml::Value::Integer(number) => Setting::Number(*number as f64),
        toml::Value::Float(number) => Setting::Number(*number),
        toml::Value::String(text) => Setting::Text(text.clone()),
        other => Setting::Text(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_become_dotted_paths() {
        let text =
            "seed = 3\n[model]\nvae = { hidden = [256, 128], beta = 4 }\n[[cluster]]\nalgorithm.kmeans.k = \"classes\"";
        let settings = settings(text).unwrap();
        let shown: Vec<String> = settings.iter().map(|(path, value)| format!("{path}={value}")).collect();
        let own = ["cluster.0.algorithm.kmeans.k=classes", "dataset=none", "model=vae", "model.vae.beta=4"];
        assert_eq!(shown, own.into_iter().chain(["model.vae.hidden=[256, 128]"]).collect::<Vec<_>>());
    }

    #[test]
    fn numbers_sort_by_size() {
        let mut values = [Setting::Text("a".to_owned()), Setting::Number(10.0), Setting::Number(2.0)];
        values.sort_by(Setting::order);
        assert_eq!(values.map(|value| value.to_string()), ["2", "10", "a"]);
    }
}
