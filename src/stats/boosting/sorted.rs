//! Points with the order of every dimension, worked out once for all trees.
//! Breiman, Friedman, Olshen, Stone, "Classification and regression trees" (1984), section 5.5.3: presorting.

use ndarray::{Array2, ArrayView2};

/// Points, and the rows that are learned from.
#[derive(Clone, Debug, PartialEq)]
pub struct Sorted {
    /// `[dims, rows]`.
    columns: Array2<f64>,
    train: Vec<usize>,
    /// `[dims, train]`, row-major: positions in `train` by rising value, equal values by rising position.
    order: Vec<u32>,
}

impl Sorted {
    /// `points` is `[rows, dims]`, finite; trees learn from the rows `train`.
    pub fn new(points: ArrayView2<f64>, train: &[usize]) -> Sorted {
        let columns = points.t().as_standard_layout().into_owned();
        let mut order = Vec::with_capacity(columns.nrows() * train.len());
        for column in columns.rows() {
            let first = order.len();
            order.extend(0..train.len() as u32);
            order[first..].sort_by(|a, b| column[train[*a as usize]].total_cmp(&column[train[*b as usize]]));
        }
        Sorted { columns, train: train.to_vec(), order }
    }

    /// Number of rows, learned from or not.
    pub fn rows(&self) -> usize {
        self.columns.ncols()
    }

    /// Number of dimensions.
    pub fn dims(&self) -> usize {
        self.columns.nrows()
    }

    /// The rows that are learned from.
    pub fn train(&self) -> &[usize] {
        &self.train
    }

    /// Positions in `train` by rising value, `[dims, train]`.
    pub fn order(&self) -> &[u32] {
        &self.order
    }

    /// One value.
    pub fn value(&self, row: usize, dim: usize) -> f64 {
        self.columns[[dim, row]]
    }

    /// The value of the row at a position in `train`.
    pub fn trained(&self, position: u32, dim: usize) -> f64 {
        self.columns[[dim, self.train[position as usize]]]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn each_dimension_is_in_order_and_equal_values_keep_theirs() {
        let points = array![[3.0, 0.0], [9.0, 9.0], [1.0, 0.0], [2.0, -1.0]];
        let sorted = Sorted::new(points.view(), &[0, 2, 3]);
        assert_eq!(sorted.order(), [1, 2, 0, 2, 0, 1]);
        assert_eq!((sorted.value(1, 1), sorted.trained(2, 1)), (9.0, -1.0));
        assert_eq!((sorted.rows(), sorted.dims(), sorted.train().len()), (4, 2, 3));
    }

    #[test]
    fn nothing_to_learn_from_has_no_order() {
        assert_eq!(Sorted::new(array![[1.0], [2.0]].view(), &[]).order(), [0u32; 0]);
    }
}
