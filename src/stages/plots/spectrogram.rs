//! One spectrogram with its axes.
//! Question: what is in this sound? Good: lines that are notes, upright strokes that are beats. Alarm: one flat colour.

use ndarray::ArrayView2;
use serde_json::json;

use crate::plotting::axes::Axes;
use crate::plotting::canvas::{Align, Canvas, Frame, body, draw};
use crate::plotting::heat::Shades;
use crate::plotting::palette::MAGMA;
use crate::plotting::scale::{extent, padded};
use crate::plotting::theme::{AXIS, MUTED, SMALL};
use crate::plotting::{Caption, Drawing, PlotError};

const PLOT: &str = "spectrogram";
const HEIGHT: f64 = 420.0;

/// One map.
#[derive(Clone, Debug)]
pub struct Spectrogram<'a> {
    /// The file and what is known of it.
    pub caption: &'a Caption,
    /// `[bins, frames]`, low bins first, dB.
    pub db: ArrayView2<'a, f64>,
    /// Length, seconds.
    pub seconds: f64,
    /// Bins that get a mark, with its name: `(46.4, "500")`.
    pub marks: &'a [(f64, String)],
}

impl Spectrogram<'_> {
    /// Draws it: time to the right, frequency upwards.
    ///
    /// # Errors
    /// Fails without a finite value.
    pub fn draw(&self) -> Result<Drawing, PlotError> {
        let range = extent(self.db.iter().copied());
        let (low, high) = padded(range.ok_or(PlotError::Empty { plot: PLOT, why: "no finite value" })?, 0.0);
        let (bins, frames) = self.db.dim();
        let data = json!({ "caption": self.caption, "bins": bins, "frames": frames, "seconds": self.seconds });
        draw(self.caption, HEIGHT, data, |canvas| self.paint(canvas, Shades { map: MAGMA, low, high }))
    }

    fn paint(&self, canvas: &mut Canvas<'_>, shades: Shades) {
        let page = body(HEIGHT);
        let frame = Frame::new(page.x + 62.0, page.y + 4.0, page.width - 62.0 - 78.0, page.height - 50.0);
        let axes = Axes::new(frame, (0.0, self.seconds), (0.0, self.db.nrows() as f64));
        axes.grid_x(canvas, 8);
        canvas.heat(shades.heat(self.db, frame));
        for (bin, name) in self.marks {
            let y = axes.held(0.0, *bin).1;
            canvas.line(&[(frame.x - 5.0, y), (frame.x, y)], AXIS, 1.0);
            canvas.text(name, (frame.x - 8.0, y), SMALL, MUTED, Align::End);
        }
        canvas.outline(frame, AXIS, 1.0);
        axes.name_x(canvas, "seconds");
        axes.name_y(canvas, "Hz");
        shades.bar(canvas, Frame::new(frame.right() + 22.0, frame.y + 24.0, 12.0, frame.height - 24.0), "dB");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plotting::check::{assert_sound, caption};
    use ndarray::Array2;

    #[test]
    fn a_map_is_drawn_with_marks_and_a_bar() {
        let db = Array2::from_shape_fn((40, 90), |(bin, frame)| -(bin as f64) - (frame as f64 * 0.2).sin());
        let marks = [(0.0, "0".to_owned()), (20.0, "5000".to_owned())];
        let picture = Spectrogram { caption: &caption(), db: db.view(), seconds: 2.0, marks: &marks }.draw().unwrap();
        assert_sound(&picture);
        assert_eq!(picture.svg.matches("<image").count(), 2);
    }

    #[test]
    fn nothing_is_an_error_and_silence_is_not() {
        let of = |db: Array2<f64>| Spectrogram { caption: &caption(), db: db.view(), seconds: 1.0, marks: &[] }.draw();
        assert!(of(Array2::zeros((0, 0))).is_err());
        assert!(of(Array2::zeros((4, 4))).is_ok());
    }
}
