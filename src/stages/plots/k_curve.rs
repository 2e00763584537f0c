//! A criterion over the number of clusters, and the number that was chosen by it.
//! Question: how many clusters? Good: one clear peak or bend. Alarm: a flat curve, or the chosen number at its end.

use serde_json::json;

use crate::plotting::axes::Axes;
use crate::plotting::canvas::{Align, Canvas, Frame, body, draw};
use crate::plotting::marker::Marker;
use crate::plotting::scale::{count, extent, padded, short};
use crate::plotting::text::fit;
use crate::plotting::theme::{ACCENT, ALERT, BODY, GRID, MUTED, SMALL};
use crate::plotting::{Caption, Drawing, PlotError, same_size};

const PLOT: &str = "k curve";
const HEIGHT: f64 = 400.0;
/// What is above overflows an axis; it counts as not finite.
const LARGEST: f64 = 1e300;
/// A smaller range, as a share of the values, is rounding, not a curve.
const ROUNDING: f64 = 1e-9;
/// Values from here on are shown in thousands, millions, ...
const LARGE: f64 = 1e5;

/// A criterion over numbers of clusters.
#[derive(Clone, Debug)]
pub struct KCurve<'a> {
    /// Title, n, seed, metric.
    pub caption: &'a Caption,
    /// `silhouette`, `gap`, `BIC`, `AIC`, `inertia`, or another, of which no direction is said.
    pub criterion: &'a str,
    /// Number of clusters and value of the criterion, in any order; values that are not finite are left out and named.
    pub values: &'a [(usize, f64)],
    /// Standard error of each value, in the order of `values`.
    pub errors: Option<&'a [f64]>,
    /// The number of clusters taken; it has a finite value.
    pub chosen: usize,
}

/// One number of clusters: the value and, where known, its error.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Point {
    k: usize,
    value: f64,
    error: Option<f64>,
}

impl KCurve<'_> {
    /// Draws the points with the line through them and the band of errors.
    ///
    /// # Errors
    /// Fails without a finite value, when errors and values differ in number, or when `chosen` has no finite value.
    pub fn draw(&self) -> Result<Drawing, PlotError> {
        same_size(PLOT, "errors", self.values.len(), self.errors.map_or(self.values.len(), <[f64]>::len))?;
        let points = self.points();
        if points.is_empty() {
            return Err(PlotError::Empty { plot: PLOT, why: "no number of clusters has a finite value" });
        }
        let known = usize::from(points.iter().any(|point| point.k == self.chosen));
        same_size(PLOT, "finite value at the chosen k", 1, known)?;
        let better = direction(self.criterion).map(|(better, _)| better);
        let data = json!({ "caption": self.caption, "criterion": self.criterion, "values": self.values,
            "errors": self.errors, "chosen": self.chosen, "better": better });
        draw(&self.noted(), HEIGHT, data, |canvas| self.paint(canvas, &points))
    }

    /// The finite points, by rising k.
    fn points(&self) -> Vec<Point> {
        let error = |at: usize| self.errors.map(|errors| errors[at].abs()).filter(|error| *error <= LARGEST);
        let point = |(at, &(k, value)): (usize, &(usize, f64))| Point { k, value, error: error(at) };
        let mut points: Vec<Point> = self.values.iter().enumerate().map(point).collect();
        points.retain(|point| point.value.abs() <= LARGEST);
        points.sort_by_key(|point| point.k);
        points
    }

    fn noted(&self) -> Caption {
        let known = |value: f64| value.abs() <= LARGEST;
        let lost: Vec<usize> = self.values.iter().filter(|(_, value)| !known(*value)).map(|(k, _)| *k).collect();
        let note = match lost[..] {
            [] => return self.caption.clone(),
            [k] => format!("k = {k} left out (not finite)"),
            _ => format!("{} numbers left out (not finite)", count(lost.len())),
        };
        let notes: Vec<String> = self.caption.metric.iter().cloned().chain([note]).collect();
        Caption { metric: Some(notes.join(" · ")), ..self.caption.clone() }
    }

    fn paint(&self, canvas: &mut Canvas<'_>, points: &[Point]) {
        let (unit, points) = scaled(points);
        let page = body(HEIGHT);
        let frame = Frame::new(page.x + 58.0, page.y + 54.0, page.width - 70.0, page.height - 104.0);
        let axes = axes(frame, &points);
        axes.grid_y(canvas, 7);
        ticks(canvas, &axes, &points);
        axes.floor(canvas);
        axes.name_x(canvas, "number of clusters k");
        self.say(canvas, page, unit);
        band(canvas, &axes, &points);
        curve(canvas, &axes, &points);
        self.mark(canvas, &axes, &points);
    }

    /// The criterion, and which way is better, above the field.
    fn say(&self, canvas: &mut Canvas<'_>, page: Frame, unit: &str) {
        let words = direction(self.criterion).map_or("", |(_, words)| words);
        canvas.text(words, (page.right() - 12.0, page.y + 8.0), BODY, MUTED, Align::End);
        let band = if self.errors.is_some() { ", band: one standard error" } else { "" };
        let name = fit(&format!("{}{unit}{band}", self.criterion), BODY, 0.6 * page.width);
        canvas.text(&name, (page.x, page.y + 8.0), BODY, MUTED, Align::Start);
    }

    fn mark(&self, canvas: &mut Canvas<'_>, axes: &Axes, points: &[Point]) {
        let Some(point) = points.iter().find(|point| point.k == self.chosen) else { return };
        let (x, y) = axes.at(point.k as f64, point.value);
        canvas.dashes((x, axes.frame.y - 4.0), (x, axes.frame.bottom()), 4.0, ALERT);
        canvas.marker(Marker::Circle, (x, y), 6.0, ALERT, 1.0);
        let words = format!("chosen: k = {}, {}", self.chosen, short(point.value));
        let align = match (x - axes.frame.x) / axes.frame.width {
            share if share < 0.2 => Align::Start,
            share if share > 0.8 => Align::End,
            _ => Align::Middle,
        };
        canvas.text(&words, (x, axes.frame.y - 13.0), SMALL, ALERT, align);
    }
}

