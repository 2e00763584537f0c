//! What may stand at a place of the experiment file, read from the JSON Schema of its type.
//! JSON Schema draft 2020-12, as schemars writes it for serde's externally tagged enums.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// What may stand at a place.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// Whatever is written.
    Anything,
    /// A table of named settings.
    Table(Fields),
    /// Exactly one kind: a bare word, or the only key of a table.
    Kinds(Kinds),
    /// A list; `first` are the shapes of its first places where they differ (tuples).
    List { item: Box<Shape>, first: Vec<Shape>, least: usize, most: usize },
    /// A whole number that fits `least..=most`, the bounds of its type.
    Whole { range: Bounds, least: i128, most: i128 },
    /// A finite number up to `most` in size, the bound of its type.
    Number { range: Bounds, most: f64 },
    /// A string of so many characters.
    Text { least: usize, most: usize },
    /// `true` or `false`.
    Flag,
    /// Any one of several shapes.
    Either(Vec<Shape>),
    /// A type by its name in the schema; types may contain themselves.
    Named(String),
}

/// The settings of a table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fields {
    /// The known keys.
    pub known: BTreeMap<String, Field>,
    /// Known keys that have no default.
    pub required: Vec<String>,
    /// What stands under any other key; `None`: there is no other key.
    pub rest: Option<Box<Shape>>,
    /// Groups of keys that may not be given together: `not: { required: [..] }` of the schema, or `not: { anyOf: [..] }` of those.
    pub exclusive: Vec<Vec<String>>,
}

/// A key's value and its documentation.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// What may stand there.
    pub shape: Shape,
    /// The first paragraph of the doc comment.
    pub doc: Option<String>,
}

/// The kinds that may stand at a place.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Kinds {
    /// Kinds without settings: bare words.
    pub words: Vec<String>,
    /// Kinds with settings: the tag and the body.
    pub tagged: BTreeMap<String, Shape>,
}

impl Kinds {
    /// Every name, in alphabetical order.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.words.iter().chain(self.tagged.keys()).map(String::as_str).collect();
        names.sort_unstable();
        names
    }
}

/// The declared range of a number.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bounds {
    /// The smallest value allowed.
    pub min: Option<f64>,
    /// The largest value allowed.
    pub max: Option<f64>,
    /// The value must be larger than this.
    pub above: Option<f64>,
    /// The value must be smaller than this.
    pub below: Option<f64>,
}

impl Bounds {
    /// Does `value` lie inside? NaN never does.
    pub fn hold(&self, value: f64) -> bool {
        !value.is_nan()
            && self.min.is_none_or(|min| value >= min)
            && self.max.is_none_or(|max| value <= max)
            && self.above.is_none_or(|above| value > above)
            && self.below.is_none_or(|below| value < below)
    }
}

impl Shape {
    /// The shape a schema describes. What it does not say, or says in words unknown here, is allowed: serde still decides.
    pub fn of(schema: &Value) -> Shape {
        let Value::Object(node) = schema else { return Shape::Anything };
        if let Some(name) = text(node, "$ref") {
            return Shape::Named(name.rsplit('/').next().unwrap_or(name).to_owned());
        }
        match list(node, "oneOf").or(list(node, "anyOf")) {
            Some(choices) => choice(choices),
            None if types(node).next().is_none() && !words(node).is_empty() => plain("string", node),
            None => one_of(types(node).map(|name| plain(name, node)).collect()),
        }
    }
}

/// Several alternatives: those that are kinds become one table of kinds.
fn choice(choices: &[Value]) -> Shape {
    let mut kinds = Kinds::default();
    let mut others = Vec::new();
    for node in choices.iter().filter_map(Value::as_object).filter(|node| text(node, "type") != Some("null")) {
        match tagged(node) {
            Some((tag, body)) => drop(kinds.tagged.insert(tag.to_owned(), Shape::of(body))),
            None if words(node).is_empty() => others.push(Shape::of(&Value::Object(node.clone()))),
            None => kinds.words.extend(words(node)),
        }
    }
    if kinds != Kinds::default() {
        others.push(Shape::Kinds(kinds));
    }
    one_of(others)
}

/// One shape stands for itself, several for a choice; none says nothing.
fn one_of(mut shapes: Vec<Shape>) -> Shape {
    match shapes.len() {
        0 => Shape::Anything,
        1 => shapes.remove(0),
        _ => Shape::Either(shapes),
    }
}

/// The tag and the body, where the node is one kind of an externally tagged enum: a closed object with one required key.
fn tagged(node: &Map<String, Value>) -> Option<(&str, &Value)> {
    let mut properties = node.get("properties")?.as_object()?.iter();
    let (tag, body) = properties.next()?;
    let closed = node.get("additionalProperties") == Some(&Value::Bool(false));
    let only = properties.next().is_none() && list(node, "required").is_some_and(|names| names.len() == 1);
    (closed && only).then_some((tag.as_str(), body))
}

