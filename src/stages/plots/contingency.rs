//! Clusters against labels as a table of counts and shares.
//! Question: what are the clusters? Good: nearly diagonal after ordering. Alarm: one giant row.

use ndarray::ArrayView2;
use serde_json::json;

use crate::plotting::canvas::{Align, Canvas, Frame, body, draw};
use crate::plotting::classes::shown;
use crate::plotting::heat::Shades;
use crate::plotting::palette::BLUES;
use crate::plotting::scale::count;
use crate::plotting::text::{fit, width};
use crate::plotting::theme::{BODY, HEADER, INK, MUTED, ON_DARK, ON_LIGHT, SMALL};
use crate::plotting::{Caption, Drawing, PlotError, same_size};

const PLOT: &str = "contingency";
const SHADES: Shades = Shades { map: BLUES, low: 0.0, high: 1.0 };

/// Clusters by labels, as counts.
#[derive(Clone, Debug)]
pub struct Contingency<'a> {
    /// Title, n, seed, metric.
    pub caption: &'a Caption,
    /// Rows in cluster i with label j, `[clusters, labels]`.
    pub counts: ArrayView2<'a, u64>,
    /// Names of the clusters.
    pub clusters: &'a [String],
    /// Names of the labels, in column order.
    pub labels: &'a [String],
    /// Clusters from top to bottom, such as the Hungarian assignment gives (cluster of label 0 first). Without it: greedily.
    pub order: Option<&'a [usize]>,
}

impl Contingency<'_> {
    /// Draws the table; colour is the share of the cluster, so rows compare whatever their size.
    ///
    /// # Errors
    /// Fails when all counts are 0, when names and counts differ in number, or when `order` is no permutation.
    pub fn draw(&self) -> Result<Drawing, PlotError> {
        same_size(PLOT, "cluster names", self.counts.nrows(), self.clusters.len())?;
        same_size(PLOT, "label names", self.counts.ncols(), self.labels.len())?;
        if self.counts.iter().all(|&rows| rows == 0) {
            return Err(PlotError::Empty { plot: PLOT, why: "all counts are 0" });
        }
        let order = self.checked_order()?;
        let height = HEADER + 142.0 + (34.0 * order.len() as f64).min(900.0);
        let rows: Vec<Vec<u64>> = self.counts.rows().into_iter().map(|row| row.to_vec()).collect();
        let data = json!({ "caption": self.caption, "counts": rows, "clusters": self.clusters, "labels": self.labels,
            "order": order });
        draw(self.caption, height, data, |canvas| self.paint(canvas, &order, height))
    }

    fn checked_order(&self) -> Result<Vec<usize>, PlotError> {
        let Some(order) = self.order else { return Ok(greedy_order(self.counts)) };
        let mut sorted = order.to_vec();
        sorted.sort_unstable();
        let whole = sorted.iter().copied().eq(0..self.counts.nrows());
        same_size(PLOT, "clusters, each once, in the order", self.counts.nrows(), if whole { order.len() } else { 0 })?;
        Ok(order.to_vec())
    }

    fn paint(&self, canvas: &mut Canvas<'_>, order: &[usize], height: f64) {
        let page = body(height);
        let frame = Frame::new(page.x + 96.0, page.y + 104.0, page.width - 216.0, page.height - 108.0);
        let (wide, high) = (frame.width / self.labels.len() as f64, frame.height / order.len() as f64);
        self.name_columns(canvas, frame, wide);
        for (place, &cluster) in order.iter().enumerate() {
            let row = Frame::new(frame.x, frame.y + place as f64 * high, frame.width, high);
            self.paint_row(canvas, row, cluster, wide);
        }
        let bar = Frame::new(page.right() - 48.0, frame.y, 12.0, frame.height.min(180.0));
        Shades { high: 100.0, ..SHADES }.bar(canvas, bar, "% of row");
        canvas.text("cluster", (frame.x - 10.0, frame.y - 14.0), SMALL, MUTED, Align::End);
        canvas.text("n", (frame.right() + 10.0, frame.y - 14.0), SMALL, MUTED, Align::Start);
    }

    /// Level where all names fit, upright otherwise.
    fn name_columns(&self, canvas: &mut Canvas<'_>, frame: Frame, wide: f64) {
        let names: Vec<&str> = self.labels.iter().map(|label| shown(label)).collect();
        let level = names.iter().all(|name| width(name, SMALL) < wide - 6.0);
        let every = (14.0 / wide).ceil().max(1.0) as usize;
        for (column, name) in names.iter().enumerate().filter(|(column, _)| column % every == 0) {
            let x = frame.x + (column as f64 + 0.5) * wide;
            if level {
                canvas.text(name, (x, frame.y - 14.0), SMALL, INK, Align::Middle);
            } else {
                let short = fit(name, SMALL, 92.0);
                canvas.upright(&short, (x, frame.y - 10.0 - width(&short, SMALL) / 2.0), SMALL, INK);
            }
        }
    }

    fn paint_row(&self, canvas: &mut Canvas<'_>, row: Frame, cluster: usize, wide: f64) {
        let total = self.counts.row(cluster).sum();
        for (column, &rows) in self.counts.row(cluster).iter().enumerate() {
            let share = if total == 0 { 0.0 } else { rows as f64 / total as f64 };
            let cell = Frame::new(row.x + column as f64 * wide, row.y, wide, row.height);
            paint_cell(canvas, cell, rows, share);
        }
        let (_, y) = row.centre();
        if row.height > 11.0 {
            let name = fit(shown(&self.clusters[cluster]), BODY, 82.0);
            canvas.text(&name, (row.x - 10.0, y), SMALL, INK, Align::End);
            canvas.text(&count(total as usize), (row.right() + 10.0, y), SMALL, MUTED, Align::Start);
        }
    }
}

