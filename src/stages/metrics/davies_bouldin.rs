//! Davies-Bouldin index: how like its nearest neighbour each cluster is.
//! Davies, Bouldin, "A cluster separation measure" (1979): mean over clusters of the largest `(s_i + s_j) / d_ij`.

use super::{Evaluation, Metric};
use crate::stats::dispersion::Dispersion;
use crate::stats::distance::squared;
use crate::stats::partition::Partition;

/// Davies-Bouldin index: mean over clusters of the worst ratio of widths to the distance of centroids, noise left out (0 is best).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DaviesBouldin;

impl Metric for DaviesBouldin {
    fn version(&self) -> u32 {
        2
    }

    fn name(&self) -> &'static str {
        "davies_bouldin"
    }

    fn score(&self, of: &Evaluation) -> Option<f64> {
        let partition = Partition::scorable(of.assigned)?;
        let dispersion = Dispersion::of(of.points, &partition);
        let centroids: Vec<Vec<f64>> = dispersion.centroids.rows().into_iter().map(|row| row.to_vec()).collect();
        let widths = dispersion.widths();
        let distance = |i: usize, j: usize| squared(&centroids[i], &centroids[j]).sqrt();
        Some(mean_of_worst(&widths, distance))
    }

    fn needs_spread(&self) -> bool {
        true
    }

    fn range(&self) -> [f64; 2] {
        [0.0, f64::INFINITY]
    }

    fn higher_is_better(&self) -> bool {
        false
    }

    fn needs_labels(&self) -> bool {
        false
    }

    fn definition(&self) -> &'static str {
        "Davies-Bouldin index: mean over clusters of the worst ratio of widths to the distance of centroids, noise left out (0 is best)."
    }
}

/// Below this scikit-learn takes a distance for zero (the absolute tolerance of numpy's `allclose`).
const ZERO: f64 = 1e-8;

/// 0 where all clusters are points, or all centroids one point; centroids that coincide are not compared.
fn mean_of_worst(widths: &[f64], distance: impl Fn(usize, usize) -> f64) -> f64 {
    let k = widths.len();
    let pairs = || (0..k).flat_map(|i| (0..i).map(move |j| (i, j)));
    if widths.iter().all(|width| *width <= ZERO) || pairs().all(|(i, j)| distance(i, j) <= ZERO) {
        return 0.0;
    }
    let mut worst = vec![0.0f64; k];
    for (i, j) in pairs().filter(|(i, j)| distance(*i, *j) > 0.0) {
        let ratio = (widths[i] + widths[j]) / distance(i, j);
        worst[i] = worst[i].max(ratio);
        worst[j] = worst[j].max(ratio);
    }
    worst.iter().sum::<f64>() / k as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::golden;
    use ndarray::{Array2, array};

    fn score(points: &Array2<f64>, assigned: &[i32]) -> Option<f64> {
        DaviesBouldin.score(&Evaluation { truth: None, assigned, points: points.view(), refits: None })
    }

    #[test]
    fn agrees_with_scikit_learn() {
        golden::check_metric("davies_bouldin", |set, labelling| score(&set.points, &labelling.assigned));
    }

    #[test]
    fn the_index_is_the_ratio_by_hand() {
        assert_eq!(score(&array![[0.0], [2.0], [8.0], [10.0]], &[0, 0, 1, 1]), Some(0.25));
    }

    #[test]
    fn clusters_without_width_score_zero_and_a_single_cluster_nothing() {
        assert_eq!(score(&array![[0.0], [0.0], [5.0], [5.0]], &[0, 0, 1, 1]), Some(0.0));
        assert_eq!(score(&array![[0.0], [1.0]], &[0, 0]), None);
    }
}
