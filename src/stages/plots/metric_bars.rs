//! Metrics of the latents beside those of raw features, of PCA and of chance, with intervals.
//! Question: better than PCA, than chance? Good: intervals apart. Alarm: overlap.

use serde::Serialize;
use serde_json::json;

use crate::plotting::axes::Axes;
use crate::plotting::canvas::{Align, Canvas, Frame, body, draw};
use crate::plotting::palette::{CATEGORICAL, NEUTRAL, Rgb};
use crate::plotting::scale::{number, short};
use crate::plotting::text::{fit, width};
use crate::plotting::theme::{ACCENT, AXIS, BODY, INK, MUTED, SMALL};
use crate::plotting::{Caption, Drawing, PlotError};

const PLOT: &str = "metric bars";
const HEIGHT: f64 = 400.0;

/// One metric of one representation.
#[derive(Clone, Debug, Serialize)]
pub struct Bar {
    /// `latent`, `raw`, `pca`, `chance`.
    pub name: String,
    /// The value; none where it is not defined.
    pub value: Option<f64>,
    /// 95 % interval.
    pub interval: Option<[f64; 2]>,
}

/// One metric of all representations.
#[derive(Clone, Debug, Serialize)]
pub struct Metric {
    /// scikit-learn's name: `ari`.
    pub name: String,
    /// The representations, in the same order for every metric.
    pub bars: Vec<Bar>,
}

/// Metrics to be compared.
#[derive(Clone, Debug)]
pub struct MetricBars<'a> {
    /// Title, n, seed, metric.
    pub caption: &'a Caption,
    /// One group of bars each. Metrics with a value beyond -1 to 1 are on another scale and are not drawn.
    pub metrics: &'a [Metric],
}

impl MetricBars<'_> {
    /// Draws the groups of bars.
    ///
    /// # Errors
    /// Fails when no metric has a finite value between -1 and 1.
    pub fn draw(&self) -> Result<Drawing, PlotError> {
        let shown: Vec<&Metric> = self.metrics.iter().filter(|metric| metric.fits()).collect();
        if shown.is_empty() {
            return Err(PlotError::Empty { plot: PLOT, why: "no metric has a value between -1 and 1" });
        }
        let data = json!({ "caption": self.caption, "metrics": self.metrics });
        draw(&self.noted(), HEIGHT, data, |canvas| self.paint(canvas, &shown))
    }

    fn noted(&self) -> Caption {
        let other = self.metrics.iter().filter(|metric| metric.is_beyond()).map(|metric| metric.name.as_str());
        let other: Vec<&str> = other.collect();
        if other.is_empty() {
            return self.caption.clone();
        }
        let note = format!("on another scale: {}", other.join(", "));
        let parts: Vec<String> = self.caption.metric.iter().cloned().chain([note]).collect();
        Caption { metric: Some(parts.join(" · ")), ..self.caption.clone() }
    }

    fn paint(&self, canvas: &mut Canvas<'_>, shown: &[&Metric]) {
        let page = body(HEIGHT);
        let frame = Frame::new(page.x + 46.0, page.y + 40.0, page.width - 50.0, page.height - 70.0);
        let ends = shown.iter().flat_map(|metric| metric.values());
        let (low, high) = ends.fold((0.0, 0.1), |(low, high), end| (f64::min(low, end), f64::max(high, end)));
        let room = 0.08 * (high - low);
        let low = if low < 0.0 { low - room } else { 0.0 };
        let axes = Axes::new(frame, (0.0, shown.len() as f64), (low, high + room));
        axes.grid_y(canvas, 6);
        key(canvas, shown, (page.x, page.y + 6.0));
        for (place, metric) in shown.iter().enumerate() {
            paint_group(canvas, &axes, place as f64, metric);
        }
        canvas.line(&[axes.at(0.0, 0.0), axes.at(shown.len() as f64, 0.0)], AXIS, 1.2);
    }
}

impl Metric {
    fn values(&self) -> impl Iterator<Item = f64> + '_ {
        let ends = |bar: &Bar| bar.value.into_iter().chain(bar.interval.into_iter().flatten()).collect::<Vec<_>>();
        self.bars.iter().flat_map(ends).filter(|value| value.is_finite())
    }

    fn is_beyond(&self) -> bool {
        self.values().any(|value| value.abs() > 1.05)
    }

    fn fits(&self) -> bool {
        !self.is_beyond() && self.values().next().is_some()
    }
}

/// Representations keep their colours in every picture: ours first, baselines quieter, chance grey.
fn colour(name: &str, place: usize) -> Rgb {
    match name {
        "latent" => ACCENT,
        "raw" => CATEGORICAL[1],
        "pca" => CATEGORICAL[2],
        "chance" => NEUTRAL,
        _ => CATEGORICAL[(place + 4) % CATEGORICAL.len()],
    }
}

