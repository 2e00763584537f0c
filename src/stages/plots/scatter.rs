//! The latent space in two dimensions, coloured by genre, language or cluster.
//! Question: is there structure? Good: islands of like music with sensible neighbours. Alarm: one ball, or islands by source.

use ndarray::ArrayView2;
use serde_json::json;

use crate::plotting::axes::Axes;
use crate::plotting::canvas::{Canvas, Frame, body, draw};
use crate::plotting::classes::{Classes, shown};
use crate::plotting::legend::{self, Entry};
use crate::plotting::palette::NEUTRAL;
use crate::plotting::scale::{count, extent, padded};
use crate::plotting::theme::{GRID, HEADER};
use crate::plotting::{Caption, Drawing, PlotError, same_size};

const PLOT: &str = "scatter";
/// Width of the field, in units; its height follows the layout.
const SIDE: f64 = 520.0;
/// Lowest field, so that the legend has room.
const LOWEST: f64 = 330.0;
/// More points than this are thinned evenly: the picture stays light and no less readable.
const MOST_POINTS: usize = 8_000;

/// A layout and one column of labels.
#[derive(Clone, Debug)]
pub struct Scatter<'a> {
    /// Title, n, seed, metric.
    pub caption: &'a Caption,
    /// Layout `[points, 2]`; both axes are drawn to the same scale. Rows that are not finite are left out and counted.
    pub points: ArrayView2<'a, f64>,
    /// One label a point; empty means unlabelled, `-1` noise.
    pub labels: &'a [String],
    /// What the labels are: `genre`, `language`, `cluster`.
    pub of: &'a str,
}

