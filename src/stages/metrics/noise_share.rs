//! Share of points that the clusterer left out as noise.
//! Ester, Kriegel, Sander, Xu, "A density-based algorithm" (KDD 1996), definition 6: noise is what belongs to no cluster.

use super::{Evaluation, Metric};

/// Share of points in no cluster (label -1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoiseShare;

impl Metric for NoiseShare {
    fn name(&self) -> &'static str {
        "noise_share"
    }

    fn score(&self, of: &Evaluation) -> Option<f64> {
        let noise = of.assigned.iter().filter(|label| **label < 0).count();
        (!of.assigned.is_empty()).then(|| noise as f64 / of.assigned.len() as f64)
    }

    fn higher_is_better(&self) -> bool {
        false
    }

    fn needs_labels(&self) -> bool {
        false
    }

    fn definition(&self) -> &'static str {
        "Share of points in no cluster (label -1)."
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::golden;
    use ndarray::{Array2, array};

    fn score(points: &Array2<f64>, assigned: &[i32]) -> Option<f64> {
        NoiseShare.score(&Evaluation { truth: None, assigned, points: points.view(), refits: None })
    }

    #[test]
    fn agrees_with_scikit_learn() {
        golden::check_metric("noise_share", |set, labelling| score(&set.points, &labelling.assigned));
    }

    #[test]
    fn one_of_four_is_a_quarter() {
        let points = array![[0.0], [1.0], [2.0], [3.0]];
        assert_eq!(score(&points, &[0, -1, 2, 0]), Some(0.25));
        assert_eq!(score(&Array2::zeros((0, 1)), &[]), None);
    }
}
