//! What is refused before anything is computed: no numbers, numbers that are not finite, lengths that do not fit.
//! Nothing is left out or repaired silently: a point without a value belongs to the caller.

use ndarray::ArrayView2;

use super::Factor;
use super::levels::Levels;

/// Numbers of this magnitude are refused: sums of their squares would lose all digits or overflow.
const TOO_LARGE: f64 = 1e100;

/// The most levels of a discrete factor; each has a tree of its own in every round of boosting.
const MOST_LEVELS: usize = 128;

/// Why there are no scores.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum DisentangleError {
    /// An empty array.
    #[error("there are no codes to score: give at least one point and one dimension")]
    NoCodes,
    /// No factor, or none that varies.
    #[error("no factor varies: give at least one that has two values")]
    NoFactor,
    /// A code that is NaN, infinite or huge.
    #[error("code {dim} of point {point} is {value}: codes must be finite and below 1e100; leave the point out")]
    Code {
        /// Row.
        point: usize,
        /// Column.
        dim: usize,
        /// What was found.
        value: f64,
    },
    /// A factor that is NaN, infinite or huge.
    #[error("factor {factor} of point {point} is {value}: factors must be finite and below 1e100; leave the point out")]
    Value {
        /// Name of the factor.
        factor: String,
        /// Row.
        point: usize,
        /// What was found.
        value: f64,
    },
    /// Factors or groups that are not one a point.
    #[error("{what} has {found} values for {points} points: give one for each point")]
    Length {
        /// Name of the factor, or `groups`.
        what: String,
        /// Number of values.
        found: usize,
        /// Number of points.
        points: usize,
    },
    /// Nothing can be held out.
    #[error("all points are of one group: at least 2 are needed, one to learn from and one to look at")]
    OneGroup,
    /// A discrete factor with a level for almost every point.
    #[error(
        "the discrete factor {factor} has {levels} levels, more than {most}: declare it continuous or leave it out"
    )]
    TooManyLevels {
        /// Its name.
        factor: String,
        /// Number of its levels.
        levels: usize,
        /// The most that are allowed.
        most: usize,
    },
}

/// Refuses what cannot be scored. `codes` is `[points, dims]`.
pub fn check(codes: ArrayView2<f64>, factors: &[Factor], groups: &[u32]) -> Result<(), DisentangleError> {
    if codes.is_empty() {
        return Err(DisentangleError::NoCodes);
    }
    if let Some(((point, dim), value)) = codes.indexed_iter().find(|(_, value)| is_refused(**value)) {
        return Err(DisentangleError::Code { point, dim, value: *value });
    }
    check_length("groups", groups.len(), codes.nrows())?;
    if groups.iter().all(|group| *group == groups[0]) {
        return Err(DisentangleError::OneGroup);
    }
    factors.iter().try_for_each(|factor| check_factor(factor, codes.nrows()))
}

fn check_factor(factor: &Factor, points: usize) -> Result<(), DisentangleError> {
    check_length(&factor.name, factor.values.len(), points)?;
    if let Some(point) = factor.values.iter().position(|value| is_refused(*value)) {
        return Err(DisentangleError::Value { factor: factor.name.clone(), point, value: factor.values[point] });
    }
    let levels = Levels::of(factor).count;
    match levels > MOST_LEVELS {
        true => Err(DisentangleError::TooManyLevels { factor: factor.name.clone(), levels, most: MOST_LEVELS }),
        false => Ok(()),
    }
}

fn check_length(what: &str, found: usize, points: usize) -> Result<(), DisentangleError> {
    match found == points {
        true => Ok(()),
        false => Err(DisentangleError::Length { what: what.to_owned(), found, points }),
    }
}

fn is_refused(value: f64) -> bool {
    value.is_nan() || value.abs() >= TOO_LARGE
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, array};

    fn factor(values: &[f64]) -> Factor {
        Factor { name: "key".to_owned(), values: values.to_vec(), discrete: true }
    }

    #[test]
    fn values_that_are_not_numbers_are_refused_with_their_place() {
        let good = factor(&[0.0, 1.0]);
        for bad in [f64::NAN, f64::INFINITY, -1e200] {
            let refused = check(array![[0.0, 1.0], [2.0, bad]].view(), std::slice::from_ref(&good), &[0, 1]);
            assert!(matches!(refused, Err(DisentangleError::Code { point: 1, dim: 1, .. })), "{refused:?}");
            let refused = check(array![[0.0], [2.0]].view(), &[good.clone(), factor(&[bad, 0.0])], &[0, 1]);
            assert!(matches!(refused, Err(DisentangleError::Value { point: 0, .. })), "{refused:?}");
        }
    }

    #[test]
    fn lengths_groups_and_levels_must_fit() {
        let codes = Array2::from_shape_fn((300, 2), |(row, _)| row as f64);
        let (own, levels): (Vec<u32>, Vec<f64>) = ((0..300).collect(), (0..300).map(f64::from).collect());
        let run = |values: &[f64], groups: &[u32]| check(codes.view(), &[factor(values)], groups);
        assert!(matches!(run(&levels[..200], &own), Err(DisentangleError::Length { found: 200, points: 300, .. })));
        assert!(matches!(run(&levels, &own[..9]), Err(DisentangleError::Length { found: 9, .. })));
        assert_eq!(run(&levels, &[7; 300]), Err(DisentangleError::OneGroup));
        assert!(matches!(run(&levels, &own), Err(DisentangleError::TooManyLevels { levels: 300, .. })));
        assert_eq!(check(Array2::zeros((0, 3)).view(), &[], &[]), Err(DisentangleError::NoCodes));
        let continuous = Factor { discrete: false, ..factor(&levels) };
        assert_eq!(check(codes.view(), &[continuous], &own), Ok(()));
    }

    #[test]
    fn messages_say_what_to_do() {
        let refused = DisentangleError::TooManyLevels { factor: "key".to_owned(), levels: 200, most: 128 };
        let message = refused.to_string();
        assert!(message.contains("key has 200 levels") && message.contains("continuous"), "{message}");
    }
}
