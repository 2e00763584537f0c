//! Padded lines of a map split into segments of every `step`-th pixel: what a row of tiles needs then lies side by side.

use super::geometry::Geometry;

/// Tiles over the coarse map, `(down, across)`.
pub(crate) fn tiles(g: &Geometry) -> (usize, usize) {
    (g.coarse.0.div_ceil(2), g.coarse.1.div_ceil(2))
}

/// How the padded fine map is cut: `step` pixels from tile to tile, `lines` lines of `step` segments of `pitch` values.
#[derive(Clone, Copy)]
pub(crate) struct Cut {
    pub(crate) step: usize,
    lines: usize,
    pitch: usize,
}

impl Cut {
    #[inline(always)]
    pub(crate) fn new(g: &Geometry, width: usize) -> Cut {
        let ((down, across), step) = (tiles(g), 2 * g.window.stride);
        let beyond = g.window.stride * (g.kernel.0 / g.window.stride + 1);
        Cut { step, lines: step * (down - 1) + beyond, pitch: across.next_multiple_of(width) + 1 }
    }

    pub(crate) fn len(self) -> usize {
        self.lines * self.step * self.pitch
    }

    /// Lines of the fine map that the tiles reach, and pixels of each that they reach.
    #[inline(always)]
    fn inside(self, g: &Geometry) -> (usize, usize) {
        let reach = |to: usize, side: usize| to.saturating_sub(g.window.padding).min(side);
        (reach(self.lines, g.fine.0), reach(self.step * self.pitch, g.fine.1))
    }

    #[inline(always)]
    pub(crate) fn at(self, line: usize, column: usize) -> usize {
        (line * self.step + column % self.step) * self.pitch + column / self.step
    }
}

/// Cuts the lines of `map` into segments; zero where there is no pixel. `STEP` is `cut.step`.
#[inline(always)]
pub(crate) fn split<const STEP: usize>(g: &Geometry, cut: Cut, map: &[f32], segments: &mut [f32]) {
    segments.fill(0.0);
    let (height, width) = cut.inside(g);
    for y in 0..height {
        let line = &map[y * g.fine.1..][..width];
        let from = (y + g.window.padding) * STEP * cut.pitch;
        let segments = &mut segments[from..from + STEP * cut.pitch];
        let head = (STEP - g.window.padding % STEP) % STEP;
        let start = g.window.padding.div_ceil(STEP);
        for (x, pixel) in line[..head.min(width)].iter().enumerate() {
            let column = x + g.window.padding;
            segments[column % STEP * cut.pitch + column / STEP] = *pixel;
        }
        let (whole, rest) = line[head.min(width)..].as_chunks::<STEP>();
        for phase in 0..STEP {
            let segment = &mut segments[phase * cut.pitch..][start..cut.pitch];
            for (value, pixels) in segment.iter_mut().zip(whole) {
                *value = pixels[phase];
            }
        }
        for (phase, pixel) in rest.iter().enumerate() {
            segments[phase * cut.pitch + start + whole.len()] = *pixel;
        }
    }
}

/// The inverse of [`split`]; pixels that no tile reaches become 0.
#[inline(always)]
pub(crate) fn merge<const STEP: usize>(g: &Geometry, cut: Cut, segments: &[f32], map: &mut [f32]) {
    let (height, width) = cut.inside(g);
    map[height * g.fine.1..].fill(0.0);
    for y in 0..height {
        let (line, beyond) = map[y * g.fine.1..][..g.fine.1].split_at_mut(width);
        beyond.fill(0.0);
        let from = (y + g.window.padding) * STEP * cut.pitch;
        let segments = &segments[from..from + STEP * cut.pitch];
        let (head, start) = ((STEP - g.window.padding % STEP) % STEP, g.window.padding.div_ceil(STEP));
        let (first, line) = line.split_at_mut(head.min(width));
        for (x, pixel) in first.iter_mut().enumerate() {
            let column = x + g.window.padding;
            *pixel = segments[column % STEP * cut.pitch + column / STEP];
        }
        let (whole, rest) = line.as_chunks_mut::<STEP>();
        let phases: [&[f32]; STEP] = std::array::from_fn(|phase| &segments[phase * cut.pitch + start..][..whole.len()]);
        for (at, pixels) in whole.iter_mut().enumerate() {
            for phase in 0..STEP {
                pixels[phase] = phases[phase][at];
            }
        }
        for (phase, pixel) in rest.iter_mut().enumerate() {
            *pixel = segments[phase * cut.pitch + start + whole.len()];
        }
    }
}
