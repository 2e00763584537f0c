//! How far the points of clusters lie from their centroids, in two passes over the points in their own order.
//! What the indices of Calinski and Harabasz (1974) and of Davies and Bouldin (1979) are made of.

use std::ops::AddAssign;

use ndarray::{Array2, ArrayView2, Axis};
use rayon::prelude::*;

use crate::stats::partition::Partition;

/// Runs of rows that are summed by themselves, then added in order: constants, because they decide the order of the sums.
const STRIPS: usize = 16;
const LEAST_ROWS: usize = 1024;

/// Of every cluster, in order of label.
#[derive(Clone, Debug, PartialEq)]
pub struct Dispersion {
    /// Mean points, `[clusters, dims]`.
    pub centroids: Array2<f64>,
    /// Numbers of points.
    pub sizes: Vec<usize>,
    /// Sums of squared distances from the centroid.
    pub squared: Vec<f64>,
    /// Sums of distances from the centroid.
    pub distances: Vec<f64>,
}

impl Dispersion {
    /// Of `points` `[points, dims]`, those without a cluster left out.
    pub fn of(points: ArrayView2<f64>, partition: &Partition) -> Dispersion {
        let clusters = partition.clusters();
        let mut own = vec![None; points.nrows()];
        partition.members().enumerate().for_each(|(at, rows)| rows.iter().for_each(|row| own[*row] = Some(at)));
        let sizes: Vec<usize> = partition.members().map(<[usize]>::len).collect();
        let mut centroids = strip_sums(points, &own, Array2::zeros((clusters, points.ncols())), |sums, at, row| {
            sums.row_mut(at).iter_mut().zip(row).for_each(|(sum, x)| *sum += x);
        });
        centroids.rows_mut().into_iter().zip(&sizes).for_each(|(mut row, size)| row /= *size as f64);
        let spreads = strip_sums(points, &own, Array2::zeros((clusters, 2)), |sums, at, row| {
            let centre = centroids.row(at);
            let squared: f64 = row.iter().zip(centre).map(|(x, c)| (x - c) * (x - c)).sum();
            sums[[at, 0]] += squared;
            sums[[at, 1]] += squared.sqrt();
        });
        Dispersion { sizes, squared: spreads.column(0).to_vec(), distances: spreads.column(1).to_vec(), centroids }
    }

    /// Sum of squared distances of the centroids from the mean of all points, each as often as it has points.
    pub fn between(&self) -> f64 {
        let sizes = ndarray::Array1::from_iter(self.sizes.iter().map(|size| *size as f64));
        let mean = sizes.dot(&self.centroids) / sizes.sum();
        let distances = self.centroids.rows().into_iter().map(|row| (&row - &mean).mapv(|x| x * x).sum());
        distances.zip(&sizes).map(|(squared, size)| squared * size).sum()
    }

    /// Sum of squared distances of all points from their centroids.
    pub fn within(&self) -> f64 {
        self.squared.iter().sum()
    }

    /// Mean distance of the points of each cluster from its centroid.
    pub fn widths(&self) -> Vec<f64> {
        self.distances.iter().zip(&self.sizes).map(|(sum, size)| sum / *size as f64).collect()
    }
}

/// Adds every row of a cluster to sums that begin as `zeros`.
fn strip_sums(
    points: ArrayView2<f64>,
    own: &[Option<usize>],
    zeros: Array2<f64>,
    add: impl Fn(&mut Array2<f64>, usize, &[f64]) + Sync,
) -> Array2<f64> {
    let points = points.as_standard_layout();
    let rows = own.len().div_ceil(STRIPS).max(LEAST_ROWS);
    let of_strip = |(strip, own): (ArrayView2<f64>, &[Option<usize>])| {
        let mut sums = zeros.clone();
        for (row, own) in strip.rows().into_iter().zip(own) {
            if let (Some(own), Some(row)) = (own, row.to_slice()) {
                add(&mut sums, *own, row);
            }
        }
        sums
    };
    let strips: Vec<_> = points.axis_chunks_iter(Axis(0), rows).zip(own.chunks(rows)).collect();
    let sums: Vec<Array2<f64>> = strips.into_par_iter().map(of_strip).collect();
    sums.iter().fold(zeros.clone(), |mut total, sum| {
        total.add_assign(sum);
        total
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;
    use crate::stats::distance::squared;
    use ndarray::array;

    #[test]
    fn sums_are_those_by_hand_and_noise_is_left_out() {
        let points = array![[0.0], [2.0], [8.0], [10.0], [500.0]];
        let found = Dispersion::of(points.view(), &Partition::of(&[0, 0, 1, 1, -1]));
        assert_eq!((found.centroids.clone(), found.sizes.clone()), (array![[1.0], [9.0]], vec![2, 2]));
        assert_eq!((found.between(), found.within(), found.widths()), (64.0, 4.0, vec![1.0, 1.0]));
    }

    #[test]
    fn strips_give_what_one_loop_gives_on_any_number_of_threads() {
        let mut stream = Stream::new(1, "test.dispersion");
        let points = Array2::from_shape_fn((5000, 3), |_| stream.normal());
        let labels: Vec<i32> = (0..5000).map(|row| row % 7 - 1).collect();
        let partition = Partition::of(&labels);
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
            pool.install(|| Dispersion::of(points.view(), &partition))
        };
        let found = run(1);
        assert_eq!(found, run(4));
        for (at, rows) in partition.members().enumerate() {
            let centre = found.centroids.row(at).to_vec();
            let expected: f64 = rows.iter().map(|row| squared(&points.row(*row).to_vec(), &centre)).sum();
            assert!((found.squared[at] - expected).abs() < 1e-9);
        }
        assert!(found.centroids.iter().zip(partition.centroids(points.view())).all(|(a, b)| (a - b).abs() < 1e-12));
    }

    #[test]
    fn no_points_have_no_dispersion() {
        let found = Dispersion::of(Array2::zeros((0, 2)).view(), &Partition::of(&[]));
        assert_eq!((found.sizes.len(), found.within()), (0, 0.0));
    }
}
