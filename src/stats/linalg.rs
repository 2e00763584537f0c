//! Matrix products (the gemm crate, which candle stands on too) and symmetric eigenvectors (nalgebra).
//!
//! A product runs on one thread; where more may help, blocks of fixed size are shared out instead, so that no sum depends on
//! the number of threads.

use std::ops::Range;

use gemm::Parallelism;
use nalgebra::{DMatrix, SymmetricEigen};
use rayon::prelude::*;

/// Rows of a product that are computed together.
const BLOCK_ROWS: usize = 128;
/// Sweeps of the eigenvalue iteration, for each row of the matrix, before it counts as not converging.
const SWEEPS_A_ROW: usize = 100;

/// A matrix in a slice: entry `(i, j)` is `values[i · row stride + j · column stride]`.
#[derive(Clone, Copy)]
pub struct Matrix<'a> {
    values: &'a [f64],
    size: (usize, usize),
    strides: (usize, usize),
}

impl<'a> Matrix<'a> {
    /// `rows` rows of `columns` values, one after the other.
    pub fn new(values: &'a [f64], rows: usize, columns: usize) -> Matrix<'a> {
        Matrix { values, size: (rows, columns), strides: (columns, 1) }
    }

    /// Its transpose, nothing moved.
    pub fn t(self) -> Matrix<'a> {
        Matrix { size: (self.size.1, self.size.0), strides: (self.strides.1, self.strides.0), ..self }
    }

    /// Some of its rows.
    pub fn rows(self, range: Range<usize>) -> Matrix<'a> {
        let start = (range.start * self.strides.0).min(self.values.len());
        Matrix { values: &self.values[start..], size: (range.len(), self.size.1), ..self }
    }

    /// Some of its columns.
    pub fn columns(self, range: Range<usize>) -> Matrix<'a> {
        self.t().rows(range).t()
    }

    /// Rows and columns.
    pub fn size(self) -> (usize, usize) {
        self.size
    }

    fn fits(&self) -> bool {
        let ((rows, columns), (down, across)) = (self.size, self.strides);
        rows == 0 || columns == 0 || (rows - 1) * down + (columns - 1) * across < self.values.len()
    }
}

/// `out = a b`, or `out += a b`; `out` is row-major without gaps.
pub fn multiply(out: &mut [f64], a: Matrix, b: Matrix, accumulate: bool) {
    let ((m, k), n) = (a.size, b.size.1);
    assert!(k == b.size.0 && a.fits() && b.fits() && out.len() == m * n, "the sizes of a product must fit");
    if k == 0 && !accumulate {
        out.fill(0.0);
    }
    if m == 0 || n == 0 || k == 0 {
        return;
    }
    let signed = |(row, column): (usize, usize)| (column as isize, row as isize);
    let ((a_column, a_row), (b_column, b_row)) = (signed(a.strides), signed(b.strides));
    // SAFETY: every entry of the three matrices lies inside its slice (asserted above), and `out` is borrowed alone.
    #[expect(unsafe_code, reason = "the gemm crate takes pointers; the lengths are checked here")]
    unsafe {
        gemm::gemm(
            m,
            n,
            k,
            out.as_mut_ptr(),
            1,
            n as isize,
            accumulate,
            a.values.as_ptr(),
            a_column,
            a_row,
            b.values.as_ptr(),
            b_column,
            b_row,
            if accumulate { 1.0 } else { 0.0 },
            1.0,
            false,
            false,
            false,
            Parallelism::None,
        );
    }
}

/// `a b`, row-major: blocks of its rows in parallel.
pub fn blocked_product(a: Matrix, b: Matrix) -> Vec<f64> {
    let ((rows, _), width) = (a.size, b.size.1);
    let mut out = vec![0.0; rows * width];
    let blocks = out.par_chunks_mut((BLOCK_ROWS * width).max(1)).enumerate();
    blocks.for_each(|(at, out)| multiply(out, a.rows(at * BLOCK_ROWS..rows.min((at + 1) * BLOCK_ROWS)), b, false));
    out
}

/// Dot products of all rows of `left` with all rows of `right`: `out[i, j] = left[i] · right[j]`.
///
/// All are row-major: `left` `[m, dims]`, `right` `[n, dims]`, `out` `[m, n]`.
pub fn dot_products(left: &[f64], right: &[f64], dims: usize, out: &mut [f64]) {
    if dims == 0 {
        return out.fill(0.0);
    }
    let (m, n) = (left.len() / dims, right.len() / dims);
    multiply(out, Matrix::new(left, m, dims), Matrix::new(right, n, dims).t(), false);
}

/// Matrix product `[m, inner] · [inner, n]`, all row-major.
pub fn product(left: &[f64], right: &[f64], inner: usize) -> Vec<f64> {
    if inner == 0 {
        return Vec::new();
    }
    let (m, n) = (left.len() / inner, right.len() / inner);
    let mut out = vec![0.0; m * n];
    multiply(&mut out, Matrix::new(left, m, inner), Matrix::new(right, inner, n), false);
    out
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
    if size == 0 {
        return Some(Eigen { values: Vec::new(), vectors: Vec::new() });
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
    fn parts_and_transposes_multiply_as_they_stand() {
        let values = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let all = Matrix::new(&values, 2, 3);
        let mut out = [1.0; 4];
        multiply(&mut out, all.t().rows(1..3), all.columns(0..2), true);
        assert_eq!(out, [23.0, 30.0, 28.0, 37.0]);
        multiply(&mut out, all.columns(1..1), all.rows(0..0).columns(0..2), false);
        assert_eq!(out, [0.0; 4]);
    }

    #[test]
    #[should_panic(expected = "must fit")]
    fn sizes_that_do_not_fit_are_refused() {
        multiply(&mut [0.0; 4], Matrix::new(&[1.0; 4], 2, 2), Matrix::new(&[1.0; 3], 2, 2), false);
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
