//! Silhouettes of all points, cluster by cluster: one block of sorted bars each, which Rousseeuw calls a knife.
//! Rousseeuw, "Silhouettes: a graphical aid to the interpretation and validation of cluster analysis" (1987).
//! Question: which clusters hold together? Good: broad knives that reach past the mean. Alarm: thin tips, bars below 0.

use serde::Serialize;
use serde_json::json;

use crate::plotting::axes::Axes;
use crate::plotting::canvas::{Align, Canvas, Frame, body, draw};
use crate::plotting::classes::Classes;
use crate::plotting::palette::Rgb;
use crate::plotting::scale::{count, number};
use crate::plotting::theme::{ALERT, AXIS, HEADER, INK, MUTED, SMALL};
use crate::plotting::{Caption, Drawing, PlotError, same_size};

const PLOT: &str = "silhouettes";
/// Least height of a block, so that its words have room.
const LINE: f64 = 16.0;
/// More blocks than this have no line each.
const MOST_LINES: usize = 40;
/// What the page has above and below the field.
const AROUND: f64 = 100.0;

/// The silhouette of every point.
#[derive(Clone, Debug)]
pub struct Silhouettes<'a> {
    /// Title, n, seed, metric.
    pub caption: &'a Caption,
    /// From -1 to 1, `[points]`; none where it is not defined, as for noise.
    pub values: &'a [Option<f64>],
    /// Cluster of each point, `[points]`; below 0 is noise, which is left out and counted.
    pub clusters: &'a [i32],
    /// Mean over the points; not-a-number is not drawn.
    pub mean: f64,
}

/// One cluster.
#[derive(Clone, Debug, Serialize)]
struct Block {
    cluster: i32,
    size: usize,
    mean: f64,
    below_zero: usize,
    /// Falling.
    values: Vec<f64>,
}

impl Silhouettes<'_> {
    /// Draws the blocks, by cluster number from the top; their heights go by size, but leave room for a line of words.
    ///
    /// # Errors
    /// Fails when no point of a cluster has a silhouette, or when values and clusters differ in number.
    pub fn draw(&self) -> Result<Drawing, PlotError> {
        same_size(PLOT, "clusters", self.values.len(), self.clusters.len())?;
        let blocks = self.blocks();
        if blocks.is_empty() {
            return Err(PlotError::Empty { plot: PLOT, why: "no point of a cluster has a silhouette" });
        }
        let field = (26.0 * blocks.len() as f64).clamp(300.0, 640.0);
        let mean = Some(self.mean).filter(|mean| mean.is_finite());
        let data = json!({ "caption": self.caption, "mean": mean, "noise": self.noise(), "clusters": blocks });
        draw(&self.noted(&blocks), HEADER + field + AROUND, data, |canvas| self.paint(canvas, &blocks, field))
    }

    fn noise(&self) -> usize {
        self.clusters.iter().filter(|&&cluster| cluster < 0).count()
    }

    fn blocks(&self) -> Vec<Block> {
        let given = self.clusters.iter().zip(self.values);
        let mut all: Vec<(i32, f64)> = given.filter_map(|(&cluster, value)| Some((cluster, (*value)?))).collect();
        all.retain(|(cluster, value)| *cluster >= 0 && (-1.0..=1.0).contains(value));
        all.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
        all.chunk_by(|a, b| a.0 == b.0).map(Block::of).collect()
    }

    /// The caption with a note on what is not drawn.
    fn noted(&self, blocks: &[Block]) -> Caption {
        let (noise, drawn) = (self.noise(), blocks.iter().map(|block| block.size).sum::<usize>());
        let lost = self.values.len() - noise - drawn;
        let mut notes: Vec<String> = self.caption.metric.iter().cloned().collect();
        notes.extend((noise > 0).then(|| format!("noise left out: {}", count(noise))));
        notes.extend((lost > 0).then(|| format!("without a silhouette: {}", count(lost))));
        Caption { metric: Some(notes.join(" · ")), ..self.caption.clone() }
    }

    /// From 0 or the tenth below the lowest value to the tenth above the highest.
    fn range(&self, blocks: &[Block]) -> (f64, f64) {
        let lowest = blocks.iter().filter_map(|block| block.values.last()).copied().fold(0.0, f64::min);
        let highest = blocks.iter().filter_map(|block| block.values.first()).copied().fold(0.01, f64::max);
        let (low, high) = (lowest.min(self.mean).max(-1.0), highest.max(self.mean).min(1.0));
        ((low * 10.0).floor() / 10.0, (high * 10.0).ceil() / 10.0)
    }

    fn paint(&self, canvas: &mut Canvas<'_>, blocks: &[Block], field: f64) {
        let page = body(HEADER + field + AROUND);
        let frame = Frame::new(page.x + 60.0, page.y + 28.0, page.width - 240.0, field);
        let range = self.range(blocks);
        let axes = Axes::new(frame, range, (0.0, field));
        if range.0 < 0.0 {
            let zero = axes.at(0.0, 0.0).0;
            let corners = [(frame.x, frame.y), (zero, frame.y), (zero, frame.bottom()), (frame.x, frame.bottom())];
            canvas.polygon(&corners, ALERT, 0.08);
        }
        axes.grid_x(canvas, 11);
        axes.name_x(canvas, "silhouette; below 0 a point is nearer to another cluster");
        paint_blocks(canvas, &axes, blocks);
        canvas.line(&[axes.at(0.0, 0.0), axes.at(0.0, field)], AXIS, 1.2);
        self.paint_mean(canvas, &axes, range);
    }

    fn paint_mean(&self, canvas: &mut Canvas<'_>, axes: &Axes, range: (f64, f64)) {
        if !(range.0..=range.1).contains(&self.mean) {
            return;
        }
        let x = axes.at(self.mean, 0.0).0;
        canvas.dashes((x, axes.frame.y - 4.0), (x, axes.frame.bottom()), 4.0, INK);
        let align = if x > axes.frame.centre().0 { Align::End } else { Align::Start };
        canvas.text(&format!("mean {}", number(self.mean, 0.01)), (x, axes.frame.y - 14.0), SMALL, INK, align);
    }
}

