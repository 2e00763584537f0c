//! Mathematics on point sets and labels; knows no files and no experiments.
//!
//! Points are `[points, dims]` in f64. Results do not depend on the number of threads: parallel work is cut into chunks of
//! fixed size, and their results are merged in order.

pub mod cholesky;
pub mod linalg;
pub mod quadratic;
pub mod sparse;
pub mod sparse_eigen;
pub mod svd;
pub mod tiles;

pub mod cca;
pub mod distance;
pub mod hnsw;
pub mod neighbours;
pub mod pca;
pub mod scale;
pub mod search;

pub mod disjoint_sets;
pub mod kmeans;
pub mod linkage;
pub mod spanning_tree;

pub mod contingency;
pub mod dispersion;
pub mod divergence;
pub mod hungarian;
pub mod partition;
pub mod sharpness;
pub mod silhouette;

pub mod boosting;
pub mod bootstrap;
pub mod chance;
pub mod disentangle;
pub mod lbfgs;
pub mod logistic;
pub mod ranking;

#[cfg(test)]
pub(crate) mod golden;

/// At most `most` of the places `0..count`, evenly spaced: rows often stand sorted by class.
pub fn evenly(count: usize, most: usize) -> Vec<usize> {
    let taken = count.min(most);
    (0..taken).map(|at| at * count / taken).collect()
}

/// Row and column of the first value of `points` (`[points, dims]`) that is not a finite number.
pub fn first_not_finite(points: ndarray::ArrayView2<f64>) -> Option<(usize, usize)> {
    points.indexed_iter().find(|(_, value)| !value.is_finite()).map(|(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_taken_evenly_and_never_twice() {
        assert_eq!(evenly(4, 2), [0, 2]);
        assert_eq!(evenly(2, 8), [0, 1]);
        assert_eq!(evenly(0, 8), [0usize; 0]);
    }
}
