//! The largest singular values of a matrix and their right vectors: by its Gram matrix, or by random projection.
//! Halko, Martinsson, Tropp, "Finding structure with randomness" (SIAM Review 2011), algorithms 4.4 and 5.1.
//!
//! Nothing is taken off the columns: of centred points these are the principal components (see `stats::pca`), of word
//! counts the axes of latent semantic analysis. Matrices are row-major slices.

pub mod sparse;

mod leading;

use crate::random::Stream;
use crate::stats::linalg::{Eigen, Matrix, blocked_product, eigen_symmetric};
use leading::leading;

/// Columns beyond those asked for: they catch what a random projection would miss.
const EXTRA_COLUMNS: usize = 10;
/// Up to so many rows or columns all eigenvectors of the Gram matrix take less time than a few of them.
const SMALL: usize = 128;
/// Matrices of more rows or columns are not decomposed in full unless they are tall.
const LARGE: usize = 500;
/// Below this share of the largest, an eigenvalue of a Gram matrix of unit vectors is rounding.
const NOISE: f64 = 1e-14;

/// Singular values and right singular vectors.
#[derive(Clone, Debug, PartialEq)]
pub struct Svd {
    /// Squared singular values, falling.
    pub squared: Vec<f64>,
    /// `[rank, columns]`: vectors of length one, the largest value of each positive (the first of equals).
    /// A vector of a singular value of 0 may be all zeros.
    pub right: Vec<f64>,
}

/// The `rank` largest (at most `min(rows, columns)`) of a matrix `[rows, columns]`: exact where it is small or tall or where
/// many are asked for, else [`randomised`]. None if the matrix is empty or has values that are not finite.
pub fn truncated(matrix: &[f64], columns: usize, rank: usize) -> Option<Svd> {
    let rows = matrix.len().checked_div(columns)?;
    let least = rows.min(columns);
    // As scikit-learn chooses: a tall matrix has a small Gram matrix, cheap to get.
    let is_tall = columns <= 2 * LARGE && rows >= 10 * columns;
    match least > SMALL && rows.max(columns) > LARGE && 5 * rank < 4 * least && !is_tall {
        true => randomised(matrix, columns, rank),
        false => exact(matrix, columns, rank),
    }
}

/// As [`truncated`], to rounding.
pub fn exact(matrix: &[f64], columns: usize, rank: usize) -> Option<Svd> {
    let rows = matrix.len().checked_div(columns).filter(|rows| *rows > 0)?;
    let all = Matrix::new(matrix, rows, columns);
    match columns <= rows {
        true => Svd::of_gram(&blocked_product(all.t(), all), columns, rank),
        false => by_rows(all, rank.min(rows)),
    }
}

/// As [`truncated`], in a time that grows with `rank` and not with `min(rows, columns)`; close where singular values fall.
/// The projection is drawn from a fixed stream: the same matrix gives the same values.
pub fn randomised(matrix: &[f64], columns: usize, rank: usize) -> Option<Svd> {
    let rows = matrix.len().checked_div(columns).filter(|rows| *rows > 0)?;
    let (all, least) = (Matrix::new(matrix, rows, columns), rows.min(columns));
    let width = (rank + EXTRA_COLUMNS).min(least);
    // scikit-learn's rule: more steps where few are asked for.
    let steps = if 10 * rank < least { 7 } else { 4 };
    let draws = Stream::new(0, "stats.svd").normals(columns * width);
    let mut basis: Vec<f64> = draws.into_iter().map(f64::from).collect();
    for _ in 0..steps {
        let image = orthonormal(times(all, &basis), rows)?;
        basis = orthonormal(times(all.t(), &image), columns)?;
    }
    let image = orthonormal(orthonormal(times(all, &basis), rows)?, rows)?;
    let small = times(all.t(), &image);
    by_rows(Matrix::new(&small, columns, small.len() / columns).t(), rank.min(least))
}

impl Svd {
    /// From `Xᵀ X`, `[columns, columns]`.
    pub(super) fn of_gram(gram: &[f64], columns: usize, rank: usize) -> Option<Svd> {
        let kept = rank.min(columns);
        let eigen = largest(gram, columns, kept)?;
        Some(Svd::of(&eigen.values[..kept], eigen.vectors[..kept].concat(), columns, kept))
    }

