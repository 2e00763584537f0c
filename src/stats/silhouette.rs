//! Silhouette of each point: how much nearer its own cluster is than the next.
//! Rousseeuw, "Silhouettes" (1987): `s = (b - a) / max(a, b)`, a = mean distance to the own cluster (without the point
//! itself), b = smallest mean distance to another cluster.

use std::ops::Range;

use ndarray::{ArrayView2, Axis};
use rayon::prelude::*;

use crate::stats::distance::{centred, norm};
use crate::stats::linalg::{Matrix, multiply};
use crate::stats::partition::Partition;
use crate::wide::wide;

/// Rows and columns of one block of distances, which stays in the cache. Constants, because they decide the order of the sums.
const BLOCK_ROWS: usize = 64;
const BLOCK_COLUMNS: usize = 512;
/// Partial sums of a row: as many as keep the processor's adders busy.
const LANES: usize = 16;

/// Silhouette of each row in `[-1, 1]`, None for noise (negative label); a cluster of one point has 0.
/// None in all if there are not at least two clusters, or no cluster has two points.
///
/// `points` is `[points, dims]`. Exact, in memory of one block of distances a thread.
pub fn samples(points: ArrayView2<f64>, labels: &[i32]) -> Option<Vec<Option<f64>>> {
    let partition = Partition::scorable(labels)?;
    let sorted = Sorted::new(points, &partition);
    let blocks = (0..partition.points()).into_par_iter().step_by(BLOCK_ROWS);
    let values: Vec<Vec<f64>> = blocks.map(|first| sorted.block(first)).collect();
    let mut samples = vec![None; labels.len()];
    partition.rows().iter().zip(values.into_iter().flatten()).for_each(|(row, value)| samples[*row] = Some(value));
    Some(samples)
}

/// Points cluster by cluster.
struct Sorted {
    dims: usize,
    /// `[points, dims]`, their mean at the origin, and their squared lengths.
    values: Vec<f64>,
    norms: Vec<f64>,
    /// Where each cluster lies.
    clusters: Vec<Range<usize>>,
}

impl Sorted {
    fn new(points: ArrayView2<f64>, partition: &Partition) -> Sorted {
        let (dims, values) = (points.ncols(), centred(points.select(Axis(0), partition.rows()).view()));
        let norms = (0..partition.points()).map(|row| norm(&values[row * dims..(row + 1) * dims])).collect();
        Sorted { dims, values, norms, clusters: partition.ranges().collect() }
    }

    fn matrix(&self) -> Matrix<'_> {
        Matrix::new(&self.values, self.norms.len(), self.dims)
    }

    /// Silhouettes of a block of rows from `first` on.
    fn block(&self, first: usize) -> Vec<f64> {
        let rows = first..self.norms.len().min(first + BLOCK_ROWS);
        let clusters = self.clusters.len();
        let mut sums = vec![0.0; rows.len() * clusters];
        let mut dots = vec![0.0; rows.len() * BLOCK_COLUMNS];
        for start in (0..self.norms.len()).step_by(BLOCK_COLUMNS) {
            self.add_tile(&rows, start..self.norms.len().min(start + BLOCK_COLUMNS), &mut dots, &mut sums);
        }
        let own = |row: usize| self.clusters.partition_point(|cluster| cluster.end <= row);
        let sizes = || self.clusters.iter().map(|cluster| cluster.len() as f64);
        rows.zip(sums.chunks_exact(clusters)).map(|(row, sums)| silhouette(own(row), sums, sizes())).collect()
    }

    /// Adds the distances of a block of rows from some columns to the sums of the columns' clusters.
    fn add_tile(&self, rows: &Range<usize>, columns: Range<usize>, dots: &mut [f64], sums: &mut [f64]) {
        let (clusters, dots) = (self.clusters.len(), &mut dots[..rows.len() * columns.len()]);
        multiply(dots, self.matrix().rows(rows.clone()), self.matrix().rows(columns.clone()).t(), false);
        let reached = self.clusters.partition_point(|cluster| cluster.end <= columns.start);
        for ((row, dots), sums) in
            rows.clone().zip(dots.chunks_exact_mut(columns.len())).zip(sums.chunks_exact_mut(clusters))
        {
            // A point is at distance 0 from itself, without rounding.
            if columns.contains(&row) {
                dots[row - columns.start] = self.norms[row];
            }
            for (cluster, sum) in
                self.clusters.iter().zip(sums).skip(reached).take_while(|(c, _)| c.start < columns.end)
            {
                let part = cluster.start.max(columns.start)..cluster.end.min(columns.end);
                let near = part.start - columns.start..part.end - columns.start;
                *sum += sum_of_distances(&dots[near], &self.norms[part], self.norms[row]);
            }
        }
    }
}

