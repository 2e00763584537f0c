//! Settings whose reading and schema are written by hand: a choice of a number and a word, a table with names of the user's own.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Space, Tsne};

/// A number of clusters: a whole number or `"classes"`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "serde_json::Value", into = "serde_json::Value")]
pub enum Count {
    Fixed(u64),
    Classes,
}

impl JsonSchema for Count {
    fn schema_name() -> Cow<'static, str> {
        "Count".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [{ "type": "integer", "format": "uint64", "minimum": 1 }, { "type": "string", "enum": ["classes"] }] })
    }
}

impl TryFrom<serde_json::Value> for Count {
    type Error = String;

    fn try_from(value: serde_json::Value) -> Result<Count, String> {
        match (value.as_u64(), value.as_str()) {
            (Some(13), _) => Err("13 clusters bring bad luck".to_owned()),
            (Some(count), _) => Ok(Count::Fixed(count)),
            (_, Some("classes")) => Ok(Count::Classes),
            _ => Err("neither a count nor \"classes\"".to_owned()),
        }
    }
}

impl From<Count> for serde_json::Value {
    fn from(count: Count) -> serde_json::Value {
        match count {
            Count::Fixed(count) => count.into(),
            Count::Classes => "classes".into(),
        }
    }
}

/// Spaces by name; one that is named `tsne` holds that kind's settings itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Spaces(pub BTreeMap<String, Space>);

impl<'de> Visitor<'de> for Spaces {
    type Value = Spaces;

    fn expecting(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.write_str("a table of spaces")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Spaces, A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            let space = if name == "tsne" { Space::Tsne(map.next_value()?) } else { map.next_value()? };
            self.0.insert(name, space);
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
        to.collect_map(self.0.iter().map(|(name, space)| match space {
            Space::Tsne(settings) if name == "tsne" => {
                (name, serde_json::to_value(settings).expect("numbers are JSON"))
            }
            space => (name, serde_json::to_value(space).expect("numbers are JSON")),
        }))
    }
}

impl JsonSchema for Spaces {
    fn schema_name() -> Cow<'static, str> {
        "Spaces".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let (tsne, space) = (generator.subschema_for::<Tsne>(), generator.subschema_for::<Space>());
        json_schema!({ "type": "object", "properties": { "tsne": tsne }, "additionalProperties": space })
    }
}
