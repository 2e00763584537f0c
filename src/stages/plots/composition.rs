//! What each cluster is made of: its labels as one stacked bar, with the prior below and the chance line.
//! Question: are clusters pure? Good: few colours a bar. Alarm: all bars like the prior.

use ndarray::ArrayView2;
use serde_json::json;

use crate::plotting::axes::Axes;
use crate::plotting::canvas::{Align, Canvas, Frame, body, draw};
use crate::plotting::classes::{Classes, shown};
use crate::plotting::legend::{self, Entry};
use crate::plotting::palette::Rgb;
use crate::plotting::scale::count;
use crate::plotting::text::fit;
use crate::plotting::theme::{ALERT, HEADER, INK, MUTED, ON_DARK, ON_LIGHT, SMALL};
use crate::plotting::{Caption, Drawing, PlotError, same_size};

const PLOT: &str = "composition";
/// Height of a bar with its gap.
const ROW: f64 = 30.0;

/// Clusters by labels, as counts.
#[derive(Clone, Debug)]
pub struct Composition<'a> {
    /// Title, n, seed, metric.
    pub caption: &'a Caption,
    /// Rows in cluster i with label j, `[clusters, labels]`.
    pub counts: ArrayView2<'a, u64>,
    /// Names of the clusters.
    pub clusters: &'a [String],
    /// Names of the labels, as they are elsewhere (their sorted order gives the colours).
    pub labels: &'a [String],
    /// What the labels are: `genre`.
    pub of: &'a str,
}

impl Composition<'_> {
    /// Draws one bar a cluster, the purest first.
    ///
    /// # Errors
    /// Fails when all counts are 0, or names and counts differ in number.
    pub fn draw(&self) -> Result<Drawing, PlotError> {
        same_size(PLOT, "cluster names", self.counts.nrows(), self.clusters.len())?;
        same_size(PLOT, "label names", self.counts.ncols(), self.labels.len())?;
        if self.counts.iter().all(|&rows| rows == 0) {
            return Err(PlotError::Empty { plot: PLOT, why: "all counts are 0" });
        }
        let bars = self.bars();
        let fields = ROW * bars.len() as f64;
        let height = HEADER + 98.0 + f64::max(fields, legend::height(self.labels.len()) - 40.0).min(900.0);
        let data = json!({ "caption": self.caption, "counts": self.rows(), "clusters": self.clusters,
            "labels": self.labels, "chance": self.chance() });
        draw(self.caption, height, data, |canvas| self.paint(canvas, &bars, height))
    }

    fn rows(&self) -> Vec<Vec<u64>> {
        self.counts.rows().into_iter().map(|row| row.to_vec()).collect()
    }

    fn prior(&self) -> Vec<u64> {
        self.counts.columns().into_iter().map(|column| column.sum()).collect()
    }

    /// The purity of one cluster of all rows: the share of the most frequent label.
    fn chance(&self) -> f64 {
        purity(&self.prior())
    }

    /// (name, counts) of the clusters that have rows, purest first, then that of all rows.
    fn bars(&self) -> Vec<(String, Vec<u64>)> {
        let named = self.clusters.iter().map(|name| shown(name).to_string()).zip(self.rows());
        let mut bars: Vec<_> = named.filter(|(_, row)| row.iter().sum::<u64>() > 0).collect();
        bars.sort_by(|a, b| purity(&b.1).total_cmp(&purity(&a.1)));
        bars.push(("all".to_string(), self.prior()));
        bars
    }

    fn paint(&self, canvas: &mut Canvas<'_>, bars: &[(String, Vec<u64>)], height: f64) {
        let page = body(height);
        let legend_width = 170.0;
        let row = ROW.min((page.height - 78.0) / bars.len() as f64);
        let frame =
            Frame::new(page.x + 84.0, page.y + 22.0, page.width - legend_width - 176.0, row * bars.len() as f64);
        let axes = Axes::new(frame, (0.0, 1.0), (0.0, bars.len() as f64));
        axes.grid_x(canvas, 6);
        axes.name_x(canvas, &format!("share of the cluster, by {}", self.of));
        for (place, bar) in bars.iter().enumerate() {
            self.paint_bar(canvas, &axes, (bars.len() - place) as f64, bar);
        }
        self.paint_chance(canvas, &axes);
        let at = (page.right() - legend_width, page.y + 16.0);
        legend::draw(canvas, self.of, &self.entries(), at, legend_width, page.bottom());
    }

    fn paint_bar(&self, canvas: &mut Canvas<'_>, axes: &Axes, top: f64, (name, row): &(String, Vec<u64>)) {
        let (classes, total) = (Classes::of(self.labels), row.iter().sum::<u64>());
        let mut from = 0.0;
        for (label, &rows) in self.labels.iter().zip(row) {
            let to = from + rows as f64 / total as f64;
            let (start, end) = (axes.at(from, top - 0.14), axes.at(to, top - 0.86));
            let part = Frame::new(start.0, start.1, end.0 - start.0, end.1 - start.1);
            segment(canvas, part, classes.look(label).0, rows, rows as f64 / total as f64);
            from = to;
        }
        let middle = axes.at(1.0, top - 0.5);
        canvas.text(&fit(name, SMALL, 76.0), (axes.frame.x - 8.0, middle.1), SMALL, INK, Align::End);
        let note = format!("{:.0}% of {}", 100.0 * purity(row), count(total as usize));
        canvas.text(&note, (middle.0 + 8.0, middle.1), SMALL - 1.0, MUTED, Align::Start);
    }

    fn paint_chance(&self, canvas: &mut Canvas<'_>, axes: &Axes) {
        let x = axes.at(self.chance(), 0.0).0;
        canvas.dashes((x, axes.frame.y - 4.0), (x, axes.frame.bottom()), 4.0, ALERT);
        let note = format!("purity by chance {:.0}%", 100.0 * self.chance());
        let align = if self.chance() > 0.6 { Align::End } else { Align::Start };
        canvas.text(&note, (x, axes.frame.y - 12.0), SMALL, ALERT, align);
    }

    fn entries(&self) -> Vec<Entry> {
        let classes = Classes::of(self.labels);
        let entry = |(label, rows): (&String, u64)| Entry {
            marker: crate::plotting::marker::Marker::Square,
            colour: classes.look(label).0,
            name: shown(label).to_string(),
            rows: Some(rows as usize),
        };
        self.labels.iter().zip(self.prior()).map(entry).collect()
    }
}

