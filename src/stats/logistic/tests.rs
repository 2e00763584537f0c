//! Against scikit-learn, against the optimality conditions, and at the edges.

use super::*;
use crate::random::Stream;
use crate::stats::golden;
use proptest::prelude::{ProptestConfig, prop_assert, proptest};

/// Rows around a centre for each class, the classes in turn.
fn blobs(rows: usize, dims: usize, classes: usize, spread: f64, seed: u64) -> (Array2<f64>, Vec<u32>) {
    let mut stream = Stream::new(seed, "test.logistic");
    let centres = Array2::from_shape_fn((classes, dims), |_| stream.normal());
    let x = Array2::from_shape_fn((rows, dims), |(row, dim)| centres[(row % classes, dim)] + spread * stream.normal());
    (x, (0..rows).map(|row| (row % classes) as u32).collect())
}

fn share_right(ours: &[u32], truth: &[u32]) -> f64 {
    ours.iter().zip(truth).filter(|(a, b)| a == b).count() as f64 / truth.len() as f64
}

#[test]
fn weights_and_probabilities_are_those_of_scikit_learn() {
    // wine: l = LogisticRegression(C=0.1, tol=1e-10, max_iter=10000).fit(x, y); l.coef_, l.intercept_,
    // l.predict_proba(x)[[60, 100, 150]], l.score(x, y)
    let coefficients = [
        [
            0.459006, 0.043648, 0.236248, -0.420564, 0.057931, 0.217056, 0.353032, -0.15856, 0.079818, 0.086248,
            0.113639, 0.367979, 0.586561,
        ],
        [
            -0.58565, -0.25676, -0.376525, 0.254509, -0.111381, 0.02413, 0.126312, 0.070759, 0.150109, -0.525617,
            0.325087, 0.084007, -0.558976,
        ],
        [
            0.126644, 0.213112, 0.140277, 0.166055, 0.05345, -0.241186, -0.479344, 0.087801, -0.229927, 0.439369,
            -0.438726, -0.451986, -0.027586,
        ],
    ];
    let chances = [[0.038985, 0.839153, 0.121862], [0.035446, 0.959957, 0.004597], [0.013895, 0.011757, 0.974348]];
    let wine = golden::sets().swap_remove(0);
    let found = fit(wine.points.view(), &wine.truth, 3, 0.1).unwrap();
    golden::assert_close("coefficients", &found.coefficients, coefficients.as_flattened(), 1e-5);
    golden::assert_close("intercepts", &found.intercepts, &[0.115057, 0.509146, -0.624204], 1e-5);
    let some = found.probabilities(wine.points.select(ndarray::Axis(0), &[60, 100, 150]).view());
    golden::assert_close("probabilities", &some, chances.as_flattened(), 1e-5);
    let right = share_right(&found.predict(wine.points.view()), &wine.truth);
    assert!((right - 0.9943820224719101).abs() < 1e-12, "{right}");
}

#[test]
fn two_classes_have_the_one_vector_of_scikit_learn_as_their_difference() {
    // wine: LogisticRegression(tol=1e-10, max_iter=10000).fit(x, y > 0)
    let theirs = [
        -1.433171, -0.456943, -0.981606, 1.486992, -0.168608, -0.319921, -0.951624, 0.217862, 0.144387, 0.003786,
        -0.046929, -1.049817, -1.853481,
    ];
    let wine = golden::sets().swap_remove(0);
    let labels: Vec<u32> = wine.truth.iter().map(|class| u32::from(*class > 0)).collect();
    let found = fit(wine.points.view(), &labels, 2, 1.0).unwrap();
    let ours = &found.coefficients.row(1) - &found.coefficients.row(0);
    golden::assert_close("coefficients", &ours, &theirs, 1e-5);
    assert!((found.intercepts[1] - found.intercepts[0] - 1.8632655).abs() < 1e-5);
}

