//! The table for a terminal.

use super::formats::{notes, title};
use super::{Cell, Column, Table};
use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{CellAlignment, ContentArrangement};

/// The table as text, no wider than `width` characters if that is given.
pub fn terminal(table: &Table, width: Option<u16>) -> String {
    let mut drawn = comfy_table::Table::new();
    drawn.load_style(UTF8_HORIZONTAL_ONLY).set_header(table.columns.iter().map(|column| header(column, table)));
    for row in &table.rows {
        drawn.add_row(table.columns.iter().map(|column| body(&column.cell(row))));
    }
    match width {
        Some(width) => drawn.set_content_arrangement(ContentArrangement::Dynamic).set_width(width),
        None => drawn.set_content_arrangement(ContentArrangement::Disabled),
    };
    for (column, place) in table.columns.iter().zip(0..) {
        let numbers = column.is_metric() || matches!(column, Column::Seed | Column::Count);
        if let Some(drawn) = drawn.column_mut(place).filter(|_| numbers) {
            drawn.set_cell_alignment(CellAlignment::Right);
        }
    }
    format!("{}\n{}", drawn.trim_fmt(), notes(table))
}

/// Metric names break before their last part; label-free figures say so, for they never rank representations.
fn header(column: &Column, table: &Table) -> String {
    let name = title(column, table);
    let name = match name.rsplit_once('.') {
        Some((front, last)) if column.is_metric() => format!("{front}\n{last}"),
        _ => name,
    };
    if column.is_label_free() { name + "\n(label-free)" } else { name }
}

fn body(cell: &Cell) -> String {
    match cell {
        Cell::Nothing => "–".to_owned(),
        Cell::Summary(summary) => match summary.interval_text() {
            Some(interval) => format!("{}\n{interval}", summary.mean_text()),
            None => summary.mean_text(),
        },
        cell => cell.text(),
    }
}
