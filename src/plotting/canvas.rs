//! A page to draw on: shapes go to plotters' SVG backend, words and images are laid over them.
//!
//! plotters counts in whole pixels, so the page is ten times as large inside as outside: points keep a tenth of a unit.

use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{Circle, Drawable, PathElement, PointCollection, Polygon, Rectangle};
use plotters::prelude::SVGBackend;
use plotters::style::{Color, RGBColor, ShapeStyle};

use super::heat::Heat;
use super::marker::Marker;
use super::palette::Rgb;
use super::theme::{ALERT, BODY, HEADER, INK, MARGIN, MUTED, PAPER, TITLE, WIDTH};
use super::{Caption, Drawing, PlotError, png, svg, text};

/// Inner steps in one unit.
pub const FINE: f64 = 10.0;

type Area<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;

/// A rectangle, in units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame {
    /// Left edge.
    pub x: f64,
    /// Upper edge.
    pub y: f64,
    /// Extent to the right.
    pub width: f64,
    /// Extent downwards.
    pub height: f64,
}

impl Frame {
    /// The rectangle at (`x`, `y`) of `width` times `height`.
    pub fn new(x: f64, y: f64, width: f64, height: f64) -> Frame {
        Frame { x, y, width, height }
    }

    /// Right edge.
    pub fn right(&self) -> f64 {
        self.x + self.width
    }

    /// Lower edge.
    pub fn bottom(&self) -> f64 {
        self.y + self.height
    }

    /// The middle.
    pub fn centre(&self) -> (f64, f64) {
        (self.x + self.width / 2.0, self.y + self.height / 2.0)
    }
}

/// On which side of its place a text stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Align {
    /// To the right of the place.
    Start,
    /// Around the place.
    Middle,
    /// To the left of the place.
    End,
}

/// A page being drawn.
pub struct Canvas<'a> {
    area: Area<'a>,
    words: Vec<svg::Word>,
    heats: Vec<Heat>,
    failure: Option<String>,
}