    /// Of eigenvalues and vectors of length one, filled up with zeros to `rank`.
    fn of(values: &[f64], mut right: Vec<f64>, columns: usize, rank: usize) -> Svd {
        let mut squared: Vec<f64> = values.iter().map(|value| value.max(0.0)).collect();
        right.chunks_exact_mut(columns).for_each(flip_sign);
        squared.resize(rank, 0.0);
        right.resize(rank * columns, 0.0);
        Svd { squared, right }
    }
}

/// By `X Xᵀ` of a short `X`: if `X Xᵀ u = λ u`, then `Xᵀ u / sqrt(λ)` is an eigenvector of `Xᵀ X` for the same λ.
fn by_rows(short: Matrix, rank: usize) -> Option<Svd> {
    let (rows, columns) = short.size();
    let eigen = largest(&blocked_product(short, short.t()), rows, rank)?;
    let noise = eigen.values.first().map_or(0.0, |largest| largest.max(0.0) * f64::EPSILON * columns as f64);
    let kept = eigen.values.iter().take(rank).take_while(|value| **value > noise).count();
    let mut right = blocked_product(Matrix::new(&eigen.vectors[..kept].concat(), kept, rows), short);
    let lengths = eigen.values.iter().map(|value| value.sqrt());
    right.chunks_exact_mut(columns).zip(lengths).for_each(|(row, length)| row.iter_mut().for_each(|x| *x /= length));
    Some(Svd::of(&eigen.values[..kept], right, columns, rank))
}

/// At least the `rank` largest eigenvalues and their vectors.
fn largest(gram: &[f64], size: usize, rank: usize) -> Option<Eigen> {
    let few = (size > SMALL && 10 * rank <= size).then(|| leading(gram, size, rank)).flatten();
    few.or_else(|| eigen_symmetric(gram, size))
}

/// An orthonormal basis `[len, kept]` of the columns of `tall` `[len, width]`, by the eigenvectors of their cosines; columns
/// that depend on others are dropped. None if values are not finite.
fn orthonormal(tall: Vec<f64>, len: usize) -> Option<Vec<f64>> {
    let width = tall.len() / len;
    let all = Matrix::new(&tall, len, width);
    let mut cosines = blocked_product(all.t(), all);
    let lengths: Vec<f64> = (0..width).map(|at| cosines[at * width + at].sqrt().max(f64::MIN_POSITIVE)).collect();
    for (at, cosine) in cosines.iter_mut().enumerate() {
        *cosine = *cosine / lengths[at / width] / lengths[at % width];
    }
    let eigen = eigen_symmetric(&cosines, width)?;
    let kept = eigen.values.iter().take_while(|value| **value > NOISE * width as f64).count();
    let turn = |at: usize, to: usize| eigen.vectors[to][at] / lengths[at] / eigen.values[to].sqrt();
    let turns: Vec<f64> = (0..width).flat_map(|at| (0..kept).map(move |to| turn(at, to))).collect();
    Some(times(all, &turns))
}

/// `matrix` `[m, n]` times row-major `right` `[n, width]`.
fn times(matrix: Matrix, right: &[f64]) -> Vec<f64> {
    let inner = matrix.size().1;
    blocked_product(matrix, Matrix::new(right, inner, right.len().checked_div(inner).unwrap_or(0)))
}