impl Block {
    /// Of points of one cluster, sorted by falling value.
    fn of(points: &[(i32, f64)]) -> Block {
        let values: Vec<f64> = points.iter().map(|point| point.1).collect();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let below_zero = values.iter().filter(|value| **value < 0.0).count();
        Block { cluster: points[0].0, size: values.len(), mean, below_zero, values }
    }

    /// At most `rows` bars for all values: the mean of those a bar stands for, but the lowest where one is below 0.
    fn bars(&self, rows: usize) -> Vec<f64> {
        let rows = rows.clamp(1, self.size);
        let slice = |row: usize| &self.values[self.size * row / rows..self.size * (row + 1) / rows];
        let bar = |values: &[f64]| match values.last() {
            Some(lowest) if *lowest < 0.0 => *lowest,
            _ => values.iter().sum::<f64>() / values.len() as f64,
        };
        (0..rows).map(|row| bar(slice(row))).collect()
    }
}

/// The blocks and what is said of each beside it; words that would lie on those above are left out.
fn paint_blocks(canvas: &mut Canvas<'_>, axes: &Axes, blocks: &[Block]) {
    let names: Vec<String> = blocks.iter().map(|block| block.cluster.to_string()).collect();
    let (classes, frame) = (Classes::of(&names), axes.frame);
    say(canvas, frame, frame.y - 14.0, [MUTED; 2], ["cluster", "n", "mean", "below 0"]);
    let sizes: Vec<usize> = blocks.iter().map(|block| block.size).collect();
    let half = if blocks.len() > MOST_LINES { LINE } else { 0.45 * LINE };
    let (mut top, mut free) = (frame.y, frame.y - half);
    for ((block, name), height) in blocks.iter().zip(&names).zip(heights(&sizes, frame.height)) {
        let gap = (0.2 * height).min(6.0);
        paint_knife(canvas, axes, block, (top + gap / 2.0, height - gap), classes.look(name).0);
        let middle = top + height / 2.0;
        if middle - free >= half {
            let words = [name.clone(), count(block.size), number(block.mean, 0.01), count(block.below_zero)];
            let last = if block.below_zero > 0 { ALERT } else { MUTED };
            say(canvas, frame, middle, [INK, last], words.each_ref().map(String::as_str));
            free = middle + half;
        }
        top += height;
    }
}

/// A line of the table around the field: the cluster to its left, the numbers to its right.
fn say(canvas: &mut Canvas<'_>, frame: Frame, y: f64, [colour, last]: [Rgb; 2], [name, size, mean, below]: [&str; 4]) {
    canvas.text(name, (frame.x - 10.0, y), SMALL, colour, Align::End);
    canvas.text(size, (frame.right() + 58.0, y), SMALL, colour, Align::End);
    canvas.text(mean, (frame.right() + 112.0, y), SMALL, colour, Align::End);
    canvas.text(below, (frame.right() + 178.0, y), SMALL, last, Align::End);
}