/// Draws a page of [`WIDTH`] times `height` units with the header of `caption`, and `body` below it.
pub fn draw(
    caption: &Caption,
    height: f64,
    data: serde_json::Value,
    body: impl FnOnce(&mut Canvas<'_>),
) -> Result<Drawing, PlotError> {
    let mut shapes = String::new();
    let size = ((WIDTH * FINE) as u32, (height * FINE).ceil() as u32);
    let (words, heats) = {
        let mut canvas = Canvas::new(&mut shapes, size);
        canvas.rect(Frame::new(0.0, 0.0, WIDTH, height), PAPER);
        canvas.header(caption);
        body(&mut canvas);
        canvas.finish()?
    };
    let page = svg::Page { shapes: &shapes, words: &words, heats: &heats, caption, size };
    Ok(Drawing { svg: page.document(true)?, png: png::render(&page.document(false)?, &heats)?, data })
}

impl<'a> Canvas<'a> {
    fn new(target: &'a mut String, size: (u32, u32)) -> Canvas<'a> {
        let area = SVGBackend::with_string(target, size).into_drawing_area();
        Canvas { area, words: Vec::new(), heats: Vec::new(), failure: None }
    }

    fn finish(self) -> Result<(Vec<svg::Word>, Vec<Heat>), PlotError> {
        let closed = self.area.present().map_err(|error| error.to_string());
        match self.failure.or(closed.err()) {
            Some(why) => Err(PlotError::Render(why)),
            None => Ok((self.words, self.heats)),
        }
    }

    fn header(&mut self, caption: &Caption) {
        let room = WIDTH - 2.0 * MARGIN;
        self.strong(&text::fit(&caption.title, TITLE, room - 8.0), (MARGIN, 24.0), TITLE, INK, Align::Start);
        let tag = if caption.synthetic { "synthetic data" } else { "" };
        let line = text::fit(&caption.line(), BODY, room - text::width(tag, BODY) - 20.0);
        self.text(&line, (MARGIN, 48.0), BODY, MUTED, Align::Start);
        let after = MARGIN + text::width(&line, BODY) + 12.0;
        self.strong(tag, (after, 48.0), BODY, ALERT, Align::Start);
    }

    /// A filled rectangle.
    pub fn rect(&mut self, frame: Frame, colour: Rgb) {
        self.put(&Rectangle::new(corners(frame), solid(colour, 1.0)));
    }

    /// The edge of a rectangle.
    pub fn outline(&mut self, frame: Frame, colour: Rgb, width: f64) {
        let [(x0, y0), (x1, y1)] = [(frame.x, frame.y), (frame.right(), frame.bottom())];
        self.line(&[(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)], colour, width);
    }

    /// A line through `points`.
    pub fn line(&mut self, points: &[(f64, f64)], colour: Rgb, width: f64) {
        self.put(&PathElement::new(fine(points), stroke(colour, width)));
    }

    /// A line through two points in dashes of `dash` units with gaps as long.
    pub fn dashes(&mut self, from: (f64, f64), to: (f64, f64), dash: f64, colour: Rgb) {
        let length = (to.0 - from.0).hypot(to.1 - from.1);
        let at = |done: f64| (from.0 + (to.0 - from.0) * done / length, from.1 + (to.1 - from.1) * done / length);
        let pieces = (length / (2.0 * dash)).ceil() as usize;
        for piece in 0..pieces {
            let start = piece as f64 * 2.0 * dash;
            self.line(&[at(start), at((start + dash).min(length))], colour, 1.4);
        }
    }

    /// A filled polygon.
    pub fn polygon(&mut self, points: &[(f64, f64)], colour: Rgb, opacity: f64) {
        self.put(&Polygon::new(fine(points), solid(colour, opacity)));
    }

    /// A point.
    pub fn marker(&mut self, marker: Marker, at: (f64, f64), radius: f64, colour: Rgb, opacity: f64) {
        if marker == Marker::Circle {
            return self.put(&Circle::new(step(at), (radius * FINE).round() as i32, solid(colour, opacity)));
        }
        let corners: Vec<_> = marker.corners(radius).iter().map(|c| (at.0 + c.0, at.1 + c.1)).collect();
        self.polygon(&corners, colour, opacity);
    }

    /// `words` at `at`, whose y is the middle of the letters.
    pub fn text(&mut self, words: &str, at: (f64, f64), size: f64, colour: Rgb, align: Align) {
        self.words.push(svg::Word::new(words, at, size, colour, align));
    }

    /// [`Canvas::text`], a little heavier.
    pub fn strong(&mut self, words: &str, at: (f64, f64), size: f64, colour: Rgb, align: Align) {
        self.words.push(svg::Word { strong: true, ..svg::Word::new(words, at, size, colour, align) });
    }

    /// `words` running upwards, centred on `at`.
    pub fn upright(&mut self, words: &str, at: (f64, f64), size: f64, colour: Rgb) {
        self.words.push(svg::Word { upright: true, ..svg::Word::new(words, at, size, colour, Align::Middle) });
    }

    /// A field of cells, above all shapes.
    pub fn heat(&mut self, heat: Heat) {
        self.heats.push(heat);
    }

    fn put<'e, E>(&mut self, element: &'e E)
    where
        &'e E: PointCollection<'e, (i32, i32)>,
        E: Drawable<SVGBackend<'a>>,
    {
        if let Err(error) = self.area.draw(element) {
            self.failure.get_or_insert(error.to_string());
        }
    }
}

/// The header's share of the page and what is left below it.
pub fn body(height: f64) -> Frame {
    Frame::new(MARGIN, HEADER, WIDTH - 2.0 * MARGIN, height - HEADER - 16.0)
}

fn step((x, y): (f64, f64)) -> (i32, i32) {
    ((x * FINE).round() as i32, (y * FINE).round() as i32)
}

fn fine(points: &[(f64, f64)]) -> Vec<(i32, i32)> {
    points.iter().copied().map(step).collect()
}

fn corners(frame: Frame) -> [(i32, i32); 2] {
    [step((frame.x, frame.y)), step((frame.right(), frame.bottom()))]
}

fn solid(colour: Rgb, opacity: f64) -> ShapeStyle {
    RGBColor(colour.0, colour.1, colour.2).mix(opacity).filled()
}

fn stroke(colour: Rgb, width: f64) -> ShapeStyle {
    RGBColor(colour.0, colour.1, colour.2).stroke_width((width * FINE).round() as u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plotting::check::{assert_sound, caption};

    fn page() -> Drawing {
        let heat = Heat { frame: Frame::new(30.0, 90.0, 40.0, 40.0), columns: 1, pixels: vec![Rgb(9, 9, 9); 3] };
        draw(&caption(), 200.0, serde_json::json!({ "caption": caption() }), |canvas| {
            canvas.heat(heat);
            canvas.dashes((0.0, 0.0), (50.0, 80.0), 3.0, INK);
            canvas.upright("বাংলা <text>", (100.0, 100.0), 12.0, INK);
            canvas.marker(Marker::Diamond, (10.0, 20.0), 4.0, INK, 0.5);
        })
        .unwrap()
    }

    #[test]
    fn the_same_page_has_the_same_bytes() {
        assert_sound(&page());
        assert_eq!(page(), page());
    }

    #[test]
    fn images_are_in_the_picture_and_in_its_pixels() {
        let map = resvg::tiny_skia::Pixmap::decode_png(&page().png).unwrap();
        assert_eq!(map.pixel(100, 200).map(|pixel| pixel.red()), Some(9));
        assert!(page().svg.contains("href=\"data:image/png;base64,"));
    }
}
