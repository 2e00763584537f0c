//! V-measure: harmonic mean of homogeneity and completeness.
//! Rosenberg, Hirschberg, "V-Measure" (EMNLP 2007), equation 3 with beta 1; equal to NMI with the arithmetic mean.

use super::{Evaluation, Metric};
use crate::stats::contingency::{Contingency, homogeneity_completeness};

/// V-measure: harmonic mean of homogeneity and completeness.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VMeasure;

impl Metric for VMeasure {
    fn name(&self) -> &'static str {
        "v_measure"
    }

    fn score(&self, of: &Evaluation) -> Option<f64> {
        let table = Contingency::new(of.truth?, of.assigned);
        let (homogeneity, completeness) = homogeneity_completeness(&table);
        let sum = homogeneity + completeness;
        Some(if sum == 0.0 { 0.0 } else { 2.0 * homogeneity * completeness / sum })
    }

    fn higher_is_better(&self) -> bool {
        true
    }

    fn needs_labels(&self) -> bool {
        true
    }

    fn definition(&self) -> &'static str {
        "V-measure: harmonic mean of homogeneity and completeness."
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::golden;
    use ndarray::Array2;

    fn score(truth: &[u32], assigned: &[i32]) -> Option<f64> {
        VMeasure.score(&Evaluation {
            truth: Some(truth),
            assigned,
            points: Array2::zeros((truth.len(), 0)).view(),
            refits: None,
        })
    }

    #[test]
    fn agrees_with_scikit_learn() {
        golden::check_metric("v_measure", |set, labelling| score(&set.truth, &labelling.assigned));
    }

    #[test]
    fn perfect_labels_score_one_and_independent_ones_zero() {
        assert_eq!(score(&[0, 0, 1, 1], &[5, 5, 2, 2]), Some(1.0));
        assert_eq!(score(&[0, 0, 1, 1], &[0, 1, 0, 1]), Some(0.0));
    }
}
