//! Codes whose scores are known: the truth, noise, rotations, mixtures, copies, dead codes.
//! After `*_test.py` of disentanglement_lib: perfect, zero, duplicated.

use ndarray::{Array2, ArrayView2, Axis, array, concatenate, s};

use proptest::prelude::{any, prop_assert, proptest};

use super::{Absent, DisentangleError, Disentanglement, Factor, scores};
use crate::random::Stream;

const LEVELS: [usize; 4] = [8, 10, 5, 3];

/// Factors drawn apart, levels 0 to k - 1.
fn drawn(n: usize, levels: &[usize], seed: u64) -> Vec<Factor> {
    let mut stream = Stream::new(seed, "test.factors");
    let mut factor = |(at, levels): (usize, &usize)| {
        let values = (0..n).map(|_| stream.below(*levels) as f64).collect();
        Factor { name: format!("factor {at}"), values, discrete: true }
    };
    levels.iter().enumerate().map(&mut factor).collect()
}

/// Factors drawn apart, numbers between 0 and 1.
fn smooth(n: usize, count: usize, seed: u64) -> Vec<Factor> {
    let mut stream = Stream::new(seed, "test.smooth");
    let mut values = || (0..n).map(|_| stream.uniform()).collect();
    (0..count).map(|at| Factor { name: format!("smooth {at}"), values: values(), discrete: false }).collect()
}

/// Factors as columns, each to variance one.
fn truth(factors: &[Factor]) -> Array2<f64> {
    let codes = Array2::from_shape_fn((factors[0].values.len(), factors.len()), |(row, at)| factors[at].values[row]);
    &codes / &codes.std_axis(Axis(0), 0.0)
}

fn noise(n: usize, dims: usize, seed: u64) -> Array2<f64> {
    let mut stream = Stream::new(seed, "test.noise");
    Array2::from_shape_fn((n, dims), |_| stream.normal())
}

fn beside(left: &Array2<f64>, right: &Array2<f64>) -> Array2<f64> {
    concatenate(Axis(1), &[left.view(), right.view()]).expect("equally many rows")
}

fn run(codes: ArrayView2<f64>, factors: &[Factor]) -> Disentanglement {
    let groups: Vec<u32> = (0..codes.nrows() as u32).collect();
    scores(codes, factors, &groups, 7).expect("codes and factors fit")
}

#[test]
fn the_truth_scores_one_for_few_and_many_points() {
    for n in [120, 300, 1_000] {
        let factors = drawn(n, &LEVELS, 1);
        let mut codes = beside(&noise(n, 2, 3), &(truth(&factors) * -2.5));
        codes.invert_axis(Axis(1));
        let found = run(codes.view(), &factors);
        assert!(found.mig > 0.93 && found.sap_adjusted > 0.8 && found.dci_i > 0.97, "{n} {found:?}");
        assert!(found.dci_d.is_some_and(|d| d > 0.97) && found.dci_c.is_some_and(|c| c > 0.97), "{n} {found:?}");
        assert!(n == 120 || found.factor_vae == Some(1.0), "{n} {found:?}");
    }
}

#[test]
fn the_published_mig_of_the_truth_falls_short_for_few_points_and_the_corrected_one_does_not() {
    let factors = drawn(300, &LEVELS, 2);
    let found = run(beside(&truth(&factors), &noise(300, 12, 4)).view(), &factors);
    assert!(found.mig_plain < 0.9 && found.mig > 0.95, "{} {}", found.mig_plain, found.mig);
}

#[test]
fn the_truth_of_continuous_factors_scores_one() {
    let factors = smooth(1_000, 4, 1);
    let found = run(beside(&truth(&factors), &noise(1_000, 4, 1)).view(), &factors);
    assert!(found.mig > 0.95 && found.sap > 0.95 && found.dci_i > 0.99, "{found:?}");
    assert!(found.dci_d.is_some_and(|d| d > 0.97) && found.dci_c.is_some_and(|c| c > 0.97), "{found:?}");
    assert_eq!(found.factor_vae, Some(1.0));
}

#[test]
fn noise_scores_nothing() {
    for n in [300, 1_000] {
        let factors = drawn(n, &LEVELS, 5);
        let found = run(noise(n, 10, 6).view(), &factors);
        assert!(found.mig < 0.02 && found.sap < 0.06, "{n} {found:?}");
        assert!(found.dci_d.is_some_and(|d| d < 0.06) && found.dci_c.is_some_and(|c| c < 0.06), "{n} {found:?}");
        assert!((found.dci_i - found.dci_i_chance).abs() < 0.07, "{n} {found:?}");
        assert!(found.factor_vae.is_some_and(|score| (score - 0.25).abs() < 0.12), "{n} {found:?}");
    }
}

