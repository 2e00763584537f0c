//! Quadratic forms of many points at once: `|L·x - shift|²` with a lower triangle `L`, of which only that half is read.
//! A chunk of points is `[dims, width]`: one row a dimension, so that eight neighbours in a row are worked on together.
//! The width is a multiple of eight. Sums run in a written order, with multiplication and addition never fused: every
//! processor gives the same bits.

use super::tiles::LANES;
use crate::wide::wide;

/// Rows of a matrix worked on together, whose sums stay in registers.
const BLOCK: usize = 4;

wide! {
    /// Writes `|L·x - shift|²` of each column `x` of the chunk; `lower` is a lower triangle `[dims, dims]`, row-major.
    pub fn squared_lengths(lower: &[f64], shift: &[f64], chunk: &[f64], out: &mut [f64]) -> () {
        let (dims, width) = (shift.len(), out.len());
        for (at, out) in out.as_chunks_mut::<LANES>().0.iter_mut().enumerate() {
            *out = [0.0; LANES];
            let column = |dim: usize| &chunk[dim * width + at * LANES..][..LANES];
            for first in (0..dims / BLOCK * BLOCK).step_by(BLOCK) {
                let mapped = rows_times::<BLOCK>(lower, dims, first, column);
                add_squares(&mapped, &shift[first..], out);
            }
            for first in dims / BLOCK * BLOCK..dims {
                add_squares(&rows_times::<1>(lower, dims, first, column), &shift[first..], out);
            }
        }
    }
}

/// Products of `ROWS` rows of a lower triangle, from `first` on, with eight columns.
#[inline(always)]
fn rows_times<'a, const ROWS: usize>(
    lower: &[f64],
    dims: usize,
    first: usize,
    column: impl Fn(usize) -> &'a [f64],
) -> [[f64; LANES]; ROWS] {
    let rows: [&[f64]; ROWS] = std::array::from_fn(|at| &lower[(first + at) * dims..(first + at + 1) * dims]);
    let mut sums = [[0.0; LANES]; ROWS];
    for dim in 0..first + ROWS {
        let values = column(dim);
        for (sums, row) in sums.iter_mut().zip(&rows) {
            let factor = row[dim];
            for lane in 0..LANES {
                sums[lane] += values[lane] * factor;
            }
        }
    }
    sums
}

#[inline(always)]
fn add_squares<const ROWS: usize>(mapped: &[[f64; LANES]; ROWS], shift: &[f64], out: &mut [f64; LANES]) {
    for (row, shift) in mapped.iter().zip(shift) {
        for lane in 0..LANES {
            out[lane] += (row[lane] - shift) * (row[lane] - shift);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{prop, prop_assert, proptest};

    proptest! {
        #[test]
        fn blocks_agree_with_the_definition(
            dims in 1usize..12, values in prop::collection::vec(-3.0..3.0, 12 * 16),
            map in prop::collection::vec(-2.0..2.0, 12 * 13),
        ) {
            let chunk = &values[..dims * 16];
            let lower: Vec<f64> =
                (0..dims * dims).map(|at| if at % dims <= at / dims { map[at] } else { 0.0 }).collect();
            let shift = &map[map.len() - dims..];
            let mut lengths = vec![9.0; 16];
            squared_lengths(&lower, shift, chunk, &mut lengths);
            for (point, found) in lengths.into_iter().enumerate() {
                let entry = |row: usize, dim: usize| lower[row * dims + dim] * chunk[dim * 16 + point];
                let mapped = |row: usize| (0..dims).map(|dim| entry(row, dim)).sum::<f64>();
                let naive: f64 = (0..dims).map(|row| (mapped(row) - shift[row]).powi(2)).sum();
                prop_assert!((found - naive).abs() <= 1e-10 * (1.0 + naive), "{} {}", found, naive);
            }
        }
    }
}
