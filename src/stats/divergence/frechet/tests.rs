//! Closed forms of the Frechet distance, scipy's numbers, and the bias of few points.

use super::*;
use crate::stats::divergence::tests::cloud;
use ndarray::array;

fn squared(reference: &Array2<f64>, made: &Array2<f64>) -> f64 {
    frechet(reference.view(), made.view(), 0.0).expect("comparable").squared
}

#[test]
fn on_a_line_it_is_the_difference_of_means_and_deviations() {
    // Means 1 and 7, deviations (ddof 1) 1 and 3.
    let found = frechet(array![[0.0], [1.0], [2.0]].view(), array![[4.0], [7.0], [10.0]].view(), 0.0);
    let found = found.expect("comparable");
    assert!((found.means - 36.0).abs() < 1e-12 && (found.covariances - 4.0).abs() < 1e-12, "{found:?}");
    assert_eq!((found.points, found.dims), ([3, 3], 1));
}

#[test]
fn a_set_is_at_distance_zero_from_itself_even_with_more_dims_than_points() {
    for (n, dims) in [(200, 6), (10, 40), (2, 3)] {
        let set = cloud(n, dims, 5.0, 2.0, 1);
        assert!(squared(&set, &set) < 1e-9 * dims as f64, "{n} {dims}: {}", squared(&set, &set));
    }
    assert_eq!(squared(&Array2::ones((4, 3)), &Array2::ones((5, 3))), 0.0);
}

#[test]
fn a_shift_costs_its_square_and_a_stretch_the_square_of_the_deviations() {
    let set = cloud(150, 5, 0.0, 1.0, 2);
    assert!((squared(&set, &(&set + 2.0)) - 20.0).abs() < 1e-9);
    // C2 = 9 C1: tr(C1) (3 - 1)².
    let trace: f64 = set.var_axis(Axis(0), 1.0).sum();
    let mean = set.mean_axis(Axis(0)).expect("rows");
    assert!((squared(&set, &((&set - &mean) * 3.0 + &mean)) - 4.0 * trace).abs() < 1e-9);
}

#[test]
fn it_is_symmetric() {
    let (a, b) = (cloud(60, 8, 0.0, 1.0, 3), cloud(90, 8, 0.3, 1.7, 4));
    assert!((squared(&a, &b) - squared(&b, &a)).abs() < 1e-9);
}

#[test]
fn agrees_with_scipy() {
    // numpy.cov and scipy.linalg.sqrtm, as pytorch-fid computes it.
    let entry = |row: usize, dim: usize, by: usize| ((row * 7 + dim * 13 + row * row * by) % 23) as f64 / 5.0;
    let a = Array2::from_shape_fn((30, 4), |(row, dim)| entry(row, dim, 3) + dim as f64 * entry(row, 0, 3));
    let b = Array2::from_shape_fn((25, 4), |(row, dim)| entry(row, dim, 5) * 1.5);
    assert!((squared(&a, &b) - 64.852_304_590_693_24).abs() < 1e-8, "{}", squared(&a, &b));
}

#[test]
fn full_shrinkage_makes_balls() {
    // Balls of the mean variance v: dims (sqrt(v1) - sqrt(v2))².
    let (a, b) = (cloud(80, 3, 0.0, 2.0, 5), cloud(80, 3, 0.0, 1.0, 6));
    let found = frechet(a.view(), b.view(), 1.0).expect("comparable");
    let deviation = |set: &Array2<f64>| (set.var_axis(Axis(0), 1.0).sum() / 3.0).sqrt();
    let expected = 3.0 * (deviation(&a) - deviation(&b)).powi(2);
    assert!((found.covariances - expected).abs() < 1e-10, "{} {expected}", found.covariances);
    assert_eq!(frechet(a.view(), b.view(), f64::NAN), Err(DivergenceError::Shrinkage));
}

#[test]
fn extrapolation_removes_the_bias_of_few_points() {
    let (many, few, made) = (cloud(20_000, 8, 0.0, 1.0, 7), cloud(400, 8, 0.0, 1.0, 9), cloud(300, 8, 0.0, 1.0, 8));
    let at_infinity = |reference: &Array2<f64>, sets| {
        frechet_at_infinity(reference.view(), made.view(), 0.0, sets, 1).expect("comparable")
    };
    let (biased, found) = (squared(&many, &made), at_infinity(&many, Extrapolate::Made));
    assert!(biased > 0.05 && found.squared.abs() < biased / 2.0, "{biased} {found:?}");
    assert!(found.slope > 0.0 && found.curve.len() == SIZES && found.curve[SIZES - 1].0 == 300);
    assert!((found.curve[SIZES - 1].1 - biased).abs() < 1e-9);
    // With few points on both sides the made set accounts for a part of the bias only.
    let [one, both] = [Extrapolate::Made, Extrapolate::Both].map(|sets| at_infinity(&few, sets).squared);
    assert!(both.abs() < 0.05 && both < one && one < squared(&few, &made), "{one} {both} {}", squared(&few, &made));
}

#[test]
fn a_line_is_found_exactly() {
    let [intercept, slope, r_squared] = line(&[(1.0, 5.0), (2.0, 7.0), (4.0, 11.0)]);
    assert!((intercept - 3.0).abs() < 1e-12 && (slope - 2.0).abs() < 1e-12 && (r_squared - 1.0).abs() < 1e-12);
    assert_eq!(line(&[(1.0, 2.0), (1.0, 2.0)]), [2.0, 0.0, 1.0]);
}
