//! The experiment file's schema, made from the very types that serde reads: for editors, and for every check before serde.
//! JSON Schema draft 2020-12.

use std::collections::BTreeMap;

use schemars::JsonSchema;

use super::check::shape::{Field, Shape};

/// The JSON Schema of `T`, pretty; what `#:schema ./schema.json` on the first line of a file offers to editors.
pub fn json_schema<T: JsonSchema>() -> String {
    format!("{:#}\n", schemars::schema_for!(T).as_value())
}

/// What may stand where in a file of one type.
#[derive(Clone, Debug)]
pub struct Schema {
    root: Shape,
    named: BTreeMap<String, Shape>,
}

impl Schema {
    /// The schema of a file that holds a `T`.
    pub fn of<T: JsonSchema>() -> Schema {
        let schema = schemars::schema_for!(T).to_value();
        let types = schema.get("$defs").and_then(|types| types.as_object()).into_iter().flatten();
        Schema { named: types.map(|(name, node)| (name.clone(), Shape::of(node))).collect(), root: Shape::of(&schema) }
    }

    /// The shape of the whole file.
    pub(super) fn root(&self) -> &Shape {
        self.resolve(&self.root)
    }

    /// The shape itself, names followed. A name that only names itself ends as it is.
    pub(super) fn resolve<'a>(&'a self, mut shape: &'a Shape) -> &'a Shape {
        for _ in 0..=self.named.len() {
            match shape {
                Shape::Named(name) => shape = self.named.get(name).unwrap_or(&Shape::Anything),
                _ => return shape,
            }
        }
        shape
    }

    /// The shape one step down: of the key of a table, the body of a kind, or the item of a list.
    pub(super) fn step<'a>(&'a self, shape: &'a Shape, key: &str) -> Option<&'a Shape> {
        match self.resolve(shape) {
            Shape::Table(fields) => fields.known.get(key).map(|field| &field.shape).or(fields.rest.as_deref()),
            Shape::Kinds(kinds) => kinds.tagged.get(key),
            Shape::List { item, first, .. } => key.parse::<usize>().ok().map(|at| first.get(at).unwrap_or(item)),
            Shape::Either(shapes) => shapes.iter().find_map(|shape| self.step(shape, key)),
            _ => None,
        }
    }

    /// The shape at a path; `None` where the schema has no such place.
    pub(super) fn at<'a>(&'a self, mut keys: impl Iterator<Item = &'a str>) -> Option<&'a Shape> {
        let found = keys.try_fold(self.root(), |shape, key| self.step(shape, key))?;
        Some(self.resolve(found))
    }

    /// The tables that know `key`, as a person would write them: `[model.beta_vae]`, `algorithm.kmeans in [[cluster]]`.
    pub(super) fn homes(&self, key: &str) -> Vec<String> {
        let mut search = Search { schema: self, key, path: Vec::new(), inside: Vec::new(), homes: Vec::new() };
        search.visit(&self.root);
        search.homes.sort();
        search.homes.dedup();
        search.homes
    }
}

/// A walk over all places of the schema, for the tables that know a key.
struct Search<'a> {
    schema: &'a Schema,
    key: &'a str,
    path: Vec<&'a str>,
    inside: Vec<&'a str>,
    homes: Vec<String>,
}

impl<'a> Search<'a> {
    fn visit(&mut self, shape: &'a Shape) {
        match shape {
            Shape::Table(fields) => {
                if fields.known.contains_key(self.key) {
                    self.homes.push(home(&self.path));
                }
                fields.known.iter().for_each(|(name, Field { shape, .. })| self.step(name, shape));
                fields.rest.iter().for_each(|shape| self.step("<name>", shape));
            }
            Shape::Kinds(kinds) => kinds.tagged.iter().for_each(|(tag, body)| self.step(tag, body)),
            Shape::List { item, .. } => self.step("[]", item),
            Shape::Either(shapes) => shapes.iter().for_each(|shape| self.visit(shape)),
            Shape::Named(name) if !self.inside.contains(&name.as_str()) => {
                self.inside.push(name);
                self.schema.named.get(name).into_iter().for_each(|shape| self.visit(shape));
                self.inside.pop();
            }
            _ => (),
        }
    }

    fn step(&mut self, key: &'a str, shape: &'a Shape) {
        self.path.push(key);
        self.visit(shape);
        self.path.pop();
    }
}

/// A table by its path, as its header or, inside an array of tables, as its dotted key.
fn home(path: &[&str]) -> String {
    let Some(list) = path.iter().rposition(|&key| key == "[]") else {
        return if path.is_empty() { "the top of the file".to_owned() } else { format!("[{}]", path.join(".")) };
    };
    let header: Vec<&str> = path[..list].iter().copied().filter(|&key| key != "[]").collect();
    match &path[list + 1..] {
        [] => format!("[[{}]]", header.join(".")),
        keys => format!("`{}` in [[{}]]", keys.join("."), header.join(".")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::check::toy::Toy;
    use crate::experiment::check::words;

    #[test]
    fn the_schema_has_what_editors_need() {
        let schema: serde_json::Value = serde_json::from_str(&json_schema::<Toy>()).unwrap();
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
        assert_eq!(schema["title"], "Toy");
        assert_eq!(schema["additionalProperties"], false);
        assert_eq!(schema["$defs"]["BetaVae"]["properties"]["beta"]["minimum"], 0.0);
        assert_eq!(json_schema::<Toy>(), json_schema::<Toy>());
    }

    #[test]
    fn a_place_is_found_through_kinds_lists_and_names() {
        let schema = Schema::of::<Toy>();
        let at = |path: &str| schema.at(path.split('.')).map(words::expected);
        assert_eq!(at("cluster.3.algorithm.kmeans.k").unwrap(), "a whole number or \"classes\"");
        assert_eq!(at("project.mine.tsne.perplexity").unwrap(), "a number");
        assert_eq!(at("project.tsne.perplexity").unwrap(), "a number");
        assert_eq!(at("model.vae.beta"), None);
    }

    #[test]
    fn the_homes_of_a_key_read_as_they_are_written() {
        let schema = Schema::of::<Toy>();
        assert_eq!(schema.homes("name"), ["[[cluster]]", "the top of the file"]);
        assert_eq!(schema.homes("hidden").len(), 3);
        assert_eq!(schema.homes("floor"), ["`algorithm.gmm` in [[cluster]]"]);
    }
}