/// Makes the value with the largest magnitude positive (the first of equals).
fn flip_sign(vector: &mut [f64]) {
    let largest = vector.iter().fold(0.0f64, |best, x| if x.abs() > best.abs() { *x } else { best });
    if largest < 0.0 {
        vector.iter_mut().for_each(|x| *x = -*x);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::linalg::product;
    use proptest::prelude::{ProptestConfig, prop_assert, proptest};

    fn noise(rows: usize, columns: usize, seed: u64) -> Vec<f64> {
        Stream::new(seed, "test.svd").normals(rows * columns).into_iter().map(f64::from).collect()
    }

    /// A matrix of rank 30 with falling singular values, and a little noise.
    fn falling(rows: usize, columns: usize) -> Vec<f64> {
        let (left, mut right) = (noise(rows, 30, 1), noise(30, columns, 2));
        right.chunks_exact_mut(columns).zip(1..).for_each(|(row, at)| row.iter_mut().for_each(|x| *x /= f64::from(at)));
        let mut matrix = product(&left, &right, 30);
        matrix.iter_mut().zip(noise(rows, columns, 3)).for_each(|(x, e)| *x += 0.01 * e);
        matrix
    }

    fn largest_difference(a: &[f64], b: &[f64]) -> f64 {
        assert_eq!(a.len(), b.len());
        a.iter().zip(b).fold(0.0, |most, (a, b)| most.max((a - b).abs()))
    }

    #[test]
    fn values_of_a_diagonal_are_found_with_their_axes() {
        let svd = exact(&[0.0, -3.0, 2.0, 0.0], 2, 2).expect("finite");
        assert!(largest_difference(&svd.squared, &[9.0, 4.0]) < 1e-12);
        assert!(largest_difference(&svd.right, &[0.0, 1.0, 1.0, 0.0]) < 1e-12);
    }

    #[test]
    fn projection_agrees_with_the_gram_matrix() {
        for (rows, columns) in [(600, 80), (80, 600), (540, 520)] {
            let matrix = falling(rows, columns);
            let (fast, slow) = (randomised(&matrix, columns, 8), exact(&matrix, columns, 8));
            let (fast, slow) = (fast.expect("finite"), slow.expect("finite"));
            assert!(largest_difference(&fast.squared, &slow.squared) < 1e-9 * slow.squared[0]);
            assert!(largest_difference(&fast.right, &slow.right) < 1e-4);
        }
    }

    #[test]
    fn rank_that_is_missing_is_filled_with_zeros() {
        let matrix: Vec<f64> = (0..40 * 30).map(|at| f64::from(at / 30)).collect();
        for svd in [exact(&matrix, 30, 4), randomised(&matrix, 30, 4), randomised(&[0.0; 1200], 30, 4)] {
            let svd = svd.expect("finite");
            assert_eq!((svd.squared.len(), svd.right.len()), (4, 120));
            assert!(svd.squared[1..].iter().all(|value| *value < 1e-6), "{:?}", svd.squared);
            assert!(svd.right.iter().all(|x| x.is_finite()));
        }
    }

    #[test]
    fn nothing_and_what_is_not_finite_have_no_values() {
        for found in [exact(&[], 3, 1), randomised(&[], 3, 1), truncated(&[], 0, 1), truncated(&[f64::NAN; 4], 2, 1)] {
            assert_eq!(found, None);
        }
        assert_eq!(randomised(&[f64::INFINITY; 4], 2, 1), None);
    }

    #[test]
    fn threads_do_not_change_the_values() {
        let matrix = falling(300, 310);
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
            pool.install(|| randomised(&matrix, 310, 5))
        };
        assert_eq!(run(1), run(4));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(30))]
        #[test]
        fn vectors_are_orthonormal_and_values_are_their_stretch(rows in 1usize..40, columns in 1usize..40, seed: u64) {
            let matrix = noise(rows, columns, seed);
            for (svd, slack) in [(exact(&matrix, columns, 5), 1e-9), (randomised(&matrix, columns, 5), 0.02)] {
                let Svd { squared, right } = svd.expect("finite");
                let kept = squared.len();
                let vectors = Matrix::new(&right, kept, columns);
                for (at, angle) in blocked_product(vectors, vectors.t()).iter().enumerate() {
                    let expected = if at / kept == at % kept { 1.0 } else { 0.0 };
                    prop_assert!((angle - expected).abs() < 1e-5, "{}", angle);
                }
                let image = blocked_product(vectors, Matrix::new(&matrix, rows, columns).t());
                for (row, value) in image.chunks_exact(rows).zip(&squared) {
                    prop_assert!((row.iter().map(|x| x * x).sum::<f64>() - value).abs() < slack * squared[0]);
                }
            }
        }
    }
}