#[test]
fn classes_without_rows_are_never_predicted() {
    let (x, labels) = blobs(60, 3, 2, 0.5, 1);
    let labels: Vec<u32> = labels.iter().map(|label| 3 * label + 1).collect();
    let found = fit(x.view(), &labels, 6, 1.0).unwrap();
    assert!(share_right(&found.predict(x.view()), &labels) > 0.9);
    let chances = found.probabilities(x.view());
    assert!([0, 2, 3, 5].iter().all(|class| chances.column(*class).iter().all(|chance| *chance == 0.0)));
    let alone = fit(x.view(), &[2; 60], 3, 1.0).unwrap();
    assert!(alone.probabilities(x.view()).column(2).iter().all(|chance| *chance == 1.0));
}

#[test]
fn columns_that_say_nothing_give_the_shares_of_the_classes() {
    let labels = [0, 0, 0, 1, 2, 2];
    for x in [Array2::from_elem((6, 2), 7.0), Array2::zeros((6, 0))] {
        let chances = fit(x.view(), &labels, 3, 1.0).unwrap().probabilities(x.view());
        golden::assert_close("shares", chances.row(0), &[1.0 / 2.0, 1.0 / 6.0, 1.0 / 3.0], 1e-6);
    }
}

#[test]
fn what_cannot_be_fitted_is_refused() {
    let (x, labels) = blobs(9, 2, 3, 0.5, 1);
    let mut odd = x.clone();
    odd[(4, 1)] = f64::INFINITY;
    assert!(fit(x.view(), &labels, 3, 1.0).is_some() && fit(odd.view(), &labels, 3, 1.0).is_none());
    assert!(fit(x.view(), &labels[1..], 3, 1.0).is_none() && fit(x.view(), &labels, 2, 1.0).is_none());
    assert!([0.0, -1.0, f64::NAN].iter().all(|c| fit(x.view(), &labels, 3, *c).is_none()));
    assert!(fit(Array2::zeros((0, 2)).view(), &[], 3, 1.0).is_none());
}

#[test]
fn wide_and_separable_rows_end_too() {
    let (x, labels) = blobs(60, 600, 4, 0.1, 2);
    let found = fit(x.view(), &labels, 4, 1e6).unwrap();
    assert_eq!(found.predict(x.view()), labels);
    assert!(found.coefficients.iter().all(|weight| weight.is_finite()));
}

#[test]
fn threads_do_not_change_the_weights() {
    let (x, labels) = blobs(3000, 12, 5, 2.0, 3);
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| fit(x.view(), &labels, 5, 1.0))
    };
    assert_eq!(run(1), run(3));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    /// At the minimum, `Σ (chance - truth) x + w / c` is zero for every class and column, and so is the intercept's.
    #[test]
    fn the_gradient_by_definition_is_zero(classes in 2usize..5, dims in 1usize..6, scale in -3.0..3.0f64, c in 0.01..10.0f64, seed: u64) {
        let (mut x, labels) = blobs(50, dims, classes, 1.0, seed);
        x.column_mut(0).mapv_inplace(|value| 10f64.powf(scale) * value + 5.0);
        let found = fit(x.view(), &labels, classes, c).unwrap();
        let chances = found.probabilities(x.view());
        for class in 0..classes {
            let surplus = |row: usize| chances[(row, class)] - f64::from(u8::from(labels[row] as usize == class));
            prop_assert!((0..50).map(surplus).sum::<f64>().abs() < 1e-3);
            let penalty = if classes == 2 { 2.0 } else { 1.0 } / c;
            for dim in 0..dims {
                let length: f64 = x.column(dim).iter().map(|x| x.abs()).sum();
                let slope = (0..50).map(|row| surplus(row) * x[(row, dim)]).sum::<f64>()
                    + penalty * found.coefficients[(class, dim)];
                prop_assert!(slope.abs() < 2e-5 * length, "{} of {}", slope, length);
            }
        }
    }
}