/// One polygon for all bars of a block from 0, two bars a unit at most.
fn paint_knife(canvas: &mut Canvas<'_>, axes: &Axes, block: &Block, (top, height): (f64, f64), colour: Rgb) {
    let bars = block.bars((2.0 * height) as usize);
    let (zero, thick) = (axes.at(0.0, 0.0).0, height / bars.len() as f64);
    let mut corners = vec![(zero, top)];
    for (row, &bar) in bars.iter().enumerate() {
        let (x, y) = (axes.at(bar, 0.0).0, top + row as f64 * thick);
        corners.extend([(x, y), (x, y + thick)]);
    }
    corners.push((zero, top + height));
    canvas.polygon(&corners, colour, 1.0);
}

/// Shares of `room` by size, none less than [`LINE`] or an even share, if that is less.
fn heights(sizes: &[usize], room: f64) -> Vec<f64> {
    let least = LINE.min(room / sizes.len() as f64);
    let mut raised = vec![false; sizes.len()];
    loop {
        let rest = room - least * raised.iter().filter(|raised| **raised).count() as f64;
        let total: usize = sizes.iter().zip(&raised).filter(|(_, raised)| !**raised).map(|(size, _)| size).sum();
        let height = |at: usize| if raised[at] { least } else { sizes[at] as f64 * rest / total as f64 };
        let low: Vec<usize> = (0..sizes.len()).filter(|&at| !raised[at] && height(at) < least).collect();
        if low.is_empty() {
            return (0..sizes.len()).map(height).collect();
        }
        low.into_iter().for_each(|at| raised[at] = true);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plotting::check::{assert_sound, caption};

    fn draw_values(values: &[Option<f64>], clusters: &[i32], mean: f64) -> Result<Drawing, PlotError> {
        Silhouettes { caption: &caption(), values, clusters, mean }.draw()
    }

    #[test]
    fn every_cluster_is_one_knife_and_noise_is_counted() {
        let values = [Some(0.5), Some(0.7), None, Some(-0.2), Some(f64::NAN), Some(0.1), Some(0.3)];
        let drawing = draw_values(&values, &[0, 0, -1, 1, 1, 1, 4], 0.28).unwrap();
        assert_sound(&drawing);
        assert_eq!(drawing.svg.matches("<polygon").count(), 4, "three knives and the field below 0");
        assert!(drawing.svg.contains("noise left out: 1 · without a silhouette: 1"));
        assert_eq!(drawing.data["clusters"][0]["values"], json!([0.7, 0.5]));
        assert_eq!(drawing.data["clusters"][1]["below_zero"], 1);
        assert_eq!((&drawing.data["mean"], &drawing.data["noise"]), (&json!(0.28), &json!(1)));
    }

    #[test]
    fn one_cluster_one_point_and_equal_values_are_drawn() {
        for values in [vec![Some(1.0); 30], vec![Some(0.0)], vec![Some(-1.0); 3]] {
            for mean in [0.4, f64::NAN, -7.0] {
                assert_sound(&draw_values(&values, &vec![0; values.len()], mean).unwrap());
            }
        }
    }

    #[test]
    fn a_lone_bar_below_zero_is_seen_among_thousands() {
        let points: Vec<(i32, f64)> = (0..5000).map(|at| (0, if at == 4999 { -0.3 } else { 0.4 })).collect();
        let bars = Block::of(&points).bars(100);
        assert!(bars.len() == 100 && (bars[98] - 0.4).abs() < 1e-9 && bars[99] == -0.3);
    }

    #[test]
    fn heights_fill_the_room_and_leave_a_line_for_each() {
        let found = heights(&[1000, 10, 1, 500], 320.0);
        assert!((found.iter().sum::<f64>() - 320.0).abs() < 1e-9);
        assert_eq!(found[1..3], [LINE, LINE]);
        assert!((found[0] - 2.0 * found[3]).abs() < 1e-9);
        assert_eq!(heights(&[5; 100], 300.0), [3.0; 100]);
    }

    #[test]
    fn many_points_and_many_clusters_stay_light() {
        for clusters in [1, 20, 400] {
            let values: Vec<Option<f64>> = (0..20_000).map(|at| Some(f64::from(at % 997) / 700.0 - 0.5)).collect();
            let labels: Vec<i32> = (0..20_000).map(|at| at % clusters).collect();
            let drawing = draw_values(&values, &labels, 0.2).unwrap();
            assert_sound(&drawing);
            assert!(drawing.svg.len() < 200_000, "{clusters} clusters: {}", drawing.svg.len());
        }
    }

    #[test]
    fn nothing_to_draw_and_unequal_numbers_are_errors() {
        assert!(matches!(draw_values(&[], &[], 0.0), Err(PlotError::Empty { .. })));
        assert!(matches!(draw_values(&[None, Some(0.1)], &[0, -1], 0.0), Err(PlotError::Empty { .. })));
        assert!(matches!(draw_values(&[Some(0.1)], &[], 0.0), Err(PlotError::Shape { expected: 1, got: 0, .. })));
    }
}
