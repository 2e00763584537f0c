//! Input, output and their difference, side by side, for a few examples.
//! Question: what is kept? Good: harmonics and onsets visible, a difference like noise. Alarm: the same blurred mean everywhere.

use ndarray::Array2;
use serde_json::json;

use crate::plotting::canvas::{Align, Canvas, Frame, body, draw};
use crate::plotting::heat::Shades;
use crate::plotting::palette::{DIVERGING, MAGMA};
use crate::plotting::scale::{extent, padded, short};
use crate::plotting::text::fit;
use crate::plotting::theme::{ACCENT, BODY, HEADER, INK, MUTED, SECOND, SMALL};
use crate::plotting::{Caption, Drawing, PlotError, same_size};
use crate::stages::plots::cell;

const PLOT: &str = "reconstruction";
const COLUMNS: [&str; 3] = ["input", "output", "output − input"];
/// More examples than this are not drawn.
const MOST_EXAMPLES: usize = 8;

/// One clip.
#[derive(Clone, Debug)]
pub struct Example {
    /// Id and label, such as `rock.00012 · rock`.
    pub name: String,
    /// What went in: a map `[bins, frames]`, low bins first, or a vector as `[1, dims]`.
    pub input: Array2<f64>,
    /// What came out, of the same shape.
    pub output: Array2<f64>,
}

/// Examples on one colour scale.
#[derive(Clone, Debug)]
pub struct Reconstruction<'a> {
    /// Title, n, seed, metric.
    pub caption: &'a Caption,
    /// A few examples of one shape.
    pub examples: &'a [Example],
    /// Unit of the values: `dB`, `standard deviations`.
    pub unit: &'a str,
}

/// The ranges shared by all examples.
struct Scales {
    values: (f64, f64),
    difference: f64,
}

impl Reconstruction<'_> {
    /// Draws a grid: one row an example; maps in colour, vectors as bars.
    ///
    /// # Errors
    /// Fails without an example, without a finite value, or when the shapes of an example differ.
    pub fn draw(&self) -> Result<Drawing, PlotError> {
        let examples = &self.examples[..self.examples.len().min(MOST_EXAMPLES)];
        for example in examples {
            same_size(PLOT, "values in the output", example.input.len(), example.output.len())?;
            same_size(PLOT, "bins in the output", example.input.nrows(), example.output.nrows())?;
        }
        let scales = scales(examples).ok_or(PlotError::Empty { plot: PLOT, why: "no example has a finite value" })?;
        let height = HEADER + 36.0 + examples.iter().map(row_height).sum::<f64>();
        draw(self.caption, height, self.data(examples), |canvas| self.paint(canvas, examples, &scales, height))
    }

    fn data(&self, examples: &[Example]) -> serde_json::Value {
        let table = |values: &Array2<f64>| values.rows().into_iter().map(|row| row.to_vec()).collect::<Vec<_>>();
        let rows: Vec<_> = examples
            .iter()
            .map(|e| json!({ "name": e.name, "input": table(&e.input), "output": table(&e.output) }))
            .collect();
        json!({ "caption": self.caption, "unit": self.unit, "examples": rows })
    }

    fn paint(&self, canvas: &mut Canvas<'_>, examples: &[Example], scales: &Scales, height: f64) {
        let page = body(height);
        let maps = examples.iter().any(is_map);
        let (left, right) = if maps { (0.0, 158.0) } else { (40.0, 0.0) };
        let wide = (page.width - left - right - 2.0 * 14.0) / 3.0;
        let frame = |column: usize, top: f64, high: f64| {
            Frame::new(page.x + left + column as f64 * (wide + 14.0), top, wide, high)
        };
        for (column, name) in COLUMNS.iter().enumerate() {
            canvas.strong(name, (frame(column, 0.0, 0.0).x, page.y + 4.0), BODY, INK, Align::Start);
        }
        let mut top = page.y + 18.0;
        for example in examples {
            let name = fit(&example.name, SMALL, page.width - right);
            canvas.text(&name, (page.x + left, top + 9.0), SMALL, MUTED, Align::Start);
            let high = row_height(example) - 36.0;
            paint_example(canvas, example, scales, |column| frame(column, top + 20.0, high));
            top += row_height(example);
        }
        if maps {
            self.bars(canvas, scales, Frame::new(page.right() - 132.0, page.y + 38.0, 12.0, 110.0));
        }
    }

    fn bars(&self, canvas: &mut Canvas<'_>, scales: &Scales, first: Frame) {
        shades(scales).bar(canvas, first, self.unit);
        difference_shades(scales).bar(canvas, Frame { x: first.x + 76.0, ..first }, "difference");
    }
}

