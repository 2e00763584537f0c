//! Sizes of a convolution. The larger map is `fine`, the smaller `coarse`: a convolution goes from fine to coarse, a transposed
//! one from coarse to fine, and each is the other's gradient.
//! Dumoulin and Visin, "A guide to convolution arithmetic for deep learning" (2016), relationships 6 and 14.

use candle_core::{Result, bail};

/// Where a kernel is laid on a map: every `stride` pixels, on a map with `padding` zeros on each side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Pixels from one place to the next, at least 1.
    pub stride: usize,
    /// Zeros on each side.
    pub padding: usize,
}

/// All sizes as `(height, width)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Geometry {
    pub(crate) fine: (usize, usize),
    pub(crate) coarse: (usize, usize),
    pub(crate) kernel: (usize, usize),
    pub(crate) window: Window,
}

impl Geometry {
    /// That of a convolution over maps of size `fine`.
    ///
    /// # Errors
    /// The kernel does not fit into the padded map, or the stride is 0.
    pub(crate) fn of_conv(fine: (usize, usize), kernel: (usize, usize), window: Window) -> Result<Geometry> {
        let places = |side: usize, kernel: usize| {
            let room = (side + 2 * window.padding).checked_sub(kernel)?;
            Some(room.checked_div(window.stride)? + 1)
        };
        match (places(fine.0, kernel.0), places(fine.1, kernel.1)) {
            (Some(height), Some(width)) if kernel.0.min(kernel.1).min(fine.0).min(fine.1) > 0 => {
                Ok(Geometry { fine, coarse: (height, width), kernel, window })
            }
            _ => bail!("a kernel of {kernel:?} with {window:?} does not fit a map of {fine:?}"),
        }
    }

    /// That of a transposed convolution from maps of size `coarse` to maps of size `fine`.
    ///
    /// # Errors
    /// The convolution from `fine` does not give `coarse`.
    pub(crate) fn of_transposed(
        coarse: (usize, usize),
        fine: (usize, usize),
        kernel: (usize, usize),
        window: Window,
    ) -> Result<Geometry> {
        let geometry = Geometry::of_conv(fine, kernel, window)?;
        if geometry.coarse != coarse {
            bail!("no output_padding below the stride leads from a map of {coarse:?} to {fine:?} with {window:?}");
        }
        Ok(geometry)
    }

    /// Values of one fine and of one coarse map.
    pub(crate) fn planes(&self) -> (usize, usize) {
        (self.fine.0 * self.fine.1, self.coarse.0 * self.coarse.1)
    }

    pub(crate) fn taps(&self) -> usize {
        self.kernel.0 * self.kernel.1
    }

    /// The places along one side of `places` at which `tap` meets a map of `side` pixels: `from .. to`.
    pub(crate) fn reach(&self, tap: usize, side: usize, places: usize) -> (usize, usize) {
        let Window { stride, padding } = self.window;
        let from = padding.saturating_sub(tap).div_ceil(stride);
        let to = (side + padding).saturating_sub(tap).div_ceil(stride).min(places);
        (from.min(to), to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_those_of_pytorch() {
        let coarse = |side, kernel, stride, padding| {
            Geometry::of_conv((side, side), (kernel, kernel), Window { stride, padding }).map(|g| g.coarse.0).ok()
        };
        assert_eq!([coarse(128, 4, 2, 1), coarse(7, 3, 1, 1), coarse(7, 3, 2, 0)], [Some(64), Some(7), Some(3)]);
        assert_eq!([coarse(2, 5, 1, 1), coarse(4, 3, 0, 1), coarse(4, 0, 1, 1)], [None; 3]);
    }

    #[test]
    fn reach_holds_exactly_the_places_inside_the_map() {
        for (side, kernel, stride, padding) in [(7, 4, 2, 1), (5, 3, 1, 1), (6, 3, 3, 2), (2, 4, 2, 1), (3, 1, 2, 0)] {
            let g = Geometry::of_conv((side, side), (kernel, kernel), Window { stride, padding }).unwrap();
            for tap in 0..kernel {
                let inside = |place: &usize| (padding..side + padding).contains(&(place * stride + tap));
                let places: Vec<usize> = (0..g.coarse.0).filter(inside).collect();
                let (from, to) = g.reach(tap, side, g.coarse.0);
                assert_eq!(places, (from..to).collect::<Vec<_>>());
            }
        }
    }
}