fn key(canvas: &mut Canvas<'_>, shown: &[&Metric], (left, y): (f64, f64)) {
    let mut names: Vec<&str> = Vec::new();
    for bar in shown.iter().flat_map(|metric| &metric.bars) {
        if !names.contains(&bar.name.as_str()) {
            names.push(&bar.name);
        }
    }
    let mut x = left;
    for (place, name) in names.into_iter().enumerate() {
        let name_shown = fit(name, BODY, 140.0);
        canvas.rect(Frame::new(x, y - 6.0, 12.0, 12.0), colour(name, place));
        canvas.text(&name_shown, (x + 18.0, y), BODY, INK, Align::Start);
        x += 18.0 + width(&name_shown, BODY) + 22.0;
    }
}

fn paint_group(canvas: &mut Canvas<'_>, axes: &Axes, left: f64, metric: &Metric) {
    let wide = (0.8 / metric.bars.len().max(1) as f64).min(0.26);
    let start = left + 0.5 - wide * metric.bars.len() as f64 / 2.0;
    for (place, bar) in metric.bars.iter().enumerate() {
        let from = start + place as f64 * wide;
        paint_bar(canvas, axes, (from, from + wide), bar, colour(&bar.name, place));
    }
    let (x, _) = axes.at(left + 0.5, 0.0);
    let room = axes.at(1.0, 0.0).0 - axes.at(0.0, 0.0).0;
    canvas.text(&fit(&metric.name, BODY, room), (x, axes.frame.bottom() + 16.0), BODY, INK, Align::Middle);
}

fn paint_bar(canvas: &mut Canvas<'_>, axes: &Axes, (from, to): (f64, f64), bar: &Bar, colour: Rgb) {
    let (left, right) = (axes.at(from, 0.0).0 + 1.0, axes.at(to, 0.0).0 - 1.0);
    let (middle, zero) = ((left + right) / 2.0, axes.at(from, 0.0).1);
    let Some(value) = bar.value.filter(|value| value.is_finite()) else {
        return canvas.text("–", (middle, zero - 8.0), SMALL, MUTED, Align::Middle);
    };
    let end = axes.at(from, value).1;
    canvas.rect(Frame::new(left, end.min(zero), right - left, (end - zero).abs()), colour);
    let top = paint_whisker(canvas, axes, from, middle, bar.interval).unwrap_or(end).min(end).min(zero);
    let text = [short(value), number(value, 0.1)].into_iter().find(|text| width(text, 10.5) < right - left + 6.0);
    canvas.text(&text.unwrap_or_default(), (middle, top - 9.0), 10.5, MUTED, Align::Middle);
}

/// Draws the interval and returns its upper end on the page.
fn paint_whisker(canvas: &mut Canvas<'_>, axes: &Axes, x: f64, middle: f64, interval: Option<[f64; 2]>) -> Option<f64> {
    let [low, high] = interval.filter(|ends| ends.iter().all(|end| end.is_finite()))?;
    let (bottom, top) = (axes.at(x, low).1, axes.at(x, high).1);
    canvas.line(&[(middle, bottom), (middle, top)], INK, 1.4);
    for y in [bottom, top] {
        canvas.line(&[(middle - 3.5, y), (middle + 3.5, y)], INK, 1.4);
    }
    Some(top)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plotting::check::{assert_sound, caption};

    fn metric(name: &str, values: &[Option<f64>]) -> Metric {
        let bar = |(place, value): (usize, &Option<f64>)| Bar {
            name: ["latent", "raw", "pca", "chance", "other"][place].to_string(),
            value: *value,
            interval: value.map(|v| [v - 0.05, v + 0.04]),
        };
        Metric { name: name.into(), bars: values.iter().enumerate().map(bar).collect() }
    }

    fn draw_metrics(metrics: &[Metric]) -> Result<Drawing, PlotError> {
        MetricBars { caption: &caption(), metrics }.draw()
    }

    #[test]
    fn missing_negative_and_large_values_are_handled() {
        let metrics = [
            metric("ari", &[Some(0.4), None, Some(0.2), Some(0.0), Some(0.1)]),
            metric("silhouette", &[Some(-0.3), Some(f64::NAN)]),
            metric("calinski_harabasz", &[Some(900.0)]),
        ];
        let drawing = draw_metrics(&metrics).unwrap();
        assert_sound(&drawing);
        assert!(drawing.svg.contains("on another scale: calinski_harabasz"));
    }

    #[test]
    fn without_a_value_there_is_an_error() {
        assert!(draw_metrics(&[]).is_err());
        assert!(draw_metrics(&[metric("ari", &[None, None])]).is_err());
        assert!(draw_metrics(&[metric("davies_bouldin", &[Some(3.0)])]).is_err());
    }
}
