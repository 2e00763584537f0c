//! Metrics by name: `metrics = ["ari", "nmi"]`. The names are those of the room's table.

use super::{METRICS, Metric};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;

/// What an experiment measures if it does not say.
const USUAL: [&str; 8] =
    ["ari", "nmi", "ami", "purity", "accuracy", "silhouette", "calinski_harabasz", "davies_bouldin"];

/// The name of a metric of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MetricName(usize);

impl MetricName {
    /// What is measured if the experiment does not say.
    pub fn usual() -> Vec<MetricName> {
        USUAL.iter().filter_map(|name| MetricName::of(name)).collect()
    }

    /// The metric of that name.
    pub fn of(name: &str) -> Option<MetricName> {
        METRICS.iter().position(|metric| metric.name() == name).map(MetricName)
    }

    /// The metric.
    pub fn metric(self) -> &'static dyn Metric {
        METRICS[self.0]
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        self.metric().name()
    }
}

impl Serialize for MetricName {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for MetricName {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<MetricName, D::Error> {
        let name = String::deserialize(from)?;
        MetricName::of(&name).ok_or_else(|| D::Error::custom(format!("unknown metric {name:?}")))
    }
}

impl JsonSchema for MetricName {
    fn schema_name() -> Cow<'static, str> {
        "MetricName".into()
    }

    fn json_schema(_generator: &mut SchemaGenerator) -> Schema {
        let names: Vec<&str> = METRICS.iter().map(|metric| metric.name()).collect();
        schemars::json_schema!({ "type": "string", "enum": names })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_usual_metric_is_in_the_table_and_names_are_unique() {
        assert_eq!(MetricName::usual().len(), USUAL.len());
        let names: std::collections::BTreeSet<&str> = METRICS.iter().map(|metric| metric.name()).collect();
        assert_eq!(names.len(), METRICS.len());
    }
}
