//! Do made points lie where reference points lie, and do they cover them? Balls reach to each point's k-th neighbour.
//! Precision, recall: Kynkaanniemi et al. (NeurIPS 2019), eq. 1-2. Density, coverage: Naeem et al. (ICML 2020), eq. 3-4.

use ndarray::ArrayView2;

use super::pairs::Pairs;
use super::{DivergenceError, check};

/// Shares of points inside balls, each 0 to 1 but for `density`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Manifold {
    /// Share of the made points that lie in the ball of some reference point: quality.
    pub precision: f64,
    /// Share of the reference points that lie in the ball of some made point: variety.
    pub recall: f64,
    /// Reference balls around a made point, over k: as `precision`, but outliers with large balls count little. About 1 for
    /// equal distributions; more where made points crowd.
    pub density: f64,
    /// Share of the reference points with a made point in their ball: as `recall`, without balls around made outliers.
    pub coverage: f64,
    /// Neighbours that a ball reaches to.
    pub k: usize,
    /// Points of the reference and of the made set.
    pub points: [usize; 2],
}

/// Compares `made` with `reference`, both `[points, dims]`; `k` (5 in the paper on density) is less than either's points.
/// A point at exactly the distance of the k-th neighbour is outside, as in the authors' programs.
pub fn manifold(reference: ArrayView2<f64>, made: ArrayView2<f64>, k: usize) -> Result<Manifold, DivergenceError> {
    check(reference, made, 1)?;
    let points = [reference.nrows(), made.nrows()];
    if k == 0 || k >= points[0].min(points[1]) {
        return Err(DivergenceError::Neighbours { k, points: points[0].min(points[1]) });
    }
    let radii = [radii(reference, k), radii(made, k)];
    let of_made = inside(made, reference, &radii[0]);
    let of_reference = inside(reference, made, &radii[1]);
    let nearest =
        Pairs::new(reference, made).map_squared(|_, squared| squared.iter().copied().fold(f64::MAX, f64::min));
    let covered = nearest.iter().zip(&radii[0]).filter(|(nearest, radius)| nearest < radius).count();
    let share = |counts: &[usize]| counts.iter().filter(|count| **count > 0).count() as f64 / counts.len() as f64;
    Ok(Manifold {
        precision: share(&of_made),
        recall: share(&of_reference),
        density: of_made.iter().sum::<usize>() as f64 / (k * points[1]) as f64,
        coverage: covered as f64 / points[0] as f64,
        k,
        points,
    })
}

/// Squared distance of each point from its k-th neighbour in its own set.
fn radii(points: ArrayView2<f64>, k: usize) -> Vec<f64> {
    Pairs::new(points, points).map_squared(|row, squared| {
        let mut others: Vec<f64> = squared.to_vec();
        others.swap_remove(row);
        *others.select_nth_unstable_by(k - 1, f64::total_cmp).1
    })
}

/// How many balls around `centres` each point lies in; `radii` are squared.
fn inside(points: ArrayView2<f64>, centres: ArrayView2<f64>, radii: &[f64]) -> Vec<usize> {
    let count = |squared: &[f64]| squared.iter().zip(radii).filter(|(squared, radius)| squared < radius).count();
    Pairs::new(points, centres).map_squared(|_, squared| count(squared))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::distance::squared;
    use crate::stats::divergence::tests::cloud;
    use ndarray::{Array2, array};
    use proptest::prelude::{prop_assert_eq, proptest};

    fn found(reference: &Array2<f64>, made: &Array2<f64>, k: usize) -> Manifold {
        manifold(reference.view(), made.view(), k).expect("comparable")
    }

    fn naive(reference: &Array2<f64>, made: &Array2<f64>, k: usize) -> Manifold {
        let apart =
            |a: &Array2<f64>, i: usize, b: &Array2<f64>, j: usize| squared(&a.row(i).to_vec(), &b.row(j).to_vec());
        let radius = |set: &Array2<f64>, i: usize| {
            let mut all: Vec<f64> = (0..set.nrows()).filter(|j| *j != i).map(|j| apart(set, i, set, j)).collect();
            all.sort_by(f64::total_cmp);
            all[k - 1]
        };
        let (m, n) = (reference.nrows(), made.nrows());
        let in_real = |j: usize, i: usize| apart(reference, i, made, j) < radius(reference, i);
        let in_made = |j: usize, i: usize| apart(reference, i, made, j) < radius(made, j);
        let share = |hits: usize, all: usize| hits as f64 / all as f64;
        Manifold {
            precision: share((0..n).filter(|j| (0..m).any(|i| in_real(*j, i))).count(), n),
            recall: share((0..m).filter(|i| (0..n).any(|j| in_made(j, *i))).count(), m),
            density: share((0..n).map(|j| (0..m).filter(|i| in_real(j, *i)).count()).sum(), k * n),
            coverage: share((0..m).filter(|i| (0..n).any(|j| in_real(j, *i))).count(), m),
            k,
            points: [m, n],
        }
    }

    proptest! {
        #[test]
        fn blocks_agree_with_double_loops(seed in 0u64..60, m in 4usize..30, n in 4usize..30, k in 1usize..4) {
            let (a, b) = (cloud(m, 3, 0.0, 1.0, seed), cloud(n, 3, 0.6, 0.8, seed + 500));
            prop_assert_eq!(found(&a, &b, k), naive(&a, &b, k));
        }
    }

    #[test]
    fn equal_distributions_fill_each_other() {
        let prdc = found(&cloud(1_000, 2, 0.0, 1.0, 1), &cloud(1_000, 2, 0.0, 1.0, 2), 5);
        assert!(prdc.precision > 0.95 && prdc.recall > 0.95 && (prdc.density - 1.0).abs() < 0.1, "{prdc:?}");
        // 1 - (n - 1)...(n - k) / ((2n - 1)...(2n - k)), Naeem et al., eq. 9: about 1 - 2^-k.
        assert!((prdc.coverage - (1.0 - 0.5f64.powi(5))).abs() < 0.03, "{prdc:?}");
    }

    #[test]
    fn sets_far_apart_share_nothing() {
        let prdc = found(&cloud(50, 3, 0.0, 1.0, 1), &cloud(60, 3, 100.0, 1.0, 2), 3);
        assert_eq!((prdc.precision, prdc.recall, prdc.density, prdc.coverage), (0.0, 0.0, 0.0, 0.0));
    }

    #[test]
    fn one_mode_of_two_is_precise_but_does_not_recall() {
        let mut reference = cloud(200, 2, 0.0, 1.0, 1);
        reference.slice_mut(ndarray::s![100.., ..]).mapv_inplace(|x| x + 50.0);
        let prdc = found(&reference, &cloud(200, 2, 0.0, 1.0, 2), 5);
        assert!(prdc.precision > 0.85 && (prdc.recall - 0.5).abs() < 0.06, "{prdc:?}");
        assert!((prdc.coverage - 0.5).abs() < 0.06, "{prdc:?}");
    }

    #[test]
    fn all_or_no_neighbours_are_refused() {
        let set = array![[0.0], [1.0], [2.0]];
        for k in [0, 3] {
            let refused = manifold(set.view(), set.view(), k);
            assert_eq!(refused, Err(DivergenceError::Neighbours { k, points: 3 }));
        }
    }
}
