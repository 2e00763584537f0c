//! `[project]`: projections by name. A name that is a kind holds that kind's settings itself (`[project.tsne]`);
//! any other name says its kind (`[project.slow] tsne = { perplexity = 50 }`).

use super::Projection;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{Error, MapAccess, Visitor};
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value, json};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Projections by name, in order of name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Spaces(pub BTreeMap<String, Projection>);

fn is_kind(name: &str) -> bool {
    Projection::TABLE.iter().any(|line| line.name == name)
}

impl<'de> Visitor<'de> for Spaces {
    type Value = Spaces;

    fn expecting(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.write_str("a table of projections")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Spaces, A::Error> {
        while let Some((name, body)) = map.next_entry::<String, Value>()? {
            let tagged = if is_kind(&name) { json!({ name.as_str(): body }) } else { body };
            self.0.insert(name, serde_json::from_value(tagged).map_err(A::Error::custom)?);
        }
        Ok(self)
    }
}

impl<'de> Deserialize<'de> for Spaces {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Spaces, D::Error> {
        from.deserialize_map(Spaces::default())
    }
}

impl Serialize for Spaces {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let body = |(name, projection): (&String, &Projection)| {
            let mut tagged = serde_json::to_value(projection)?;
            let own = if projection.name() == name { tagged.get_mut(name).map(Value::take) } else { None };
            Ok((name.clone(), own.unwrap_or(tagged)))
        };
        let bodies: Result<Map<String, Value>, serde_json::Error> = self.0.iter().map(body).collect();
        bodies.map_err(S::Error::custom)?.serialize(to)
    }
}

impl JsonSchema for Spaces {
    fn schema_name() -> Cow<'static, str> {
        "Spaces".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        // The tables of the kinds stand inside the schema of the tagged enum; take them from there.
        let tagged = serde_json::to_value(Projection::json_schema(generator)).unwrap_or_default();
        let variants = tagged["oneOf"].as_array().cloned().unwrap_or_default();
        let tables = variants.iter().filter_map(|variant| variant["properties"].as_object().cloned()).flatten();
        let properties: Map<String, Value> = tables.collect();
        let other = generator.subschema_for::<Projection>();
        schemars::json_schema!({ "type": "object", "properties": properties, "additionalProperties": other })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_a_name_and_any_name_may_say_its_kind() {
        let text = json!({ "tsne": { "perplexity": 20.0 }, "flat": { "pca": {} } });
        let spaces: Spaces = serde_json::from_value(text).unwrap();
        assert_eq!(spaces.0["flat"].name(), "pca");
        assert_eq!(spaces.0["tsne"].name(), "tsne");
        let again: Spaces = serde_json::from_value(serde_json::to_value(&spaces).unwrap()).unwrap();
        assert_eq!(again, spaces);
    }
}
