//! Matrix products (the gemm crate, which candle stands on too) and symmetric eigenvectors (nalgebra), on one thread.
//!
//! Always one thread: callers share out blocks of fixed size instead, so that no sum depends on the number of threads.

use gemm::Parallelism;
use nalgebra::{DMatrix, SymmetricEigen};

/// Sweeps of the eigenvalue iteration, for each row of the matrix, before it counts as not converging.
const SWEEPS_A_ROW: usize = 100;

/// Dot products of all rows of `left` with all rows of `right`: `out[i, j] = left[i] · right[j]`.
///
/// All are row-major: `left` `[m, dims]`, `right` `[n, dims]`, `out` `[m, n]`.
pub fn dot_products(left: &[f64], right: &[f64], dims: usize, out: &mut [f64]) {
    if dims == 0 {
        return out.fill(0.0);
    }
    let (m, n) = (left.len() / dims, right.len() / dims);
    multiply([m, dims, n], left, right, [1, dims], out);
}

/// Matrix product `[m, inner] · [inner, n]`, all row-major.
pub fn product(left: &[f64], right: &[f64], inner: usize) -> Vec<f64> {
    if inner == 0 {
        return Vec::new();
    }
    let (m, n) = (left.len() / inner, right.len() / inner);
    let mut out = vec![0.0; m * n];
    multiply([m, inner, n], left, right, [n, 1], &mut out);
    out
}

/// `out [m, n] = left [m, k] · right [k, n]`; `strides` are those of `right` by row and by column.
fn multiply([m, k, n]: [usize; 3], left: &[f64], right: &[f64], strides: [usize; 2], out: &mut [f64]) {
    assert!(left.len() == m * k && right.len() == k * n && out.len() == m * n, "the sizes of a product must fit");
    let [row, column] = strides.map(|stride| stride as isize);
    // SAFETY: the three slices are as long as their shapes say (asserted above), every index that the strides reach lies
    // inside them, and `out` is borrowed alone.
    #[expect(unsafe_code, reason = "the gemm crate takes pointers; the lengths are checked here")]
    unsafe {
        gemm::gemm(
            m,
            n,
            k,
            out.as_mut_ptr(),
            1,
            n as isize,
            false,
            left.as_ptr(),
            1,
            k as isize,
            right.as_ptr(),
            column,
            row,
            0.0,
            1.0,
            false,
            false,
            false,
            Parallelism::None,
        );
    }
}

/// Eigenvalues, largest first, and the eigenvectors that belong to them.
pub struct Eigen {
    /// Eigenvalues, falling.
    pub values: Vec<f64>,
    /// `vectors[i]` has length one and belongs to `values[i]`.
    pub vectors: Vec<Vec<f64>>,
}

/// Eigen-decomposition of a symmetric matrix `[size, size]`; None if it does not converge (values that are not finite).
pub fn eigen_symmetric(matrix: &[f64], size: usize) -> Option<Eigen> {
    if matrix.iter().any(|value| !value.is_finite()) {
        return None;
    }
    let matrix = DMatrix::from_row_slice(size, size, matrix);
    let found = SymmetricEigen::try_new(matrix, f64::EPSILON, SWEEPS_A_ROW * size.max(1))?;
    let mut falling: Vec<usize> = (0..size).collect();
    falling.sort_by(|a, b| found.eigenvalues[*b].total_cmp(&found.eigenvalues[*a]));
    let vector = |at: &usize| found.eigenvectors.column(*at).iter().copied().collect();
    Some(Eigen {
        values: falling.iter().map(|at| found.eigenvalues[*at]).collect(),
        vectors: falling.iter().map(vector).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dot_products_of_unit_rows_are_cosines() {
        let mut out = [0.0; 6];
        dot_products(&[1.0, 0.0, 0.6, 0.8], &[1.0, 0.0, 0.0, 1.0, 3.0, 4.0], 2, &mut out);
        assert_eq!(out, [1.0, 0.0, 3.0, 0.6, 0.8, 5.0]);
    }

    #[test]
    fn product_is_rows_times_columns() {
        assert_eq!(product(&[1.0, 2.0, 3.0, 4.0], &[5.0, 6.0, 7.0, 8.0], 2), [19.0, 22.0, 43.0, 50.0]);
    }

    #[test]
    fn eigenvalues_fall_and_vectors_are_theirs() {
        let eigen = eigen_symmetric(&[2.0, 1.0, 1.0, 2.0], 2).expect("converges");
        assert!((eigen.values[0] - 3.0).abs() < 1e-14 && (eigen.values[1] - 1.0).abs() < 1e-14, "{:?}", eigen.values);
        let [x, y] = [eigen.vectors[0][0], eigen.vectors[0][1]];
        assert!((x - y).abs() < 1e-14 && (x * x + y * y - 1.0).abs() < 1e-14, "{x} {y}");
    }

    #[test]
    fn a_matrix_that_is_not_finite_has_no_eigenvectors() {
        assert!(eigen_symmetric(&[f64::NAN; 4], 2).is_none());
    }
}
