//! Putting a value into a parsed file: tables in between are made, another kind takes the place of the first.

use toml::Spanned;
use toml::de::{DeArray, DeString, DeTable, DeValue};

use crate::experiment::check::shape::Shape;
use crate::experiment::check::{Finding, words};
use crate::experiment::schema::Schema;

/// Puts `value` under `keys`, making the tables in between.
pub(super) fn put<'t>(
    shape: Option<&Shape>,
    schema: &Schema,
    table: &mut DeTable<'t>,
    keys: &[Spanned<DeString<'t>>],
    value: Spanned<DeValue<'t>>,
) -> Result<(), Finding> {
    let Some((key, rest)) = keys.split_first() else { return Ok(()) };
    let name = key.get_ref().as_ref();
    if let Some(shape) = shape {
        leave_one(schema.resolve(shape), name, table);
    }
    if rest.is_empty() {
        table.remove(name);
        table.insert(key.clone(), value);
        return Ok(());
    }
    let below = shape.and_then(|shape| schema.step(shape, name));
    let inside = table.entry(key.clone()).or_insert_with(|| Spanned::new(key.span(), empty(schema, below)));
    into(below, schema, inside, key, rest, value)
}

/// What is made where nothing stands yet: a list where one belongs (it has no items to name), else a table.
fn empty<'t>(schema: &Schema, shape: Option<&Shape>) -> DeValue<'t> {
    match shape.map(|shape| schema.resolve(shape)) {
        Some(Shape::List { .. }) => DeValue::Array(DeArray::new()),
        _ => DeValue::Table(DeTable::new()),
    }
}

/// Puts `value` under `keys` inside what stands at `place`, the value of `key`.
fn into<'t>(
    shape: Option<&Shape>,
    schema: &Schema,
    place: &mut Spanned<DeValue<'t>>,
    key: &Spanned<DeString<'t>>,
    keys: &[Spanned<DeString<'t>>],
    value: Spanned<DeValue<'t>>,
) -> Result<(), Finding> {
    let span = key.span();
    match place.get_mut() {
        DeValue::Table(table) => put(shape, schema, table, keys, value),
        DeValue::Array(items) => item(shape, schema, items, keys, value),
        // A single value is in the way, as the bare word of another kind is: the table takes its place.
        _ => {
            *place = Spanned::new(span, DeValue::Table(DeTable::new()));
            into(shape, schema, place, key, keys, value)
        }
    }
}

fn item<'t>(
    shape: Option<&Shape>,
    schema: &Schema,
    items: &mut DeArray<'t>,
    keys: &[Spanned<DeString<'t>>],
    value: Spanned<DeValue<'t>>,
) -> Result<(), Finding> {
    let Some((key, rest)) = keys.split_first() else { return Ok(()) };
    let length = items.len();
    let index = key.get_ref().parse::<usize>().ok();
    let Some(place) = index.and_then(|index| items.get_mut(index)) else { return Err(no_item(key, length)) };
    if rest.is_empty() {
        *place = value;
        return Ok(());
    }
    into(shape.and_then(|shape| schema.step(shape, key.get_ref())), schema, place, key, rest, value)
}

fn no_item(key: &Spanned<DeString<'_>>, length: usize) -> Finding {
    let message = format!(
        "there is no item {} in this list of {}",
        words::quoted(key.get_ref()),
        words::amount(length, length, "item")
    );
    let help = match length {
        0 => "the file has none".to_owned(),
        _ => format!("items are numbered from 0 to {}", length - 1),
    };
    Finding { span: key.span(), key: String::new(), message, help: Some(help) }
}

/// Naming a kind puts it in the place of the one that stands there; so does naming one of two keys that exclude each other.
fn leave_one(shape: &Shape, name: &str, table: &mut DeTable<'_>) {
    match shape {
        Shape::Kinds(kinds) if kinds.tagged.contains_key(name) => {
            let others = table.keys().filter(|key| key.get_ref() != name).map(|key| key.get_ref().to_string());
            others.collect::<Vec<_>>().iter().for_each(|other| drop(table.remove(other.as_str())));
        }
        Shape::Table(fields) => {
            let pairs = fields.exclusive.iter().filter(|group| group.len() == 2 && group.iter().any(|key| key == name));
            pairs.flatten().filter(|key| *key != name).for_each(|key| drop(table.remove(key.as_str())));
        }
        Shape::Either(shapes) => shapes.iter().for_each(|shape| leave_one(shape, name, table)),
        _ => (),
    }
}
