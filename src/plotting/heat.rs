//! Fields of coloured cells: a matrix as an image, and the colour bar that explains it.

use ndarray::ArrayView2;

use super::canvas::{Align, Canvas, Frame};
use super::palette::{ColourMap, Rgb};
use super::scale::number;
use super::theme::{AXIS, MUTED, SMALL};

/// A matrix as an image: `pixels` row by row from the top, `columns` a row, stretched over `frame`.
#[derive(Clone, Debug, PartialEq)]
pub struct Heat {
    /// Where it lies.
    pub frame: Frame,
    /// Cells a row.
    pub columns: usize,
    /// All cells.
    pub pixels: Vec<Rgb>,
}

/// Which colour an amount has.
#[derive(Clone, Copy, Debug)]
pub struct Shades {
    /// The colours.
    pub map: ColourMap,
    /// The amount at the low end.
    pub low: f64,
    /// The amount at the high end.
    pub high: f64,
}

impl Shades {
    /// The colour of `value`.
    pub fn of(&self, value: f64) -> Rgb {
        self.map.at((value - self.low) / (self.high - self.low))
    }

    /// `values` `[rows, columns]` over `frame`, the first row at the bottom, as spectrograms are drawn.
    pub fn heat(&self, values: ArrayView2<'_, f64>, frame: Frame) -> Heat {
        let rows = values.rows().into_iter().rev();
        let pixels = rows.flat_map(|row| row.iter().map(|&value| self.of(value)).collect::<Vec<_>>()).collect();
        Heat { frame, columns: values.ncols(), pixels }
    }

    /// A colour bar along `frame`, high end up, with the amounts at both ends and the middle to its right.
    pub fn bar(&self, canvas: &mut Canvas<'_>, frame: Frame, unit: &str) {
        let steps = 64;
        let pixels = (0..steps).map(|i| self.map.at(1.0 - (i as f64 + 0.5) / steps as f64)).collect();
        canvas.heat(Heat { frame, columns: 1, pixels });
        canvas.outline(frame, AXIS, 1.0);
        for share in [0.0, 0.5, 1.0] {
            let amount = number(self.low + share * (self.high - self.low), (self.high - self.low) / 50.0);
            let y = frame.bottom() - share * frame.height;
            canvas.text(&amount, (frame.right() + 6.0, y), SMALL, MUTED, Align::Start);
        }
        canvas.text(unit, (frame.x - 4.0, frame.y - 14.0), SMALL, MUTED, Align::Start);
    }
}
