//! Purity: share of points in the majority class of their cluster.
//! Zhao, Karypis, "Criterion functions for document clustering" (2001). Rises with the number of clusters.

use super::{Evaluation, Metric};
use crate::stats::contingency::Contingency;

/// Purity: share of points that belong to the majority class of their cluster; rises with the number of clusters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Purity;

impl Metric for Purity {
    fn name(&self) -> &'static str {
        "purity"
    }

    fn score(&self, of: &Evaluation) -> Option<f64> {
        let table = Contingency::new(of.truth?, of.assigned);
        let mut majority = vec![0; table.clusters.len()];
        table.cells.iter().for_each(|(_, cluster, count)| majority[*cluster] = (*count).max(majority[*cluster]));
        (table.total > 0).then(|| majority.iter().sum::<u64>() as f64 / table.total as f64)
    }

    fn higher_is_better(&self) -> bool {
        true
    }

    fn needs_labels(&self) -> bool {
        true
    }

    fn definition(&self) -> &'static str {
        "Purity: share of points that belong to the majority class of their cluster; rises with the number of clusters."
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::golden;
    use ndarray::Array2;

    fn score(truth: &[u32], assigned: &[i32]) -> Option<f64> {
        Purity.score(&Evaluation {
            truth: Some(truth),
            assigned,
            points: Array2::zeros((truth.len(), 0)).view(),
            refits: None,
        })
    }

    #[test]
    fn agrees_with_scikit_learn() {
        golden::check_metric("purity", |set, labelling| score(&set.truth, &labelling.assigned));
    }

    #[test]
    fn singletons_are_pure_and_one_cluster_holds_the_largest_class() {
        assert_eq!(score(&[0, 0, 1], &[0, 1, 2]), Some(1.0));
        assert_eq!(score(&[0, 0, 1, 2], &[0; 4]), Some(0.5));
        assert_eq!(score(&[], &[]), None);
    }
}
