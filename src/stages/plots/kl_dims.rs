//! KL divergence of each latent dimension, sorted: how many dimensions carry anything.
//! Burda, Grosse, Salakhutdinov, "Importance weighted autoencoders" (ICLR 2016), on active units. Good: a knee. Alarm: all near 0.

use serde_json::json;

use crate::plotting::axes::Axes;
use crate::plotting::canvas::{Align, Canvas, Frame, body, draw};
use crate::plotting::scale::number;
use crate::plotting::theme::{ACCENT, ALERT, AXIS, MUTED, SMALL};
use crate::plotting::{Caption, Drawing, PlotError};

const PLOT: &str = "KL per dimension";
const HEIGHT: f64 = 390.0;
/// Dimensions with a larger mean KL are called active, in nats.
pub const ACTIVE_NATS: f64 = 0.05;

/// The mean KL of every latent dimension.
#[derive(Clone, Debug)]
pub struct KlDims<'a> {
    /// Title, n, seed, metric.
    pub caption: &'a Caption,
    /// Mean over rows, in nats, by dimension `[dims]`; values that are not finite are drawn as missing.
    pub kl: &'a [f64],
}

impl KlDims<'_> {
    /// Draws one bar a dimension, the largest first, active ones in colour.
    ///
    /// # Errors
    /// Fails when no dimension has a finite value.
    pub fn draw(&self) -> Result<Drawing, PlotError> {
        if !self.kl.iter().any(|value| value.is_finite()) {
            return Err(PlotError::Empty { plot: PLOT, why: "no dimension has a finite KL" });
        }
        let order = self.order();
        let data = json!({ "caption": self.caption, "kl": self.kl, "order": order, "threshold_nats": ACTIVE_NATS });
        draw(self.caption, HEIGHT, data, |canvas| self.paint(canvas, &order))
    }

    /// Dimensions by falling KL; those without a finite value last, then by number.
    fn order(&self) -> Vec<usize> {
        let key = |dim: usize| if self.kl[dim].is_finite() { self.kl[dim] } else { f64::NEG_INFINITY };
        let mut order: Vec<usize> = (0..self.kl.len()).collect();
        order.sort_by(|&a, &b| key(b).total_cmp(&key(a)).then(a.cmp(&b)));
        order
    }

    fn paint(&self, canvas: &mut Canvas<'_>, order: &[usize]) {
        let page = body(HEIGHT);
        let frame = Frame::new(page.x + 58.0, page.y + 8.0, page.width - 66.0, page.height - 58.0);
        let top = order.iter().map(|&dim| self.kl[dim]).filter(|kl| kl.is_finite()).fold(ACTIVE_NATS * 2.0, f64::max);
        let axes = Axes::new(frame, (0.0, order.len() as f64), (0.0, top * 1.06));
        axes.grid_y(canvas, 7);
        axes.name_y(canvas, "KL, nats");
        self.paint_bars(canvas, &axes, order);
        axes.floor(canvas);
        axes.name_x(canvas, "latent dimension, sorted by KL");
        self.paint_threshold(canvas, &axes);
    }

    fn paint_bars(&self, canvas: &mut Canvas<'_>, axes: &Axes, order: &[usize]) {
        let every = order.len().div_ceil(32);
        for (place, &dim) in order.iter().enumerate() {
            let left = place as f64;
            let value = if self.kl[dim].is_finite() { self.kl[dim].max(0.0) } else { 0.0 };
            let (corner, foot) = (axes.at(left + 0.12, value), axes.at(left + 0.88, 0.0));
            let colour = if value > ACTIVE_NATS { ACCENT } else { AXIS };
            canvas.rect(Frame::new(corner.0, corner.1, foot.0 - corner.0, foot.1 - corner.1), colour);
            if place % every == 0 {
                let middle = axes.at(left + 0.5, 0.0);
                canvas.text(&dim.to_string(), (middle.0, middle.1 + 13.0), SMALL - 1.0, MUTED, Align::Middle);
            }
        }
    }

    fn paint_threshold(&self, canvas: &mut Canvas<'_>, axes: &Axes) {
        let dims = self.kl.len() as f64;
        let (from, to) = (axes.at(0.0, ACTIVE_NATS), axes.at(dims, ACTIVE_NATS));
        canvas.dashes(from, to, 5.0, ALERT);
        let active = self.kl.iter().filter(|&&kl| kl > ACTIVE_NATS).count();
        let total: f64 = self.kl.iter().filter(|kl| kl.is_finite()).sum();
        let note = format!("active above {ACTIVE_NATS} nat: {active} of {}", self.kl.len());
        let sum = format!("KL in all: {} nats", number(total, 0.1));
        let right = axes.frame.right();
        canvas.text(&note, (right, axes.frame.y + 10.0), SMALL, ALERT, Align::End);
        canvas.text(&sum, (right, axes.frame.y + 29.0), SMALL, MUTED, Align::End);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plotting::check::{assert_sound, caption};

    #[test]
    fn dimensions_are_sorted_and_counted() {
        let kl = [0.01, 2.0, f64::NAN, 0.5];
        let drawing = KlDims { caption: &caption(), kl: &kl }.draw().unwrap();
        assert_sound(&drawing);
        assert_eq!(drawing.data["order"], json!([1, 3, 0, 2]));
    }

    #[test]
    fn collapsed_wide_and_single_latents_are_drawn() {
        for kl in [vec![0.0; 16], vec![3.0], (0..512).map(|i| f64::from(i) / 100.0).collect()] {
            assert_sound(&KlDims { caption: &caption(), kl: &kl }.draw().unwrap());
        }
        assert!(KlDims { caption: &caption(), kl: &[] }.draw().is_err());
        assert!(KlDims { caption: &caption(), kl: &[f64::NAN] }.draw().is_err());
    }
}
