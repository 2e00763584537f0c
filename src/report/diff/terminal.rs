//! The comparison for a terminal.

use super::{Change, Diff, Paired};
use crate::report::table::figure;
use comfy_table::{CellAlignment, LineStyle, Table, TableStyle};

/// A line below the header and none between rows: there are many.
const LINES: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// The comparison as text: one block for what was asked, the code, the figures.
pub fn terminal(diff: &Diff) -> String {
    let runs: String = diff.runs.iter().zip(letters()).map(|(run, letter)| format!("{letter}  {run}\n")).collect();
    let config = block("settings and data", diff, &diff.config, |value| value.to_string());
    let code = block("code and machine", diff, &diff.code, |value| value.to_string().trim_matches('"').to_owned());
    let notes: String = diff.notes.iter().map(|note| format!("{note}\n")).collect();
    format!("{runs}\n{config}{code}{}{}{notes}", metrics(diff), paired(diff))
}

/// A, B, C ... for the runs, whose names are long.
fn letters() -> impl Iterator<Item = String> {
    (0..).map(|at: u32| {
        char::from_u32(u32::from('A') + at).filter(char::is_ascii_uppercase).map_or(format!("R{at}"), String::from)
    })
}

fn block<T>(title: &str, diff: &Diff, changes: &[Change<T>], text: impl Fn(&T) -> String) -> String {
    if changes.is_empty() {
        return format!("{title}: no difference\n");
    }
    let cell = |value: &Option<T>| value.as_ref().map_or("–".to_owned(), &text);
    let rows = changes
        .iter()
        .map(|change| std::iter::once(change.name.clone()).chain(change.values.iter().map(cell)).collect::<Vec<_>>());
    drawn(title, diff, rows, false)
}

fn metrics(diff: &Diff) -> String {
    let row = |change: &Change<f64>| {
        let mark = if change.is_label_free() { " *" } else { "" };
        let values = change.values.iter().map(|value| value.map_or("–".to_owned(), figure));
        std::iter::once(format!("{}{mark}", change.name)).chain(values).collect::<Vec<_>>()
    };
    let free = match diff.metrics.iter().any(Change::is_label_free) {
        true => "* computed without labels; ranks no representations\n",
        false => "",
    };
    let title = format!("figures ({} equal ones not shown)", diff.equal_metrics);
    format!("{}{free}", drawn(&title, diff, diff.metrics.iter().map(row), true))
}

fn paired(diff: &Diff) -> String {
    let (same, apart): (Vec<&Paired>, Vec<&Paired>) = diff.paired.iter().partition(|each| each.is_same());
    if diff.paired.is_empty() {
        return String::new();
    }
    let letter = |run: &str| diff.runs.iter().position(|each| each == run).and_then(|at| letters().nth(at));
    let row = |each: &&Paired| {
        let interval =
            each.interval.map_or("–".to_owned(), |[low, high]| format!("[{}, {}]", figure(low), figure(high)));
        let told = match each.interval {
            Some([low, _]) if low > 0.0 => "larger",
            Some([_, high]) if high < 0.0 => "smaller",
            _ => "no difference shown",
        };
        vec![
            format!("{} − A", letter(&each.run).unwrap_or_default()),
            each.name.clone(),
            figure(each.difference),
            interval,
            told.to_owned(),
        ]
    };
    let header = ["runs", "figure", "difference", "95 % interval", ""].map(str::to_owned);
    let table = lines(header.to_vec(), apart.iter().map(row), 2..4);
    let same = match same.len() {
        0 => String::new(),
        count => format!("{count} scores of equal clusterings not shown\n"),
    };
    format!("\nthe same tracks, paired bootstrap over groups\n{table}\n{same}")
}

fn drawn(title: &str, diff: &Diff, rows: impl Iterator<Item = Vec<String>>, numbers: bool) -> String {
    let header: Vec<String> = std::iter::once(String::new()).chain(letters().take(diff.runs.len())).collect();
    let right = if numbers { 1..header.len() } else { 0..0 };
    format!("\n{title}\n{}\n", lines(header, rows, right))
}

fn lines(header: Vec<String>, rows: impl Iterator<Item = Vec<String>>, right: std::ops::Range<usize>) -> String {
    let mut table = Table::new();
    table.load_style(LINES).set_header(header);
    for row in rows {
        table.add_row(row);
    }
    for place in right {
        if let Some(column) = table.column_mut(place) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.trim_fmt()
}
