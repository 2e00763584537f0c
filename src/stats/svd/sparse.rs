//! The largest singular values of a sparse matrix and their right vectors, by random projection: latent semantic analysis
//! (Deerwester, Dumais, Furnas, Landauer, Harshman, 1990) of weights of terms.
//! Halko, Martinsson, Tropp (SIAM Review 2011), algorithms 4.4 and 5.1. The matrix is never written out in full.

use rayon::prelude::*;

use super::{EXTRA_COLUMNS, Matrix, Stream, Svd, by_rows, orthonormal};
use crate::wide::wide;

/// Rows that one task multiplies.
const CHUNK: usize = 64;
/// Power steps, as many as scikit-learn's `TruncatedSVD` takes.
const STEPS: usize = 5;

/// A sparse matrix `[rows, width]`, row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct SparseRows {
    offsets: Vec<usize>,
    columns: Vec<u32>,
    values: Vec<f64>,
    width: usize,
}

impl SparseRows {
    /// Row `i` holds `columns[offsets[i]..offsets[i + 1]]`, all below `width`. None if the parts do not fit each other.
    pub fn new(offsets: Vec<usize>, columns: Vec<u32>, values: Vec<f64>, width: usize) -> Option<SparseRows> {
        let ends = offsets.first() == Some(&0) && offsets.last() == Some(&columns.len()) && offsets.is_sorted();
        let fits = values.len() == columns.len() && columns.iter().all(|column| (*column as usize) < width);
        (ends && fits).then_some(SparseRows { offsets, columns, values, width })
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.offsets.len() - 1
    }

    /// The `rank` largest singular values (at most `min(rows, width)`) and their right vectors, `[rank, width]`.
    /// The projection is drawn from a fixed stream. None if the matrix is empty or has values that are not finite.
    pub fn truncated(&self, rank: usize) -> Option<Svd> {
        let (rows, width) = (self.rows(), self.width);
        let least = rows.min(width);
        if least == 0 || self.values.iter().any(|value| !value.is_finite()) {
            return None;
        }
        let turned = self.transposed();
        let drawn = (rank + EXTRA_COLUMNS).min(least);
        let draws = Stream::new(0, "stats.svd.sparse").normals(width * drawn);
        let mut basis: Vec<f64> = draws.into_iter().map(f64::from).collect();
        for _ in 0..STEPS {
            let image = orthonormal(self.times(&basis), rows)?;
            basis = orthonormal(turned.times(&image), width)?;
        }
        let image = orthonormal(orthonormal(self.times(&basis), rows)?, rows)?;
        let small = turned.times(&image);
        by_rows(Matrix::new(&small, width, small.len() / width).t(), rank.min(least))
    }

    /// Coordinates of the rows along the vectors `right` `[rank, width]`: `[rows, rank]`.
    pub fn along(&self, right: &[f64]) -> Vec<f64> {
        let rank = right.len().checked_div(self.width).unwrap_or(0);
        let mut standing = vec![0.0; self.width * rank];
        for (at, vector) in right.chunks_exact(self.width.max(1)).enumerate() {
            vector.iter().enumerate().for_each(|(column, x)| standing[column * rank + at] = *x);
        }
        self.times(&standing)
    }

    /// This matrix times row-major `right` `[width, n]`: `[rows, n]`.
    fn times(&self, right: &[f64]) -> Vec<f64> {
        let n = right.len().checked_div(self.width).unwrap_or(0);
        let mut out = vec![0.0; self.rows() * n];
        let chunks = out.par_chunks_mut((CHUNK * n).max(1)).enumerate();
        chunks.for_each(|(at, out)| multiply(self, at * CHUNK, right, n, out));
        out
    }

    fn transposed(&self) -> SparseRows {
        let mut offsets = vec![0; self.width + 1];
        self.columns.iter().for_each(|column| offsets[*column as usize + 1] += 1);
        (0..self.width).for_each(|column| offsets[column + 1] += offsets[column]);
        let (mut next, mut columns, mut values) =
            (offsets.clone(), vec![0; self.columns.len()], vec![0.0; self.columns.len()]);
        for (row, span) in (0..).zip(self.offsets.windows(2)) {
            for at in span[0]..span[1] {
                let place = &mut next[self.columns[at] as usize];
                (columns[*place], values[*place]) = (row, self.values[at]);
                *place += 1;
            }
        }
        SparseRows { offsets, columns, values, width: self.rows() }
    }
}