/// Which way is better, in a word and in words.
fn direction(criterion: &str) -> Option<(&'static str, &'static str)> {
    match criterion.to_lowercase().as_str() {
        "silhouette" => Some(("more", "more is better")),
        "gap" => Some(("more", "more is better; the least k within one error of the next")),
        "bic" | "aic" => Some(("less", "less is better")),
        "inertia" => Some(("less", "less is tighter, and it falls with k: look for the bend")),
        _ => None,
    }
}

/// Large values in thousands, millions or billions, and how that is said.
fn scaled(points: &[Point]) -> (&'static str, Vec<Point>) {
    let largest = points.iter().map(|point| point.value.abs()).fold(0.0, f64::max);
    let (size, unit) = match largest {
        _ if largest < LARGE => (1.0, ""),
        _ if largest < LARGE * 1e3 => (1e3, ", thousands"),
        _ if largest < LARGE * 1e6 => (1e6, ", millions"),
        _ if largest < LARGE * 1e9 => (1e9, ", billions"),
        _ => (1.0, ""),
    };
    let part =
        |point: &Point| Point { value: point.value / size, error: point.error.map(|error| error / size), ..*point };
    (unit, points.iter().map(part).collect())
}

/// Half a step of k around the points, and room for all errors.
fn axes(frame: Frame, points: &[Point]) -> Axes {
    let ends = |point: &Point| [-1.0, 1.0].map(|side| point.value + side * point.error.unwrap_or(0.0));
    let (low, high) = extent(points.iter().flat_map(ends)).unwrap_or((0.0, 1.0));
    let flat = high - low <= ROUNDING * low.abs().max(high.abs());
    let y = padded(if flat { (low, low) } else { (low, high) }, 0.07);
    let (first, last) = (points[0].k as f64, points[points.len() - 1].k as f64);
    let room = (0.02 * (last - first)).max(0.5);
    Axes::new(frame, (first - room, last + room), y)
}

/// Every k where there is room, every second, fifth, tenth, ... where there is less.
fn ticks(canvas: &mut Canvas<'_>, axes: &Axes, points: &[Point]) {
    let (first, last) = (points[0].k, points[points.len() - 1].k);
    let steps = (0..).flat_map(|power| [1, 2, 5].map(|step| step * 10_usize.saturating_pow(power)));
    let every = steps.into_iter().find(|step| (last - first) / step <= 24).unwrap_or(usize::MAX);
    for k in (first.div_ceil(every)..=last / every).map(|step| step * every) {
        let x = axes.at(k as f64, 0.0).0;
        canvas.line(&[(x, axes.frame.y), (x, axes.frame.bottom())], GRID, 1.0);
        canvas.text(&k.to_string(), (x, axes.frame.bottom() + 14.0), SMALL, MUTED, Align::Middle);
    }
}

