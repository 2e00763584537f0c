//! Fowlkes-Mallows index: geometric mean of precision and recall over pairs of points.
//! Fowlkes, Mallows, "A method for comparing two hierarchical clusterings" (1983), equation 2.

use super::{Evaluation, Metric};
use crate::stats::contingency::Contingency;

/// Fowlkes-Mallows index: geometric mean of precision and recall over pairs of points put together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FowlkesMallows;

impl Metric for FowlkesMallows {
    fn name(&self) -> &'static str {
        "fowlkes_mallows"
    }

    fn score(&self, of: &Evaluation) -> Option<f64> {
        let table = Contingency::new(of.truth?, of.assigned);
        let pairs = table.pair_counts();
        let both = pairs.both as f64;
        let share = |others: u128| both / (both + others as f64);
        Some(if pairs.both == 0 { 0.0 } else { share(pairs.only_clusters).sqrt() * share(pairs.only_classes).sqrt() })
    }

    fn higher_is_better(&self) -> bool {
        true
    }

    fn needs_labels(&self) -> bool {
        true
    }

    fn definition(&self) -> &'static str {
        "Fowlkes-Mallows index: geometric mean of precision and recall over pairs of points put together."
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::golden;
    use ndarray::Array2;

    fn score(truth: &[u32], assigned: &[i32]) -> Option<f64> {
        FowlkesMallows.score(&Evaluation {
            truth: Some(truth),
            assigned,
            points: Array2::zeros((truth.len(), 0)).view(),
            refits: None,
        })
    }

    #[test]
    fn agrees_with_scikit_learn() {
        golden::check_metric("fowlkes_mallows", |set, labelling| score(&set.truth, &labelling.assigned));
    }

    #[test]
    fn perfect_labels_score_one_and_no_common_pair_zero() {
        assert_eq!(score(&[0, 0, 1, 1], &[5, 5, 2, 2]), Some(1.0));
        assert_eq!(score(&[0, 0, 1, 1], &[0, 1, 0, 1]), Some(0.0));
    }
}
