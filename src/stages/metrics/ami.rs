//! Adjusted mutual information: mutual information corrected for chance.
//! Vinh, Epps, Bailey (JMLR 2010), `AMI_sum`: `(MI - E[MI]) / (mean entropy - E[MI])`, E[MI] by their equation 24a.

use super::{Evaluation, Metric};
use crate::stats::contingency::{Contingency, entropy, expected_information};

/// Adjusted mutual information: mutual information corrected for chance, over the arithmetic mean of the entropies (0 random, 1 equal).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ami;

impl Metric for Ami {
    fn name(&self) -> &'static str {
        "ami"
    }

    fn score(&self, of: &Evaluation) -> Option<f64> {
        let table = Contingency::new(of.truth?, of.assigned);
        if table.is_trivial() {
            return Some(1.0);
        }
        if table.classes.len() == 1 || table.clusters.len() == 1 {
            return Some(0.0);
        }
        let expected = expected_information(&table);
        let mean_entropy = (entropy(&table.classes) + entropy(&table.clusters)) / 2.0;
        Some(away_from_zero(table.mutual_information() - expected) / away_from_zero(mean_entropy - expected))
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
        "Adjusted mutual information: mutual information corrected for chance, over the arithmetic mean of the entropies (0 random, 1 equal)."
    }
}

/// Keeps the sign, so that a perfect match, whose two differences are both 0, scores 1.
fn away_from_zero(x: f64) -> f64 {
    if x < 0.0 { x.min(-f64::EPSILON) } else { x.max(f64::EPSILON) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::chance::{balanced, expected};
    use crate::stats::golden;
    use ndarray::Array2;

    fn score(truth: &[u32], assigned: &[i32]) -> Option<f64> {
        Ami.score(&Evaluation {
            truth: Some(truth),
            assigned,
            points: Array2::zeros((truth.len(), 0)).view(),
            refits: None,
        })
    }

    #[test]
    fn agrees_with_scikit_learn() {
        golden::check_metric("ami", |set, labelling| score(&set.truth, &labelling.assigned));
    }

    #[test]
    fn perfect_labels_score_one() {
        assert!((score(&[0, 0, 1, 1, 2], &[2, 2, 0, 0, 1]).expect("labels") - 1.0).abs() < 1e-9);
    }

    #[test]
    fn random_labels_score_zero_on_average() {
        let truth: Vec<u32> = (0..200).map(|i| i % 10).collect();
        let chance = expected(&balanced(200, 10), 200, 4, |labels| score(&truth, labels)).expect("labels");
        assert!(chance.abs() < 0.005, "{chance}");
    }
}