/// One error to both sides, over each run of points that have one.
fn band(canvas: &mut Canvas<'_>, axes: &Axes, points: &[Point]) {
    for run in points.split(|point| point.error.is_none()).filter(|run| !run.is_empty()) {
        let side = |point: &Point, sign: f64| axes.at(point.k as f64, point.value + sign * point.error.unwrap_or(0.0));
        let upper = run.iter().map(|point| side(point, 1.0));
        let around: Vec<(f64, f64)> = upper.chain(run.iter().rev().map(|point| side(point, -1.0))).collect();
        match around[..] {
            [top, bottom] => canvas.line(&[top, bottom], ACCENT, 1.6),
            _ => canvas.polygon(&around, ACCENT, 0.2),
        }
    }
}

fn curve(canvas: &mut Canvas<'_>, axes: &Axes, points: &[Point]) {
    let places: Vec<(f64, f64)> = points.iter().map(|point| axes.at(point.k as f64, point.value)).collect();
    if places.len() > 1 {
        canvas.line(&places, ACCENT, 2.0);
    }
    let radius = if places.len() > 60 { 2.4 } else { 3.6 };
    places.into_iter().for_each(|place| canvas.marker(Marker::Circle, place, radius, ACCENT, 1.0));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plotting::check::{assert_sound, caption};

    const VALUES: [(usize, f64); 4] = [(4, 0.3), (2, 0.1), (3, 0.5), (5, f64::NAN)];

    fn draw_curve(values: &[(usize, f64)], errors: Option<&[f64]>, chosen: usize) -> Result<Drawing, PlotError> {
        KCurve { caption: &caption(), criterion: "silhouette", values, errors, chosen }.draw()
    }

    #[test]
    fn every_finite_value_is_a_point_and_the_chosen_one_has_two() {
        let drawing = draw_curve(&VALUES, Some(&[0.1, 0.1, f64::NAN, 0.1]), 3).unwrap();
        assert_sound(&drawing);
        assert_eq!(drawing.svg.matches("<circle").count(), 4);
        assert!(drawing.svg.contains("k = 5 left out (not finite)"));
        assert_eq!(drawing.data["values"][2], json!([3, 0.5]));
        assert_eq!((&drawing.data["chosen"], &drawing.data["better"]), (&json!(3), &json!("more")));
    }

    #[test]
    fn the_band_is_drawn_only_where_errors_are() {
        let bands =
            |errors: Option<&[f64]>| draw_curve(&VALUES[..3], errors, 3).unwrap().svg.matches("<polygon").count();
        assert_eq!((bands(None), bands(Some(&[0.1; 3])), bands(Some(&[f64::NAN; 3]))), (0, 1, 0));
    }

    #[test]
    fn extreme_curves_are_drawn() {
        let many: Vec<(usize, f64)> = (1..400).map(|k| (k, 1e9 / k as f64)).collect();
        for values in [
            &[(1, 0.0)][..],
            &[(0, -1e300), (usize::MAX, 1e300)],
            &[(2, 5.0), (3, 5.0 + 2e-15)],
            &[(1, 0.0), (2, 1e-310)],
            &[(1, 1e-310)],
            &many,
        ] {
            assert_sound(&draw_curve(values, None, values[0].0).unwrap());
        }
    }

    #[test]
    fn large_values_are_scaled_together_with_their_errors() {
        let (unit, points) = scaled(&[Point { k: 2, value: -250_000.0, error: Some(500.0) }]);
        assert_eq!((unit, points[0].value, points[0].error), (", thousands", -250.0, Some(0.5)));
    }

    #[test]
    fn each_criterion_says_which_way_is_better() {
        let better = |criterion| direction(criterion).map(|(better, _)| better);
        assert_eq!(["gap", "BIC", "inertia", "other"].map(better), [Some("more"), Some("less"), Some("less"), None]);
    }

    #[test]
    fn wrong_inputs_are_errors() {
        assert!(matches!(draw_curve(&[], None, 2), Err(PlotError::Empty { .. })));
        assert!(matches!(draw_curve(&[(2, f64::NAN)], None, 2), Err(PlotError::Empty { .. })));
        assert!(matches!(draw_curve(&VALUES, Some(&[0.1]), 3), Err(PlotError::Shape { expected: 4, got: 1, .. })));
        assert!(matches!(draw_curve(&VALUES, None, 5), Err(PlotError::Shape { got: 0, .. })));
    }
}
