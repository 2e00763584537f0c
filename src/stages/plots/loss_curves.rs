//! Training and validation losses over steps: total, reconstruction, KL, one small panel each.
//! Question: did it train? Good: reconstruction falls, KL rises then settles, a small gap. Alarm: KL near 0, validation rising.

use serde::Serialize;
use serde_json::json;

use crate::plotting::axes::Axes;
use crate::plotting::canvas::{Align, Canvas, Frame, body, draw};
use crate::plotting::palette::Rgb;
use crate::plotting::scale::{extent, padded, short};
use crate::plotting::text::{fit, width};
use crate::plotting::theme::{ACCENT, ALERT, BODY, INK, MUTED, SECOND, SMALL};
use crate::plotting::{Caption, Drawing, PlotError};

const PLOT: &str = "loss curves";
const HEIGHT: f64 = 376.0;

/// One loss.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Loss {
    /// `total`, `reconstruction`, `KL`.
    pub name: String,
    /// (step, value) on training batches; gaps where the value is not finite.
    pub train: Vec<(f64, f64)>,
    /// (step, value) on validation rows; may be empty.
    pub val: Vec<(f64, f64)>,
}

/// Losses to be drawn side by side; three or four read well.
#[derive(Clone, Debug)]
pub struct LossCurves<'a> {
    /// Title, n, seed, metric.
    pub caption: &'a Caption,
    /// One panel each.
    pub losses: &'a [Loss],
    /// What is counted along x: `step` or `epoch`.
    pub x_name: &'a str,
    /// The x of the weights that were kept.
    pub best: Option<f64>,
}

impl LossCurves<'_> {
    /// Draws the panels; losses without a finite value are left out.
    ///
    /// # Errors
    /// Fails when no loss has a finite value.
    pub fn draw(&self) -> Result<Drawing, PlotError> {
        let losses: Vec<&Loss> = self.losses.iter().filter(|loss| loss.ranges().is_some()).collect();
        if losses.is_empty() {
            return Err(PlotError::Empty { plot: PLOT, why: "no loss has a finite value" });
        }
        let data = json!({ "caption": self.caption, "losses": self.losses, "x": self.x_name, "best": self.best });
        draw(self.caption, HEIGHT, data, |canvas| self.paint(canvas, &losses))
    }

    fn paint(&self, canvas: &mut Canvas<'_>, losses: &[&Loss]) {
        let page = body(HEIGHT);
        let share = page.width / losses.len() as f64;
        for (index, loss) in losses.iter().enumerate() {
            let left = page.x + index as f64 * share;
            let frame = Frame::new(left + 50.0, page.y + 48.0, share - 66.0, page.height - 96.0);
            self.paint_panel(canvas, frame, loss);
        }
        self.key(canvas, (page.x, page.y + 6.0));
    }

    fn key(&self, canvas: &mut Canvas<'_>, (left, y): (f64, f64)) {
        let best = self.best.map(|x| format!("best at {} {}", self.x_name, short(x)));
        let lines = [("training".to_string(), ACCENT), ("validation".to_string(), SECOND)];
        let mut x = left;
        for (name, colour) in lines.into_iter().chain(best.map(|text| (text, ALERT))) {
            canvas.line(&[(x, y), (x + 20.0, y)], colour, 2.6);
            canvas.text(&name, (x + 27.0, y), BODY, MUTED, Align::Start);
            x += 27.0 + width(&name, BODY) + 24.0;
        }
    }

    fn paint_panel(&self, canvas: &mut Canvas<'_>, frame: Frame, loss: &Loss) {
        let Some((x, y)) = loss.ranges() else { return };
        let axes = Axes::new(frame, x, y);
        canvas.strong(&fit(&loss.name, BODY, frame.width), (frame.x, frame.y - 15.0), BODY, INK, Align::Start);
        axes.grid_y(canvas, 6);
        axes.grid_x(canvas, if frame.width < 250.0 { 3 } else { 7 });
        axes.floor(canvas);
        axes.name_x(canvas, self.x_name);
        curve(canvas, &axes, &loss.train, ACCENT);
        curve(canvas, &axes, &loss.val, SECOND);
        if let Some(best) = self.best.filter(|best| (x.0..=x.1).contains(best)) {
            self.mark_best(canvas, &axes, loss, best, y);
        }
        if loss.is_cut(y) {
            canvas.text("first values above", (frame.right(), frame.y - 15.0), SMALL - 1.5, MUTED, Align::End);
        }
    }

    fn mark_best(&self, canvas: &mut Canvas<'_>, axes: &Axes, loss: &Loss, best: f64, y: (f64, f64)) {
        canvas.dashes(axes.at(best, y.0), axes.at(best, y.1), 4.0, ALERT);
        let curve = if loss.val.is_empty() { &loss.train } else { &loss.val };
        let nearest =
            curve.iter().filter(|p| p.1.is_finite()).min_by(|a, b| (a.0 - best).abs().total_cmp(&(b.0 - best).abs()));
        if let Some(&(_, value)) = nearest {
            canvas.marker(crate::plotting::marker::Marker::Circle, axes.held(best, value), 3.6, ALERT, 1.0);
        }
    }
}

