//! The distance of every point to its k-th neighbour, falling, and the radius that was read from its knee.
//! Ester, Kriegel, Sander, Xu, "A density-based algorithm for discovering clusters" (KDD 1996), section 4.2.
//! Question: is there one density? Good: a sharp knee, few points beyond it. Alarm: a straight slope, or steps.

use serde_json::json;

use crate::plotting::axes::Axes;
use crate::plotting::canvas::{Align, Canvas, Frame, body, draw};
use crate::plotting::marker::Marker;
use crate::plotting::scale::{count, short};
use crate::plotting::text::{fit, width};
use crate::plotting::theme::{ACCENT, ALERT, BODY, MUTED, SMALL};
use crate::plotting::{Caption, Drawing, PlotError};

const PLOT: &str = "k distance";
const HEIGHT: f64 = 400.0;
/// Distances above so many radii are cut off, so that the knee stays in sight.
const MOST_RADII: f64 = 6.0;
/// What is above overflows an axis; it counts as not finite.
const LARGEST: f64 = 1e300;
/// Points of the line, at most.
const MOST_POINTS: usize = 700;

/// Sorted distances and a radius.
#[derive(Clone, Debug)]
pub struct KDistance<'a> {
    /// Title, n, seed, metric.
    pub caption: &'a Caption,
    /// Distance of each point to its `k`-th neighbour, `[points]`, in any order; those that are not finite are left out
    /// and counted.
    pub distances: &'a [f64],
    /// Number of the neighbour, the point itself not counted: one less than the `min_samples` of DBSCAN.
    pub k: usize,
    /// The chosen radius.
    pub eps: f64,
}

impl KDistance<'_> {
    /// Draws the curve; the points beyond the radius are shaded and said in words.
    ///
    /// # Errors
    /// Fails without a finite distance or a finite radius.
    pub fn draw(&self) -> Result<Drawing, PlotError> {
        let mut falling: Vec<f64> = self.distances.to_vec();
        falling.retain(|distance| (0.0..=LARGEST).contains(distance));
        falling.sort_by(|a, b| b.total_cmp(a));
        let known = (0.0..=LARGEST).contains(&self.eps);
        if falling.is_empty() || !known {
            let why = if known { "no distance is finite" } else { "the radius is no finite distance" };
            return Err(PlotError::Empty { plot: PLOT, why });
        }
        let curve = Curve { beyond: falling.partition_point(|&distance| distance > self.eps), falling };
        let data = json!({ "caption": self.caption, "distances": curve.falling, "k": self.k, "eps": self.eps,
            "beyond": curve.beyond, "share_beyond": curve.share() });
        draw(&self.noted(curve.falling.len()), HEIGHT, data, |canvas| self.paint(canvas, &curve))
    }

    fn noted(&self, finite: usize) -> Caption {
        if finite == self.distances.len() {
            return self.caption.clone();
        }
        let note = format!("{} left out (not finite)", count(self.distances.len() - finite));
        let notes: Vec<String> = self.caption.metric.iter().cloned().chain([note]).collect();
        Caption { metric: Some(notes.join(" · ")), ..self.caption.clone() }
    }

    fn paint(&self, canvas: &mut Canvas<'_>, curve: &Curve) {
        let page = body(HEIGHT);
        let frame = Frame::new(page.x + 58.0, page.y + 30.0, page.width - 66.0, page.height - 80.0);
        let (top, points) = (self.top(curve), curve.falling.len() as f64);
        let axes = Axes::new(frame, (0.0, points), (0.0, top));
        axes.grid_y(canvas, 7);
        axes.grid_x(canvas, 9);
        axes.floor(canvas);
        axes.name_x(canvas, "points, the sparsest first");
        self.say(canvas, page, curve);
        curve.paint(canvas, &axes, self.eps, top);
        self.paint_radius(canvas, &axes, curve);
    }

    /// The upper end of the axis: just above the largest distance that is not cut off.
    fn top(&self, curve: &Curve) -> f64 {
        let most = if self.eps > 0.0 { MOST_RADII * self.eps } else { LARGEST };
        let largest = curve.falling.iter().copied().find(|distance| *distance <= most).unwrap_or(0.0);
        let top = 1.06 * largest.max(self.eps);
        if top > 0.0 { top } else { 1.0 }
    }

    /// What the axis shows and what the radius does, in one line above the field.
    fn say(&self, canvas: &mut Canvas<'_>, page: Frame, curve: &Curve) {
        let (all, beyond) = (count(curve.falling.len()), count(curve.beyond));
        let words = format!(
            "{:.1}% of points ({beyond} of {all}) beyond eps: noise or the rim of a cluster",
            100.0 * curve.share()
        );
        let words = fit(&words, BODY, page.width - 190.0);
        canvas.text(&words, (page.right() - 8.0, page.y + 8.0), BODY, ALERT, Align::End);
        let name = format!("distance to the {}", ordinal(self.k));
        let room = page.width - width(&words, BODY) - 40.0;
        canvas.text(&fit(&name, BODY, room), (page.x, page.y + 8.0), BODY, MUTED, Align::Start);
    }

    fn paint_radius(&self, canvas: &mut Canvas<'_>, axes: &Axes, curve: &Curve) {
        let (from, knee) = (axes.at(0.0, self.eps), axes.at(curve.beyond as f64, self.eps));
        canvas.dashes(from, (axes.frame.right(), from.1), 5.0, ALERT);
        if knee.1 < axes.frame.bottom() - 1.0 {
            canvas.dashes(knee, (knee.0, axes.frame.bottom()), 3.0, ALERT);
        }
        canvas.marker(Marker::Circle, knee, 4.6, ALERT, 1.0);
        let above = if curve.beyond < curve.falling.len() { -11.0 } else { 11.0 };
        let words = format!("eps {}", short(self.eps));
        canvas.text(&words, (axes.frame.right(), from.1 + above), SMALL, ALERT, Align::End);
    }
}

