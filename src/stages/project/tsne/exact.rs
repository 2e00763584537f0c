//! Repulsion between all pairs of points, one by one: O(n²), no approximation.
//! van der Maaten, Hinton (JMLR 2008), equations 4 and 5.

use rayon::prelude::*;

use super::descent::Repulsion;
use crate::wide::wide;

/// Partial sums of a row: as many as keep the processor's adders busy.
const LANES: usize = 8;
/// Rows that a thread takes at once.
const BLOCK_ROWS: usize = 32;

/// For each point `i`, with `q = 1 / (1 + |y_i - y_j|²)`: the sums over all other `j` of `q² (y_i - y_j)` and of `q`.
pub fn repulsion(layout: &[[f64; 2]]) -> Vec<Repulsion> {
    let [xs, ys] = [0, 1].map(|axis| layout.iter().map(|at| at[axis]).collect::<Vec<f64>>());
    let mut all = vec![Repulsion::default(); layout.len()];
    let blocks = all.par_chunks_mut(BLOCK_ROWS).zip(layout.par_chunks(BLOCK_ROWS));
    blocks.for_each(|(sums, targets)| push(targets, &xs, &ys, sums));
    all
}

wide! {
    fn push(targets: &[[f64; 2]], xs: &[f64], ys: &[f64], sums: &mut [Repulsion]) {
        let ((whole_x, rest_x), (whole_y, rest_y)) = (xs.as_chunks::<LANES>(), ys.as_chunks::<LANES>());
        for (at, sum) in targets.iter().zip(sums) {
            let mut lanes = [[0.0; LANES]; 3];
            for (xs, ys) in whole_x.iter().zip(whole_y) {
                for lane in 0..LANES {
                    let [fx, fy, q] = push_one(*at, xs[lane], ys[lane]);
                    lanes[0][lane] += fx;
                    lanes[1][lane] += fy;
                    lanes[2][lane] += q;
                }
            }
            let mut totals = lanes.map(|lane| lane.iter().sum::<f64>());
            for (x, y) in rest_x.iter().zip(rest_y) {
                totals.iter_mut().zip(push_one(*at, *x, *y)).for_each(|(sum, part)| *sum += part);
            }
            // The point itself was counted: no force, and q = 1.
            *sum = Repulsion { force: [totals[0], totals[1]], normaliser: totals[2] - 1.0 };
        }
    }
}

#[inline(always)]
fn push_one(at: [f64; 2], x: f64, y: f64) -> [f64; 3] {
    let (dx, dy) = (at[0] - x, at[1] - y);
    let q = 1.0 / (1.0 + dx * dx + dy * dy);
    [q * q * dx, q * q * dy, q]
}