#[test]
fn a_rotation_of_the_truth_scores_less() {
    let factors = smooth(1_000, 2, 3);
    let codes = truth(&factors);
    let found = run(codes.dot(&array![[1.0, -1.0], [1.0, 1.0]]).view(), &factors);
    assert!(found.mig < 0.05 && found.sap < 0.1, "{found:?}");
    assert!(found.dci_d.is_some_and(|d| d < 0.2) && found.dci_c.is_some_and(|c| c < 0.2), "{found:?}");
    // A rotation loses nothing.
    assert!(found.dci_i > 0.9, "{found:?}");
    let slight = run(codes.dot(&array![[0.97, -0.24], [0.24, 0.97]]).view(), &factors);
    assert!(found.mig < slight.mig && slight.mig < 0.9, "{} {}", found.mig, slight.mig);
}

#[test]
fn a_mixture_of_all_factors_scores_far_below_the_truth() {
    let factors = drawn(1_000, &LEVELS, 8);
    let (codes, mixing) = (truth(&factors), noise(4, 8, 9));
    let found = run(codes.dot(&mixing).view(), &factors);
    assert!(found.mig < 0.2 && found.sap_adjusted < 0.3, "{found:?}");
    assert!(found.dci_d.is_some_and(|d| d < 0.5) && found.dci_c.is_some_and(|c| c < 0.6), "{found:?}");
    assert!(found.dci_i > 0.5, "{found:?}");
}

#[test]
fn copies_leave_no_gap_but_stay_disentangled() {
    let factors = drawn(400, &LEVELS, 10);
    let codes = truth(&factors);
    let found = run(beside(&codes, &codes).view(), &factors);
    assert_eq!((found.mig, found.mig_plain, found.sap), (0.0, 0.0, 0.0));
    assert!(found.dci_d.is_some_and(|d| d > 0.95) && found.dci_c.is_some_and(|c| c < 0.75), "{found:?}");
    assert!(found.factor_vae.is_some_and(|score| score > 0.99), "{found:?}");
}

#[test]
fn dead_codes_count_for_nothing() {
    let factors = drawn(300, &LEVELS, 11);
    // As good as the truth, but collapsed: a linear map could still read it.
    let dead = truth(&factors) * 0.009;
    let found = run(dead.view(), &factors);
    assert_eq!(found.live, [false; 4]);
    assert_eq!((found.mig, found.sap, found.dci_d, found.dci_c), (0.0, 0.0, Some(0.0), Some(0.0)));
    assert!((found.dci_i - found.dci_i_chance).abs() < 1e-12 && found.factor_vae.is_none());
    assert_eq!(found.absent, [Absent::NoLiveCode]);
    let mixed = run(beside(&truth(&factors), &dead).view(), &factors);
    let alone = run(truth(&factors).view(), &factors);
    assert_eq!((mixed.mig, mixed.sap, mixed.dci_d), (alone.mig, alone.sap, alone.dci_d));
    assert_eq!(mixed.mutual_information.slice(s![4.., ..]).sum(), 0.0);
    assert_eq!(run(Array2::ones((300, 3)).view(), &factors).mig, 0.0);
}

#[test]
fn matrices_stand_as_the_codes_and_factors_were_given() {
    let mut factors = drawn(400, &[4, 6], 12);
    factors.insert(1, Factor { name: "flat".to_owned(), values: vec![3.0; 400], discrete: true });
    let known = truth(&[factors[0].clone(), factors[2].clone()]);
    let codes = concatenate(Axis(1), &[Array2::zeros((400, 1)).view(), known.view()]).expect("equally many rows");
    let found = run(codes.view(), &factors);
    assert_eq!(found.mutual_information.dim(), (3, 3));
    assert!((found.adjusted_information[[1, 0]] - 1.0).abs() < 1e-9 && found.adjusted_information[[2, 2]] > 0.99);
    assert!((found.mutual_information[[1, 0]] - 4f64.ln()).abs() < 0.02);
    assert_eq!(found.mutual_information.column(1).sum() + found.importances.column(1).sum(), 0.0);
    assert!((found.importances.column(2).sum() - 1.0).abs() < 1e-12 && found.importances[[0, 2]] == 0.0);
    // A dead code knows what a constant guess knows.
    assert!(found.separability[[0, 0]] > 0.1 && found.separability[[1, 0]] == 1.0, "{}", found.separability);
}

#[test]
fn one_factor_or_one_code_leaves_out_what_compares_them() {
    let factors = drawn(200, &[4], 13);
    let found = run(truth(&factors).view(), &factors);
    assert_eq!((found.dci_d, found.dci_c, found.factor_vae), (None, None, None));
    assert_eq!(found.absent, [Absent::OneFactor, Absent::OneCode]);
    assert!(found.mig > 0.99 && found.sap_adjusted == 1.0 && found.dci_i == 1.0, "{found:?}");
}

