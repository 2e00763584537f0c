//! How many clusters: a number, as many as there are label classes, or as many as a criterion favours.

use std::borrow::Cow;
use std::num::NonZeroUsize;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};
use serde::ser::Serializer;

use super::ClusterError;

const CLASSES: &str = "classes";

/// The number of clusters; in TOML `k = "classes"`, `k = "silhouette"` (or "gap", "bic") or `k = 10`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Count {
    /// As many as the dataset has label classes.
    #[default]
    Classes,
    /// As many as this criterion favours, over k-means clusterings of the same points.
    By(Criterion),
    /// So many.
    Fixed(NonZeroUsize),
}

/// How the number of clusters is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Criterion {
    /// The largest mean silhouette.
    Silhouette,
    /// The gap statistic.
    Gap,
    /// The least BIC of round clusters.
    Bic,
}

impl Criterion {
    const ALL: [Criterion; 3] = [Criterion::Silhouette, Criterion::Gap, Criterion::Bic];

    fn word(self) -> &'static str {
        match self {
            Criterion::Silhouette => "silhouette",
            Criterion::Gap => "gap",
            Criterion::Bic => "bic",
        }
    }
}

impl Count {
    /// The criterion that chooses, if one does.
    pub fn criterion(self) -> Option<Criterion> {
        if let Count::By(criterion) = self { Some(criterion) } else { None }
    }

    /// The number of clusters for `points` points, given the number that a word stands for: of label classes (None without
    /// labels), or what the criterion has chosen.
    ///
    /// # Errors
    /// `NeedsLabels` for a word without a number; `TooFewPoints` if there are fewer points than clusters.
    pub fn resolve(self, classes: Option<usize>, points: usize) -> Result<usize, ClusterError> {
        let k = match self {
            Count::Classes | Count::By(_) => classes.ok_or(ClusterError::NeedsLabels)?,
            Count::Fixed(k) => k.get(),
        };
        if k > points || k == 0 { Err(ClusterError::TooFewPoints { k, points }) } else { Ok(k) }
    }
}

impl Serialize for Count {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Count::Classes => to.serialize_str(CLASSES),
            Count::By(criterion) => to.serialize_str(criterion.word()),
            Count::Fixed(k) => to.serialize_u64(k.get() as u64),
        }
    }
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Count, D::Error> {
        from.deserialize_any(CountVisitor)
    }
}

struct CountVisitor;

impl Visitor<'_> for CountVisitor {
    type Value = Count;

    fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("\"classes\", \"silhouette\", \"gap\", \"bic\" or a positive integer")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Count, E> {
        let criterion = Criterion::ALL.into_iter().find(|criterion| criterion.word() == text).map(Count::By);
        let known = if text == CLASSES { Some(Count::Classes) } else { criterion };
        known.ok_or_else(|| E::invalid_value(Unexpected::Str(text), &self))
    }

    fn visit_u64<E: Error>(self, k: u64) -> Result<Count, E> {
        let fixed = usize::try_from(k).ok().and_then(NonZeroUsize::new);
        fixed.map(Count::Fixed).ok_or_else(|| E::invalid_value(Unexpected::Unsigned(k), &self))
    }

    fn visit_i64<E: Error>(self, k: i64) -> Result<Count, E> {
        let positive = u64::try_from(k).map_err(|_| E::invalid_value(Unexpected::Signed(k), &self))?;
        self.visit_u64(positive)
    }
}

impl JsonSchema for Count {
    fn schema_name() -> Cow<'static, str> {
        "Count".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "The number of clusters: \"classes\" (as many as there are label classes), \"silhouette\", \"gap\" or \"bic\" (as many as that criterion favours among 2 to 20, over k-means clusterings), or a positive integer",
            "anyOf": [{ "enum": [CLASSES, "silhouette", "gap", "bic"] }, { "type": "integer", "minimum": 1 }]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize, serde::Serialize)]
    struct Table {
        k: Count,
    }

    fn read(text: &str) -> Result<Count, toml::de::Error> {
        toml::from_str::<Table>(text).map(|table| table.k)
    }

    #[test]
    fn a_word_or_a_number_is_read_and_written_back() {
        for text in ["k = \"classes\"\n", "k = \"gap\"\n", "k = 10\n"] {
            let k = read(text).expect("valid");
            assert_eq!(toml::to_string(&Table { k }).expect("writes"), text);
        }
    }

    #[test]
    fn anything_else_is_refused_with_what_is_wanted() {
        for text in ["k = 0", "k = -3", "k = \"class\"", "k = 2.5"] {
            let message = read(text).expect_err("invalid").to_string();
            assert!(message.contains("\"bic\" or a positive integer"), "{message}");
        }
    }

    #[test]
    fn classes_need_labels_and_clusters_need_points() {
        assert_eq!(Count::Classes.resolve(Some(3), 10), Ok(3));
        assert_eq!(Count::Classes.resolve(None, 10), Err(ClusterError::NeedsLabels));
        assert_eq!(Count::Classes.resolve(Some(3), 2), Err(ClusterError::TooFewPoints { k: 3, points: 2 }));
    }
}
