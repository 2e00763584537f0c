//! Drawing primitives on plain data: canvas, axes, legend, palette, shaped text, SVG and PNG.
//!
//! plotters lays out shapes and ticks and writes the SVG; all words are drawn as outlines of two vendored fonts, shaped per
//! script. So a picture needs no font where it is looked at, Bangla is joined as it should be, and the same input gives the
//! same bytes everywhere. Nothing here knows what a latent space is.

pub mod axes;
pub mod canvas;
pub mod caption;
#[cfg(test)]
pub mod check;
pub mod classes;
pub mod heat;
pub mod legend;
pub mod marker;
pub mod palette;
pub mod png;
pub mod scale;
pub mod svg;
pub mod text;
pub mod theme;

pub use canvas::Canvas;
pub use caption::Caption;

/// A finished picture in its three forms.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawing {
    /// A stand-alone SVG document; all text is outlines, with `<title>` and `<desc>` for readers.
    pub svg: String,
    /// The same picture as PNG, two pixels for each unit of the SVG.
    pub png: Vec<u8>,
    /// The numbers behind the picture.
    pub data: serde_json::Value,
}

/// Why a picture could not be drawn.
#[derive(Debug, thiserror::Error)]
pub enum PlotError {
    /// There is no finite value to draw.
    #[error("{plot} has nothing to draw: {why}")]
    Empty {
        /// The plot kind.
        plot: &'static str,
        /// What is missing.
        why: &'static str,
    },
    /// Two inputs that belong together differ in size.
    #[error("{plot} needs {expected} {what} but got {got}; give one for each row")]
    Shape {
        /// The plot kind.
        plot: &'static str,
        /// What is counted.
        what: &'static str,
        /// The number that fits the other inputs.
        expected: usize,
        /// The number given.
        got: usize,
    },
    /// The drawing library refused.
    #[error("the picture could not be rendered: {0}")]
    Render(String),
}

/// Fails unless `got` equals `expected`.
pub fn same_size(plot: &'static str, what: &'static str, expected: usize, got: usize) -> Result<(), PlotError> {
    if expected == got { Ok(()) } else { Err(PlotError::Shape { plot, what, expected, got }) }
}
