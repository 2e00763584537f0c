//! Separated attribute predictability: Kumar, Sattigeri, Balakrishnan, "Variational inference of disentangled latent
//! concepts from unlabeled observations" (ICLR 2018), section 3.
//!
//! Mean over factors of the gap between the two codes that predict the factor best, each alone. Continuous factors: squared
//! correlation. Discrete ones: accuracy on points held out (3:1, by group) of thresholds between the levels. The thresholds
//! lie half-way between the means of neighbouring levels (linear discriminant analysis, all levels equally likely);
//! disentanglement_lib's one-against-all linear SVM cannot tell a middle level of three in one dimension, these can.
//! A constant guess competes as a further code, so a single live code has a gap above chance only.

use ndarray::{Array2, ArrayView1};
use rayon::prelude::*;

use super::held_out::{HeldOut, by_group};
use super::levels::Levels;
use super::{Given, Known, gap, mean};
use crate::random::Stream;

/// Share of the points that is held out.
const TEST_SHARE: f64 = 0.25;

/// Both gaps, and what they are gaps of.
pub struct Sap {
    /// As published.
    pub plain: f64,
    /// Each gap as a share of the room above chance.
    pub adjusted: f64,
    /// Accuracy or squared correlation, `[live codes, factors]`.
    pub predicted: Array2<f64>,
    /// The same of a constant guess, `[factors]`.
    pub chance: Vec<f64>,
}

/// SAP of all live codes.
pub fn score(given: &Given) -> Sap {
    let sides = by_group(given.groups, TEST_SHARE, &mut Stream::new(given.seed, "stats.disentangle.sap"));
    let codes: Vec<ArrayView1<f64>> = given.codes.columns().into_iter().collect();
    let row =
        |code: &ArrayView1<f64>| given.factors.iter().map(|known| predict(*code, known, &sides)).collect::<Vec<_>>();
    let rows: Vec<Vec<f64>> = codes.par_iter().map(row).collect();
    let predicted = Array2::from_shape_fn((codes.len(), given.factors.len()), |(code, factor)| rows[code][factor]);
    let chance: Vec<f64> = given.factors.iter().map(|known| chance(known, &sides)).collect();
    let gaps: Vec<f64> =
        predicted.columns().into_iter().zip(&chance).map(|(column, floor)| gap(column, *floor)).collect();
    let share = |(gap, chance): (&f64, &f64)| if *chance < 1.0 { gap / (1.0 - chance) } else { 0.0 };
    Sap { plain: mean(gaps.iter().copied()), adjusted: mean(gaps.iter().zip(&chance).map(share)), predicted, chance }
}

fn predict(code: ArrayView1<f64>, known: &Known, sides: &HeldOut) -> f64 {
    match known.factor.discrete {
        true => accuracy(code, &known.levels, sides),
        false => squared_correlation(code, &known.factor.values),
    }
}

/// Accuracy on the test side of the level whose mean on the training side is nearest.
fn accuracy(code: ArrayView1<f64>, levels: &Levels, sides: &HeldOut) -> f64 {
    let means = level_means(code, levels, &sides.train);
    let nearest = |row: usize| {
        let nearer = |a: &&(u32, f64), b: &&(u32, f64)| (code[row] - a.1).abs().total_cmp(&(code[row] - b.1).abs());
        means.iter().min_by(nearer).map(|(level, _)| *level)
    };
    let right = sides.test.iter().filter(|row| nearest(**row) == Some(levels.of[**row])).count();
    right as f64 / sides.test.len() as f64
}

/// Each level that occurs in `rows`, with the mean of its code.
fn level_means(code: ArrayView1<f64>, levels: &Levels, rows: &[usize]) -> Vec<(u32, f64)> {
    let mut sums = vec![(0.0, 0.0); levels.count];
    for row in rows {
        let (sum, count) = &mut sums[levels.of[*row] as usize];
        (*sum, *count) = (*sum + code[*row], *count + 1.0);
    }
    let occurring = sums.into_iter().enumerate().filter(|(_, (_, count))| *count > 0.0);
    occurring.map(|(level, (sum, count))| (level as u32, sum / count)).collect()
}

fn squared_correlation(a: ArrayView1<f64>, b: &[f64]) -> f64 {
    let n = a.len() as f64;
    let (mean_a, mean_b) = (a.sum() / n, b.iter().sum::<f64>() / n);
    let moments = a.iter().zip(b).fold([0.0; 3], |[ab, aa, bb], (x, y)| {
        let (x, y) = (x - mean_a, y - mean_b);
        [ab + x * y, aa + x * x, bb + y * y]
    });
    let [ab, aa, bb] = moments;
    // Each root apart: the product of two sums of squares may be too small or too large.
    if aa > 0.0 && bb > 0.0 { (ab / aa.sqrt() / bb.sqrt()).powi(2).min(1.0) } else { 0.0 }
}

/// What is known without a code: the accuracy of always guessing the most frequent level of the training side.
fn chance(known: &Known, sides: &HeldOut) -> f64 {
    if !known.factor.discrete {
        return 0.0;
    }
    let guess = most_frequent(&known.levels, &sides.train);
    sides.test.iter().filter(|row| known.levels.of[**row] == guess).count() as f64 / sides.test.len() as f64
}

/// The most frequent level of some rows, the first of equals.
pub fn most_frequent(levels: &Levels, rows: &[usize]) -> u32 {
    let mut counts = vec![0usize; levels.count];
    rows.iter().for_each(|row| counts[levels.of[*row] as usize] += 1);
    (0..levels.count).fold(0, |best, level| if counts[level] > counts[best] { level } else { best }) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array1;

    fn sides(n: usize) -> HeldOut {
        HeldOut { train: (0..3 * n / 4).collect(), test: (3 * n / 4..n).collect() }
    }

    #[test]
    fn thresholds_tell_levels_in_any_order_apart() {
        let levels = Levels { of: (0..400).map(|row| row % 5).collect(), count: 5 };
        let order = [2.0, -7.0, 0.5, 11.0, 4.0];
        let code = Array1::from_shape_fn(400, |row| order[row % 5] + 0.01 * (row as f64).sin());
        assert_eq!(accuracy(code.view(), &levels, &sides(400)), 1.0);
    }

    #[test]
    fn a_level_never_seen_is_never_guessed() {
        let levels = Levels { of: (0..8).map(|row| u32::from(row >= 6)).collect(), count: 2 };
        let code = Array1::from_iter((0..8).map(f64::from));
        assert_eq!(accuracy(code.view(), &levels, &sides(8)), 0.0);
        assert_eq!(most_frequent(&levels, &[6, 7, 0]), 1);
    }

    #[test]
    fn correlation_has_its_known_values() {
        let a = Array1::from_iter((0..5).map(f64::from));
        let of = |b: &[f64]| squared_correlation(a.view(), b);
        assert!((of(&[9.0, 7.0, 5.0, 3.0, 1.0]) - 1.0).abs() < 1e-15);
        assert_eq!((of(&[1.0, 0.0, 0.0, 0.0, 1.0]), of(&[3.0; 5])), (0.0, 0.0));
        // numpy.corrcoef([0, 1, 2, 3, 4], [1, 3, 2, 5, 4])[0, 1] ** 2
        assert!((of(&[1.0, 3.0, 2.0, 5.0, 4.0]) - 0.64).abs() < 1e-12);
        assert!((of(&[0.0, 1e-100, 2e-100, 3e-100, 4e-100]) - 1.0).abs() < 1e-12);
    }
}
