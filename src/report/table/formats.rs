//! The table for other programs: Markdown, CSV, JSON.

use super::names::shortest;
use super::{Cell, Column, Row, Summary, Table};
use serde_json::{Map, Value, json};

/// What the brackets mean.
const CAPTION: &str =
    "mean ± standard deviation (runs) [95 % interval: over seeds by Student's t; of one run by bootstrap over groups]";

/// What stands below a table: what the brackets mean, and what has seen the labels.
pub(super) fn notes(table: &Table) -> String {
    let free = table.columns.iter().any(Column::is_label_free);
    let free = if free {
        "\nlabel-free: computed without labels; says how tight clusters are and ranks no representations"
    } else {
        ""
    };
    let oracle = match table.oracle.as_slice() {
        [] => String::new(),
        names => format!(
            "\noracle: sorted or chosen by {}, which looks at the labels; who picks the best row by it has seen the answers",
            names.join(", ")
        ),
    };
    format!("{CAPTION}{free}{oracle}\n")
}

/// What stands over a column that people read.
pub(super) fn title(column: &Column, table: &Table) -> String {
    let all: Vec<&str> = table.settings.iter().map(String::as_str).collect();
    match column {
        Column::Setting(_) => shortest(column.name(), &all).to_owned(),
        _ => column.name().to_owned(),
    }
}

/// A Markdown table; label-free figures are marked.
pub fn markdown(table: &Table) -> String {
    let titles = table.columns.iter().map(|column| {
        let mark = if column.is_label_free() { " (label-free)" } else { "" };
        escaped(&title(column, table)) + mark
    });
    let rules = table.columns.iter().map(|column| if column.is_metric() { "---:" } else { "---" }.to_owned());
    let cells = |row: &Row| line(table.columns.iter().map(|column| escaped(&column.cell(row).text())));
    let rows: String = table.rows.iter().map(cells).collect();
    format!("{}{}{rows}\n{}", line(titles), line(rules), notes(table))
}

fn line(cells: impl Iterator<Item = String>) -> String {
    format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "))
}

fn escaped(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

/// Comma-separated values with full names; a figure has its mean under its own name, then `_std`, `_low`, `_high`.
pub fn csv(table: &Table) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut header = vec!["ids".to_owned(), "seeds".to_owned(), "n".to_owned()];
    header.extend(shown(table).flat_map(csv_names));
    // Writing to memory cannot fail, and all rows have the header's length.
    let _ = writer.write_record(header);
    for row in &table.rows {
        let mut record = [Column::Id, Column::Seed, Column::Count].map(|column| column.cell(row).text()).to_vec();
        record.extend(shown(table).flat_map(|column| csv_cells(column, row)));
        let _ = writer.write_record(record);
    }
    String::from_utf8(writer.into_inner().unwrap_or_default()).expect("cells are text")
}

fn shown(table: &Table) -> impl Iterator<Item = &Column> {
    table.columns.iter().filter(|column| !matches!(column, Column::Id | Column::Seed | Column::Count))
}

fn csv_names(column: &Column) -> Vec<String> {
    let name = column.name();
    match column.is_metric() {
        true => ["", "_std", "_low", "_high"].map(|ending| format!("{name}{ending}")).to_vec(),
        false => vec![name.to_owned()],
    }
}

fn csv_cells(column: &Column, row: &Row) -> Vec<String> {
    let text = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
    match column.cell(row) {
        Cell::Summary(Summary { mean, std, interval, .. }) => {
            [Some(mean), std, interval.map(|[low, _]| low), interval.map(|[_, high]| high)].map(text).to_vec()
        }
        Cell::Nothing if column.is_metric() => vec![String::new(); 4],
        cell => vec![cell.text()],
    }
}

/// The same columns and rows as a value: settings and figures apart, figures with mean, std, n, low and high.
pub fn json(table: &Table) -> Value {
    let metrics = table.columns.iter().filter(|column| column.is_metric());
    let uses_labels: Map<String, Value> =
        metrics.map(|column| (column.name().to_owned(), (!column.is_label_free()).into())).collect();
    let rows: Vec<Value> = table.rows.iter().map(|row| json_row(table, row)).collect();
    json!({ "schema_version": 1, "uses_labels": uses_labels, "oracle": table.oracle, "rows": rows })
}

fn json_row(table: &Table, row: &Row) -> Value {
    let of = |wanted: fn(&Column) -> bool| -> Map<String, Value> {
        let columns = table.columns.iter().filter(|column| wanted(column));
        columns.map(|column| (column.name().to_owned(), json_cell(&column.cell(row)))).collect()
    };
    json!({
        "experiment": row.experiment,
        "ids": row.ids,
        "seeds": row.seeds,
        "n": row.ids.len(),
        "collapse": row.verdicts,
        "settings": of(|column| matches!(column, Column::Setting(_))),
        "metrics": of(Column::is_metric),
    })
}

fn json_cell(cell: &Cell) -> Value {
    match cell {
        Cell::Nothing => Value::Null,
        Cell::Number(number) => (*number).into(),
        Cell::Text(text) => text.as_str().into(),
        Cell::Summary(Summary { mean, std, n, interval }) => json!({
            "mean": mean, "std": std, "n": n,
            "low": interval.map(|[low, _]| low), "high": interval.map(|[_, high]| high),
        }),
    }
}
