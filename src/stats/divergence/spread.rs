//! How different made points are from each other, and how near each is to what was learned from.
//! Mean pairwise distance: Zhu et al., "Toward multimodal image-to-image translation" (NeurIPS 2017), section 5.2; nearest
//! training point: Meehan, Chaudhuri, Dasgupta, "A three sample hypothesis test for data-copying" (AISTATS 2020).

use ndarray::ArrayView2;

use super::pairs::Pairs;
use super::{DivergenceError, check};
use crate::stats::distance;

/// The nearest of some other points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Nearest {
    /// Its row, the first of equally near ones.
    pub row: usize,
    /// Euclidean distance; 0 for a copy.
    pub distance: f64,
}

/// Mean Euclidean distance of two different points of `points` `[points, dims]`, at least two.
pub fn mean_pairwise_distance(points: ArrayView2<f64>) -> Result<f64, DivergenceError> {
    check(points, points, 2)?;
    let n = points.nrows() as f64;
    let sums = Pairs::new(points, points).map_squared(|row, squared| {
        let [before, after] = [&squared[..row], &squared[row + 1..]];
        before.iter().map(|squared| squared.sqrt()).sum::<f64>()
            + after.iter().map(|squared| squared.sqrt()).sum::<f64>()
    });
    Ok(sums.iter().sum::<f64>() / (n * (n - 1.0)))
}

/// For each row of `from` the nearest row of `to`, both `[points, dims]`. `to` has at least one point.
pub fn nearest(from: ArrayView2<f64>, to: ArrayView2<f64>) -> Result<Vec<Nearest>, DivergenceError> {
    if from.nrows() == 0 {
        return Ok(Vec::new());
    }
    check(from, to, 1)?;
    // The row found by products is measured again by differences: a copy is at distance 0 and not at that of rounding.
    let exact = |row: usize, other: usize| distance::squared(&from.row(row).to_vec(), &to.row(other).to_vec()).sqrt();
    Ok(Pairs::new(from, to).map_squared(|row, squared| {
        let best = (0..squared.len()).fold(0, |best, at| if squared[at] < squared[best] { at } else { best });
        Nearest { row: best, distance: exact(row, best) }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::divergence::tests::cloud;
    use ndarray::{Array2, array};
    use proptest::prelude::{prop_assert, proptest};

    #[test]
    fn a_triangle_has_the_mean_of_its_sides() {
        let found = mean_pairwise_distance(array![[0.0, 0.0], [3.0, 0.0], [0.0, 4.0]].view());
        assert!(found.as_ref().is_ok_and(|mean| (mean - 4.0).abs() < 1e-12), "{found:?}");
    }

    #[test]
    fn normal_points_on_a_line_are_apart_by_theory() {
        // E|x - y| of two standard normal values is 2 / sqrt(pi).
        let found = mean_pairwise_distance(cloud(2_000, 1, 9.0, 1.0, 1).view()).expect("many points");
        assert!((found - 2.0 / std::f64::consts::PI.sqrt()).abs() < 0.03, "{found}");
    }

    #[test]
    fn copies_of_one_point_have_no_spread() {
        assert!(mean_pairwise_distance(Array2::from_elem((70, 3), 0.1).view()).is_ok_and(|mean| mean < 1e-12));
        let one = mean_pairwise_distance(array![[1.0]].view());
        assert_eq!(one, Err(DivergenceError::TooFewPoints { found: 1, needed: 2 }));
    }

    #[test]
    fn copies_are_found_at_distance_zero() {
        let train = cloud(100, 6, 1e3, 1.0, 2);
        let made = train.select(ndarray::Axis(0), &[7, 99, 0]);
        let found = nearest(made.view(), train.view()).expect("comparable");
        assert_eq!(
            found.iter().map(|near| (near.row, near.distance)).collect::<Vec<_>>(),
            [(7, 0.0), (99, 0.0), (0, 0.0)]
        );
    }

    #[test]
    fn nothing_made_has_no_neighbours_and_nothing_learned_is_refused() {
        assert_eq!(nearest(Array2::zeros((0, 2)).view(), Array2::zeros((3, 2)).view()), Ok(Vec::new()));
        let refused = nearest(Array2::zeros((3, 2)).view(), Array2::zeros((0, 2)).view());
        assert_eq!(refused, Err(DivergenceError::TooFewPoints { found: 0, needed: 1 }));
    }

    proptest! {
        #[test]
        fn blocks_agree_with_double_loops(seed in 0u64..80, m in 2usize..100, n in 1usize..80, dims in 1usize..6) {
            let (a, b) = (cloud(m, dims, 3.0, 1.0, seed), cloud(n, dims, 3.0, 1.0, seed + 500));
            let apart = |i: usize, set: &Array2<f64>, j: usize| {
                distance::squared(&a.row(i).to_vec(), &set.row(j).to_vec()).sqrt()
            };
            for (row, near) in nearest(a.view(), b.view()).expect("comparable").iter().enumerate() {
                let naive = (0..n).map(|j| apart(row, &b, j)).fold(f64::MAX, f64::min);
                prop_assert!((near.distance - naive).abs() < 1e-9 && apart(row, &b, near.row) == near.distance);
            }
            let pairs = (0..m).flat_map(|i| (0..i).map(move |j| (i, j)));
            let naive = pairs.map(|(i, j)| apart(i, &a, j)).sum::<f64>() / (m * (m - 1) / 2) as f64;
            let fast = mean_pairwise_distance(a.view()).expect("two points");
            prop_assert!((fast - naive).abs() < 1e-9 * naive, "{fast} {naive}");
        }
    }
}
