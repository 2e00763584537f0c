//! The loss against a naive twin, closed forms and finite differences.

use super::*;
use crate::neural::gradcheck::{assert_gradients, noise};
use crate::neural::params::Params;
use candle_core::Device;
use proptest::prelude::{ProptestConfig, proptest};

fn number(loss: &Tensor) -> f64 {
    f64::from(loss.to_scalar::<f32>().unwrap())
}

/// Equation 1, view by view in double precision.
fn naive(z: &[Vec<f64>], groups: &[u32], temperature: f64) -> f64 {
    let tracks = groups.len();
    let cosine = |a: &[f64], b: &[f64]| {
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        dot(a, b) / (dot(a, a) * dot(b, b)).sqrt() / temperature
    };
    let one = |i: usize| {
        let positive = cosine(&z[i], &z[(i + tracks) % (2 * tracks)]).exp();
        let others = (0..2 * tracks).filter(|j| groups[i % tracks] != groups[j % tracks]);
        -(positive / (positive + others.map(|j| cosine(&z[i], &z[j]).exp()).sum::<f64>())).ln()
    };
    (0..2 * tracks).map(one).sum::<f64>() / (2 * tracks) as f64
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20))]
    #[test]
    fn the_naive_twin_gives_the_same(tracks in 1usize..7, dims in 1usize..6, alike in 1u32..4, step in 1u64..1000) {
        let values = crate::random::Stream::at(1, "z", step).normals(2 * tracks * dims);
        let z = Tensor::from_slice(&values, (2 * tracks, dims), &Device::Cpu).unwrap();
        let rows: Vec<Vec<f64>> = values.chunks(dims).map(|row| row.iter().map(|v| f64::from(*v)).collect()).collect();
        let groups: Vec<u32> = (0..tracks as u32).map(|track| track / alike).collect();
        let (loss, _) = nt_xent(&z, &groups, 0.5).unwrap();
        assert!((number(&loss) - naive(&rows, &groups, 0.5)).abs() < 1e-4);
    }
}

#[test]
fn views_that_are_all_alike_score_chance_and_tracks_in_a_simplex_the_floor() {
    let same = Tensor::ones((16, 5), candle_core::DType::F32, &Device::Cpu).unwrap();
    let groups: Vec<u32> = (0..8).collect();
    let (loss, bounds) = nt_xent(&same, &groups, 0.5).unwrap();
    assert!((number(&loss) - 15f64.ln()).abs() < 1e-5 && (bounds.chance - 15f64.ln()).abs() < 1e-12);
    // The corners of a simplex: unit vectors less their mean.
    let corner = |track: usize, dim: usize| if track == dim { 1.0 } else { 0.0 } - 0.125f32;
    let corners: Vec<f32> = (0..16).flat_map(|view| (0..8).map(move |dim| corner(view % 8, dim))).collect();
    let z = Tensor::from_vec(corners, (16, 8), &Device::Cpu).unwrap();
    for temperature in [0.1, 0.5] {
        let (loss, bounds) = nt_xent(&z, &groups, temperature).unwrap();
        assert!((number(&loss) - bounds.floor).abs() < 1e-4, "{temperature}: {}", number(&loss));
        assert!(bounds.normalised(number(&loss)).unwrap().abs() < 1e-3);
        assert!((bounds.normalised(bounds.chance).unwrap() - 1.0).abs() < 1e-12);
    }
}

#[test]
fn known_floors_and_chance_of_256_views() {
    let floor = |temperature| Bounds::of(&[254; 256], 128, temperature).floor;
    assert!(
        (floor(0.5) - 3.551).abs() < 1e-3 && (floor(0.2) - 0.973).abs() < 1e-3 && (floor(0.1) - 0.0106).abs() < 1e-3
    );
    assert!((Bounds::of(&[254; 256], 128, 0.5).chance - 5.541).abs() < 1e-3);
    assert_eq!(Bounds::of(&[0], 1, 0.5).normalised(0.0), None);
}

#[test]
fn tracks_of_one_group_are_not_told_apart() {
    let z = noise("z", &[6, 4]);
    let (all, bounds) = nt_xent(&z, &[7, 7, 7], 0.5).unwrap();
    assert!(number(&all).abs() < 1e-6, "nothing is compared");
    assert_eq!(bounds.normalised(0.0), None);
    let (some, bounds) = nt_xent(&z, &[7, 7, 9], 0.5).unwrap();
    let expected = (4.0 * 3f64.ln() + 2.0 * 5f64.ln()) / 6.0;
    assert!(number(&some) > 0.0 && (bounds.chance - expected).abs() < 1e-12);
}

#[test]
fn gradients_are_those_of_finite_differences() {
    let mut params = Params::new(1, &Device::Cpu);
    let z = params.kaiming("z", &[8, 3], 1).unwrap();
    assert_gradients(&params, || nt_xent(&z, &[0, 1, 1, 2], 0.4).map(|(loss, _)| loss));
    let (keys, others) = (unit(&noise("keys", &[8, 3])).unwrap(), unit(&noise("others", &[5, 3])).unwrap());
    assert_gradients(&params, || against(&unit(&z)?, &keys, &others, |_, _| true, 0.4).map(|(loss, _)| loss));
}

#[test]
fn against_kept_views_is_the_same_as_among_views() {
    let (z, groups) = (unit(&noise("z", &[2, 4])).unwrap(), [0, 1]);
    let key = z.narrow(0, 0, 1).unwrap();
    let other = z.narrow(0, 1, 1).unwrap();
    let views = Tensor::cat(&[&key, &other, &key, &other], 0).unwrap();
    let (among, _) = nt_xent(&views, &groups, 0.3).unwrap();
    let twice = Tensor::cat(&[&other, &other], 0).unwrap();
    let (kept, bounds) = against(&key, &key, &twice, |_, _| true, 0.3).unwrap();
    assert!((number(&among) - number(&kept)).abs() < 1e-5);
    assert!((bounds.chance - 3f64.ln()).abs() < 1e-12);
    let (masked, bounds) = against(&key, &key, &twice, |_, other| other == 0, 0.3).unwrap();
    assert!(number(&masked) < number(&kept) && (bounds.chance - 2f64.ln()).abs() < 1e-12);
}
