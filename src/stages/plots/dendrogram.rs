//! The tree of merges of a hierarchical clustering over a strip of the labels of its leaves, the root at the top.
//! Question: are there clusters at any height? Good: long stems, one colour below each. Alarm: a staircase, a mixed strip.
//! In a large tree only the top merges are drawn; what is below them is a wedge, as wide as it has points.

#[cfg(test)]
mod tests;
mod tree;

use serde_json::json;

use crate::plotting::axes::Axes;
use crate::plotting::canvas::{Align, Canvas, Frame, body, draw};
use crate::plotting::classes::{Classes, shown};
use crate::plotting::heat::Heat;
use crate::plotting::legend::{self, Entry};
use crate::plotting::marker::Marker;
use crate::plotting::palette::{NEUTRAL, Rgb};
use crate::plotting::scale::count;
use crate::plotting::text::{fit, width};
use crate::plotting::theme::{ALERT, AXIS, BODY, HEADER, INK, MUTED, SMALL};
use crate::plotting::{Caption, Drawing, PlotError, same_size};
pub use tree::Merge;
use tree::{Branch, Tree};

const PLOT: &str = "dendrogram";
/// Height of the tree.
const FIELD: f64 = 330.0;
/// Height of the strip.
const STRIP: f64 = 40.0;
/// Trees of more leaves are cut.
const WHOLE_LEAVES: usize = 400;
/// Merges of a cut tree.
const TOP_MERGES: usize = 200;
/// Cells of the strip in one unit: one for each dot of the PNG.
const CELLS: f64 = 2.0;
/// More clusters than this have no bracket each.
const MOST_BRACKETS: usize = 60;

/// A tree of merges and the labels of its leaves.
#[derive(Clone, Debug)]
pub struct Dendrogram<'a> {
    /// Title, n, seed, metric.
    pub caption: &'a Caption,
    /// `[points - 1]`, heights rising, as scipy's linkage gives them.
    pub merges: &'a [Merge],
    /// Class of each point, a place in `names`, `[points]`; none is unlabelled.
    pub labels: &'a [Option<u32>],
    /// Names of the classes, as they are elsewhere (their sorted order gives the colours).
    pub names: &'a [String],
    /// What the classes are: `genre`.
    pub of: &'a str,
    /// Number of clusters that the tree was cut into.
    pub k: Option<usize>,
}

