//! A field with axes: data to page coordinates by plotters, ticks by plotters' key points, a quiet grid.

use plotters::coord::CoordTranslate;
use plotters::coord::cartesian::Cartesian2d;
use plotters::coord::ranged1d::Ranged;
use plotters::coord::types::RangedCoordf64;

use super::canvas::{Align, Canvas, FINE, Frame};
use super::scale::number;
use super::theme::{AXIS, BODY, GRID, MUTED, SMALL};

/// A rectangle of the page that shows a rectangle of the data.
pub struct Axes {
    /// Where on the page.
    pub frame: Frame,
    x: (f64, f64),
    y: (f64, f64),
    coordinates: Cartesian2d<RangedCoordf64, RangedCoordf64>,
}

impl Axes {
    /// The data from `x.0` to `x.1` and `y.0` to `y.1` over `frame`. Both ranges have a length and are finite.
    pub fn new(frame: Frame, x: (f64, f64), y: (f64, f64)) -> Axes {
        let step = |value: f64| (value * FINE).round() as i32;
        let across = step(frame.x)..step(frame.right());
        let up = step(frame.bottom())..step(frame.y);
        Axes { frame, x, y, coordinates: Cartesian2d::new(x.0..x.1, y.0..y.1, (across, up)) }
    }

    /// The place of (`x`, `y`) on the page.
    pub fn at(&self, x: f64, y: f64) -> (f64, f64) {
        let (left, top) = self.coordinates.translate(&(x, y));
        (f64::from(left) / FINE, f64::from(top) / FINE)
    }

    /// [`Axes::at`] with `y` held inside the range.
    pub fn held(&self, x: f64, y: f64) -> (f64, f64) {
        self.at(x, y.clamp(self.y.0, self.y.1))
    }

    /// Horizontal grid lines with their values to the left.
    pub fn grid_y(&self, canvas: &mut Canvas<'_>, ticks: usize) {
        let values = ticks_of(self.y, ticks);
        let step = step_of(&values);
        for &value in &values {
            let y = self.at(self.x.0, value).1;
            canvas.line(&[(self.frame.x, y), (self.frame.right(), y)], GRID, 1.0);
            canvas.text(&number(value, step), (self.frame.x - 8.0, y), SMALL, MUTED, Align::End);
        }
    }

    /// Vertical grid lines with their values below.
    pub fn grid_x(&self, canvas: &mut Canvas<'_>, ticks: usize) {
        let values = ticks_of(self.x, ticks);
        let step = step_of(&values);
        for &value in &values {
            let x = self.at(value, self.y.0).0;
            canvas.line(&[(x, self.frame.y), (x, self.frame.bottom())], GRID, 1.0);
            canvas.text(&number(value, step), (x, self.frame.bottom() + 14.0), SMALL, MUTED, Align::Middle);
        }
    }

    /// The line along the bottom.
    pub fn floor(&self, canvas: &mut Canvas<'_>) {
        let y = self.frame.bottom();
        canvas.line(&[(self.frame.x, y), (self.frame.right(), y)], AXIS, 1.2);
    }

    /// The name of the horizontal axis, below its ticks.
    pub fn name_x(&self, canvas: &mut Canvas<'_>, name: &str) {
        canvas.text(name, (self.frame.centre().0, self.frame.bottom() + 36.0), BODY, MUTED, Align::Middle);
    }

    /// The name of the vertical axis, upright to the left of its ticks.
    pub fn name_y(&self, canvas: &mut Canvas<'_>, name: &str) {
        canvas.upright(name, (self.frame.x - 48.0, self.frame.centre().1), BODY, MUTED);
    }
}

/// At most `ticks` round values inside `range`.
fn ticks_of(range: (f64, f64), ticks: usize) -> Vec<f64> {
    RangedCoordf64::from(range.0..range.1).key_points(ticks)
}

fn step_of(values: &[f64]) -> f64 {
    values.windows(2).map(|pair| pair[1] - pair[0]).next().unwrap_or_else(|| values.first().copied().unwrap_or(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corners_fall_on_corners() {
        let axes = Axes::new(Frame::new(10.0, 20.0, 100.0, 50.0), (-1.0, 1.0), (0.0, 4.0));
        assert_eq!(axes.at(-1.0, 0.0), (10.0, 70.0));
        assert_eq!(axes.at(1.0, 4.0), (110.0, 20.0));
        assert_eq!(axes.held(1.0, 9.0), (110.0, 20.0));
    }

    #[test]
    fn ticks_are_round_and_few() {
        let ticks = ticks_of((0.0, 1.0), 6);
        assert!(ticks.len() == 6 && ticks.iter().all(|tick| (tick * 5.0 - (tick * 5.0).round()).abs() < 1e-9));
        assert!(ticks_of((0.13, 977.0), 6).len() <= 6);
    }
}