impl Scatter<'_> {
    /// Draws the points, the legend outside the field.
    ///
    /// # Errors
    /// Fails without a finite row, or when labels and points differ in number.
    pub fn draw(&self) -> Result<Drawing, PlotError> {
        same_size(PLOT, "coordinates a point", 2, self.points.ncols())?;
        same_size(PLOT, "labels", self.points.nrows(), self.labels.len())?;
        let rows = self.finite_rows();
        if rows.is_empty() {
            return Err(PlotError::Empty { plot: PLOT, why: "no point has two finite coordinates" });
        }
        let drawn: Vec<usize> = rows.iter().copied().step_by(rows.len().div_ceil(MOST_POINTS)).collect();
        let (x, y) = (self.span(&drawn, 0), self.span(&drawn, 1));
        let field = (SIDE * (y.1 - y.0) / (x.1 - x.0)).clamp(LOWEST, SIDE);
        let caption = self.noted(rows.len(), drawn.len());
        draw(&caption, field + HEADER + 16.0, self.data(), |canvas| self.paint(canvas, &drawn, field))
    }

    fn finite_rows(&self) -> Vec<usize> {
        let finite = |row: usize| self.points.row(row).iter().all(|value| value.is_finite());
        (0..self.points.nrows()).filter(|&row| finite(row)).collect()
    }

    /// The caption with a note on what is not drawn.
    fn noted(&self, finite: usize, drawn: usize) -> Caption {
        let lost = self.points.nrows() - finite;
        let mut notes: Vec<String> = self.caption.metric.iter().cloned().collect();
        if lost > 0 {
            notes.push(format!("{} left out (not finite)", count(lost)));
        }
        if drawn < finite {
            notes.push(format!("{} drawn", count(drawn)));
        }
        Caption { metric: Some(notes.join(" · ")), ..self.caption.clone() }
    }

    fn data(&self) -> serde_json::Value {
        let rows: Vec<Vec<f64>> = self.points.rows().into_iter().map(|row| row.to_vec()).collect();
        json!({ "caption": self.caption, "of": self.of, "points": rows, "labels": self.labels })
    }

    fn paint(&self, canvas: &mut Canvas<'_>, drawn: &[usize], height: f64) {
        let page = body(height + HEADER + 16.0);
        let field = Frame::new(page.x, page.y, SIDE, height);
        let axes = self.axes(field, drawn);
        canvas.outline(field, GRID, 1.2);
        self.paint_points(canvas, &axes, drawn);
        let at = (field.right() + 22.0, field.y + 6.0);
        legend::draw(canvas, self.of, &self.entries(), at, page.right() - at.0, field.bottom());
    }

    /// The padded range of the drawn points along `axis`.
    fn span(&self, drawn: &[usize], axis: usize) -> (f64, f64) {
        padded(extent(drawn.iter().map(|&row| self.points[[row, axis]])).unwrap_or((0.0, 1.0)), 0.05)
    }

    /// Equal scales: one unit of the layout is as long upwards as across.
    fn axes(&self, field: Frame, drawn: &[usize]) -> Axes {
        let (x, y) = (self.span(drawn, 0), self.span(drawn, 1));
        let step = f64::max((x.1 - x.0) / field.width, (y.1 - y.0) / field.height) / 2.0;
        let around =
            |range: (f64, f64), half: f64| ((range.0 + range.1) / 2.0 - half, (range.0 + range.1) / 2.0 + half);
        Axes::new(field, around(x, step * field.width), around(y, step * field.height))
    }

    /// Noise first, so that it lies below; then in the order of rows.
    fn paint_points(&self, canvas: &mut Canvas<'_>, axes: &Axes, drawn: &[usize]) {
        let classes = Classes::of(self.labels);
        let radius = if drawn.len() > 2_000 { 2.4 } else { 3.9 };
        let (noise, rest): (Vec<usize>, Vec<usize>) =
            drawn.iter().partition(|&&row| classes.index(&self.labels[row]).is_none());
        for row in noise.into_iter().chain(rest) {
            let (colour, marker) = classes.look(&self.labels[row]);
            canvas.marker(marker, axes.at(self.points[[row, 0]], self.points[[row, 1]]), radius, colour, 0.82);
        }
    }

    fn entries(&self) -> Vec<Entry> {
        let classes = Classes::of(self.labels);
        let rows = |name: &str| self.labels.iter().filter(|label| *label == name).count();
        let mut names: Vec<&str> = classes.names().iter().map(String::as_str).collect();
        names.extend(["-1", ""].into_iter().filter(|none| rows(none) > 0));
        let entry = |name: &str| {
            let (colour, marker) = classes.look(name);
            debug_assert!(classes.index(name).is_some() || colour == NEUTRAL);
            Entry { marker, colour, name: shown(name).to_string(), rows: Some(rows(name)) }
        };
        names.into_iter().map(entry).collect()
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, array};

    use super::*;
    use crate::plotting::check::{assert_sound, caption};

    fn draw_points(points: &Array2<f64>, labels: &[&str]) -> Result<Drawing, PlotError> {
        let labels: Vec<String> = labels.iter().map(ToString::to_string).collect();
        Scatter { caption: &caption(), points: points.view(), labels: &labels, of: "genre" }.draw()
    }

    #[test]
    fn points_of_any_kind_are_drawn() {
        assert_sound(&draw_points(&array![[0.0, 1.0], [2.0, -3.0], [1e9, 1e9]], &["rock", "বাংলা গান", ""]).unwrap());
        assert_sound(&draw_points(&array![[3.0, 3.0]], &["</script>"]).unwrap());
        assert_sound(&draw_points(&Array2::zeros((5, 2)), &["-1"; 5]).unwrap());
    }

    #[test]
    fn rows_that_are_not_finite_are_left_out_and_counted() {
        let drawing =
            draw_points(&array![[0.0, f64::NAN], [1.0, 2.0], [f64::INFINITY, 0.0]], &["a", "b", "a"]).unwrap();
        assert_sound(&drawing);
        assert!(drawing.svg.contains("2 left out (not finite)"));
    }

    #[test]
    fn nothing_to_draw_is_an_error() {
        assert!(matches!(draw_points(&Array2::zeros((0, 2)), &[]), Err(PlotError::Empty { .. })));
        assert!(matches!(draw_points(&array![[f64::NAN, 0.0]], &["a"]), Err(PlotError::Empty { .. })));
        assert!(matches!(draw_points(&array![[1.0, 0.0]], &[]), Err(PlotError::Shape { .. })));
        assert!(matches!(draw_points(&array![[1.0]], &["a"]), Err(PlotError::Shape { .. })));
    }

    #[test]
    fn many_points_are_thinned_and_said_so() {
        let points = Array2::from_shape_fn((20_000, 2), |(row, axis)| ((row * (axis + 3)) % 997) as f64);
        let drawing = draw_points(&points, &vec!["a"; 20_000]).unwrap();
        assert!(drawing.svg.contains("drawn") && drawing.svg.len() < 1_000_000);
    }
}
