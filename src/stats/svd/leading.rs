//! The few largest eigenvalues of a Gram matrix, to rounding, without all the others.
//! Subspace iteration through Chebyshev polynomials, which are small on the eigenvalues that are not asked for and grow fast
//! beyond: Zhou, Saad, Tiago, Chelikowsky (J. Comp. Phys. 2006).

use super::{EXTRA_COLUMNS, orthonormal, times};
use crate::random::Stream;
use crate::stats::linalg::{Eigen, Matrix, blocked_product, eigen_symmetric};

/// Highest degree of the polynomial that a round applies.
const DEGREE: usize = 16;
/// How much the first eigenvector may grow over the last in one round.
const MOST_GROWTH: f64 = 1e7;
/// Rounds before the attempt is given up.
const ROUNDS: usize = 12;
/// A pair is found when `|G v - λ v|` is below this share of the largest eigenvalue.
const TOLERANCE: f64 = 1e-12;

/// The `rank` largest eigenvalues of a positive semidefinite `gram` `[size, size]` and their vectors; None if they lie too
/// close together to be found soon, or values are not finite.
pub fn leading(gram: &[f64], size: usize, rank: usize) -> Option<Eigen> {
    let all = Matrix::new(gram, size, size);
    let width = (2 * rank + EXTRA_COLUMNS).min(size);
    let draws = Stream::new(0, "stats.svd.leading").normals(size * width);
    let mut basis = orthonormal(times(all, &draws.into_iter().map(f64::from).collect::<Vec<_>>()), size)?;
    for _ in 0..ROUNDS {
        let found = ritz(&basis, &times(all, &basis), size)?;
        basis = turned(&basis, &found, size);
        let image = times(all, &basis);
        let tolerance = TOLERANCE * found.values.first()?;
        if residual(&found.values, &basis, &image, size, rank) <= tolerance {
            return first(found.values, &basis, size, rank);
        }
        basis = orthonormal(orthonormal(filtered(all, basis, image, &found.values), size)?, size)?;
    }
    None
}

/// Eigenvalues of the matrix within the space of an orthonormal basis `[size, width]`, and their vectors in its terms.
fn ritz(basis: &[f64], image: &[f64], size: usize) -> Option<Eigen> {
    let width = basis.len() / size;
    let small = blocked_product(Matrix::new(basis, size, width).t(), Matrix::new(image, size, width));
    eigen_symmetric(&small, width)
}

/// The vectors written out, `[size, width]`.
fn turned(basis: &[f64], found: &Eigen, size: usize) -> Vec<f64> {
    let width = found.values.len();
    let turns = found.vectors.concat();
    blocked_product(Matrix::new(basis, size, width), Matrix::new(&turns, width, width).t())
}

/// The longest `G v - λ v` of the first `rank` pairs; `vectors` and their `images` are `[size, width]`.
fn residual(values: &[f64], vectors: &[f64], images: &[f64], size: usize, rank: usize) -> f64 {
    let width = vectors.len() / size;
    let mut squares = vec![0.0; width];
    for (v, gv) in vectors.chunks_exact(width).zip(images.chunks_exact(width)) {
        (0..width).for_each(|at| squares[at] += (gv[at] - values[at] * v[at]).powi(2));
    }
    squares.into_iter().take(rank).fold(0.0, f64::max).sqrt()
}

/// The first `rank` pairs. None where there are fewer.
fn first(mut values: Vec<f64>, vectors: &[f64], size: usize, rank: usize) -> Option<Eigen> {
    let width = values.len();
    values.truncate(rank);
    let vector = |at: usize| vectors.iter().skip(at).step_by(width).copied().collect::<Vec<f64>>();
    (width >= rank && size > 0).then(|| Eigen { values, vectors: (0..rank).map(vector).collect() })
}

/// `T_m(2 G / least - 1)` times the basis, by `T_m = 2 x T_(m-1) - T_(m-2)`; `image` is `G` times the basis. The degree is
/// such that no eigenvector outgrows the others beyond what rounding leaves of them.
fn filtered(gram: Matrix, basis: Vec<f64>, image: Vec<f64>, values: &[f64]) -> Vec<f64> {
    let least = values[values.len() - 1].max(f64::EPSILON * values[0]);
    let degree = (MOST_GROWTH.acosh() / (2.0 * values[0] / least - 1.0).acosh()) as usize;
    let mapped =
        |image: &[f64], of: &[f64]| image.iter().zip(of).map(|(g, x)| 2.0 / least * g - x).collect::<Vec<f64>>();
    let (mut last, mut before) = (mapped(&image, &basis), basis);
    for _ in 1..degree.min(DEGREE) {
        let next = mapped(&times(gram, &last), &last);
        let next = next.iter().zip(&before).map(|(next, before)| 2.0 * next - before).collect();
        before = std::mem::replace(&mut last, next);
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steep_spectra_lose_nothing() {
        let mut gram = vec![0.0; 60 * 60];
        (0..60).for_each(|at| gram[61 * at] = 0.1f64.powi(at as i32));
        let found = leading(&gram, 60, 5).expect("apart");
        assert!(
            found.values.iter().zip(0..).all(|(value, at)| (value - 0.1f64.powi(at)).abs() < 1e-12),
            "{:?}",
            found.values
        );
    }

    /// `Xᵀ X` of noise whose columns shrink slowly.
    fn gram(rows: usize, size: usize) -> Vec<f64> {
        let mut points: Vec<f64> =
            Stream::new(1, "test.leading").normals(rows * size).into_iter().map(f64::from).collect();
        points.chunks_exact_mut(size).for_each(|row| {
            row.iter_mut().enumerate().for_each(|(at, x)| *x /= 1.0 + 0.05 * at as f64);
        });
        let all = Matrix::new(&points, rows, size);
        blocked_product(all.t(), all)
    }

    #[test]
    fn pairs_are_those_of_the_full_decomposition() {
        for (rows, size) in [(400, 150), (20, 60), (900, 40)] {
            let gram = gram(rows, size);
            let (found, full) =
                (leading(&gram, size, 4).expect("apart"), eigen_symmetric(&gram, size).expect("finite"));
            for at in 0..4 {
                let miss = (found.values[at] - full.values[at]).abs() / full.values[0];
                assert!(miss < 1e-12, "{rows} {size} {at}: {miss}");
                let cosine: f64 = found.vectors[at].iter().zip(&full.vectors[at]).map(|(a, b)| a * b).sum();
                assert!((cosine.abs() - 1.0).abs() < 1e-12, "{at}: {cosine}");
            }
        }
    }

    #[test]
    fn values_that_occur_often_are_found_as_often() {
        let mut gram = vec![0.0; 50 * 50];
        (0..50).for_each(|at| gram[51 * at] = if at < 7 { 2.0 } else { 1.0 });
        let found = leading(&gram, 50, 7).expect("apart");
        assert!(found.values.iter().all(|value| (value - 2.0).abs() < 1e-12), "{:?}", found.values);
    }

    #[test]
    fn zeros_have_no_space_and_what_is_not_finite_no_values() {
        assert!(leading(&[0.0; 900], 30, 2).is_none());
        assert!(leading(&[f64::NAN; 900], 30, 2).is_none());
    }
}
