//! Mean silhouette: how much nearer points are to their own cluster than to the next.
//! Rousseeuw, "Silhouettes" (1987). Never to be compared between representations: a collapsed one scores high.

use super::{Evaluation, Metric};
use crate::stats::silhouette::mean;

/// Mean silhouette of the points that are not noise, Euclidean (-1 to 1); not comparable between representations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Silhouette;

impl Metric for Silhouette {
    fn version(&self) -> u32 {
        2
    }

    fn name(&self) -> &'static str {
        "silhouette"
    }

    fn score(&self, of: &Evaluation) -> Option<f64> {
        mean(of.points, of.assigned)
    }

    fn range(&self) -> [f64; 2] {
        [-1.0, 1.0]
    }

    fn higher_is_better(&self) -> bool {
        true
    }

    fn needs_labels(&self) -> bool {
        false
    }

    fn definition(&self) -> &'static str {
        "Mean silhouette of the points that are not noise, Euclidean (-1 to 1); not comparable between representations."
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::golden;
    use ndarray::{Array2, array};

    fn score(points: &Array2<f64>, assigned: &[i32]) -> Option<f64> {
        Silhouette.score(&Evaluation { truth: None, assigned, points: points.view(), refits: None })
    }

    #[test]
    fn agrees_with_scikit_learn() {
        golden::check_metric("silhouette", |set, labelling| score(&set.points, &labelling.assigned));
    }

    #[test]
    fn far_apart_scores_nearly_one_and_crossed_labels_less_than_zero() {
        let points = array![[0.0], [1.0], [1000.0], [1001.0]];
        assert!(score(&points, &[0, 0, 1, 1]).expect("two clusters") > 0.99);
        assert!(score(&points, &[0, 1, 0, 1]).expect("two clusters") < 0.0);
    }

    #[test]
    fn one_cluster_or_only_noise_has_no_score() {
        let points = array![[0.0], [1.0], [2.0]];
        assert_eq!(score(&points, &[0, 0, -1]), None);
        assert_eq!(score(&points, &[-1; 3]), None);
    }
}