/// Share of the most frequent label; 0 without rows.
fn purity(row: &[u64]) -> f64 {
    let total: u64 = row.iter().sum();
    if total == 0 { 0.0 } else { row.iter().copied().max().unwrap_or(0) as f64 / total as f64 }
}

/// One label's part of a bar, with its share where there is room.
fn segment(canvas: &mut Canvas<'_>, part: Frame, colour: Rgb, rows: u64, share: f64) {
    if rows == 0 {
        return;
    }
    canvas.rect(Frame { width: (part.width - 0.8).max(0.4), ..part }, colour);
    if part.width > 30.0 {
        let ink = if colour.is_dark() { ON_DARK } else { ON_LIGHT };
        canvas.text(&format!("{:.0}%", 100.0 * share), part.centre(), SMALL - 1.0, ink, Align::Middle);
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, array};

    use super::*;
    use crate::plotting::check::{assert_sound, caption, names};

    fn draw_counts(counts: &Array2<u64>) -> Result<Drawing, PlotError> {
        let (clusters, labels) = (names(counts.nrows()), names(counts.ncols()));
        Composition { caption: &caption(), counts: counts.view(), clusters: &clusters, labels: &labels, of: "genre" }
            .draw()
    }

    #[test]
    fn chance_is_the_share_of_the_largest_label() {
        let drawing = draw_counts(&array![[6, 0], [2, 2]]).unwrap();
        assert_sound(&drawing);
        assert_eq!(drawing.data["chance"], json!(0.8));
    }

    #[test]
    fn extreme_tables_are_drawn() {
        assert_sound(&draw_counts(&array![[1]]).unwrap());
        assert_sound(&draw_counts(&array![[0, 0], [5, 0]]).unwrap());
        assert_sound(&draw_counts(&Array2::from_elem((40, 30), 3)).unwrap());
        assert!(draw_counts(&Array2::zeros((3, 3))).is_err());
        assert!(draw_counts(&Array2::zeros((0, 3))).is_err());
    }
}
