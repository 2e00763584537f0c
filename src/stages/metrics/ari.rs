//! Adjusted Rand index: agreement on pairs of points, corrected for chance.
//! Hubert, Arabie, "Comparing partitions" (1985), equation 5; Steinley (2004) in terms of pair counts.

use super::{Evaluation, Metric};
use crate::stats::contingency::{Contingency, PairCounts};

/// Adjusted Rand index: share of point pairs on which clusters and classes agree, corrected for chance (0 random, 1 equal).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ari;

impl Metric for Ari {
    fn name(&self) -> &'static str {
        "ari"
    }

    fn score(&self, of: &Evaluation) -> Option<f64> {
        let table = Contingency::new(of.truth?, of.assigned);
        Some(adjusted_rand(&table.pair_counts()))
    }

    fn range(&self) -> [f64; 2] {
        [-1.0, 1.0]
    }

    fn higher_is_better(&self) -> bool {
        true
    }

    fn needs_labels(&self) -> bool {
        true
    }

    fn definition(&self) -> &'static str {
        "Adjusted Rand index: share of point pairs on which clusters and classes agree, corrected for chance (0 random, 1 equal)."
    }
}

/// The adjusted Rand index of two clusterings of the same points, noise a cluster like the others.
pub(super) fn agreement(first: &[i32], second: &[i32]) -> f64 {
    // Labels count as names only: -1 becomes a large number.
    let first: Vec<u32> = first.iter().map(|label| label.cast_unsigned()).collect();
    adjusted_rand(&Contingency::new(&first, second).pair_counts())
}

/// 1 where no pair is told apart differently, also for a single class and a single cluster.
fn adjusted_rand(pairs: &PairCounts) -> f64 {
    let [both, classes, clusters, neither] =
        [pairs.both, pairs.only_classes, pairs.only_clusters, pairs.neither].map(|count| count as f64);
    if pairs.only_classes == 0 && pairs.only_clusters == 0 {
        return 1.0;
    }
    let excess = 2.0 * (both * neither - classes * clusters);
    excess / ((both + classes) * (classes + neither) + (both + clusters) * (clusters + neither))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::golden;
    use ndarray::Array2;
    use proptest::prelude::{prop, prop_assert, proptest};

    fn score(truth: &[u32], assigned: &[i32]) -> Option<f64> {
        Ari.score(&Evaluation {
            truth: Some(truth),
            assigned,
            points: Array2::zeros((truth.len(), 0)).view(),
            refits: None,
        })
    }

    #[test]
    fn agrees_with_scikit_learn() {
        golden::check_metric("ari", |set, labelling| score(&set.truth, &labelling.assigned));
    }

    #[test]
    fn perfect_labels_score_one_whatever_their_names() {
        assert_eq!(score(&[0, 0, 1, 1], &[7, 7, 3, 3]), Some(1.0));
        assert_eq!(score(&[4, 4], &[-1, -1]), Some(1.0));
    }

    #[test]
    fn a_single_cluster_scores_zero() {
        assert_eq!(score(&[0, 0, 1, 1], &[0; 4]), Some(0.0));
    }

    #[test]
    fn without_labels_there_is_no_score() {
        let points = Array2::zeros((2, 0));
        assert_eq!(
            Ari.score(&Evaluation { truth: None, assigned: &[0, 1], points: points.view(), refits: None }),
            None
        );
    }

    /// Counts pairs one by one, then `(index - expected) / (largest - expected)`.
    fn naive(truth: &[u32], assigned: &[i32]) -> f64 {
        let pairs = || (0..truth.len()).flat_map(|i| (0..i).map(move |j| (i, j)));
        let count = |together: &dyn Fn(usize, usize) -> bool| pairs().filter(|(i, j)| together(*i, *j)).count() as f64;
        let classes = count(&|i, j| truth[i] == truth[j]);
        let clusters = count(&|i, j| assigned[i] == assigned[j]);
        let both = count(&|i, j| truth[i] == truth[j] && assigned[i] == assigned[j]);
        let expected = classes * clusters / pairs().count() as f64;
        (both - expected) / ((classes + clusters) / 2.0 - expected)
    }

    proptest! {
        #[test]
        fn agrees_with_counting_pairs(labels in prop::collection::vec((0..4u32, -1..4i32), 2..40)) {
            let (truth, assigned): (Vec<u32>, Vec<i32>) = labels.into_iter().unzip();
            let expected = naive(&truth, &assigned);
            prop_assert!(expected.is_nan() || (score(&truth, &assigned).expect("labels") - expected).abs() < 1e-9);
        }
    }
}
