//! The transformed kernels `G w Gᵀ` of [`super::transform`], and the transpose of that map for their gradients.

use super::geometry::Geometry;
use super::transform::{Three, Transform, Two, both};
use crate::wide::wide;

/// Where tap `(i, j)` of a phase stands in a square kernel of `side`.
#[inline(always)]
fn tap(side: usize, stride: usize, phase: usize, i: usize, j: usize) -> usize {
    (stride * i + phase / stride) * side + stride * j + phase % stride
}

#[inline(always)]
fn spread_in<X: Transform<P, R>, const P: usize, const R: usize>(
    stride: usize,
    kernels: &[f32],
    points: &mut [&mut [f32]],
) {
    let (side, phases) = (stride * R, stride * stride);
    for (at, kernel) in kernels.chunks_exact(side * side).enumerate() {
        for phase in 0..phases {
            let mut square = [[[0.0; 1]; R]; R];
            for (i, j) in (0..R * R).map(|at| (at / R, at % R)) {
                square[i][j] = [kernel[tap(side, stride, phase, i, j)]];
            }
            let square = both(square, X::weight);
            for (point, out) in points.iter_mut().enumerate() {
                out[at * phases + phase] = square[point / P][point % P][0];
            }
        }
    }
}

#[inline(always)]
fn gather_in<X: Transform<P, R>, const P: usize, const R: usize>(
    stride: usize,
    points: &[&[f32]],
    kernels: &mut [f32],
) {
    let (side, phases) = (stride * R, stride * stride);
    for (at, kernel) in kernels.chunks_exact_mut(side * side).enumerate() {
        for phase in 0..phases {
            let mut square = [[[0.0; 1]; P]; P];
            for (point, values) in points.iter().enumerate() {
                square[point / P][point % P] = [values[at * phases + phase]];
            }
            let square = both(square, X::weight_t);
            for (i, j) in (0..R * R).map(|at| (at / R, at % R)) {
                kernel[tap(side, stride, phase, i, j)] = square[i][j][0];
            }
        }
    }
}

wide! {
    /// `kernels` `[inputs, kernel, kernel]` of one output: in each of the `points` a value for each input and phase.
    pub(crate) fn spread(g: &Geometry, kernels: &[f32], points: &mut [&mut [f32]]) {
        match g.window.stride {
            2 => spread_in::<Two, 3, 2>(2, kernels, points),
            _ => spread_in::<Three, 4, 3>(1, kernels, points),
        }
    }
}

wide! {
    /// The transpose of [`spread`].
    pub(crate) fn gather(g: &Geometry, points: &[&[f32]], kernels: &mut [f32]) {
        match g.window.stride {
            2 => gather_in::<Two, 3, 2>(2, points, kernels),
            _ => gather_in::<Three, 4, 3>(1, points, kernels),
        }
    }
}
