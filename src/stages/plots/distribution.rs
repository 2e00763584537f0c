//! How many tracks each class has, as bars: genres, or languages.
//! Question: are classes as many as each other? Alarm: one bar that towers, or bars of a handful.

use serde_json::json;

use crate::plotting::axes::Axes;
use crate::plotting::canvas::{Align, Canvas, Frame, body, draw};
use crate::plotting::classes::{Classes, shown};
use crate::plotting::scale::count;
use crate::plotting::text::fit;
use crate::plotting::theme::{HEADER, INK, MUTED, SMALL};
use crate::plotting::{Caption, Drawing, PlotError, same_size};

const PLOT: &str = "distribution";
/// Height of a bar with its gap.
const ROW: f64 = 26.0;

/// Tracks of each class.
#[derive(Clone, Debug)]
pub struct Distribution<'a> {
    /// Title, n, seed.
    pub caption: &'a Caption,
    /// Names of the classes, as they are elsewhere (their sorted order gives the colours).
    pub labels: &'a [String],
    /// Tracks of each.
    pub counts: &'a [usize],
    /// What the classes are: `genre`.
    pub of: &'a str,
}

impl Distribution<'_> {
    /// Draws one bar a class, the largest first.
    ///
    /// # Errors
    /// Fails when there are no tracks, or names and counts differ in number.
    pub fn draw(&self) -> Result<Drawing, PlotError> {
        same_size(PLOT, "label names", self.counts.len(), self.labels.len())?;
        let total: usize = self.counts.iter().sum();
        if total == 0 {
            return Err(PlotError::Empty { plot: PLOT, why: "no track has a class" });
        }
        let mut order: Vec<usize> = (0..self.counts.len()).filter(|class| self.counts[*class] > 0).collect();
        order.sort_by_key(|class| std::cmp::Reverse(self.counts[*class]));
        let height = HEADER + 60.0 + (ROW * order.len() as f64).min(900.0);
        let data = json!({ "caption": self.caption, "labels": self.labels, "counts": self.counts });
        draw(self.caption, height, data, |canvas| self.paint(canvas, &order, total, height))
    }

    fn paint(&self, canvas: &mut Canvas<'_>, order: &[usize], total: usize, height: f64) {
        let page = body(height);
        let frame = Frame::new(page.x + 150.0, page.y, page.width - 260.0, page.height - 44.0);
        let most = order.first().map_or(1, |class| self.counts[*class]);
        let axes = Axes::new(frame, (0.0, most as f64), (0.0, order.len() as f64));
        axes.grid_x(canvas, 6);
        axes.name_x(canvas, &format!("tracks of each {}", self.of));
        let classes = Classes::of(self.labels);
        for (place, class) in order.iter().enumerate() {
            let (label, tracks) = (&self.labels[*class], self.counts[*class]);
            let top = (order.len() - place) as f64;
            let (start, end) = (axes.at(0.0, top - 0.12), axes.at(tracks as f64, top - 0.88));
            canvas.rect(Frame::new(start.0, start.1, end.0 - start.0, end.1 - start.1), classes.look(label).0);
            let middle = axes.at(0.0, top - 0.5).1;
            canvas.text(&fit(shown(label), SMALL, 140.0), (frame.x - 8.0, middle), SMALL, INK, Align::End);
            let note = format!("{} ({:.0}%)", count(tracks), 100.0 * tracks as f64 / total as f64);
            canvas.text(&note, (end.0 + 8.0, middle), SMALL - 1.0, MUTED, Align::Start);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plotting::check::{assert_sound, caption, names};

    #[test]
    fn one_class_many_classes_and_none() {
        let drawn = |counts: &[usize]| {
            Distribution { caption: &caption(), labels: &names(counts.len()), counts, of: "genre" }.draw()
        };
        assert_sound(&drawn(&[5]).unwrap());
        assert_sound(&drawn(&(1..60).collect::<Vec<_>>()).unwrap());
        assert!(drawn(&[0, 0]).is_err() && drawn(&[]).is_err());
    }
}
