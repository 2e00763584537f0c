//! A legend beside the field: marker, name, count.

use super::canvas::{Align, Canvas};
use super::marker::Marker;
use super::palette::Rgb;
use super::scale::count;
use super::text;
use super::theme::{BODY, INK, MUTED};

/// Height of a line.
const LINE: f64 = 22.0;

/// One class.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Shape of its points.
    pub marker: Marker,
    /// Colour of its points.
    pub colour: Rgb,
    /// What it is called.
    pub name: String,
    /// How many rows it has, if that says something.
    pub rows: Option<usize>,
}

/// Height of a legend of `entries`.
pub fn height(entries: usize) -> f64 {
    (entries as f64 + 1.0) * LINE
}

/// Draws `title` and `entries` downwards from `at`, not wider than `room` and not lower than `bottom`.
pub fn draw(canvas: &mut Canvas<'_>, title: &str, entries: &[Entry], at: (f64, f64), room: f64, bottom: f64) {
    canvas.text(&text::fit(title, BODY, room), (at.0, at.1 + 6.0), BODY, MUTED, Align::Start);
    let lines = (((bottom - at.1) / LINE - 1.0).max(1.0)) as usize;
    let shown = if entries.len() > lines { lines - 1 } else { entries.len() };
    for (line, entry) in entries[..shown].iter().enumerate() {
        item(canvas, entry, (at.0, at.1 + 6.0 + (line as f64 + 1.0) * LINE), room);
    }
    if shown < entries.len() {
        let more = format!("and {} more", entries.len() - shown);
        canvas.text(&more, (at.0, at.1 + 6.0 + (shown as f64 + 1.0) * LINE), BODY, MUTED, Align::Start);
    }
}

fn item(canvas: &mut Canvas<'_>, entry: &Entry, (x, y): (f64, f64), room: f64) {
    canvas.marker(entry.marker, (x + 6.0, y), 5.0, entry.colour, 1.0);
    let rows = entry.rows.map(count).unwrap_or_default();
    let name = text::fit(&entry.name, BODY, room - 28.0 - text::width(&rows, BODY));
    canvas.text(&name, (x + 19.0, y), BODY, INK, Align::Start);
    canvas.text(&rows, (x + room, y), BODY, MUTED, Align::End);
}
