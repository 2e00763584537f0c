//! Calinski-Harabasz index: spread between clusters over spread within.
//! Calinski, Harabasz, "A dendrite method for cluster analysis" (1974): `(B / (k - 1)) / (W / (n - k))`.

use super::{Evaluation, Metric};
use crate::stats::dispersion::Dispersion;
use crate::stats::partition::Partition;

/// Calinski-Harabasz index (variance ratio): dispersion between clusters over dispersion within, noise left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CalinskiHarabasz;

impl Metric for CalinskiHarabasz {
    fn version(&self) -> u32 {
        2
    }

    fn name(&self) -> &'static str {
        "calinski_harabasz"
    }

    fn score(&self, of: &Evaluation) -> Option<f64> {
        let partition = Partition::scorable(of.assigned)?;
        let dispersion = Dispersion::of(of.points, &partition);
        let (between, within) = (dispersion.between(), dispersion.within());
        let (n, k) = (partition.points() as f64, partition.clusters() as f64);
        Some(if within == 0.0 { 1.0 } else { between * (n - k) / (within * (k - 1.0)) })
    }

    fn needs_spread(&self) -> bool {
        true
    }

    fn range(&self) -> [f64; 2] {
        [0.0, f64::INFINITY]
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::golden;
    use ndarray::{Array2, array};

    fn score(points: &Array2<f64>, assigned: &[i32]) -> Option<f64> {
        CalinskiHarabasz.score(&Evaluation { truth: None, assigned, points: points.view(), refits: None })
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