wide! {
    fn multiply(matrix: &SparseRows, first: usize, right: &[f64], n: usize, out: &mut [f64]) {
        for (row, out) in (first..).zip(out.chunks_exact_mut(n)) {
            for at in matrix.offsets[row]..matrix.offsets[row + 1] {
                let (value, column) = (matrix.values[at], matrix.columns[at] as usize);
                out.iter_mut().zip(&right[column * n..][..n]).for_each(|(sum, x)| *sum += value * x);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::svd::exact;

    /// A matrix of which about one value in `every` is not zero, its columns shrinking; and the same in full.
    fn sparse(rows: usize, width: usize, every: usize) -> (SparseRows, Vec<f64>) {
        let mut stream = Stream::new(3, "test.sparse");
        let (mut offsets, mut columns, mut values) = (vec![0], Vec::new(), Vec::new());
        let mut full = vec![0.0; rows * width];
        for row in 0..rows {
            for column in 0..width {
                if stream.below(every) == 0 {
                    let value = stream.normal() / (1.0 + column as f64);
                    columns.push(column as u32);
                    values.push(value);
                    full[row * width + column] = value;
                }
            }
            offsets.push(columns.len());
        }
        (SparseRows::new(offsets, columns, values, width).expect("sound"), full)
    }

    #[test]
    fn values_and_vectors_are_those_of_the_full_matrix() {
        for (rows, width) in [(200, 90), (90, 200)] {
            let (matrix, full) = sparse(rows, width, 3);
            let (fast, slow) = (matrix.truncated(6).expect("finite"), exact(&full, width, 6).expect("finite"));
            for (a, b) in fast.squared.iter().zip(&slow.squared) {
                assert!((a - b).abs() < 1e-9 * slow.squared[0], "{a} {b}");
            }
            let miss = fast.right.iter().zip(&slow.right).fold(0.0f64, |most, (a, b)| most.max((a - b).abs()));
            assert!(miss < 1e-4, "{miss}");
        }
    }

    #[test]
    fn coordinates_stretch_as_the_singular_values_say() {
        let (matrix, _) = sparse(150, 60, 4);
        let svd = matrix.truncated(4).expect("finite");
        let along = matrix.along(&svd.right);
        for (at, squared) in svd.squared.iter().enumerate() {
            let length: f64 = along.iter().skip(at).step_by(4).map(|x| x * x).sum();
            assert!((length - squared).abs() < 1e-9 * svd.squared[0], "{length} {squared}");
        }
    }

    #[test]
    fn products_and_transposes_are_those_of_the_full_matrix() {
        let (matrix, full) = sparse(70, 9, 2);
        let unit: Vec<f64> = (0..81).map(|at| f64::from(u8::from(at % 10 == 0))).collect();
        assert_eq!(matrix.times(&unit), full);
        let turned = matrix.transposed();
        assert_eq!((turned.rows(), turned.transposed()), (9, matrix));
    }

    #[test]
    fn nothing_and_what_is_not_finite_have_no_values() {
        let of = |offsets: &[usize], columns: &[u32], value: f64, width| {
            SparseRows::new(offsets.to_vec(), columns.to_vec(), vec![value; columns.len()], width)
        };
        assert!(of(&[0], &[], 0.0, 3).expect("sound").truncated(1).is_none());
        assert!(of(&[0, 0], &[], 0.0, 0).expect("sound").truncated(1).is_none());
        assert!(of(&[0, 1], &[0], f64::NAN, 1).expect("sound").truncated(1).is_none());
        let zeros = of(&[0, 0, 0], &[], 0.0, 2).expect("sound").truncated(2).expect("finite");
        assert_eq!((zeros.squared, zeros.right), (vec![0.0; 2], vec![0.0; 4]));
        assert_eq!((of(&[0, 1], &[3], 1.0, 3), of(&[0, 2], &[0], 1.0, 3), of(&[], &[], 1.0, 3)), (None, None, None));
    }

    #[test]
    fn threads_do_not_change_the_values() {
        let (matrix, _) = sparse(300, 310, 9);
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
            pool.install(|| matrix.truncated(5))
        };
        assert_eq!(run(1), run(4));
    }
}
