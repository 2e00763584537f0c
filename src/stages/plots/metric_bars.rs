//! Metrics of the latents beside those of raw features, of PCA and of chance, with intervals.
//! Question: better than PCA, than chance? Good: intervals apart. Alarm: overlap.

use serde::Serialize;
use serde_json::json;

use crate::plotting::axes::Axes;
use crate::plotting::canvas::{Align, Canvas, Frame, body, draw};
use crate::plotting::palette::{CATEGORICAL, NEUTRAL, Rgb};
use crate::plotting::scale::short;
use crate::plotting::text::fit;
use crate::plotting::theme::{ACCENT, AXIS, BODY, HEADER, INK, MUTED, SMALL};
use crate::plotting::{Caption, Drawing, PlotError};

const PLOT: &str = "metric bars";
/// Metrics beside each other, at most.
const PANELS: usize = 3;
/// Height of a bar with its gap, and of the name above the bars of a metric.
const ROW: f64 = 19.0;
const TITLE: f64 = 30.0;
/// Widths of the names of bars and of their values.
const NAMES: f64 = 92.0;
const VALUES: f64 = 40.0;

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
    /// One panel each. Metrics with a value beyond -1 to 1 are on another scale and are not drawn.
    pub metrics: &'a [Metric],
}

impl MetricBars<'_> {
    /// Draws a panel a metric, a bar a representation, all on one scale.
    ///
    /// # Errors
    /// Fails when no metric has a finite value between -1 and 1.
    pub fn draw(&self) -> Result<Drawing, PlotError> {
        let shown: Vec<&Metric> = self.metrics.iter().filter(|metric| metric.fits()).collect();
        if shown.is_empty() {
            return Err(PlotError::Empty { plot: PLOT, why: "no metric has a value between -1 and 1" });
        }
        let data = json!({ "caption": self.caption, "metrics": self.metrics });
        let height = HEADER + panel_height(&shown) * shown.len().div_ceil(across(&shown)) as f64 + 16.0;
        draw(&self.noted(), height, data, |canvas| self.paint(canvas, &shown, height))
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

    fn paint(&self, canvas: &mut Canvas<'_>, shown: &[&Metric], height: f64) {
        let page = body(height);
        let ends = shown.iter().flat_map(|metric| metric.values());
        let (low, high) = ends.fold((0.0, 0.1), |(low, high), end| (f64::min(low, end), f64::max(high, end)));
        let (across, tall) = (across(shown), panel_height(shown));
        let wide = page.width / across as f64;
        for (place, metric) in shown.iter().enumerate() {
            let (left, top) = (page.x + wide * (place % across) as f64, page.y + tall * (place / across) as f64);
            let bars = metric.bars.len();
            let frame = Frame::new(left + NAMES, top + TITLE, wide - NAMES - VALUES - 14.0, ROW * bars as f64);
            canvas.strong(&fit(&metric.name, BODY, wide - 20.0), (left, top + 14.0), BODY, INK, Align::Start);
            paint_panel(canvas, &Axes::new(frame, (low, high), (0.0, bars as f64)), metric);
        }
    }
}

/// Panels beside each other.
fn across(shown: &[&Metric]) -> usize {
    shown.len().clamp(1, PANELS)
}

/// Room for the metric with most bars.
fn panel_height(shown: &[&Metric]) -> f64 {
    let bars = shown.iter().map(|metric| metric.bars.len()).max().unwrap_or(0);
    TITLE + ROW * bars as f64 + 14.0
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

fn paint_panel(canvas: &mut Canvas<'_>, axes: &Axes, metric: &Metric) {
    for (place, bar) in metric.bars.iter().enumerate() {
        let top = (metric.bars.len() - place) as f64;
        paint_bar(canvas, axes, top, bar, colour(&bar.name, place));
    }
    let (zero, frame) = (axes.at(0.0, 0.0).0, axes.frame);
    canvas.line(&[(zero, frame.y), (zero, frame.bottom())], AXIS, 1.2);
}

fn paint_bar(canvas: &mut Canvas<'_>, axes: &Axes, top: f64, bar: &Bar, colour: Rgb) {
    let (frame, middle) = (axes.frame, axes.at(0.0, top - 0.5).1);
    canvas.text(&fit(&bar.name, SMALL, NAMES - 10.0), (frame.x - 6.0, middle), SMALL, INK, Align::End);
    let Some(value) = bar.value.filter(|value| value.is_finite()) else {
        return canvas.text("–", (axes.at(0.0, 0.0).0 + 6.0, middle), SMALL, MUTED, Align::Start);
    };
    let (zero, end) = (axes.at(0.0, 0.0).0, axes.at(value, 0.0).0);
    canvas.rect(Frame::new(end.min(zero), middle - 6.5, (end - zero).abs(), 13.0), colour);
    paint_whisker(canvas, axes, middle, bar.interval);
    canvas.text(&short(value), (frame.right() + 8.0, middle), SMALL, MUTED, Align::Start);
}

fn paint_whisker(canvas: &mut Canvas<'_>, axes: &Axes, middle: f64, interval: Option<[f64; 2]>) {
    let Some([low, high]) = interval.filter(|ends| ends.iter().all(|end| end.is_finite())) else { return };
    let (left, right) = (axes.at(low, 0.0).0, axes.at(high, 0.0).0);
    canvas.line(&[(left, middle), (right, middle)], INK, 1.4);
    for x in [left, right] {
        canvas.line(&[(x, middle - 3.5), (x, middle + 3.5)], INK, 1.4);
    }
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
