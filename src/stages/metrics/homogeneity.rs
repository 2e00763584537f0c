//! Homogeneity: whether each cluster holds points of one class only.
//! Rosenberg, Hirschberg, "V-Measure" (EMNLP 2007), equation 1.

use super::{Evaluation, Metric};
use crate::stats::contingency::{Contingency, homogeneity_completeness};

/// Homogeneity: share of the class entropy that the clusters explain (1 if each cluster holds one class).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Homogeneity;

impl Metric for Homogeneity {
    fn name(&self) -> &'static str {
        "homogeneity"
    }

    fn score(&self, of: &Evaluation) -> Option<f64> {
        let table = Contingency::new(of.truth?, of.assigned);
        Some(homogeneity_completeness(&table).0)
    }

    fn higher_is_better(&self) -> bool {
        true
    }

    fn needs_labels(&self) -> bool {
        true
    }

    fn definition(&self) -> &'static str {
        "Homogeneity: share of the class entropy that the clusters explain (1 if each cluster holds one class)."
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::golden;
    use ndarray::Array2;

    fn score(truth: &[u32], assigned: &[i32]) -> Option<f64> {
        Homogeneity.score(&Evaluation {
            truth: Some(truth),
            assigned,
            points: Array2::zeros((truth.len(), 0)).view(),
            refits: None,
        })
    }

    #[test]
    fn agrees_with_scikit_learn() {
        golden::check_metric("homogeneity", |set, labelling| score(&set.truth, &labelling.assigned));
    }

    #[test]
    fn pure_clusters_score_one_and_a_single_cluster_zero() {
        assert!((score(&[0, 0, 1, 1], &[0, 1, 2, 2]).expect("labels") - 1.0).abs() < 1e-15);
        assert_eq!(score(&[0, 0, 1, 1], &[0; 4]), Some(0.0));
    }
}
