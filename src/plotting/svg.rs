//! The SVG document: plotters' shapes, then images, then words as outlines, with a title and a description for readers.

use std::fmt::Write;

use super::canvas::{Align, FINE};
use super::heat::Heat;
use super::palette::Rgb;
use super::text::{UNITS_PER_EM, outline};
use super::{Caption, PlotError, png};

/// Half the height of a digit, in ems: what lies between the middle of the letters and their base line.
const HALF_DIGIT: f64 = 0.357;

/// Words to be drawn.
#[derive(Clone, Debug)]
pub struct Word {
    /// What is written.
    pub words: String,
    /// Where; y is the middle of the letters.
    pub at: (f64, f64),
    /// Units per em.
    pub size: f64,
    /// Colour of the letters.
    pub colour: Rgb,
    /// On which side of `at`.
    pub align: Align,
    /// Heavier letters.
    pub strong: bool,
    /// Running upwards.
    pub upright: bool,
}

impl Word {
    /// Plain words from left to right.
    pub fn new(words: &str, at: (f64, f64), size: f64, colour: Rgb, align: Align) -> Word {
        Word { words: words.to_string(), at, size, colour, align, strong: false, upright: false }
    }

    /// The outlines as one `<path>`; nothing for empty words.
    fn path(&self) -> String {
        let outline = outline(&self.words);
        if outline.path.is_empty() {
            return String::new();
        }
        let scale = self.size / UNITS_PER_EM;
        let before = match self.align {
            Align::Start => 0.0,
            Align::Middle => 0.5,
            Align::End => 1.0,
        } * f64::from(outline.advance);
        let (x, y) = (self.at.0 * FINE, self.at.1 * FINE);
        let turn = if self.upright { " rotate(-90)" } else { "" };
        let shift = format!("translate({} {})", decimal(-before), decimal(HALF_DIGIT * UNITS_PER_EM));
        let colour = self.colour.css();
        let weight = if self.strong { format!(" stroke=\"{colour}\" stroke-width=\"28\"") } else { String::new() };
        format!(
            "<path transform=\"translate({} {}){turn} scale({}) {shift}\" fill=\"{colour}\"{weight} d=\"{}\"/>\n",
            decimal(x),
            decimal(y),
            decimal(scale * FINE),
            outline.path
        )
    }
}

/// Everything on one page.
pub struct Page<'a> {
    /// What plotters wrote: a whole document.
    pub shapes: &'a str,
    /// The words, above the rest.
    pub words: &'a [Word],
    /// The images.
    pub heats: &'a [Heat],
    /// What the page says.
    pub caption: &'a Caption,
    /// Width and height in inner steps.
    pub size: (u32, u32),
}

impl Page<'_> {
    /// The document; without its images where another hand lays them in.
    pub fn document(&self, with_images: bool) -> Result<String, PlotError> {
        let mut page = self.head();
        page.push_str(&self.plain_shapes());
        if with_images {
            for heat in self.heats {
                page.push_str(&image(heat)?);
            }
        }
        let _ = write!(page, "<g aria-hidden=\"true\">\n{}</g>\n</svg>\n", self.outlines());
        Ok(page)
    }

    fn head(&self) -> String {
        let (width, height) = self.size;
        let (title, sentence) = (escape(&self.caption.title), escape(&self.caption.sentence()));
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" viewBox=\"0 0 {width} {height}\" \
             role=\"img\" aria-label=\"{sentence}\">\n<title>{title}</title>\n<desc>{sentence}</desc>\n",
            decimal(f64::from(width) / FINE),
            decimal(f64::from(height) / FINE),
        )
    }

    /// plotters' shapes without its root element and without attributes that say what holds anyway.
    fn plain_shapes(&self) -> String {
        let inner = self.shapes.split_once(">\n").map_or("", |(_, rest)| rest);
        let inner = inner.trim_end().strip_suffix("</svg>").unwrap_or(inner);
        let inner = inner.replace(" stroke=\"none\" stroke-width=\"1\"", "").replace(" stroke=\"none\"", "");
        inner.replace(" opacity=\"1\"", "").replace(" \"/>", "\"/>")
    }

    fn outlines(&self) -> String {
        self.words.iter().map(Word::path).collect()
    }
}

/// Text for an SVG or HTML element or attribute: the five special characters as entities, control characters as spaces.
pub fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\n' | '\t' => safe.push(letter),
            // XML 1.0 allows neither control characters nor the two non-characters.
            other if other.is_control() || matches!(other, '\u{FFFE}' | '\u{FFFF}') => safe.push(' '),
            other => safe.push(other),
        }
    }
    safe
}

fn image(heat: &Heat) -> Result<String, PlotError> {
    let frame = heat.frame;
    let [x, y, width, height] = [frame.x, frame.y, frame.width, frame.height].map(|side| decimal(side * FINE));
    let address = png::address(&png::encode(&heat.pixels, heat.columns)?);
    Ok(format!(
        "<image x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" preserveAspectRatio=\"none\" \
         image-rendering=\"pixelated\" href=\"{address}\"/>\n"
    ))
}

/// `value` with at most three decimals and no trailing zeros.
fn decimal(value: f64) -> String {
    let text = format!("{value:.3}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_string() } else { text.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_characters_are_escaped() {
        assert_eq!(escape("</script><img onerror='x' a=\"&\">\u{7}"), {
            "&lt;/script&gt;&lt;img onerror=&#39;x&#39; a=&quot;&amp;&quot;&gt; "
        });
    }

    #[test]
    fn decimals_are_short() {
        assert_eq!([1.0, -0.0001, 2.5, 0.1234].map(decimal), ["1", "0", "2.5", "0.123"]);
    }
}
