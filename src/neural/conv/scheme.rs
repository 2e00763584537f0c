//! Which of two ways a convolution is computed: columns (any kernel), or tiles (3 at stride 1, 4 at stride 2: about half the
//! products). Both turn it into the products `m = u v` of matrices, one for each of their "points"; columns have one point.

use super::geometry::Geometry;
use super::segments;
use super::{columns, kernels, tiles};

/// Fewer channels than these make products too narrow to repay the transforms.
const LEAST_CHANNELS: usize = 16;

/// How a fine plane becomes rows of `v`, a coarse plane a row of `m`, and kernels `u`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    /// A row for each kernel tap.
    Columns,
    /// Transformed tiles of 2 × 2 coarse values.
    Tiles,
}

impl Scheme {
    pub(crate) fn of(g: &Geometry, inputs: usize, outputs: usize) -> Scheme {
        let known = matches!((g.kernel, g.window.stride), ((3, 3), 1) | ((4, 4), 2));
        if known && inputs.min(outputs) >= LEAST_CHANNELS { Scheme::Tiles } else { Scheme::Columns }
    }

    /// Matrix products.
    pub(crate) fn points(self, g: &Geometry) -> usize {
        match (self, g.window.stride) {
            (Scheme::Columns, _) => 1,
            (Scheme::Tiles, 2) => 9,
            (Scheme::Tiles, _) => 16,
        }
    }

    /// Rows of `v` for each fine channel.
    pub(crate) fn rows(self, g: &Geometry) -> usize {
        match self {
            Scheme::Columns => g.taps(),
            Scheme::Tiles => g.window.stride * g.window.stride,
        }
    }

    /// Columns of `v` and `m` for each image.
    pub(crate) fn width(self, g: &Geometry) -> usize {
        match self {
            Scheme::Columns => g.planes().1,
            Scheme::Tiles => segments::tiles(g).0 * segments::tiles(g).1,
        }
    }

    /// A fine plane into `v`.
    pub(crate) fn unfold(self, g: &Geometry, plane: &[f32], points: &mut [&mut [f32]], row: usize, at: usize) {
        match self {
            Scheme::Columns => columns::unfold(g, plane, points[0], row, at),
            Scheme::Tiles => tiles::unfold(g, plane, points, row, at),
        }
    }

    /// Its transpose: writes all of `plane`.
    pub(crate) fn fold(self, g: &Geometry, points: &[&[f32]], row: usize, at: usize, plane: &mut [f32]) {
        match self {
            Scheme::Columns => columns::fold(g, points[0], row, at, plane),
            Scheme::Tiles => tiles::fold(g, points, row, at, plane),
        }
    }

    /// A coarse plane from `m`.
    pub(crate) fn gather(self, g: &Geometry, points: &[&[f32]], at: usize, plane: &mut [f32]) {
        match self {
            Scheme::Columns => plane.copy_from_slice(&points[0][at..at + plane.len()]),
            Scheme::Tiles => tiles::gather(g, points, at, plane),
        }
    }

    /// Its transpose.
    pub(crate) fn spread(self, g: &Geometry, plane: &[f32], points: &mut [&mut [f32]], at: usize) {
        match self {
            Scheme::Columns => points[0][at..at + plane.len()].copy_from_slice(plane),
            Scheme::Tiles => tiles::spread(g, plane, points, at),
        }
    }

    /// Kernels `[inputs, kernel, kernel]` of one output into its row of `u`.
    pub(crate) fn weights(self, g: &Geometry, kernels: &[f32], points: &mut [&mut [f32]]) {
        match self {
            Scheme::Columns => points[0].copy_from_slice(kernels),
            Scheme::Tiles => kernels::spread(g, kernels, points),
        }
    }

    /// Its transpose.
    pub(crate) fn weights_t(self, g: &Geometry, points: &[&[f32]], kernels: &mut [f32]) {
        match self {
            Scheme::Columns => kernels.copy_from_slice(points[0]),
            Scheme::Tiles => kernels::gather(g, points, kernels),
        }
    }
}
