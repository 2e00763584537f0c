//! The latent map: its place in the page and its points as JSON for the script.

use serde_json::{Value, json};

use crate::plotting::classes::{Classes, is_none, shown};
use crate::plotting::marker::PLAIN_CLASSES;
use crate::plotting::palette::{CATEGORICAL, NEUTRAL};

use super::Point;

const FRAME: &str = include_str!("map.html");

/// The section with its data; nothing without a finite point.
pub fn section(points: &[Point]) -> String {
    let points: Vec<&Point> = points.iter().filter(|point| point.x.is_finite() && point.y.is_finite()).collect();
    if points.is_empty() {
        return String::new();
    }
    FRAME.replace("{{points}}", &safe_json(&data(&points)))
}

/// Columns rather than rows: half the size. Labels are places in their sorted list, which also gives the colour.
fn data(points: &[&Point]) -> Value {
    let audio: Vec<Option<&str>> = points.iter().map(|point| point.audio.as_deref()).collect();
    json!({
        "x": points.iter().map(|point| rounded(point.x)).collect::<Vec<_>>(),
        "y": points.iter().map(|point| rounded(point.y)).collect::<Vec<_>>(),
        "id": points.iter().map(|point| &point.id).collect::<Vec<_>>(),
        "group": points.iter().map(|point| &point.group).collect::<Vec<_>>(),
        "audio": if audio.iter().any(Option::is_some) { json!(audio) } else { Value::Null },
        "columns": columns(points),
        "palette": CATEGORICAL.map(|colour| colour.css()),
        "neutral": NEUTRAL.css(),
        "plain": PLAIN_CLASSES,
    })
}

/// The columns that say something: at least one label.
fn columns(points: &[&Point]) -> Vec<Value> {
    let column = |name: &str, of: fn(&Point) -> &String| {
        let labels: Vec<String> = points.iter().map(|point| of(point).clone()).collect();
        labels.iter().any(|label| !label.is_empty()).then(|| encoded(name, &labels))
    };
    [column("label", |p| &p.label), column("language", |p| &p.language), column("cluster", |p| &p.cluster)]
        .into_iter()
        .flatten()
        .collect()
}

/// Names and, for each point, the place of its name; names from `classes` on are no class.
fn encoded(name: &str, labels: &[String]) -> Value {
    let classes = Classes::of(labels);
    let none: Vec<&str> = ["-1", ""].into_iter().filter(|none| labels.iter().any(|label| label == none)).collect();
    let names: Vec<&str> =
        classes.names().iter().map(|name| shown(name)).chain(none.iter().map(|n| shown(n))).collect();
    let place = |label: &String| match is_none(label) {
        true => classes.names().len() + none.iter().position(|none| none == label).unwrap_or(0),
        false => classes.index(label).unwrap_or(0),
    };
    let of: Vec<usize> = labels.iter().map(place).collect();
    json!({ "name": name, "names": names, "classes": classes.names().len(), "of": of })
}

/// Five significant digits are finer than a pixel.
fn rounded(value: f64) -> f64 {
    format!("{value:.4e}").parse().unwrap_or(0.0)
}

/// JSON that may stand inside a script element: no `<`, `>` or `&`, and none of the two line ends that are not JSON's.
fn safe_json(value: &Value) -> String {
    let text = value.to_string();
    text.replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}
