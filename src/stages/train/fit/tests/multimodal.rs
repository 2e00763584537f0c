//! Trainings on two modalities of which some rows lack one.

use super::*;
use crate::model::Network;
use crate::model::rows::{decode_rows, encode_rows};

const BLOCKS: [usize; 2] = [8, 8];
const WIDTH: usize = 16;
const NONE: f32 = f32::NAN;

/// Two blocks that know of the same two numbers, and noise.
fn correlated(rows: usize) -> Array2<f32> {
    let draw = |name: &str, rows, columns| {
        Array2::from_shape_vec((rows, columns), Stream::new(3, name).normals(rows * columns)).unwrap()
    };
    let told = draw("told", rows, 2).dot(&draw("loadings", 2, WIDTH));
    (told + draw("noise", rows, WIDTH) * 0.8) / 1.6
}

/// Of every four rows one lacks the first block and one the second.
fn gapped(rows: usize) -> Array2<f32> {
    let mut table = correlated(rows);
    for row in 0..rows {
        match row % 4 {
            1 => table.slice_mut(s![row, ..8]).fill(NONE),
            3 => table.slice_mut(s![row, 8..]).fill(NONE),
            _ => {}
        }
    }
    table
}

fn model() -> PoeVae {
    PoeVae { latent_dim: 2, backbone: mlp(&[16]), ..PoeVae::default() }
}

fn fused(model: &dyn Model, rows: Array2<f32>, val: usize, schedule: Schedule) -> Case<'_> {
    Case { blocks: BLOCKS.to_vec(), ..case(model, rows, val, schedule) }
}

fn network(model: &PoeVae, fitted: &Fitted) -> Box<dyn Network> {
    let mut params = Params::new(7, &Device::Cpu);
    let input = Input { blocks: BLOCKS.to_vec(), ..InputShape::Vector(WIDTH).into() };
    let network = model.build(input, &mut params).unwrap();
    params.restore(&fitted.best).unwrap();
    network
}

/// Share of the variance of the columns `of` that is predicted of rows from which the columns `without` are taken.
fn predicted(
    network: &dyn Network,
    rows: &Array2<f32>,
    without: std::ops::Range<usize>,
    of: std::ops::Range<usize>,
) -> f64 {
    let mut seen = rows.clone();
    seen.slice_mut(s![.., without]).fill(NONE);
    let codes = encode_rows(network, seen.view(), None, &Device::Cpu).unwrap().means;
    let guesses = decode_rows(network, codes.view(), None, &Device::Cpu).unwrap();
    let (truth, guesses) = (rows.slice(s![.., of.clone()]), guesses.slice(s![.., of]));
    let error: f32 = (&truth - &guesses).mapv(|gap| gap * gap).sum();
    1.0 - f64::from(error / truth.mapv(|x| x * x).sum())
}

#[test]
fn one_modality_predicts_the_other_and_both_together_say_more() {
    let (model, rows) = (model(), gapped(400));
    let fitted = fused(&model, rows, 80, Schedule { batch: 32, ..steps(600) }).train().unwrap();
    let (network, fresh) = (network(&model, &fitted), correlated(600).slice(s![400.., ..]).to_owned());
    let told = |without, of| predicted(network.as_ref(), &fresh, without, of);
    let (from_first, from_second) = (told(8..16, 8..16), told(0..8, 0..8));
    assert!(from_first > 0.5 && from_second > 0.5, "{from_first} {from_second}");
    let (joint, first, second) = (told(0..0, 0..16), told(8..16, 0..16), told(0..8, 0..16));
    assert!(joint > first && joint > second, "{joint} {first} {second}");
    assert!(told(0..16, 0..16).abs() < 0.1, "without either there is the mean");
}

#[test]
fn what_is_lacking_makes_no_figure_a_nan() {
    let model = model();
    let fitted = fused(&model, gapped(80), 20, steps(60)).train().unwrap();
    for row in &fitted.history {
        let probed = [row.r2, row.shuffle_gap, row.mutual_information, row.kl];
        let all = [row.loss, row.recon.unwrap(), row.mse.unwrap()].into_iter().chain(probed.into_iter().flatten());
        assert!(all.into_iter().all(f64::is_finite), "{row:?}");
    }
    assert_eq!(fitted.skipped_steps, 0);
    let vae = Vae { backbone: mlp(&[16]), ..Vae::default() };
    let refused = fused(&vae, gapped(80), 20, steps(60)).train().unwrap_err();
    assert!(matches!(refused, TrainError::NotFinite { .. }), "{refused}");
}

#[test]
fn rows_that_lack_something_are_learned_from_again_to_the_same_bits() {
    let model = model();
    let case = fused(&model, gapped(60), 20, Schedule { patience: Some(3), ..steps(70) });
    let whole = case.train().unwrap();
    for kill in (1..whole.last_step).step_by(9) {
        let from = case.killed_after(None, kill);
        let resumed = case.watched(Some(from), &mut |_| ControlFlow::Continue(())).unwrap();
        assert_eq!(told(&resumed), told(&whole), "stopped after step {kill}");
    }
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| told(&case.train().unwrap()))
    };
    assert!([1, 2, 4].into_iter().all(|threads| on(threads) == told(&whole)));
}