/// Distances, and how many of them lie beyond the radius.
struct Curve {
    falling: Vec<f64>,
    beyond: usize,
}

impl Curve {
    fn share(&self) -> f64 {
        self.beyond as f64 / self.falling.len() as f64
    }

    /// The curve below `top`, and the area under it beyond `eps`.
    fn paint(&self, canvas: &mut Canvas<'_>, axes: &Axes, eps: f64, top: f64) {
        let first = self.falling.partition_point(|&distance| distance > top);
        let place = |at: usize| axes.at(at as f64 + 0.5, self.falling[at]);
        let line: Vec<(f64, f64)> = picked(first, self.falling.len()).into_iter().map(place).collect();
        let mut area: Vec<(f64, f64)> = picked(first, self.beyond).into_iter().map(place).collect();
        let (edge, floor) = (axes.at(self.beyond as f64, eps), axes.frame.bottom());
        if let Some(&(_, start)) = area.first() {
            area.extend([edge, (edge.0, floor), (axes.frame.x, floor), (axes.frame.x, start)]);
            canvas.polygon(&area, ALERT, 0.14);
        }
        match line[..] {
            [lone] => canvas.marker(Marker::Circle, lone, 3.6, ACCENT, 1.0),
            _ => canvas.line(&line, ACCENT, 2.2),
        }
        if let (true, Some(&(x, _))) = (first > 0, line.first()) {
            let words = format!("{} farther, not shown", count(first));
            canvas.text(&words, (x + 10.0, axes.frame.y + 8.0), SMALL, MUTED, Align::Start);
        }
    }
}

/// Up to [`MOST_POINTS`] numbers from `first` to below `end`, even, both ends among them.
fn picked(first: usize, end: usize) -> Vec<usize> {
    let steps = end.saturating_sub(first).min(MOST_POINTS);
    (0..steps).map(|step| first + (end - 1 - first) * step / (steps - 1).max(1)).collect()
}

/// `1st neighbour`, `12th neighbour`.
fn ordinal(number: usize) -> String {
    let ending = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{number}{ending} neighbour")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plotting::check::{assert_sound, caption};

    fn draw_distances(distances: &[f64], eps: f64) -> Result<Drawing, PlotError> {
        KDistance { caption: &caption(), distances, k: 4, eps }.draw()
    }

    #[test]
    fn the_share_beyond_is_counted_and_marked() {
        let drawing = draw_distances(&[5.0, 1.0, f64::NAN, 0.9, 2.0, f64::INFINITY], 1.0).unwrap();
        assert_sound(&drawing);
        assert_eq!(drawing.data["distances"], json!([5.0, 2.0, 1.0, 0.9]));
        assert_eq!((&drawing.data["beyond"], &drawing.data["share_beyond"]), (&json!(2), &json!(0.5)));
        assert_eq!(drawing.svg.matches("<circle").count(), 1, "the knee");
        assert_eq!(drawing.svg.matches("<polygon").count(), 1, "the area beyond");
        assert!(drawing.svg.contains("2 left out (not finite)"));
    }

    #[test]
    fn no_point_all_points_and_lone_points_beyond_are_drawn() {
        let rising: Vec<f64> = (0..50).map(f64::from).collect();
        for eps in [0.0, 1e-9, 20.0, 49.0, 1e9, 1e300] {
            for distances in [&rising[..], &[0.0; 9], &[7.0], &[1e-320], &[1e-12, 1e12]] {
                assert_sound(&draw_distances(distances, eps).unwrap());
            }
        }
    }

    #[test]
    fn far_outliers_do_not_hide_the_knee() {
        let distances: Vec<f64> = (0..100).map(|at| if at < 3 { 900.0 } else { 1.0 }).collect();
        let curve = Curve { falling: distances.clone(), beyond: 3 };
        assert_eq!(KDistance { caption: &caption(), distances: &distances, k: 4, eps: 1.5 }.top(&curve), 1.06 * 1.5);
    }

    #[test]
    fn thousands_of_points_stay_light() {
        let distances: Vec<f64> = (1..20_000).map(|at| 900.0 / f64::from(at)).collect();
        let drawing = draw_distances(&distances, 0.4).unwrap();
        assert!(drawing.svg.len() < 100_000, "{}", drawing.svg.len());
        assert_eq!((picked(0, 5000).len(), picked(3, 5000).first().copied()), (MOST_POINTS, Some(3)));
        assert_eq!((picked(0, 5000).last().copied(), picked(4, 4).len()), (Some(4999), 0));
    }

    #[test]
    fn ordinals_are_english() {
        assert_eq!([1, 2, 3, 4, 11, 12, 22].map(|n| ordinal(n).replace(" neighbour", "")), {
            ["1st", "2nd", "3rd", "4th", "11th", "12th", "22nd"]
        });
    }

    #[test]
    fn nothing_finite_is_an_error() {
        for (distances, eps) in [(&[][..], 1.0), (&[f64::NAN, -1.0], 1.0), (&[1.0], f64::NAN), (&[1.0], -1.0)] {
            assert!(matches!(draw_distances(distances, eps), Err(PlotError::Empty { .. })));
        }
    }
}