/// The colour says the share; the numbers stand where there is room for them.
fn paint_cell(canvas: &mut Canvas<'_>, cell: Frame, rows: u64, share: f64) {
    let colour = SHADES.of(share);
    canvas.rect(Frame::new(cell.x + 0.5, cell.y + 0.5, cell.width - 1.0, cell.height - 1.0), colour);
    if rows == 0 {
        return;
    }
    let ink = if colour.is_dark() { ON_DARK } else { ON_LIGHT };
    let (x, y) = cell.centre();
    let (amount, part) = (count(rows as usize), format!("{:.0}%", 100.0 * share));
    if cell.height >= 32.0 && width(&part, SMALL - 2.0) < cell.width - 4.0 {
        canvas.text(&amount, (x, y - 6.5), SMALL, ink, Align::Middle);
        canvas.text(&part, (x, y + 8.0), SMALL - 2.5, ink, Align::Middle);
    } else if cell.height > 12.0 && width(&amount, SMALL - 2.0) < cell.width - 3.0 {
        canvas.text(&amount, (x, y), SMALL - 2.0, ink, Align::Middle);
    }
}

/// Takes the largest cell, gives its cluster its label's place, and so on; clusters left over follow by size.
fn greedy_order(counts: ArrayView2<'_, u64>) -> Vec<usize> {
    let (clusters, labels) = counts.dim();
    let mut cells: Vec<(usize, usize)> = (0..clusters).flat_map(|c| (0..labels).map(move |l| (c, l))).collect();
    cells.sort_by_key(|&(cluster, label)| (std::cmp::Reverse(counts[[cluster, label]]), cluster, label));
    let (mut of_label, mut taken) = (vec![None; labels], vec![false; clusters]);
    for (cluster, label) in cells {
        if of_label[label].is_none() && !taken[cluster] && counts[[cluster, label]] > 0 {
            of_label[label] = Some(cluster);
            taken[cluster] = true;
        }
    }
    let mut rest: Vec<usize> = (0..clusters).filter(|&cluster| !taken[cluster]).collect();
    rest.sort_by_key(|&cluster| (std::cmp::Reverse(counts.row(cluster).sum()), cluster));
    of_label.into_iter().flatten().chain(rest).collect()
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, array};

    use super::*;
    use crate::plotting::check::{assert_sound, caption, names};

    fn draw_counts(counts: &Array2<u64>, order: Option<&[usize]>) -> Result<Drawing, PlotError> {
        let (clusters, labels) = (names(counts.nrows()), names(counts.ncols()));
        Contingency { caption: &caption(), counts: counts.view(), clusters: &clusters, labels: &labels, order }.draw()
    }

    #[test]
    fn greedy_order_finds_the_diagonal() {
        assert_eq!(greedy_order(array![[0, 9, 1], [1, 0, 8], [7, 0, 0]].view()), [2, 0, 1]);
        assert_eq!(greedy_order(array![[1, 0], [0, 0], [5, 5]].view()), [2, 0, 1]);
    }

    #[test]
    fn extreme_tables_are_drawn() {
        assert_sound(&draw_counts(&array![[3]], None).unwrap());
        assert_sound(&draw_counts(&array![[0, 0], [5, 12345]], Some(&[1, 0])).unwrap());
        assert_sound(&draw_counts(&Array2::from_elem((60, 50), 7), None).unwrap());
    }

    #[test]
    fn wrong_inputs_are_errors() {
        assert!(draw_counts(&array![[1, 2], [3, 4]], Some(&[0, 0])).is_err());
        assert!(draw_counts(&array![[1, 2], [3, 4]], Some(&[0])).is_err());
        assert!(draw_counts(&Array2::zeros((2, 2)), None).is_err());
    }
}
