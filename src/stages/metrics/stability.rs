//! Stability: whether the same algorithm finds the same clusters again.
//! Ben-Hur, Elisseeff, Guyon (2002); agreement of two fits is their adjusted Rand index on the points that both saw.

use super::ari::agreement;
use super::{Evaluation, Metric};
use crate::artifact::Refit;

/// Mean adjusted Rand index over all pairs of fits of the same points: 1 where every fit finds the same clusters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stability;

impl Metric for Stability {
    fn name(&self) -> &'static str {
        "stability"
    }

    fn score(&self, of: &Evaluation) -> Option<f64> {
        let fits = &of.refits?.fits;
        let pairs =
            fits.iter().enumerate().flat_map(|(at, first)| fits[at + 1..].iter().map(move |second| (first, second)));
        let agreements: Vec<f64> = pairs.filter_map(|(first, second)| on_common_points(first, second)).collect();
        (!agreements.is_empty()).then(|| agreements.iter().sum::<f64>() / agreements.len() as f64)
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

    fn needs_refits(&self) -> bool {
        true
    }

    fn definition(&self) -> &'static str {
        "Mean adjusted Rand index between the clusterings of several fits of the same algorithm (0 random, 1 always the same \
         clusters); from other seeds, or on other 80 % of the groups where the algorithm draws nothing."
    }
}

/// None without points that both saw, or where neither found clusters among them: to find nothing twice is no finding.
fn on_common_points(first: &Refit, second: &Refit) -> Option<f64> {
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for (row, label) in first.rows.iter().zip(&first.labels) {
        if let Ok(place) = second.rows.binary_search(row) {
            ours.push(*label);
            theirs.push(second.labels[place]);
        }
    }
    let is_whole = |labels: &[i32]| labels.iter().all(|label| *label == labels[0]);
    (!is_whole(&ours) || !is_whole(&theirs)).then(|| agreement(&ours, &theirs))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::artifact::{Over, Refits};
    use ndarray::Array2;

    fn score(fits: &[(&[u32], &[i32])]) -> Option<f64> {
        let fits = fits.iter().map(|(rows, labels)| Refit { rows: rows.to_vec(), labels: labels.to_vec() }).collect();
        let (refits, points) = (Refits { over: Over::Groups, fits }, Array2::zeros((0, 0)));
        Stability.score(&Evaluation { truth: None, assigned: &[], points: points.view(), refits: Some(&refits) })
    }

    #[test]
    fn the_same_clusters_under_other_numbers_are_stable() {
        assert_eq!(score(&[(&[0, 1, 2, 3], &[0, 0, 1, 1]), (&[0, 1, 2, 3], &[5, 5, -1, -1])]), Some(1.0));
    }

    #[test]
    fn only_points_that_both_saw_count() {
        // On rows 1, 2 and 4 they agree; row 0 is new to the second, row 7 to the first.
        assert_eq!(score(&[(&[0, 1, 2, 4], &[1, 0, 0, 1]), (&[1, 2, 4, 7], &[3, 3, 2, 3])]), Some(1.0));
        assert_eq!(score(&[(&[0, 1], &[0, 1]), (&[2, 3], &[0, 1])]), None);
    }

    #[test]
    fn to_find_no_clusters_twice_is_no_stability() {
        assert_eq!(score(&[(&[0, 1, 2], &[-1; 3]), (&[0, 1, 2], &[-1; 3])]), None);
        assert_eq!(score(&[(&[0, 1, 2], &[-1; 3]), (&[0, 1, 2], &[0, 0, -1])]), Some(0.0));
    }

    #[test]
    fn it_is_the_mean_over_pairs() {
        let (one, other): (&[i32], &[i32]) = (&[0, 0, 1, 1], &[0, 1, 0, 1]);
        let rows: &[u32] = &[0, 1, 2, 3];
        // Crossed halves have an adjusted Rand index of -0.5; of three pairs one agrees.
        assert_eq!(score(&[(rows, one), (rows, one), (rows, other)]), Some(0.0));
        assert_eq!(score(&[(rows, one)]), None);
    }
}
