//! Repulsion between all pairs of points, one by one: O(n²), no approximation.
//! van der Maaten, Hinton (JMLR 2008), equations 4 and 5.

use rayon::prelude::*;

use super::descent::Repulsion;

/// Partial sums of a row: as many as keep the processor's adders busy.
const LANES: usize = 4;

/// For each point `i`, with `q = 1 / (1 + |y_i - y_j|²)`: the sums over all other `j` of `q² (y_i - y_j)` and of `q`.
pub fn repulsion(layout: &[[f64; 2]]) -> Vec<Repulsion> {
    let [xs, ys] = [0, 1].map(|axis| layout.iter().map(|at| at[axis]).collect::<Vec<f64>>());
    layout.par_iter().map(|at| of_point(*at, &xs, &ys)).collect()
}

fn of_point(at: [f64; 2], xs: &[f64], ys: &[f64]) -> Repulsion {
    let mut lanes = [[0.0; LANES]; 3];
    let (blocks_x, blocks_y) = (xs.chunks_exact(LANES), ys.chunks_exact(LANES));
    let (rest_x, rest_y) = (blocks_x.remainder(), blocks_y.remainder());
    for (xs, ys) in blocks_x.zip(blocks_y) {
        for lane in 0..LANES {
            let [fx, fy, q] = push(at, xs[lane], ys[lane]);
            lanes[0][lane] += fx;
            lanes[1][lane] += fy;
            lanes[2][lane] += q;
        }
    }
    let mut sums = lanes.map(|lane| lane.iter().sum::<f64>());
    for (x, y) in rest_x.iter().zip(rest_y) {
        sums.iter_mut().zip(push(at, *x, *y)).for_each(|(sum, part)| *sum += part);
    }
    // The point itself was counted: no force, and q = 1.
    Repulsion { force: [sums[0], sums[1]], normaliser: sums[2] - 1.0 }
}

fn push(at: [f64; 2], x: f64, y: f64) -> [f64; 3] {
    let (dx, dy) = (at[0] - x, at[1] - y);
    let q = 1.0 / (1.0 + dx * dx + dy * dy);
    [q * q * dx, q * q * dy, q]
}
