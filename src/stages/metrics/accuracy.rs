//! Clustering accuracy: share of points that are right under the best naming of the clusters.
//! Yang, Xu, Nie, Yan, Zhuang (2010), equation 19; the naming is one to one, by the Hungarian method (Kuhn 1955).

use super::{Evaluation, Metric};
use crate::stats::contingency::Contingency;
use crate::stats::hungarian::maximise;

/// Clustering accuracy: share of points right when clusters are paired one to one with classes as well as can be; noise counts as wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Accuracy;

impl Metric for Accuracy {
    fn name(&self) -> &'static str {
        "accuracy"
    }

    fn score(&self, of: &Evaluation) -> Option<f64> {
        let truth = of.truth?;
        let kept = truth.iter().zip(of.assigned).filter(|(_, cluster)| **cluster >= 0);
        let (classes, clusters): (Vec<u32>, Vec<i32>) = kept.map(|(class, cluster)| (*class, *cluster)).unzip();
        let table = Contingency::new(&classes, &clusters).table();
        let pairs = maximise(table.view()).into_iter().enumerate();
        let right: f64 = pairs.filter_map(|(class, cluster)| Some(table[[class, cluster?]])).sum();
        (!truth.is_empty()).then(|| right / truth.len() as f64)
    }

    fn higher_is_better(&self) -> bool {
        true
    }

    fn needs_labels(&self) -> bool {
        true
    }

    fn definition(&self) -> &'static str {
        "Clustering accuracy: share of points right when clusters are paired one to one with classes as well as can be; noise counts as wrong."
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::golden;
    use ndarray::Array2;

    fn score(truth: &[u32], assigned: &[i32]) -> Option<f64> {
        Accuracy.score(&Evaluation {
            truth: Some(truth),
            assigned,
            points: Array2::zeros((truth.len(), 0)).view(),
            refits: None,
        })
    }

    #[test]
    fn agrees_with_scikit_learn() {
        golden::check_metric("accuracy", |set, labelling| score(&set.truth, &labelling.assigned));
    }

    #[test]
    fn perfect_labels_score_one_whatever_their_names() {
        assert_eq!(score(&[0, 0, 1, 1], &[7, 7, 3, 3]), Some(1.0));
    }

    #[test]
    fn noise_is_wrong_and_a_second_cluster_of_a_class_too() {
        assert_eq!(score(&[0, 0, 1, 1], &[-1, 2, 3, 3]), Some(0.75));
        assert_eq!(score(&[0, 0, 0, 0], &[0, 0, 1, 1]), Some(0.5));
        assert_eq!(score(&[0, 1], &[-1, -1]), Some(0.0));
    }
}
