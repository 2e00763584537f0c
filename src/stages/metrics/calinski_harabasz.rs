//! Calinski-Harabasz index: spread between clusters over spread within.
//! Calinski, Harabasz, "A dendrite method for cluster analysis" (1974): `(B / (k - 1)) / (W / (n - k))`.

use ndarray::Array1;

use super::{Evaluation, Metric};
use crate::stats::distance::squared;
use crate::stats::partition::Partition;

/// Calinski-Harabasz index (variance ratio): dispersion between clusters over dispersion within, noise left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CalinskiHarabasz;

impl Metric for CalinskiHarabasz {
    fn name(&self) -> &'static str {
        "calinski_harabasz"
    }

    fn score(&self, of: &Evaluation) -> Option<f64> {
        let partition = Partition::scorable(of.assigned)?;
        let (between, within) = dispersions(of, &partition);
        let (n, k) = (partition.points() as f64, partition.clusters() as f64);
        Some(if within == 0.0 { 1.0 } else { between * (n - k) / (within * (k - 1.0)) })
    }

    fn higher_is_better(&self) -> bool {
        true
    }

    fn needs_labels(&self) -> bool {
        false
    }

    fn definition(&self) -> &'static str {
        "Calinski-Harabasz index (variance ratio): dispersion between clusters over dispersion within, noise left out."
    }
}

/// Sums of squares: of the centroids from the mean of all points (each as often as it has points), and of the points from
/// their centroids.
fn dispersions(of: &Evaluation, partition: &Partition) -> (f64, f64) {
    let centroids = partition.centroids(of.points);
    let kept = partition.rows().iter().map(|row| of.points.row(*row));
    let mean = kept.fold(Array1::zeros(of.points.ncols()), |sum, row| sum + row) / partition.points() as f64;
    let (mut between, mut within) = (0.0, 0.0);
    for (centroid, members) in centroids.rows().into_iter().zip(partition.members()) {
        let centroid = centroid.to_vec();
        between += members.len() as f64 * squared(&centroid, &mean.to_vec());
        within += members.iter().map(|row| squared(&of.points.row(*row).to_vec(), &centroid)).sum::<f64>();
    }
    (between, within)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::golden;
    use ndarray::{Array2, array};

    fn score(points: &Array2<f64>, assigned: &[i32]) -> Option<f64> {
        CalinskiHarabasz.score(&Evaluation { truth: None, assigned, points: points.view() })
    }

    #[test]
    fn agrees_with_scikit_learn() {
        golden::check_metric("calinski_harabasz", |set, labelling| score(&set.points, &labelling.assigned));
    }

    #[test]
    fn the_index_is_the_ratio_by_hand() {
        // Centroids 1 and 9, mean 5: between 4 * 16 = 64, within 4 * 1 = 4; 64 / 1 over 4 / 2.
        assert_eq!(score(&array![[0.0], [2.0], [8.0], [10.0]], &[0, 0, 1, 1]), Some(32.0));
    }

    #[test]
    fn clusters_without_spread_score_one_and_a_single_cluster_nothing() {
        assert_eq!(score(&array![[0.0], [0.0], [5.0], [5.0]], &[0, 0, 1, 1]), Some(1.0));
        assert_eq!(score(&array![[0.0], [1.0]], &[0, 0]), None);
    }
}
