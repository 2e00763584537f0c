//! Completeness: whether all points of a class lie in one cluster.
//! Rosenberg, Hirschberg, "V-Measure" (EMNLP 2007), equation 2.

use super::{Evaluation, Metric};
use crate::stats::contingency::{Contingency, homogeneity_completeness};

/// Completeness: share of the cluster entropy that the classes explain (1 if each class lies in one cluster).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Completeness;

impl Metric for Completeness {
    fn name(&self) -> &'static str {
        "completeness"
    }

    fn score(&self, of: &Evaluation) -> Option<f64> {
        let table = Contingency::new(of.truth?, of.assigned);
        Some(homogeneity_completeness(&table).1)
    }

    fn higher_is_better(&self) -> bool {
        true
    }

    fn needs_labels(&self) -> bool {
        true
    }

    fn definition(&self) -> &'static str {
        "Completeness: share of the cluster entropy that the classes explain (1 if each class lies in one cluster)."
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::golden;
    use ndarray::Array2;

    fn score(truth: &[u32], assigned: &[i32]) -> Option<f64> {
        Completeness.score(&Evaluation {
            truth: Some(truth),
            assigned,
            points: Array2::zeros((truth.len(), 0)).view(),
            refits: None,
        })
    }

    #[test]
    fn agrees_with_scikit_learn() {
        golden::check_metric("completeness", |set, labelling| score(&set.truth, &labelling.assigned));
    }

    #[test]
    fn a_single_cluster_scores_one_and_a_class_cut_in_two_zero() {
        assert!((score(&[0, 0, 1, 1], &[0; 4]).expect("labels") - 1.0).abs() < 1e-15);
        assert_eq!(score(&[0, 0, 0, 0], &[0, 0, 1, 1]), Some(0.0));
    }
}
