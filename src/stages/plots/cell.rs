//! One example inside a picture of several: a map as a field of colours, a vector as bars.

use ndarray::{Array2, ArrayView2};

use crate::plotting::axes::Axes;
use crate::plotting::canvas::{Canvas, Frame};
use crate::plotting::heat::Shades;
use crate::plotting::palette::Rgb;
use crate::plotting::theme::AXIS;

/// A map `[bins, frames]` in colour, low bins at the bottom.
pub(super) fn map(canvas: &mut Canvas<'_>, table: ArrayView2<'_, f64>, shades: Shades, frame: Frame) {
    if table.is_empty() {
        return;
    }
    canvas.heat(shades.heat(table, frame));
    canvas.outline(frame, AXIS, 1.0);
}

/// A vector as one bar a dimension, from zero, on the vertical scale `span`.
pub(super) fn vector(canvas: &mut Canvas<'_>, values: &Array2<f64>, span: (f64, f64), colour: Rgb, frame: Frame) {
    let axes = Axes::new(frame, (0.0, values.len().max(1) as f64), span);
    for (dim, &value) in values.iter().enumerate().filter(|(_, value)| value.is_finite()) {
        let (left, end) = axes.held(dim as f64 + 0.1, value);
        let (right, zero) = axes.held(dim as f64 + 0.9, 0.0);
        canvas.rect(Frame::new(left, end.min(zero), (right - left).max(0.3), (end - zero).abs()), colour);
    }
    let zero = axes.held(0.0, 0.0).1;
    canvas.line(&[(frame.x, zero), (frame.right(), zero)], AXIS, 1.0);
}
