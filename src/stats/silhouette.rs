//! Silhouette of each point: how much nearer its own cluster is than the next.
//! Rousseeuw, "Silhouettes" (1987): `s = (b - a) / max(a, b)`, a = mean distance to the own cluster (without the point
//! itself), b = smallest mean distance to another cluster.

use ndarray::{ArrayView2, Axis};

use crate::stats::distance::map_rows;
use crate::stats::partition::Partition;

/// Partial sums of a row: as many as keep the processor's adders busy.
const LANES: usize = 8;

/// Silhouette of each row in `[-1, 1]`, None for noise (negative label); a cluster of one point has 0.
/// None in all if there are not at least two clusters, or no cluster has two points.
///
/// `points` is `[points, dims]`. Exact, in memory of a few rows of distances.
pub fn samples(points: ArrayView2<f64>, labels: &[i32]) -> Option<Vec<Option<f64>>> {
    let partition = Partition::scorable(labels)?;
    let ranges: Vec<_> = partition.ranges().collect();
    let own: Vec<usize> = ranges.iter().enumerate().flat_map(|(cluster, r)| r.clone().map(move |_| cluster)).collect();
    let sorted = points.select(Axis(0), partition.rows());
    let values = map_rows(sorted.view(), |at, squared| {
        let sums: Vec<f64> = ranges.iter().map(|range| sum_of_roots(&squared[range.clone()])).collect();
        let sizes = ranges.iter().map(|range| range.len() as f64);
        silhouette(own[at], &sums, sizes)
    });
    let mut samples = vec![None; labels.len()];
    partition.rows().iter().zip(values).for_each(|(row, value)| samples[*row] = Some(value));
    Some(samples)
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

fn sum_of_roots(squared: &[f64]) -> f64 {
    let mut lanes = [0.0; LANES];
    let chunks = squared.chunks_exact(LANES);
    let rest: f64 = chunks.remainder().iter().map(|d| d.sqrt()).sum();
    chunks.for_each(|chunk| lanes.iter_mut().zip(chunk).for_each(|(lane, d)| *lane += d.sqrt()));
    lanes.iter().sum::<f64>() + rest
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
