//! Normalised mutual information of clusters and classes.
//! Vinh, Epps, Bailey (JMLR 2010), `NMI_sum`: `MI / ((H(classes) + H(clusters)) / 2)`.

use super::{Evaluation, Metric};
use crate::stats::contingency::{Contingency, entropy};

/// Normalised mutual information: shared information over the mean of the two entropies (arithmetic); not corrected for chance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Nmi;

impl Metric for Nmi {
    fn name(&self) -> &'static str {
        "nmi"
    }

    fn score(&self, of: &Evaluation) -> Option<f64> {
        let table = Contingency::new(of.truth?, of.assigned);
        if table.is_trivial() {
            return Some(1.0);
        }
        let information = table.mutual_information();
        let mean_entropy = (entropy(&table.classes) + entropy(&table.clusters)) / 2.0;
        Some(if information == 0.0 { 0.0 } else { information / mean_entropy })
    }

    fn higher_is_better(&self) -> bool {
        true
    }

    fn needs_labels(&self) -> bool {
        true
    }

    fn definition(&self) -> &'static str {
        "Normalised mutual information: shared information over the mean of the two entropies (arithmetic); not corrected for chance."
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::golden;
    use ndarray::Array2;

    fn score(truth: &[u32], assigned: &[i32]) -> Option<f64> {
        Nmi.score(&Evaluation {
            truth: Some(truth),
            assigned,
            points: Array2::zeros((truth.len(), 0)).view(),
            refits: None,
        })
    }

    #[test]
    fn agrees_with_scikit_learn() {
        golden::check_metric("nmi", |set, labelling| score(&set.truth, &labelling.assigned));
    }

    #[test]
    fn perfect_labels_score_one_and_independent_ones_zero() {
        assert!((score(&[0, 0, 1, 1], &[5, 5, 2, 2]).expect("labels") - 1.0).abs() < 1e-15);
        assert_eq!(score(&[0, 0, 1, 1], &[0, 1, 0, 1]), Some(0.0));
        assert_eq!(score(&[0, 0, 1, 1], &[0; 4]), Some(0.0));
    }
}
