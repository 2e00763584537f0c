//! Disentanglement, completeness, informativeness: Eastwood, Williams, "A framework for the quantitative evaluation of
//! disentangled representations" (ICLR 2018), section 3; as in disentanglement_lib with gradient-boosted trees.
//!
//! R[code, factor] is the importance of a code in trees that predict a factor from all codes.
//! D = sum of w_i (1 - H(R[i, :] / sum) / ln factors), w_i the share of code i in R; C likewise over columns and ln dims.
//! I is what the trees get right on points held out, 3:1 by group: accuracy, and R² for continuous factors, which are
//! predicted as numbers.

use ndarray::{Array2, ArrayView1};
use rayon::prelude::*;

use super::held_out::{HeldOut, by_group};
use super::sap::most_frequent;
use super::{Given, Known, mean};
use crate::random::Stream;
use crate::stats::boosting::{Sorted, classify, regress};

/// Share of the points that is held out.
const TEST_SHARE: f64 = 0.25;

/// The three scores, and what they are computed from.
pub struct Dci {
    /// None if there are fewer than two factors.
    pub disentanglement: Option<f64>,
    /// None if there are fewer than two codes, dead ones included.
    pub completeness: Option<f64>,
    /// Mean over factors, 0 to 1.
    pub informativeness: f64,
    /// Informativeness of a constant guess.
    pub chance: f64,
    /// `[live codes, factors]`; each column has sum 1, or 0 if no code helped.
    pub importances: Array2<f64>,
}

struct Learned {
    importances: Vec<f64>,
    known: f64,
    chance: f64,
}

/// DCI of all live codes.
pub fn score(given: &Given) -> Dci {
    let sides = by_group(given.groups, TEST_SHARE, &mut Stream::new(given.seed, "stats.disentangle.dci"));
    let points = Sorted::new(given.codes.view(), &sides.train);
    let learned: Vec<Learned> =
        given.factors.par_iter().map(|known| learn(&points, known, &sides, given.seed)).collect();
    let shape = (given.codes.ncols(), given.factors.len());
    let importances = Array2::from_shape_fn(shape, |(code, factor)| learned[factor].importances[code]);
    Dci {
        disentanglement: concentration(importances.rows(), given.factors.len()),
        completeness: concentration(importances.columns(), given.dims),
        informativeness: mean(learned.iter().map(|learned| learned.known)),
        chance: mean(learned.iter().map(|learned| learned.chance)),
        importances,
    }
}

fn learn(points: &Sorted, known: &Known, sides: &HeldOut, seed: u64) -> Learned {
    match known.factor.discrete {
        true => learn_levels(points, known, sides, seed),
        false => learn_values(points, &known.factor.values, sides, seed),
    }
}

fn learn_levels(points: &Sorted, known: &Known, sides: &HeldOut, seed: u64) -> Learned {
    let levels = &known.levels;
    let boosted = classify(points, &levels.of, levels.count, seed);
    let guess = most_frequent(levels, &sides.train);
    let share = |right: &dyn Fn(usize) -> bool| {
        sides.test.iter().filter(|row| right(**row)).count() as f64 / sides.test.len() as f64
    };
    Learned {
        importances: boosted.importances,
        known: share(&|row| boosted.predictions[row] == levels.of[row]),
        chance: share(&|row| guess == levels.of[row]),
    }
}

fn learn_values(points: &Sorted, values: &[f64], sides: &HeldOut, seed: u64) -> Learned {
    let boosted = regress(points, values, seed);
    let mean = sides.test.iter().map(|row| values[*row]).sum::<f64>() / sides.test.len() as f64;
    let error = |guess: &dyn Fn(usize) -> f64| -> f64 {
        sides.test.iter().map(|row| (values[*row] - guess(*row)).powi(2)).sum()
    };
    let (left, all) = (error(&|row| boosted.predictions[row]), error(&|_| mean));
    let known = if all > 0.0 { (1.0 - left / all).max(0.0) } else { 0.0 };
    Learned { importances: boosted.importances, known, chance: 0.0 }
}

/// `1 - entropy / ln(kinds)` of each line of importances, weighted by the line's sum. 0 if all lines are 0; None for fewer
/// than two kinds.
fn concentration<'a>(lines: impl IntoIterator<Item = ArrayView1<'a, f64>>, kinds: usize) -> Option<f64> {
    let weigh = |line: ArrayView1<f64>| {
        let total = line.sum();
        let shares = line.iter().map(|x| x / total).filter(|share| *share > 0.0);
        let entropy: f64 = shares.map(|share| -share * share.ln()).sum();
        (total, 1.0 - entropy / (kinds as f64).ln())
    };
    let (sum, weight) = lines.into_iter().map(weigh).fold((0.0, 0.0), |(sum, weight), (total, concentration)| {
        (sum + total * concentration.clamp(0.0, 1.0), weight + total)
    });
    (kinds > 1).then_some(if weight > 0.0 { sum / weight } else { 0.0 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    fn d_and_c(importances: &Array2<f64>) -> [Option<f64>; 2] {
        [
            concentration(importances.rows(), importances.ncols()),
            concentration(importances.columns(), importances.nrows()),
        ]
    }

    #[test]
    fn one_code_a_factor_is_perfect_and_equal_shares_are_nothing() {
        assert_eq!(d_and_c(&Array2::eye(3)), [Some(1.0), Some(1.0)]);
        let [d, c] = d_and_c(&Array2::from_elem((3, 3), 1.0 / 3.0));
        assert!(d.is_some_and(|d| d < 1e-12) && c.is_some_and(|c| c < 1e-12), "{d:?} {c:?}");
        assert_eq!(d_and_c(&Array2::zeros((3, 3))), [Some(0.0), Some(0.0)]);
    }

    #[test]
    fn two_codes_a_factor_are_disentangled_but_not_complete() {
        let [d, c] = d_and_c(&array![[0.5, 0.0], [0.5, 0.0], [0.0, 0.5], [0.0, 0.5]]);
        assert_eq!(d, Some(1.0));
        assert!(c.is_some_and(|c| (c - 0.5).abs() < 1e-12), "{c:?}");
    }

    #[test]
    fn one_code_for_two_factors_is_complete_but_not_disentangled() {
        let [d, c] = d_and_c(&array![[1.0, 1.0], [0.0, 0.0]]);
        assert!(d.is_some_and(|d| d < 1e-12) && c == Some(1.0), "{d:?} {c:?}");
    }

    #[test]
    fn codes_weigh_by_what_they_tell() {
        // disentanglement_lib's disentanglement and completeness of this matrix.
        let [d, c] = d_and_c(&array![[0.7, 0.1, 0.0], [0.3, 0.2, 0.0], [0.0, 0.7, 1.0]]);
        assert!(d.is_some_and(|d| (d - 0.456993011602842).abs() < 1e-9), "{d:?}");
        assert!(c.is_some_and(|c| (c - 0.571373550076025).abs() < 1e-9), "{c:?}");
    }

    #[test]
    fn one_kind_has_no_concentration() {
        assert_eq!(d_and_c(&array![[1.0], [0.0]]), [None, Some(1.0)]);
    }
}