#[test]
fn fewer_points_than_bins_are_scored_or_said_to_be_too_few() {
    let factors = drawn(9, &[2, 3], 14);
    let found = run(noise(9, 3, 1).view(), &factors);
    assert!(found.mig.is_finite() && found.sap.is_finite() && found.dci_i.is_finite(), "{found:?}");
    let needed = |reason: &Absent| matches!(reason, Absent::FewPointsPerLevel { needed: 8, .. });
    assert!(found.factor_vae.is_none() && found.absent.iter().any(needed), "{:?}", found.absent);
    assert!(run(array![[0.0], [1.0]].view(), &[Factor { values: vec![0.0, 1.0], ..factors[0].clone() }]).mig == 0.0);
}

#[test]
fn factors_that_do_not_vary_cannot_be_scored() {
    let flat = Factor { name: "flat".to_owned(), values: vec![1.0; 5], discrete: true };
    assert_eq!(scores(noise(5, 2, 1).view(), &[flat], &[0, 1, 2, 3, 4], 0), Err(DisentangleError::NoFactor));
    assert_eq!(scores(noise(5, 2, 1).view(), &[], &[0, 1, 2, 3, 4], 0), Err(DisentangleError::NoFactor));
}

#[test]
fn a_group_that_repeats_itself_is_not_learned_by_heart() {
    // 40 artists, 10 clips each, factor and code both the artist's own: what is remembered of one is no use for another.
    let groups: Vec<u32> = (0..400).map(|row| row / 10).collect();
    let (artist_code, artist_level) = (noise(40, 4, 20), drawn(40, &[2, 2], 21));
    let codes = Array2::from_shape_fn((400, 4), |(row, dim)| artist_code[[row / 10, dim]]);
    let spread =
        |factor: &Factor| Factor { values: (0..400).map(|row| factor.values[row / 10]).collect(), ..factor.clone() };
    let factors: Vec<Factor> = artist_level.iter().map(spread).collect();
    let apart = scores(codes.view(), &factors, &groups, 1).expect("40 groups");
    let together = run(codes.view(), &factors);
    assert!(together.dci_i > 0.99 && apart.dci_i < 0.8, "{} {}", together.dci_i, apart.dci_i);
}

#[test]
fn threads_change_nothing_and_seeds_little() {
    let factors = drawn(300, &[4, 3, 5], 30);
    let codes = beside(&(truth(&factors) + noise(300, 3, 31) * 0.3), &noise(300, 3, 32));
    let groups: Vec<u32> = (0..300).collect();
    let with = |threads, seed| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        pool.install(|| scores(codes.view(), &factors, &groups, seed).expect("scores"))
    };
    assert_eq!(with(1, 7), with(3, 7));
    let (a, b) = (with(2, 7), with(2, 8));
    assert!(a.mig == b.mig && (a.sap - b.sap).abs() < 0.12 && (a.dci_i - b.dci_i).abs() < 0.12, "{a:?} {b:?}");
}

proptest! {
    #[test]
    fn whatever_is_given_scores_lie_between_0_and_1(
        seed in any::<u64>(), n in 2usize..40, dims in 1usize..5, count in 1usize..4, groups in 2usize..9,
    ) {
        let mut stream = Stream::new(seed, "test.any");
        let codes = noise(n, dims, seed).mapv(|x| if x > 1.0 { x * 1e30 } else { x.round() });
        let factors: Vec<Factor> = drawn(n, &[3, 1, 30][..count], seed).into_iter().map(|factor| {
            Factor { discrete: stream.chance(0.5), ..factor }
        }).collect();
        let groups: Vec<u32> = (0..n).map(|row| if row < 2 { row as u32 } else { stream.below(groups) as u32 }).collect();
        match scores(codes.view(), &factors, &groups, seed) {
            Err(error) => prop_assert!(error == DisentangleError::NoFactor, "{error}"),
            Ok(found) => {
                let single = [found.mig, found.mig_plain, found.dci_i, found.dci_i_chance, found.sap, found.sap_adjusted];
                let all = single.into_iter().chain(found.dci_d).chain(found.dci_c).chain(found.factor_vae);
                let all = all.chain(found.adjusted_information).chain(found.importances).chain(found.separability);
                all.for_each(|score| assert!((0.0..=1.0 + 1e-9).contains(&score), "{score}"));
                prop_assert!(found.mutual_information.iter().all(|nats| *nats >= 0.0 && *nats < 4.0));
            }
        }
    }
}
