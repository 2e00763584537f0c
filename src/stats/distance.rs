//! Squared Euclidean distances between points.
//! `|a - b|² = |a|² + |b|² - 2 a·b`, by blocks of matrix products, after moving the mean to the origin (else digits are lost).

use ndarray::{Array2, ArrayView2, Axis};
use rayon::prelude::*;

use crate::stats::linalg::dot_products;

/// Rows of one block. A constant, because the blocks decide the order of the sums.
const BLOCK_ROWS: usize = 64;

/// Squared Euclidean distance of two points, by differences.
pub fn squared(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}

/// Squared Euclidean distances `[points, points]`; symmetric up to rounding, with a diagonal of zeros.
pub fn squared_euclidean(points: ArrayView2<f64>) -> Array2<f64> {
    let n = points.nrows();
    let rows = map_rows(points, |_, distances| distances.to_vec());
    Array2::from_shape_fn((n, n), |(row, column)| rows[row][column])
}

/// Calls `each(row, squared distances of that row to all points)` for every point, in parallel, and gives the results in
/// order. No more than a block of rows a thread is in memory at once.
pub fn map_rows<T: Send>(points: ArrayView2<f64>, each: impl Fn(usize, &[f64]) -> T + Sync) -> Vec<T> {
    let (n, dims) = points.dim();
    let centred = centred(points);
    let norms: Vec<f64> = (0..n).map(|row| norm(&centred[row * dims..(row + 1) * dims])).collect();
    let blocks: Vec<usize> = (0..n).step_by(BLOCK_ROWS).collect();
    let block = |first: &usize| {
        let last = (first + BLOCK_ROWS).min(n);
        let mut distances = vec![0.0; (last - first) * n];
        dot_products(&centred[first * dims..last * dims], &centred, dims, &mut distances);
        let rows = distances.chunks_exact_mut(n).zip(*first..last);
        rows.map(|(row, at)| each(at, from_dots(row, at, &norms))).collect::<Vec<T>>()
    };
    blocks.par_iter().map(block).collect::<Vec<_>>().into_iter().flatten().collect()
}

/// Row-major points with their mean at the origin.
pub(super) fn centred(points: ArrayView2<f64>) -> Vec<f64> {
    let mean = points.mean_axis(Axis(0)).unwrap_or_default();
    let mut centred = Vec::with_capacity(points.len());
    points.rows().into_iter().for_each(|row| centred.extend(row.iter().zip(&mean).map(|(x, m)| x - m)));
    centred
}

/// Squared length.
pub(super) fn norm(row: &[f64]) -> f64 {
    row.iter().map(|x| x * x).sum()
}

/// Turns dot products with point `at` into squared distances from it.
fn from_dots<'a>(dots: &'a mut [f64], at: usize, norms: &[f64]) -> &'a [f64] {
    let own = norms[at];
    dots.iter_mut().zip(norms).for_each(|(dot, other)| *dot = (own + other - 2.0 * *dot).max(0.0));
    dots[at] = 0.0;
    dots
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;

    fn cloud(n: usize, dims: usize) -> Array2<f64> {
        let mut stream = Stream::new(3, "test.cloud");
        Array2::from_shape_fn((n, dims), |_| 1e3 + stream.normal())
    }

    #[test]
    fn blocks_agree_with_differences() {
        let points = cloud(150, 5);
        let fast = squared_euclidean(points.view());
        for ((i, j), value) in fast.indexed_iter() {
            let naive = squared(&points.row(i).to_vec(), &points.row(j).to_vec());
            assert!((value - naive).abs() <= 1e-11 * naive.max(1.0), "{i} {j}: {value} {naive}");
        }
    }

    #[test]
    fn a_point_is_at_distance_zero_from_itself() {
        assert!(squared_euclidean(cloud(70, 3).view()).diag().iter().all(|d| *d == 0.0));
    }

    #[test]
    fn no_points_have_no_distances() {
        assert_eq!(squared_euclidean(Array2::zeros((0, 3)).view()).dim(), (0, 0));
        assert_eq!(squared_euclidean(Array2::zeros((2, 0)).view()).sum(), 0.0);
    }
}