impl Dendrogram<'_> {
    /// Draws tree, cut, strip and legend.
    ///
    /// # Errors
    /// Fails with fewer than two points, when the merges are no tree over as many points as there are labels, when a label
    /// has no name, or when `k` is not from 1 to the number of points.
    pub fn draw(&self) -> Result<Drawing, PlotError> {
        let points = self.labels.len();
        if points < 2 {
            return Err(PlotError::Empty { plot: PLOT, why: "there are no two points to merge" });
        }
        tree::check(PLOT, self.merges, points)?;
        let named = self.labels.iter().flatten().map(|&label| label as usize + 1).max().unwrap_or(0);
        same_size(PLOT, "class names", named.max(self.names.len()), self.names.len())?;
        let k = self.k.unwrap_or(1);
        same_size(PLOT, "points for a cut into so many clusters", k.max(1), k.clamp(1, points))?;
        same_size(PLOT, "cluster to cut into", k.max(1), k)?;
        let top = if points > WHOLE_LEAVES { TOP_MERGES.max(k - 1) } else { points - 1 };
        let tree = Tree::new(self.merges, top.min(points - 1));
        let height = HEADER + FIELD + STRIP + 92.0;
        draw(&self.noted(&tree), height, self.data(&tree), |canvas| self.paint(canvas, &tree, height))
    }

    fn data(&self, tree: &Tree<'_>) -> serde_json::Value {
        let row = |merge: &Merge| json!([merge.children[0], merge.children[1], merge.height, merge.size]);
        let rows: Vec<serde_json::Value> = self.merges.iter().map(row).collect();
        json!({ "caption": self.caption, "linkage": rows, "order": tree.order, "labels": self.labels, "names": self.names,
            "of": self.of, "k": self.k, "cut": self.k.map(|k| tree.cut(k)) })
    }

    fn noted(&self, tree: &Tree<'_>) -> Caption {
        if tree.first == 0 {
            return self.caption.clone();
        }
        let (drawn, all) = (count(self.merges.len() - tree.first), count(self.merges.len()));
        let notes: Vec<String> =
            self.caption.metric.iter().cloned().chain([format!("top {drawn} of {all} merges")]).collect();
        Caption { metric: Some(notes.join(" · ")), ..self.caption.clone() }
    }

    fn paint(&self, canvas: &mut Canvas<'_>, tree: &Tree<'_>, height: f64) {
        let page = body(height);
        let frame = Frame::new(page.x + 58.0, page.y + 28.0, page.width - 250.0, FIELD);
        let (low, high) = tree.heights();
        let axes = Axes::new(frame, (0.0, self.labels.len() as f64), (low, high));
        axes.grid_y(canvas, 7);
        canvas.text("height of the merge", (page.x, page.y + 6.0), BODY, MUTED, Align::Start);
        paint_wedges(canvas, &axes, tree);
        self.paint_merges(canvas, &axes, tree);
        let strip = Frame::new(frame.x, frame.bottom() + 6.0, frame.width, STRIP);
        self.paint_strip(canvas, strip, tree);
        self.paint_cut(canvas, &axes, strip, tree);
        let at = (frame.right() + 56.0, page.y + 16.0);
        legend::draw(canvas, self.of, &self.entries(), at, page.right() - at.0, page.bottom());
    }

    /// Merges above the cut are heavier.
    fn paint_merges(&self, canvas: &mut Canvas<'_>, axes: &Axes, tree: &Tree<'_>) {
        let cut = self.k.map_or(f64::INFINITY, |k| tree.cut(k));
        let fine = if self.merges.len() - tree.first > 120 { 0.7 } else { 1.0 };
        for (node, merge) in tree.drawn() {
            let [left, right] = merge.children.map(|child| axes.at(tree.x[child], tree.foot(child)));
            let y = axes.at(tree.x[node], merge.height).1;
            let wide = if merge.height > cut { 1.7 } else { fine };
            canvas.line(&[left, (left.0, y), (right.0, y), right], INK, wide);
        }
    }

    /// The classes of each drawn leaf as shares of its column.
    fn paint_strip(&self, canvas: &mut Canvas<'_>, strip: Frame, tree: &Tree<'_>) {
        let leaves = tree.leaves();
        let (sorted, colours) = (self.sorted_classes(tree, &leaves), self.colours());
        let columns = (CELLS * strip.width) as usize;
        let rows = if tree.first == 0 { 1 } else { (CELLS * strip.height) as usize };
        let mut pixels = vec![NEUTRAL; rows * columns];
        for column in 0..columns {
            let place = middle_of(column, columns, sorted.len());
            let leaf = &leaves[leaves.partition_point(|leaf| leaf.places.end <= place)].places;
            for row in 0..rows {
                pixels[row * columns + column] = colours[sorted[leaf.start + middle_of(row, rows, leaf.len())]];
            }
        }
        canvas.heat(Heat { frame: strip, columns, pixels });
        let words = if tree.first == 0 { "one column a point" } else { "shares among the points of each drawn leaf" };
        let words = fit(&format!("{}: {words}", self.of), SMALL, strip.width);
        canvas.text(&words, (strip.x, strip.bottom() + 38.0), SMALL, MUTED, Align::Start);
    }

    /// The class of the point at each place, sorted within each leaf.
    fn sorted_classes(&self, tree: &Tree<'_>, leaves: &[Branch]) -> Vec<usize> {
        let classes = self.classes();
        let mut sorted: Vec<usize> = tree.order.iter().map(|&point| classes[point]).collect();
        leaves.iter().for_each(|leaf| sorted[leaf.places.clone()].sort_unstable());
        sorted
    }

    /// The line of the cut, and a bracket with the size of each cluster below the strip.
    fn paint_cut(&self, canvas: &mut Canvas<'_>, axes: &Axes, strip: Frame, tree: &Tree<'_>) {
        let Some(k) = self.k else { return };
        let y = axes.held(0.0, tree.cut(k)).1;
        canvas.dashes((axes.frame.x, y), (axes.frame.right(), y), 5.0, ALERT);
        let words = [format!("k = {k}"), k.to_string()].into_iter().find(|words| width(words, SMALL) < 46.0);
        canvas.text(&words.unwrap_or_default(), (axes.frame.right() + 6.0, y), SMALL, ALERT, Align::Start);
        if k > MOST_BRACKETS {
            return;
        }
        let base = strip.bottom() + 7.0;
        for cluster in tree.branches(k).into_iter().map(|branch| branch.places) {
            let [left, right] = [cluster.start, cluster.end].map(|place| axes.held(place as f64, 0.0).0);
            let (left, right) = (left + 0.8, right - 0.8);
            canvas.line(&[(left, base), (right.max(left + 0.6), base)], INK, 2.0);
            let size = count(cluster.len());
            if width(&size, SMALL - 1.0) < right - left - 2.0 {
                canvas.text(&size, ((left + right) / 2.0, base + 12.0), SMALL - 1.0, INK, Align::Middle);
            }
        }
    }

    /// The place of each point's class among the sorted names; the last place is that of no class.
    fn classes(&self) -> Vec<usize> {
        let classes = Classes::of(self.names);
        let none = classes.names().len();
        let place = |label: &Option<u32>| label.and_then(|label| classes.index(&self.names[label as usize]));
        self.labels.iter().map(|label| place(label).unwrap_or(none)).collect()
    }

    fn colours(&self) -> Vec<Rgb> {
        let classes = Classes::of(self.names);
        classes.names().iter().map(|name| classes.look(name).0).chain([NEUTRAL]).collect()
    }

    /// The classes that have points.
    fn entries(&self) -> Vec<Entry> {
        let (classes, of_points) = (Classes::of(self.names), self.classes());
        let names = classes.names().iter().map(String::as_str).chain([""]);
        let rows = |place: usize| of_points.iter().filter(|&&of| of == place).count();
        let entry = |(place, (name, colour)): (usize, (&str, Rgb))| Entry {
            marker: Marker::Square,
            colour,
            name: shown(name).to_string(),
            rows: Some(rows(place)),
        };
        names.zip(self.colours()).enumerate().map(entry).filter(|entry| entry.rows != Some(0)).collect()
    }
}

/// What is below a leaf of a cut tree: from its own height to all its points.
fn paint_wedges(canvas: &mut Canvas<'_>, axes: &Axes, tree: &Tree<'_>) {
    for leaf in tree.leaves().into_iter().filter(|leaf| leaf.places.len() > 1) {
        let [left, right] = [leaf.places.start, leaf.places.end].map(|place| axes.held(place as f64, 0.0));
        canvas.polygon(&[left, axes.at(tree.x[leaf.node], tree.foot(leaf.node)), right], AXIS, 1.0);
    }
}

/// In which of `whole` parts the middle of part `at` of `parts` lies.
fn middle_of(at: usize, parts: usize, whole: usize) -> usize {
    (2 * at + 1) * whole / (2 * parts)
}