/// The words of a string that is one of a few; none for any other schema.
fn words(node: &Map<String, Value>) -> Vec<String> {
    let alternatives = list(node, "enum").unwrap_or_default();
    alternatives.iter().chain(node.get("const")).filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The types a node allows, `null` left out: TOML has none.
fn types(node: &Map<String, Value>) -> impl Iterator<Item = &str> {
    let several = list(node, "type").unwrap_or_default().iter().filter_map(Value::as_str);
    several.chain(text(node, "type")).filter(|&name| name != "null")
}

fn plain(name: &str, node: &Map<String, Value>) -> Shape {
    match name {
        "object" => Shape::Table(fields(node)),
        "array" => sequence(node),
        "integer" => whole(node),
        "number" => Shape::Number { range: bounds(node), most: largest(text(node, "format")) },
        "string" if !words(node).is_empty() => Shape::Kinds(Kinds { words: words(node), ..Kinds::default() }),
        "string" => Shape::Text { least: count(node, "minLength", 0), most: count(node, "maxLength", usize::MAX) },
        "boolean" => Shape::Flag,
        _ => Shape::Anything,
    }
}

fn fields(node: &Map<String, Value>) -> Fields {
    let properties = node.get("properties").and_then(Value::as_object);
    let field = |value: &Value| Field { shape: Shape::of(value), doc: summary(value) };
    Fields {
        known: properties.into_iter().flatten().map(|(name, value)| (name.clone(), field(value))).collect(),
        required: strings(node.get("required")),
        rest: match node.get("additionalProperties") {
            Some(Value::Bool(false)) => None,
            Some(schema) => Some(Box::new(Shape::of(schema))),
            None => Some(Box::new(Shape::Anything)),
        },
        exclusive: exclusive(node),
    }
}

fn exclusive(node: &Map<String, Value>) -> Vec<Vec<String>> {
    let Some(not) = node.get("not").and_then(Value::as_object) else { return Vec::new() };
    let groups = list(not, "anyOf").unwrap_or_default().iter().map(|group| strings(group.get("required")));
    groups.chain([strings(not.get("required"))]).filter(|group| !group.is_empty()).collect()
}

fn sequence(node: &Map<String, Value>) -> Shape {
    Shape::List {
        item: Box::new(node.get("items").map_or(Shape::Anything, Shape::of)),
        first: list(node, "prefixItems").unwrap_or_default().iter().map(Shape::of).collect(),
        least: count(node, "minItems", 0),
        most: count(node, "maxItems", usize::MAX),
    }
}

fn whole(node: &Map<String, Value>) -> Shape {
    let (least, most) = match text(node, "format").unwrap_or("int64") {
        "uint8" => (0, u8::MAX.into()),
        "uint16" => (0, u16::MAX.into()),
        "uint32" => (0, u32::MAX.into()),
        "int8" => (i8::MIN.into(), i8::MAX.into()),
        "int16" => (i16::MIN.into(), i16::MAX.into()),
        "int32" => (i32::MIN.into(), i32::MAX.into()),
        "uint" | "uint64" => (0, u64::MAX.into()),
        _ => (i64::MIN.into(), i64::MAX.into()),
    };
    Shape::Whole { range: bounds(node), least, most }
}

/// The largest number of a float type; a larger one would silently become infinite.
fn largest(format: Option<&str>) -> f64 {
    if format == Some("float") { f32::MAX.into() } else { f64::MAX }
}

fn bounds(node: &Map<String, Value>) -> Bounds {
    let number = |key: &str| node.get(key).and_then(Value::as_f64);
    Bounds {
        min: number("minimum"),
        max: number("maximum"),
        above: number("exclusiveMinimum"),
        below: number("exclusiveMaximum"),
    }
}

/// The first paragraph of the description, on one line.
fn summary(schema: &Value) -> Option<String> {
    let description = schema.get("description")?.as_str()?;
    let paragraph = description.split("\n\n").next()?.split_whitespace().collect::<Vec<_>>().join(" ");
    (!paragraph.is_empty()).then_some(paragraph)
}

fn text<'a>(node: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    node.get(key)?.as_str()
}

fn list<'a>(node: &'a Map<String, Value>, key: &str) -> Option<&'a [Value]> {
    node.get(key)?.as_array().map(Vec::as_slice)
}

fn count(node: &Map<String, Value>, key: &str, default: usize) -> usize {
    node.get(key).and_then(Value::as_u64).map_or(default, |count| usize::try_from(count).unwrap_or(usize::MAX))
}

fn strings(value: Option<&Value>) -> Vec<String> {
    value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn null_is_no_alternative_and_a_word_needs_no_type() {
        let words =
            |names: &[&str]| Kinds { words: names.iter().map(|&name| name.to_owned()).collect(), ..Kinds::default() };
        assert_eq!(Shape::of(&json!({ "type": ["boolean", "null"] })), Shape::Flag);
        assert_eq!(Shape::of(&json!({ "const": "auto" })), Shape::Kinds(words(&["auto"])));
        let either = json!({ "anyOf": [{ "const": "classes" }, { "type": "boolean" }, { "type": "null" }] });
        assert_eq!(Shape::of(&either), Shape::Either(vec![Shape::Flag, Shape::Kinds(words(&["classes"]))]));
    }

    #[test]
    fn what_the_schema_does_not_say_is_allowed() {
        for open in [json!(true), json!({}), json!({ "const": 5 }), json!({ "allOf": [] })] {
            assert_eq!(Shape::of(&open), Shape::Anything);
        }
        let Shape::Table(fields) = Shape::of(&json!({ "type": "object" })) else { panic!("an object is a table") };
        assert_eq!(fields.rest, Some(Box::new(Shape::Anything)));
    }

    #[test]
    fn groups_of_keys_exclude_each_other() {
        let groups = |not| match Shape::of(&json!({ "type": "object", "not": not })) {
            Shape::Table(fields) => fields.exclusive,
            _ => Vec::new(),
        };
        assert_eq!(groups(json!({ "required": ["a", "b"] })), [["a", "b"]]);
        assert_eq!(
            groups(json!({ "anyOf": [{ "required": ["a", "b"] }, { "required": ["c", "d"] }] })),
            [["a", "b"], ["c", "d"]]
        );
    }
}
