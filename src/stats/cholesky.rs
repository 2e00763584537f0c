//! Cholesky factor of a symmetric positive definite matrix, `A = L·Lᵀ`, and the inverse of that factor.
//! Golub, Van Loan, "Matrix Computations" (4th ed.), algorithms 4.2.1 and 3.1.1. Matrices are `[size, size]`,
//! row-major.

/// The lower factor `L`; None if the matrix is not positive definite (or not finite). Only the lower half is read.
pub fn lower(matrix: &[f64], size: usize) -> Option<Vec<f64>> {
    let mut factor = vec![0.0; size * size];
    for row in 0..size {
        for column in 0..=row {
            let (above, own) = factor.split_at(row * size);
            let other = if row == column { own } else { &above[column * size..] };
            let rest = matrix[row * size + column] - dot(&own[..column], &other[..column]);
            factor[row * size + column] = match row == column {
                true if rest > 0.0 && rest.is_finite() => rest.sqrt(),
                true => return None,
                false => rest / factor[column * size + column],
            };
        }
    }
    Some(factor)
}

/// Inverse of a lower factor, itself lower.
pub fn inverse(lower: &[f64], size: usize) -> Vec<f64> {
    let mut inverse = vec![0.0; size * size];
    for row in 0..size {
        let (above, own) = inverse.split_at_mut(row * size);
        for (factor, solved) in lower[row * size..row * size + row].iter().zip(above.chunks_exact(size)) {
            own.iter_mut().zip(solved).take(row).for_each(|(to, from)| *to -= factor * from);
        }
        own[row] = 1.0;
        own[..=row].iter_mut().for_each(|value| *value /= lower[row * size + row]);
    }
    inverse
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::linalg::{dot_products, product};
    use proptest::prelude::{prop, prop_assert, proptest};

    #[test]
    fn a_factor_by_hand() {
        assert_eq!(lower(&[4.0, 2.0, 2.0, 10.0], 2), Some(vec![2.0, 0.0, 1.0, 3.0]));
        assert_eq!(inverse(&[2.0, 0.0, 1.0, 3.0], 2), [0.5, 0.0, -1.0 / 6.0, 1.0 / 3.0]);
    }

    #[test]
    fn matrices_without_a_factor_are_refused() {
        for matrix in [[1.0, 2.0, 2.0, 1.0], [0.0; 4], [f64::NAN; 4], [f64::INFINITY, 0.0, 0.0, 1.0]] {
            assert_eq!(lower(&matrix, 2), None, "{matrix:?}");
        }
        assert_eq!(lower(&[], 0), Some(vec![]));
    }

    proptest! {
        #[test]
        fn factors_give_the_matrix_back_and_inverses_one(values in prop::collection::vec(-2.0..2.0, 30)) {
            let (mut matrix, mut again) = ([0.0; 25], [0.0; 25]);
            dot_products(&values, &values, 6, &mut matrix);
            (0..5).for_each(|at| matrix[6 * at] += 0.1);
            let factor = lower(&matrix, 5).expect("positive definite");
            dot_products(&factor, &factor, 5, &mut again);
            prop_assert!(matrix.iter().zip(&again).all(|(a, b)| (a - b).abs() < 1e-12));
            let one = product(&inverse(&factor, 5), &factor, 5);
            prop_assert!(one.iter().enumerate().all(|(at, x)| (x - f64::from(u8::from(at % 6 == 0))).abs() < 1e-11));
        }
    }
}
