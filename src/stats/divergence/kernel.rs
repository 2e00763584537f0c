//! Kernel distance of two sets: squared maximum mean discrepancy, unbiased, cubic kernel.
//! Gretton et al., "A kernel two-sample test" (JMLR 2012), eq. 3; as KID: Binkowski et al., "Demystifying MMD GANs" (ICLR 2018).
//!
//! k(x, y) = (x·y / dims + 1)³; mean of k within either set, a point with itself left out, less twice the mean between them.
//! Its mean does not depend on the number of points, so small sets can be compared where the Frechet distance cannot.
//! All pairs are used, not random subsets of them.

use ndarray::ArrayView2;

use super::pairs::Pairs;
use super::{DivergenceError, check};

/// Squared MMD of `made` from `reference`, both `[points, dims]`, at least two points each. About 0, also below it, where
/// both come from one distribution.
pub fn kernel_mmd(reference: ArrayView2<f64>, made: ArrayView2<f64>) -> Result<f64, DivergenceError> {
    check(reference, made, 2)?;
    if made.ncols() == 0 {
        return Ok(0.0);
    }
    let (m, n) = (reference.nrows() as f64, made.nrows() as f64);
    let [of_reference, of_made] = [reference, made].map(|set| kernels(set, set, true));
    let between = kernels(reference, made, false);
    Ok(of_reference / (m * (m - 1.0)) + of_made / (n * (n - 1.0)) - 2.0 * between / (m * n))
}

/// Sum of the kernel over all pairs, those of a row with itself left out if the sets are one.
fn kernels(left: ArrayView2<f64>, right: ArrayView2<f64>, same: bool) -> f64 {
    let scale = 1.0 / left.ncols() as f64;
    let row = |row: usize, products: &mut [f64]| {
        products.iter_mut().for_each(|product| *product = kernel(*product * scale));
        if same {
            products[row] = 0.0;
        }
        products.iter().sum::<f64>()
    };
    Pairs::new(left, right).map_products(row).iter().sum()
}

fn kernel(product: f64) -> f64 {
    let base = product + 1.0;
    base * base * base
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::divergence::tests::cloud;
    use ndarray::{Array2, array};
    use proptest::prelude::{prop_assert, proptest};

    fn naive(a: &Array2<f64>, b: &Array2<f64>) -> f64 {
        let k = |x: usize, y: usize, of: &Array2<f64>, with: &Array2<f64>| {
            (of.row(x).dot(&with.row(y)) / of.ncols() as f64 + 1.0).powi(3)
        };
        let within = |set: &Array2<f64>| {
            let n = set.nrows();
            let pairs = (0..n).flat_map(|i| (0..n).filter(move |j| *j != i).map(move |j| (i, j)));
            pairs.map(|(i, j)| k(i, j, set, set)).sum::<f64>() / (n * (n - 1)) as f64
        };
        let all = (0..a.nrows()).flat_map(|i| (0..b.nrows()).map(move |j| (i, j)));
        let between = all.map(|(i, j)| k(i, j, a, b)).sum::<f64>() / (a.nrows() * b.nrows()) as f64;
        within(a) + within(b) - 2.0 * between
    }

    proptest! {
        #[test]
        fn blocks_agree_with_a_double_loop(seed in 0u64..100, m in 2usize..90, n in 2usize..70, dims in 1usize..6) {
            let (a, b) = (cloud(m, dims, 0.5, 1.0, seed), cloud(n, dims, 0.0, 2.0, seed + 500));
            let (fast, naive) = (kernel_mmd(a.view(), b.view()).expect("comparable"), naive(&a, &b));
            prop_assert!((fast - naive).abs() < 1e-9 * naive.abs().max(1.0), "{fast} {naive}");
        }
    }

    #[test]
    fn two_points_on_either_side_by_hand() {
        // Within: k(0, 0) = 1 and k(1, 1) = 8; between: k(0, 1) = 1.
        let found = kernel_mmd(array![[0.0], [0.0]].view(), array![[1.0], [1.0]].view());
        assert_eq!(found, Ok(1.0 + 8.0 - 2.0));
    }

    #[test]
    fn it_has_no_bias() {
        // 200 pairs of sets of 20 points of one distribution.
        let one = |at: u64| kernel_mmd(cloud(20, 3, 0.0, 1.0, at).view(), cloud(20, 3, 0.0, 1.0, at + 9_999).view());
        let values: Vec<f64> = (0..200).map(|at| one(at).expect("comparable")).collect();
        let mean = values.iter().sum::<f64>() / 200.0;
        let deviation = (values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 200.0).sqrt();
        assert!(mean.abs() < 3.0 * deviation / 200f64.sqrt(), "{mean} {deviation}");
    }

    #[test]
    fn shifted_normal_points_have_the_distance_of_theory() {
        // On a line E(xy + 1)³ = 1 + 3 m1 m1' + 3 m2 m2' + m3 m3', raw moments of either set, so the squared MMD of N(0, 1)
        // and N(s, 1) is the sum of the squared differences 3 s², 3 (s²)² and (s³ + 3 s)².
        let found = kernel_mmd(cloud(4_000, 1, 0.0, 1.0, 1).view(), cloud(4_000, 1, 0.5, 1.0, 2).view());
        let expected = 3.0 * 0.25 + 3.0 * 0.0625 + (0.125f64 + 1.5).powi(2);
        assert!(found.as_ref().is_ok_and(|found| (found - expected).abs() < 0.5), "{found:?} {expected}");
    }

    #[test]
    fn points_without_dimensions_are_all_alike() {
        assert_eq!(kernel_mmd(Array2::zeros((3, 0)).view(), Array2::zeros((2, 0)).view()), Ok(0.0));
    }
}
