//! The look shared by all pictures: sizes in SVG units (one CSS pixel at full width) and neutral colours.
//!
//! The neutral colours are few and exact, so that a page can restyle them by attribute for a dark background.

use super::palette::Rgb;

/// Width of every picture, in units.
pub const WIDTH: f64 = 760.0;
/// Free space at the left and right edge.
pub const MARGIN: f64 = 20.0;
/// Height of title and second line; the body starts below.
pub const HEADER: f64 = 70.0;

/// Size of the title, in units per em.
pub const TITLE: f64 = 18.0;
/// Size of the second line, axis names, legend.
pub const BODY: f64 = 13.5;
/// Size of tick labels and cell numbers.
pub const SMALL: f64 = 12.5;

/// Background.
pub const PAPER: Rgb = Rgb::hex(0xFE_FE_FE);
/// Titles and labels.
pub const INK: Rgb = Rgb::hex(0x1F_29_33);
/// Secondary text and ticks.
pub const MUTED: Rgb = Rgb::hex(0x5B_67_74);
/// Axis lines and frames.
pub const AXIS: Rgb = Rgb::hex(0xB4_BD_C6);
/// Grid lines and empty fields.
pub const GRID: Rgb = Rgb::hex(0xE6_E9_ED);
/// The one thing to look at.
pub const ACCENT: Rgb = Rgb::hex(0x00_72_B2);
/// The second thing to look at.
pub const SECOND: Rgb = Rgb::hex(0xE6_9F_00);
/// Thresholds and warnings.
pub const ALERT: Rgb = Rgb::hex(0xB4_53_09);
/// Text on a dark cell.
pub const ON_DARK: Rgb = Rgb::hex(0xFF_FF_FF);
/// Text on a light cell.
pub const ON_LIGHT: Rgb = Rgb::hex(0x10_18_20);