impl Loss {
    fn finite(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        self.train.iter().chain(&self.val).copied().filter(|(x, y)| x.is_finite() && y.is_finite())
    }

    /// The range of x, and that of y without the spike that untrained weights give.
    fn ranges(&self) -> Option<((f64, f64), (f64, f64))> {
        let (left, right) = extent(self.finite().map(|point| point.0))?;
        let mut values: Vec<f64> = self.finite().map(|point| point.1).collect();
        values.sort_by(f64::total_cmp);
        let (low, high) = (values[0], values[values.len() - 1]);
        let usual = values[(values.len() - 1) * 24 / 25];
        let top = if high - low > 3.0 * (usual - low) && usual > low { usual + 0.15 * (usual - low) } else { high };
        let x = if right > left { (left, right) } else { padded((left, right), 0.0) };
        Some((x, padded((low, top), 0.06)))
    }

    fn is_cut(&self, y: (f64, f64)) -> bool {
        self.finite().any(|(_, value)| value > y.1)
    }
}

/// A line through the finite points, broken where a value is missing; a lone point is a dot.
fn curve(canvas: &mut Canvas<'_>, axes: &Axes, points: &[(f64, f64)], colour: Rgb) {
    for piece in points.split(|(x, y)| !(x.is_finite() && y.is_finite())) {
        let places: Vec<(f64, f64)> = piece.iter().map(|&(x, y)| axes.held(x, y)).collect();
        match places[..] {
            [] => {}
            [lone] => canvas.marker(crate::plotting::marker::Marker::Circle, lone, 3.0, colour, 1.0),
            _ => canvas.line(&places, colour, 1.8),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plotting::check::{assert_sound, caption};

    fn draw_losses(losses: &[Loss], best: Option<f64>) -> Result<Drawing, PlotError> {
        LossCurves { caption: &caption(), losses, x_name: "step", best }.draw()
    }

    fn falling(name: &str) -> Loss {
        let train = (0..60).map(|i| (f64::from(i) * 50.0, 900.0 * (-f64::from(i) / 3.0).exp() + 40.0)).collect();
        let val = (0..6).map(|i| (f64::from(i) * 500.0, 60.0 - f64::from(i))).collect();
        Loss { name: name.into(), train, val }
    }

    #[test]
    fn curves_with_gaps_spikes_and_lone_points_are_drawn() {
        let mut gap = falling("KL");
        gap.train[4].1 = f64::NAN;
        gap.val = vec![(0.0, 3.0)];
        assert_sound(&draw_losses(&[falling("total"), gap], Some(2_000.0)).unwrap());
        let lone = Loss { name: "total".into(), train: vec![(1.0, 2.0)], val: vec![] };
        assert_sound(&draw_losses(&[lone], Some(9.0)).unwrap());
    }

    #[test]
    fn the_spike_of_untrained_weights_does_not_flatten_the_rest() {
        let train = (0..200).map(|i| (f64::from(i), if i == 0 { 1e6 } else { 2.0 + f64::from(i % 10) })).collect();
        let loss = Loss { name: "total".into(), train, val: vec![] };
        let (_, y) = loss.ranges().unwrap();
        assert!(y.1 < 20.0 && loss.is_cut(y));
    }

    #[test]
    fn without_a_finite_value_there_is_an_error() {
        let lost = Loss { name: "total".into(), train: vec![(0.0, f64::NAN)], val: vec![] };
        assert!(draw_losses(&[lost], None).is_err());
        assert!(draw_losses(&[], None).is_err());
    }
}