fn is_map(example: &Example) -> bool {
    example.input.nrows() > 1
}

fn row_height(example: &Example) -> f64 {
    if is_map(example) { 36.0 + 118.0 } else { 36.0 + 84.0 }
}

fn shades(scales: &Scales) -> Shades {
    Shades { map: MAGMA, low: scales.values.0, high: scales.values.1 }
}

fn difference_shades(scales: &Scales) -> Shades {
    Shades { map: DIVERGING, low: -scales.difference, high: scales.difference }
}

/// One range for inputs and outputs, one symmetric range for differences; none without a finite value.
fn scales(examples: &[Example]) -> Option<Scales> {
    let values = extent(examples.iter().flat_map(|e| e.input.iter().chain(&e.output)).copied())?;
    let differences = extent(examples.iter().flat_map(|e| e.output.iter().zip(&e.input).map(|(o, i)| o - i)));
    let (low, high) = differences.unwrap_or((0.0, 0.0));
    let largest = f64::max(low.abs(), high.abs());
    Some(Scales { values: padded(values, 0.0), difference: if largest > 0.0 { largest } else { 1.0 } })
}

fn paint_example(canvas: &mut Canvas<'_>, example: &Example, scales: &Scales, frame: impl Fn(usize) -> Frame) {
    let difference = &example.output - &example.input;
    if is_map(example) {
        let tables = [(&example.input, shades(scales)), (&example.output, shades(scales))];
        for (column, (table, shades)) in
            tables.into_iter().chain([(&difference, difference_shades(scales))]).enumerate()
        {
            cell::map(canvas, table.view(), shades, frame(column));
        }
        return;
    }
    // One scale for all three, wide enough for the differences, too.
    let (low, high) = (scales.values.0.min(-scales.difference), scales.values.1.max(scales.difference));
    let span = padded((low.min(0.0), high.max(0.0)), 0.05);
    cell::vector(canvas, &example.input, span, ACCENT, frame(0));
    cell::vector(canvas, &example.output, span, ACCENT, frame(1));
    cell::vector(canvas, &difference, span, SECOND, frame(2));
    for (value, y) in [(span.1, frame(0).y), (span.0, frame(0).bottom())] {
        canvas.text(&short(value), (frame(0).x - 6.0, y), SMALL - 1.5, MUTED, Align::End);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plotting::check::{assert_sound, caption};

    fn example(rows: usize, columns: usize, shift: f64) -> Example {
        let input = Array2::from_shape_fn((rows, columns), |(r, c)| (r as f64 * 0.3 + c as f64 * 0.1).sin() * 40.0);
        Example { name: "rock.00001 · <rock>".into(), output: &input + shift, input }
    }

    fn draw_examples(examples: &[Example]) -> Result<Drawing, PlotError> {
        Reconstruction { caption: &caption(), examples, unit: "dB" }.draw()
    }

    #[test]
    fn maps_and_vectors_are_drawn() {
        let maps = draw_examples(&[example(64, 128, 3.0), example(64, 128, -1.0)]).unwrap();
        assert_sound(&maps);
        assert_eq!(maps.svg.matches("<image").count(), 6 + 2, "three maps a row and two colour bars");
        assert_sound(&draw_examples(&[example(1, 40, 0.5)]).unwrap());
    }

    #[test]
    fn constant_and_partly_lost_values_are_drawn() {
        let flat = Example { name: String::new(), input: Array2::zeros((3, 4)), output: Array2::zeros((3, 4)) };
        assert_sound(&draw_examples(std::slice::from_ref(&flat)).unwrap());
        let mut lost = example(1, 5, 0.0);
        lost.output[[0, 2]] = f64::NAN;
        assert_sound(&draw_examples(&[lost]).unwrap());
    }

    #[test]
    fn wrong_examples_are_errors() {
        assert!(draw_examples(&[]).is_err());
        let gone =
            Example { name: String::new(), input: Array2::from_elem((1, 2), f64::NAN), output: Array2::zeros((1, 3)) };
        assert!(matches!(draw_examples(std::slice::from_ref(&gone)), Err(PlotError::Shape { .. })));
        let lost = Example { output: gone.input.clone(), ..gone };
        assert!(matches!(draw_examples(&[lost]), Err(PlotError::Empty { .. })));
    }
}
