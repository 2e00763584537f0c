//! Symmetric sparse matrices, row by row, and graphs of nearest neighbours as such matrices.

use rayon::prelude::*;

use super::neighbours::Neighbours;
use crate::wide::wide;

/// Rows that one task multiplies.
const CHUNK: usize = 512;

/// A symmetric matrix `[size, size]`; each row holds its columns in rising order.
#[derive(Clone, Debug, PartialEq)]
pub struct Sparse {
    offsets: Vec<usize>,
    columns: Vec<u32>,
    values: Vec<f64>,
}

impl Sparse {
    /// From `(column, value)` of each row, columns rising.
    pub fn from_rows(rows: Vec<Vec<(u32, f64)>>) -> Sparse {
        let mut end = 0;
        let ends = rows.iter().map(|row| {
            end += row.len();
            end
        });
        let offsets = std::iter::once(0).chain(ends).collect();
        let (columns, values) = rows.into_iter().flatten().unzip();
        Sparse { offsets, columns, values }
    }

    /// `(A + Aᵀ) / 2`, where `A[i, j]` is 1 if point `j` is among the neighbours of point `i`: 1 for mutual neighbours,
    /// ½ for others.
    pub fn of_neighbours(neighbours: &Neighbours, points: usize) -> Sparse {
        let mut rows: Vec<Vec<(u32, f64)>> = vec![Vec::with_capacity(2 * neighbours.k); points];
        for (point, near) in (0..points).flat_map(|point| neighbours.of(point).map(move |(near, _)| (point, near))) {
            rows[point].push((near as u32, 0.5));
            rows[near].push((point as u32, 0.5));
        }
        for row in &mut rows {
            row.sort_by_key(|(column, _)| *column);
            row.dedup_by(|next, kept| {
                let same = next.0 == kept.0;
                kept.1 += if same { next.1 } else { 0.0 };
                same
            });
        }
        Sparse::from_rows(rows)
    }

    /// Number of rows.
    pub fn size(&self) -> usize {
        self.offsets.len() - 1
    }

    /// Sum of each row.
    pub fn degrees(&self) -> Vec<f64> {
        self.offsets.windows(2).map(|span| self.values[span[0]..span[1]].iter().sum()).collect()
    }

    /// `factors[i] · A[i, j] · factors[j]`.
    pub fn scaled(mut self, factors: &[f64]) -> Sparse {
        for (row, span) in self.offsets.windows(2).enumerate() {
            for at in span[0]..span[1] {
                self.values[at] *= factors[row] * factors[self.columns[at] as usize];
            }
        }
        self
    }

    /// `a · A·X + b · X + c · Y` for `X` and `Y` of `width` columns, both `[size, width]` row-major.
    pub fn combine(&self, [a, b, c]: [f64; 3], x: &[f64], y: &[f64], width: usize) -> Vec<f64> {
        let mut out = vec![0.0; x.len()];
        let chunks = out.par_chunks_mut(CHUNK * width.max(1)).enumerate();
        chunks.for_each(|(at, out)| combine_rows(self, at * CHUNK, [a, b, c], x, y, width, out));
        out
    }
}

wide! {
    fn combine_rows(
        matrix: &Sparse, first: usize, factors: [f64; 3], x: &[f64], y: &[f64], width: usize, out: &mut [f64],
    ) -> () {
        for (row, out) in (first..).zip(out.chunks_exact_mut(width)) {
            for at in matrix.offsets[row]..matrix.offsets[row + 1] {
                let (value, column) = (matrix.values[at] * factors[0], matrix.columns[at] as usize);
                out.iter_mut().zip(&x[column * width..][..width]).for_each(|(sum, x)| *sum += value * x);
            }
            let own = x[row * width..][..width].iter().zip(&y[row * width..][..width]);
            out.iter_mut().zip(own).for_each(|(sum, (x, y))| *sum += factors[1] * x + factors[2] * y);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::neighbours::nearest;
    use ndarray::array;

    #[test]
    fn mutual_neighbours_weigh_one_and_others_half() {
        let found = Sparse::of_neighbours(&nearest(array![[0.0], [1.0], [3.0]].view(), 1), 3);
        let expected = vec![vec![(1, 1.0)], vec![(0, 1.0), (2, 0.5)], vec![(1, 0.5)]];
        assert_eq!(found, Sparse::from_rows(expected));
        assert_eq!(found.degrees(), [1.0, 1.5, 0.5]);
    }

    #[test]
    fn products_are_those_of_the_full_matrix() {
        let matrix = Sparse::from_rows(vec![vec![(1, 1.0)], vec![(0, 1.0), (2, 0.5)], vec![(1, 0.5)]]);
        let (x, y) = ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [1.0; 6]);
        assert_eq!(matrix.combine([1.0, 0.0, 0.0], &x, &y, 2), [3.0, 4.0, 3.5, 5.0, 1.5, 2.0]);
        assert_eq!(matrix.combine([2.0, 1.0, -1.0], &x, &y, 2), [6.0, 9.0, 9.0, 13.0, 7.0, 9.0]);
        assert_eq!(matrix.scaled(&[1.0, 2.0, 4.0]).degrees(), [2.0, 6.0, 4.0]);
    }
}
