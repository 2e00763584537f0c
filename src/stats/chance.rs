//! What a label-based score is worth by luck: its mean under random clusterings.
//! Romano, Vinh, Bailey, Verspoor, "Adjusting for chance clustering comparison measures" (JMLR 2016).

use rayon::prelude::*;

use crate::random::Stream;

/// Mean of `score` over `draws` random assignments of `points` points to `clusters` clusters of equal size (within one).
/// None if it is never defined. The same for any number of threads.
pub fn expected(
    points: usize,
    clusters: usize,
    draws: usize,
    seed: u64,
    score: impl Fn(&[i32]) -> Option<f64> + Sync,
) -> Option<f64> {
    let draw = |index: usize| score(&random_labels(points, clusters, seed, index));
    let scores: Vec<Option<f64>> = (0..draws).into_par_iter().map(draw).collect();
    let defined: Vec<f64> = scores.into_iter().flatten().collect();
    (!defined.is_empty()).then(|| defined.iter().sum::<f64>() / defined.len() as f64)
}

/// Labels `0..clusters` in random order, each as often as the others (within one).
pub fn random_labels(points: usize, clusters: usize, seed: u64, index: usize) -> Vec<i32> {
    let mut labels: Vec<i32> = (0..points).map(|point| (point % clusters.max(1)) as i32).collect();
    Stream::at(seed, "stats.chance", index as u64).shuffle(&mut labels);
    labels
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_balanced_and_differ_by_draw() {
        let labels = random_labels(100, 3, 1, 0);
        let sizes = [0, 1, 2].map(|label| labels.iter().filter(|l| **l == label).count());
        assert_eq!(sizes, [34, 33, 33]);
        assert_ne!(labels, random_labels(100, 3, 1, 1));
    }

    #[test]
    fn two_random_labellings_agree_on_a_share_of_one_in_k() {
        let truth = random_labels(400, 4, 9, 0);
        let agreement = |labels: &[i32]| Some(labels.iter().zip(&truth).filter(|(a, b)| a == b).count() as f64 / 400.0);
        let chance = expected(400, 4, 200, 2, agreement).expect("always defined");
        assert!((chance - 0.25).abs() < 0.01, "{chance}");
    }

    #[test]
    fn a_score_that_is_never_defined_has_no_expectation() {
        assert_eq!(expected(10, 2, 5, 0, |_| None), None);
    }
}
