//! Words as outlines: split into runs of one script, shaped with the font of that script, drawn as one path.
//! Shaping: OpenType, by rustybuzz (a port of HarfBuzz). Fonts: Noto Sans and Noto Sans Bengali (SIL OFL 1.1).

use std::fmt::Write;
use std::sync::OnceLock;

use rustybuzz::ttf_parser::{GlyphId, OutlineBuilder};
use rustybuzz::{Direction, Face, UnicodeBuffer, script};

static LATIN: &[u8] = include_bytes!("../fonts/NotoSans-Regular.ttf");
/// Noto Sans Bengali, for those who must put it into a page.
pub static BANGLA: &[u8] = include_bytes!("../fonts/NotoSansBengali-Regular.ttf");

/// Font units in one em; both fonts have it.
pub const UNITS_PER_EM: f64 = 1000.0;

/// A shaped line of text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outline {
    /// How far the pen moves, in font units.
    pub advance: i32,
    /// SVG path data in font units, y downwards, relative, from the pen's start on the base line.
    pub path: String,
}

/// The width of `text` at `size` units per em.
pub fn width(text: &str, size: f64) -> f64 {
    f64::from(outline(text).advance) * size / UNITS_PER_EM
}

/// `text`, cut and ended by `…` where it is wider than `room`.
pub fn fit(text: &str, size: f64, room: f64) -> String {
    if width(text, size) <= room {
        return text.to_string();
    }
    let mut kept: Vec<char> = text.chars().collect();
    while kept.pop().is_some() {
        let short = format!("{}…", kept.iter().collect::<String>().trim_end());
        if width(&short, size) <= room {
            return short;
        }
    }
    String::new()
}

/// Shapes `text`, left to right; control characters are spaces.
pub fn outline(text: &str) -> Outline {
    let mut pen = Pen::default();
    let mut advance = 0;
    for (bangla, run) in runs(text) {
        let face = if bangla { faces().1 } else { faces().0 };
        advance = shape(face, bangla, &run, advance, &mut pen);
    }
    Outline { advance, path: pen.path }
}

/// The one place that knows the shaper: appends the glyphs of `run` to `pen` and returns the advance after it.
fn shape(face: &Face<'static>, bangla: bool, run: &str, start: i32, pen: &mut Pen) -> i32 {
    let mut buffer = UnicodeBuffer::new();
    buffer.push_str(run);
    buffer.set_direction(Direction::LeftToRight);
    buffer.set_script(if bangla { script::BENGALI } else { script::LATIN });
    let glyphs = rustybuzz::shape(face, &[], buffer);
    glyphs.glyph_infos().iter().zip(glyphs.glyph_positions()).fold(start, |x, (glyph, place)| {
        pen.origin = (x + place.x_offset, place.y_offset);
        face.outline_glyph(GlyphId(glyph.glyph_id as u16), pen);
        x + place.x_advance
    })
}

/// Cuts `text` into (is Bangla, run); spaces and joiners stay with the Bangla before them.
fn runs(text: &str) -> Vec<(bool, String)> {
    let mut runs: Vec<(bool, String)> = Vec::new();
    for letter in text.chars().map(|c| if c.is_control() { ' ' } else { c }) {
        let follows = runs.last().is_some_and(|run| run.0);
        let bangla = is_bangla(letter) || (follows && matches!(letter, ' ' | '\u{200C}' | '\u{200D}'));
        match runs.last_mut() {
            Some(run) if run.0 == bangla => run.1.push(letter),
            _ => runs.push((bangla, letter.to_string())),
        }
    }
    runs
}

/// The Bengali block and the dandas it borrows from Devanagari.
pub fn is_bangla(letter: char) -> bool {
    matches!(letter, '\u{0980}'..='\u{09FF}' | '\u{0964}' | '\u{0965}')
}

fn faces() -> (&'static Face<'static>, &'static Face<'static>) {
    static FACES: OnceLock<(Face<'static>, Face<'static>)> = OnceLock::new();
    let parse = |bytes| Face::from_slice(bytes, 0).expect("the vendored fonts are whole");
    let pair = FACES.get_or_init(|| (parse(LATIN), parse(BANGLA)));
    (&pair.0, &pair.1)
}

/// Collects outlines as relative SVG commands in whole font units.
#[derive(Default)]
struct Pen {
    path: String,
    origin: (i32, i32),
    at: (i32, i32),
    start: (i32, i32),
}

impl Pen {
    /// A point of the glyph on the page, y downwards.
    fn place(&self, x: f32, y: f32) -> (i32, i32) {
        (self.origin.0 + x.round() as i32, -(self.origin.1 + y.round() as i32))
    }

    fn command(&mut self, letter: char, points: &[(i32, i32)]) {
        self.path.push(letter);
        for (index, point) in points.iter().enumerate() {
            let (dx, dy) = (point.0 - self.at.0, point.1 - self.at.1);
            let gap = if index > 0 && dx >= 0 { " " } else { "" };
            let comma = if dy >= 0 { " " } else { "" };
            let _ = write!(self.path, "{gap}{dx}{comma}{dy}");
        }
        self.at = points.last().copied().unwrap_or(self.at);
    }
}

impl OutlineBuilder for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        let point = self.place(x, y);
        self.command('m', &[point]);
        self.start = point;
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let point = self.place(x, y);
        self.command('l', &[point]);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let points = [self.place(x1, y1), self.place(x, y)];
        self.command('q', &points);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let points = [self.place(x1, y1), self.place(x2, y2), self.place(x, y)];
        self.command('c', &points);
    }

    fn close(&mut self) {
        self.path.push('z');
        self.at = self.start;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn glyphs(text: &str) -> Vec<u32> {
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(text);
        buffer.set_script(script::BENGALI);
        buffer.set_direction(Direction::LeftToRight);
        rustybuzz::shape(faces().1, &[], buffer).glyph_infos().iter().map(|glyph| glyph.glyph_id).collect()
    }

    #[test]
    fn bangla_conjuncts_are_joined_and_no_glyph_is_missing() {
        assert_eq!(glyphs("ক্ষ").len(), 1, "three letters, one conjunct");
        assert!(glyphs("আমার সোনার বাংলা ক্ষণিক নজরুলগীতি").iter().all(|&glyph| glyph != 0));
    }

    #[test]
    fn a_mixed_label_is_cut_by_script() {
        let cut: Vec<bool> = runs("rock · বাংলা গান (live)").iter().map(|run| run.0).collect();
        assert_eq!(cut, [false, true, false]);
        let apart = outline("rock · ").advance + outline("বাংলা").advance;
        assert_eq!(outline("rock · বাংলা").advance, apart);
    }

    #[test]
    fn fitting_never_exceeds_the_room() {
        let long = "a very long genre name that nobody would type";
        for room in [0.0, 5.0, 40.0, 100.0, 1000.0] {
            assert!(width(&fit(long, 12.0, room), 12.0) <= room);
        }
        assert_eq!(fit("rock", 12.0, 100.0), "rock");
    }

    #[test]
    fn odd_text_is_harmless() {
        assert_eq!(outline(""), Outline::default());
        assert!(outline("\u{200D}\n\t🎵 日本 <b>&\"").advance > 0);
    }
}