/// Mean silhouette over the points that are not noise; None where `samples` is.
pub fn mean(points: ArrayView2<f64>, labels: &[i32]) -> Option<f64> {
    samples(points, labels).map(|samples| mean_of(samples.into_iter()))
}

/// Mean of the values that are there (at least one).
pub fn mean_of(samples: impl Iterator<Item = Option<f64>>) -> f64 {
    let (sum, count) = samples.flatten().fold((0.0, 0), |(sum, count), value| (sum + value, count + 1));
    sum / f64::from(count)
}

/// From the sums of distances to each cluster and the sizes of the clusters.
fn silhouette(own: usize, sums: &[f64], sizes: impl Iterator<Item = f64>) -> f64 {
    let (mut a, mut b) = (0.0, f64::INFINITY);
    for (cluster, (sum, size)) in sums.iter().zip(sizes).enumerate() {
        match cluster == own {
            true if size == 1.0 => return 0.0,
            true => a = sum / (size - 1.0),
            false => b = b.min(sum / size),
        }
    }
    let larger = a.max(b);
    if larger > 0.0 { (b - a) / larger } else { 0.0 }
}

wide! {
    /// `Σ sqrt(|a|² + |b|² - 2 a·b)` by the products of one point `a` with some others.
    fn sum_of_distances(dots: &[f64], norms: &[f64], own: f64) -> f64 {
        let ((dots, dots_rest), (norms, norms_rest)) = (dots.as_chunks::<LANES>(), norms.as_chunks::<LANES>());
        let mut lanes = [0.0; LANES];
        for (dots, norms) in dots.iter().zip(norms) {
            for lane in 0..LANES {
                lanes[lane] += (own + norms[lane] - 2.0 * dots[lane]).max(0.0).sqrt();
            }
        }
        let rest: f64 = dots_rest.iter().zip(norms_rest).map(|(dot, norm)| (own + norm - 2.0 * dot).max(0.0).sqrt()).sum();
        lanes.iter().sum::<f64>() + rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::distance::squared;
    use ndarray::{Array2, array};
    use proptest::prelude::{prop, prop_assert, proptest};

    /// The definition, point by point.
    fn naive(points: ArrayView2<f64>, labels: &[i32], row: usize) -> f64 {
        let distance = |to: usize| squared(&points.row(row).to_vec(), &points.row(to).to_vec()).sqrt();
        let mean_to = |label: i32| {
            let others: Vec<usize> = (0..labels.len()).filter(|at| labels[*at] == label && *at != row).collect();
            others.iter().map(|at| distance(*at)).sum::<f64>() / others.len() as f64
        };
        let a = mean_to(labels[row]);
        let others = labels.iter().filter(|label| **label >= 0 && **label != labels[row]);
        let b = others.map(|label| mean_to(*label)).fold(f64::INFINITY, f64::min);
        if a.is_nan() || a.max(b) == 0.0 { 0.0 } else { (b - a) / a.max(b) }
    }

    proptest! {
        #[test]
        fn fast_agrees_with_the_definition(
            values in prop::collection::vec(-5.0..5.0, 120), labels in prop::collection::vec(-1..4, 40),
        ) {
            let points = Array2::from_shape_vec((40, 3), values).expect("120 values");
            let Some(samples) = samples(points.view(), &labels) else { return Ok(()) };
            for (row, value) in samples.iter().enumerate() {
                let Some(value) = value else { prop_assert!(labels[row] < 0); continue };
                let expected = naive(points.view(), &labels, row);
                prop_assert!((value - expected).abs() < 1e-9, "{} {}", value, expected);
            }
        }
    }

    #[test]
    fn threads_and_blocks_do_not_change_the_values() {
        let mut stream = crate::random::Stream::new(1, "test.silhouette");
        let points = Array2::from_shape_fn((1300, 4), |_| stream.normal());
        let labels: Vec<i32> = (0..1300).map(|row| row * row % 7 - 1).collect();
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
            pool.install(|| samples(points.view(), &labels)).expect("clusters")
        };
        let found = run(1);
        assert_eq!(found, run(4));
        for row in (0..1300).step_by(61).filter(|row| labels[*row] >= 0) {
            let expected = naive(points.view(), &labels, row);
            assert!((found[row].expect("not noise") - expected).abs() < 1e-9);
        }
    }

    #[test]
    fn points_on_two_spots_score_one() {
        let points = array![[0.0, 0.0], [0.0, 0.0], [7.0, 7.0], [7.0, 7.0]];
        assert!((mean(points.view(), &[0, 0, 1, 1]).expect("two clusters") - 1.0).abs() < 1e-7);
    }

    #[test]
    fn a_single_point_scores_zero_and_noise_nothing() {
        let points = array![[0.0], [1.0], [5.0], [99.0]];
        let samples = samples(points.view(), &[0, 0, 1, -1]).expect("two clusters");
        assert_eq!((samples[2], samples[3]), (Some(0.0), None));
    }
}
