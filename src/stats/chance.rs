//! What a label-based score is worth by luck: its mean under random clusterings.
//! Romano, Vinh, Bailey, Verspoor, "Adjusting for chance clustering comparison measures" (JMLR 2016).

use rayon::prelude::*;

use crate::random::Stream;

/// Mean of `score` over `draws` random orders of `labels`, which keep number and sizes of the clusters.
/// None if it is never defined. The same for any number of threads.
pub fn expected(labels: &[i32], draws: usize, seed: u64, score: impl Fn(&[i32]) -> Option<f64> + Sync) -> Option<f64> {
    let draw = |index: usize| score(&dealt(labels, seed, index));
    let scores: Vec<Option<f64>> = (0..draws).into_par_iter().map(draw).collect();
    let defined: Vec<f64> = scores.into_iter().flatten().collect();
    (!defined.is_empty()).then(|| defined.iter().sum::<f64>() / defined.len() as f64)
}

/// `labels` in random order.
fn dealt(labels: &[i32], seed: u64, index: usize) -> Vec<i32> {
    let mut labels = labels.to_vec();
    Stream::at(seed, "stats.chance", index as u64).shuffle(&mut labels);
    labels
}

/// Labels `0..clusters` in turn, each as often as the others (within one).
pub fn balanced(points: usize, clusters: usize) -> Vec<i32> {
    (0..points).map(|point| (point % clusters.max(1)) as i32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_kept_and_orders_differ_by_draw() {
        let labels = [-1, 0, 0, 0, 2, 2, -1, 0].repeat(10);
        let (first, mut sorted) = (dealt(&labels, 1, 0), labels.clone());
        assert!(first != labels && first != dealt(&labels, 1, 1));
        let mut kept = first;
        kept.sort_unstable();
        sorted.sort_unstable();
        assert_eq!(kept, sorted);
    }

    #[test]
    fn two_random_labellings_agree_on_a_share_of_one_in_k() {
        let truth = dealt(&balanced(400, 4), 9, 0);
        let agreement = |labels: &[i32]| Some(labels.iter().zip(&truth).filter(|(a, b)| a == b).count() as f64 / 400.0);
        let chance = expected(&balanced(400, 4), 200, 2, agreement).expect("always defined");
        assert!((chance - 0.25).abs() < 0.01, "{chance}");
    }

    #[test]
    fn a_score_that_is_never_defined_has_no_expectation() {
        assert_eq!(expected(&[0, 1], 5, 0, |_| None), None);
    }
}
