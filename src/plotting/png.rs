//! Pixels: SVG to PNG by resvg, colour tables to PNG, PNG to a `data:` address.

use resvg::tiny_skia::{FilterQuality, IntSize, Pixmap, PixmapPaint, PremultipliedColorU8, Transform};
use resvg::usvg::{Options, Tree};

use super::PlotError;
use super::heat::Heat;
use super::palette::Rgb;

/// Pixels for each unit of the SVG.
pub const SCALE: f32 = 2.0;

/// Renders `svg` at [`SCALE`], then lays `heats` over it: resvg is built without image decoders, which we do not need.
pub fn render(svg: &str, heats: &[Heat]) -> Result<Vec<u8>, PlotError> {
    let tree = Tree::from_str(svg, &Options::default()).map_err(failed)?;
    let size = tree.size().to_int_size().scale_by(SCALE).ok_or_else(|| failed("a picture of no size"))?;
    let mut page = canvas(size)?;
    resvg::render(&tree, Transform::from_scale(SCALE, SCALE), &mut page.as_mut());
    for heat in heats {
        lay(&mut page, heat)?;
    }
    page.encode_png().map_err(failed)
}

/// `pixels`, `columns` a row, as a PNG of one pixel a cell.
pub fn encode(pixels: &[Rgb], columns: usize) -> Result<Vec<u8>, PlotError> {
    cells(pixels, columns)?.encode_png().map_err(failed)
}

/// `data:image/png;base64,...`.
pub fn address(png: &[u8]) -> String {
    format!("data:image/png;base64,{}", base64(png))
}

/// Base64 with padding (RFC 4648, section 4).
pub fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let word = (0..3).fold(0u32, |word, i| word << 8 | u32::from(chunk.get(i).copied().unwrap_or(0)));
        for place in 0..4 {
            let digit = DIGITS[(word >> (18 - 6 * place) & 63) as usize];
            text.push(if place <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    text
}

fn lay(page: &mut Pixmap, heat: &Heat) -> Result<(), PlotError> {
    let cells = cells(&heat.pixels, heat.columns)?;
    let frame = heat.frame;
    let (wide, high) = (frame.width as f32 / cells.width() as f32, frame.height as f32 / cells.height() as f32);
    let place = Transform::from_row(wide, 0.0, 0.0, high, frame.x as f32, frame.y as f32).post_scale(SCALE, SCALE);
    let paint = PixmapPaint { quality: FilterQuality::Nearest, ..PixmapPaint::default() };
    page.draw_pixmap(0, 0, cells.as_ref(), &paint, place, None);
    Ok(())
}

fn cells(pixels: &[Rgb], columns: usize) -> Result<Pixmap, PlotError> {
    let rows = pixels.len().checked_div(columns).unwrap_or(0);
    let size = IntSize::from_wh(columns as u32, rows as u32).ok_or_else(|| failed("an image without cells"))?;
    let mut map = canvas(size)?;
    let opaque = |p: &Rgb| PremultipliedColorU8::from_rgba(p.0, p.1, p.2, 255).expect("opaque colours are valid");
    map.pixels_mut().iter_mut().zip(pixels).for_each(|(cell, colour)| *cell = opaque(colour));
    Ok(map)
}

fn canvas(size: IntSize) -> Result<Pixmap, PlotError> {
    Pixmap::new(size.width(), size.height()).ok_or_else(|| failed("a picture too large"))
}

fn failed(why: impl ToString) -> PlotError {
    PlotError::Render(why.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_matches_the_vectors_of_the_standard() {
        let pairs = [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")];
        for (plain, coded) in pairs {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }

    #[test]
    fn cells_come_back_from_the_png() {
        let pixels = [Rgb(1, 2, 3), Rgb(250, 0, 9), Rgb(7, 7, 7), Rgb(0, 0, 0)];
        let map = Pixmap::decode_png(&encode(&pixels, 2).unwrap()).unwrap();
        assert_eq!((map.width(), map.height()), (2, 2));
        assert_eq!(map.pixel(1, 0).unwrap().red(), 250);
        assert!(encode(&[], 0).is_err());
    }
}
