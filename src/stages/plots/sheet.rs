//! Things decoded along walks through a latent space, on one scale.
//! Question: what does a dimension do, and does the space between two tracks sound like music? Good: each row changes one thing,
//! smoothly. Alarm: rows that do not change (the dimension is dead), or all rows that change alike (the code is entangled).

use ndarray::Array2;
use serde_json::json;

use crate::plotting::canvas::{Align, Canvas, Frame, body, draw};
use crate::plotting::heat::Shades;
use crate::plotting::palette::MAGMA;
use crate::plotting::scale::{extent, padded};
use crate::plotting::text::fit;
use crate::plotting::theme::{ACCENT, HEADER, INK, MUTED, SMALL};
use crate::plotting::{Caption, Drawing, PlotError, same_size};
use crate::stages::plots::cell;

const PLOT: &str = "traversal";
const GAP: f64 = 6.0;
/// Height of a cell, and of the line of text above it.
const CELL: (f64, f64) = (74.0, 18.0);

/// Cells in rows and columns.
#[derive(Clone, Debug)]
pub struct Sheet<'a> {
    /// Title, n, seed, metric.
    pub caption: &'a Caption,
    /// Name of each row.
    pub rows: &'a [String],
    /// Name of each column.
    pub columns: &'a [String],
    /// Row by row: maps `[bins, frames]`, low bins first, or vectors as `[1, dims]`.
    pub cells: &'a [Array2<f64>],
    /// Unit of the values: `dB`, `standard deviations`.
    pub unit: &'a str,
}

impl Sheet<'_> {
    /// Draws the grid.
    ///
    /// # Errors
    /// Fails without a finite value, or when the cells are not rows times columns.
    pub fn draw(&self) -> Result<Drawing, PlotError> {
        same_size(PLOT, "cells", self.rows.len() * self.columns.len(), self.cells.len())?;
        let values = extent(self.cells.iter().flatten().copied());
        let span = values.ok_or(PlotError::Empty { plot: PLOT, why: "no cell has a finite value" })?;
        let height = HEADER + 24.0 + self.rows.len() as f64 * (CELL.0 + CELL.1 + GAP);
        draw(self.caption, height, self.data(), |canvas| self.paint(canvas, padded(span, 0.0), height))
    }

    fn data(&self) -> serde_json::Value {
        let table = |cell: &Array2<f64>| cell.rows().into_iter().map(|row| row.to_vec()).collect::<Vec<_>>();
        let cells: Vec<_> = self.cells.iter().map(table).collect();
        json!({ "caption": self.caption, "unit": self.unit, "rows": self.rows, "columns": self.columns, "cells": cells })
    }

    fn paint(&self, canvas: &mut Canvas<'_>, span: (f64, f64), height: f64) {
        let page = body(height);
        let shades = Shades { map: MAGMA, low: span.0, high: span.1 };
        let right = if self.has_maps() { 84.0 } else { 0.0 };
        let wide = (page.width - right + GAP) / self.columns.len().max(1) as f64 - GAP;
        let left = |column: usize| page.x + column as f64 * (wide + GAP);
        for (column, name) in self.columns.iter().enumerate() {
            canvas.text(name, (left(column) + wide / 2.0, page.y + 2.0), SMALL, MUTED, Align::Middle);
        }
        for (row, name) in self.rows.iter().enumerate() {
            let top = page.y + 14.0 + row as f64 * (CELL.0 + CELL.1 + GAP);
            canvas.text(&fit(name, SMALL, page.width - right), (page.x, top + 8.0), SMALL, INK, Align::Start);
            for column in 0..self.columns.len() {
                let frame = Frame::new(left(column), top + CELL.1, wide, CELL.0);
                self.cell(canvas, &self.cells[row * self.columns.len() + column], shades, frame);
            }
        }
        if self.has_maps() {
            shades.bar(canvas, Frame::new(page.right() - 58.0, page.y + 44.0, 12.0, 110.0), self.unit);
        }
    }

    fn cell(&self, canvas: &mut Canvas<'_>, cell: &Array2<f64>, shades: Shades, frame: Frame) {
        match cell.nrows() {
            0 | 1 => {
                cell::vector(canvas, cell, padded((shades.low.min(0.0), shades.high.max(0.0)), 0.05), ACCENT, frame)
            }
            _ => cell::map(canvas, cell.view(), shades, frame),
        }
    }

    fn has_maps(&self) -> bool {
        self.cells.iter().any(|cell| cell.nrows() > 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plotting::check::{assert_sound, caption};

    fn sheet(cells: &[Array2<f64>]) -> Result<Drawing, PlotError> {
        let (rows, columns) =
            (["dimension 1".to_owned(), "<a> to b".to_owned()], ["-1 sd".to_owned(), "+1 sd".to_owned()]);
        Sheet { caption: &caption(), rows: &rows, columns: &columns, cells, unit: "dB" }.draw()
    }

    #[test]
    fn maps_and_vectors_are_drawn() {
        let wave = |rows, columns| Array2::from_shape_fn((rows, columns), |(r, c)| (r as f64 * 0.3 + c as f64).sin());
        let maps = sheet(&vec![wave(16, 20); 4]).unwrap();
        assert_sound(&maps);
        assert_eq!(maps.svg.matches("<image").count(), 4 + 1, "four cells and the colour bar");
        assert_sound(&sheet(&vec![wave(1, 20); 4]).unwrap());
    }

    #[test]
    fn what_is_not_a_table_is_an_error() {
        assert!(matches!(sheet(&[]), Err(PlotError::Shape { .. })));
        assert!(matches!(sheet(&vec![Array2::from_elem((2, 2), f64::NAN); 4]), Err(PlotError::Empty { .. })));
    }
}
