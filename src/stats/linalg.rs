//! Matrix products and symmetric eigenvectors, by faer on one thread.
//!
//! Always `Par::Seq`: callers share out blocks of fixed size instead, so that no sum depends on the number of threads.

use faer::diag::Diag;
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::evd::{ComputeEigenvectors, self_adjoint_evd, self_adjoint_evd_scratch};
use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatMut, MatRef, Par};

/// Dot products of all rows of `left` with all rows of `right`: `out[i, j] = left[i] · right[j]`.
///
/// All are row-major: `left` `[m, dims]`, `right` `[n, dims]`, `out` `[m, n]`.
pub fn dot_products(left: &[f64], right: &[f64], dims: usize, out: &mut [f64]) {
    if dims == 0 {
        return out.fill(0.0);
    }
    let (m, n) = (left.len() / dims, right.len() / dims);
    let left = MatRef::from_row_major_slice(left, m, dims);
    let right = MatRef::from_row_major_slice(right, n, dims).transpose();
    matmul(MatMut::from_row_major_slice_mut(out, m, n), Accum::Replace, left, right, 1.0, Par::Seq);
}

/// Matrix product `[m, inner] · [inner, n]`, all row-major.
pub fn product(left: &[f64], right: &[f64], inner: usize) -> Vec<f64> {
    if inner == 0 {
        return Vec::new();
    }
    let (m, n) = (left.len() / inner, right.len() / inner);
    let mut out = vec![0.0; m * n];
    let left = MatRef::from_row_major_slice(left, m, inner);
    let right = MatRef::from_row_major_slice(right, inner, n);
    matmul(MatMut::from_row_major_slice_mut(&mut out, m, n), Accum::Replace, left, right, 1.0, Par::Seq);
    out
}

/// Eigenvalues, largest first, and the eigenvectors that belong to them.
pub struct Eigen {
    /// Eigenvalues, falling.
    pub values: Vec<f64>,
    /// `vectors[i]` has length one and belongs to `values[i]`.
    pub vectors: Vec<Vec<f64>>,
}

/// Eigen-decomposition of a symmetric matrix `[size, size]`; None if a value is not finite.
pub fn eigen_symmetric(matrix: &[f64], size: usize) -> Option<Eigen> {
    if !matrix.iter().all(|x| x.is_finite()) {
        return None;
    }
    let (mut values, mut vectors) = (Diag::<f64>::zeros(size), Mat::<f64>::zeros(size, size));
    let scratch = self_adjoint_evd_scratch::<f64>(size, ComputeEigenvectors::Yes, Par::Seq, Default::default());
    self_adjoint_evd(
        MatRef::from_row_major_slice(matrix, size, size),
        values.as_mut(),
        Some(vectors.as_mut()),
        Par::Seq,
        MemStack::new(&mut MemBuffer::new(scratch)),
        Default::default(),
    )
    .ok()?;
    let column = |at: usize| (0..size).map(|row| vectors[(row, at)]).collect();
    let falling = || (0..size).rev();
    Some(Eigen {
        values: falling().map(|at| values.column_vector()[at]).collect(),
        vectors: falling().map(column).collect(),
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
