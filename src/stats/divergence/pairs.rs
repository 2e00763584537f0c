//! Squared distances and products between the rows of two sets, by blocks of matrix products.
//! `|a - b|² = |a|² + |b|² - 2 a·b` with the mean of both sets at the origin (else digits are lost).

use ndarray::{ArrayView2, Axis};
use rayon::prelude::*;

use crate::stats::linalg::dot_products;

/// Rows of one block. A constant, because the blocks decide the order of the sums.
const BLOCK_ROWS: usize = 64;

/// Two sets made ready, row-major.
pub struct Pairs {
    dims: usize,
    left: Vec<f64>,
    right: Vec<f64>,
}

impl Pairs {
    /// The sets as they are: `left` `[m, dims]`, `right` `[n, dims]`.
    pub fn new(left: ArrayView2<f64>, right: ArrayView2<f64>) -> Pairs {
        let rows = |points: ArrayView2<f64>| points.iter().copied().collect();
        Pairs { dims: left.ncols(), left: rows(left), right: rows(right) }
    }

    /// Calls `each(row of left, its products with all rows of right)` in parallel, and gives the results in order.
    pub fn map_products<T: Send>(&self, each: impl Fn(usize, &mut [f64]) -> T + Sync) -> Vec<T> {
        let width = self.dims.max(1);
        let n = self.right.len() / width;
        let block = |(at, rows): (usize, &[f64])| {
            let mut products = vec![0.0; rows.len() / width * n];
            dot_products(rows, &self.right, self.dims, &mut products);
            let lines = products.chunks_exact_mut(n.max(1)).enumerate();
            lines.map(|(line, products)| each(at * BLOCK_ROWS + line, products)).collect::<Vec<T>>()
        };
        let blocks = self.left.par_chunks(BLOCK_ROWS * width).enumerate();
        blocks.map(block).collect::<Vec<_>>().into_iter().flatten().collect()
    }

    /// Calls `each(row of left, its squared distances from all rows of right)` in parallel, and gives the results in order.
    /// Distances of equal rows are 0 but for rounding.
    pub fn map_squared<T: Send>(mut self, each: impl Fn(usize, &[f64]) -> T + Sync) -> Vec<T> {
        self.centre();
        let [left, right] = [&self.left, &self.right].map(|rows| norms(rows, self.dims));
        self.map_products(|row, products| {
            let own = left[row];
            products.iter_mut().zip(&right).for_each(|(product, other)| {
                *product = (own + other - 2.0 * *product).max(0.0);
            });
            each(row, products)
        })
    }

    /// Moves the mean of the right set to the origin.
    fn centre(&mut self) {
        let n = self.right.len() / self.dims.max(1);
        let Ok(points) = ArrayView2::from_shape((n, self.dims), &self.right) else { return };
        let Some(mean) = points.mean_axis(Axis(0)) else { return };
        for rows in [&mut self.left, &mut self.right] {
            rows.chunks_exact_mut(mean.len()).for_each(|row| row.iter_mut().zip(&mean).for_each(|(x, m)| *x -= m));
        }
    }
}

fn norms(rows: &[f64], dims: usize) -> Vec<f64> {
    rows.chunks_exact(dims.max(1)).map(|row| row.iter().map(|x| x * x).sum()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::distance::squared;
    use crate::stats::divergence::tests::cloud;
    use proptest::prelude::{prop_assert, proptest};

    proptest! {
        #[test]
        fn blocks_agree_with_differences(seed in 0u64..100, m in 1usize..150, n in 1usize..90, dims in 1usize..7) {
            let (a, b) = (cloud(m, dims, 1e3, 1.0, seed), cloud(n, dims, 1e3, 2.0, seed + 1_000));
            let rows = Pairs::new(a.view(), b.view()).map_squared(|row, squared| (row, squared.to_vec()));
            prop_assert!(rows.len() == m);
            for (at, (row, distances)) in rows.into_iter().enumerate() {
                prop_assert!(at == row && distances.len() == n);
                for (other, fast) in distances.into_iter().enumerate() {
                    let naive = squared(&a.row(row).to_vec(), &b.row(other).to_vec());
                    prop_assert!((fast - naive).abs() < 1e-11 * naive.max(1.0), "{fast} {naive}");
                }
            }
        }
    }

    #[test]
    fn products_are_of_the_values_as_given() {
        let (a, b) = (ndarray::array![[1.0, 2.0], [0.0, 1.0]], ndarray::array![[3.0, 4.0]]);
        assert_eq!(Pairs::new(a.view(), b.view()).map_products(|_, products| products.to_vec()), [[11.0], [4.0]]);
    }
}
