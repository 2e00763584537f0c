//! Trainings small enough for a test: what is learnt, that it is repeatable, and how it fails.

use ndarray::{Array2, s};

use super::*;
use crate::model::autoencoder::Autoencoder;
use crate::model::backbone::{Backbone, Conv, Mlp};
use crate::model::vae::Vae;
use crate::model::{InputShape, Likelihood, Model};

const QUIET: fn(usize, usize, &[Row]) -> ControlFlow<()> = |_, _, _| ControlFlow::Continue(());

fn table(rows: usize, values: usize) -> Array2<f32> {
    Array2::from_shape_vec((rows, values), Stream::new(3, "table").normals(rows * values)).unwrap()
}

fn mlp(hidden: &[usize]) -> Backbone {
    Backbone::Mlp(Mlp { hidden: hidden.to_vec(), ..Mlp::default() })
}

fn train(
    model: &dyn Model,
    shape: InputShape,
    rows: &Array2<f32>,
    val: usize,
    schedule: &Schedule,
) -> Result<Fitted, TrainError> {
    let mut params = Params::new(7, &Device::Cpu);
    let network = model.build(shape, &mut params)?;
    let data = Data { train: rows.slice(s![val.., ..]), val: rows.slice(s![..val, ..]) };
    fit(network.as_ref(), &params, &data, schedule, 7, &mut QUIET.clone())
}

fn steps(steps: usize) -> Schedule {
    Schedule { steps: Some(steps), batch: 8, learning_rate: 1e-2, ..Schedule::default() }
}

#[test]
fn an_autoencoder_learns_eight_points_by_heart() {
    let model = Autoencoder { latent_dim: 8, backbone: mlp(&[32]), input_noise: 0.0, ..Autoencoder::default() };
    let fitted =
        train(&model, InputShape::Vector(10), &table(8, 10), 0, &Schedule { cosine: true, ..steps(600) }).unwrap();
    let end = fitted.history.last().unwrap();
    assert!(end.mse < 0.01, "mean squared error {}", end.mse);
    assert!(end.kl.is_none() && end.beta == 0.0);
    assert_eq!((fitted.best_step, &fitted.best), (600, &fitted.last));
}

#[test]
fn one_thread_and_two_give_the_same_bytes() {
    let shape = InputShape::Map { channels: 1, bins: 12, frames: 16 };
    let conv = Vae { latent_dim: 4, backbone: Backbone::Conv(Conv { channels: vec![8, 16] }), ..Vae::default() };
    let dense = Vae { latent_dim: 4, backbone: mlp(&[64, 32]), ..Vae::default() };
    for model in [conv, dense] {
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| train(&model, shape, &table(40, 192), 8, &steps(12)).unwrap())
        };
        assert_eq!(on(1), on(2));
    }
}

#[test]
fn another_seed_gives_another_training() {
    let once = |seed| {
        let mut params = Params::new(1, &Device::Cpu);
        let network = Vae { backbone: mlp(&[8]), ..Vae::default() }.build(InputShape::Vector(5), &mut params).unwrap();
        let rows = table(20, 5);
        let data = Data { train: rows.view(), val: rows.slice(s![..0, ..]) };
        fit(network.as_ref(), &params, &data, &steps(3), seed, &mut QUIET.clone()).unwrap().last
    };
    assert_eq!(once(1), once(1));
    assert_ne!(once(1), once(2));
}

#[test]
fn the_record_has_both_splits_and_its_terms_add_up() {
    let model = Vae {
        latent_dim: 4,
        backbone: mlp(&[16]),
        likelihood: Likelihood::Gaussian { variance: 0.7 },
        ..Vae::default()
    };
    let fitted = train(&model, InputShape::Vector(10), &table(60, 10), 20, &steps(120)).unwrap();
    assert_eq!(fitted.history.len(), 120);
    for pair in fitted.history.chunks(2) {
        assert_eq!((pair[0].split, pair[1].split), (Split::Train, Split::Val));
        let whole = pair[1].recon + pair[1].beta * pair[1].kl.unwrap();
        assert!((pair[1].loss - whole).abs() < 1e-3, "{} against {whole}", pair[1].loss);
    }
    assert!(fitted.best_step > 24, "the best weights come after warm-up, not from step {}", fitted.best_step);
    assert_eq!(fitted.history.last().unwrap().epoch, 24.0);
}

#[test]
fn divergence_is_an_error_that_names_the_remedy() {
    let model = Autoencoder { backbone: mlp(&[8]), ..Autoencoder::default() };
    let huge = table(20, 5) * 1e20;
    let error = train(&model, InputShape::Vector(5), &huge, 0, &steps(200)).unwrap_err();
    assert!(matches!(error, TrainError::Diverged { step: 5, skipped: 5 }), "{error}");
    assert!(error.to_string().contains("train.learning_rate"));
}

#[test]
fn bad_rows_are_named_before_training() {
    let model = Vae::default();
    let mut rows = table(20, 5);
    rows[(13, 2)] = f32::NAN;
    let error = train(&model, InputShape::Vector(5), &rows, 10, &steps(5)).unwrap_err();
    assert!(matches!(error, TrainError::NotFinite { split: "train", row: 3 }), "{error}");
    assert!(matches!(train(&model, InputShape::Vector(5), &table(3, 5), 3, &steps(5)), Err(TrainError::NoRows)));
}

#[test]
fn whoever_watches_may_stop_it() {
    let mut params = Params::new(1, &Device::Cpu);
    let network = Vae { backbone: mlp(&[8]), ..Vae::default() }.build(InputShape::Vector(5), &mut params).unwrap();
    let rows = table(20, 5);
    let data = Data { train: rows.view(), val: rows.slice(s![..0, ..]) };
    let mut watch =
        |step: usize, _: usize, _: &[Row]| if step == 4 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
    let error = fit(network.as_ref(), &params, &data, &steps(50), 1, &mut watch).unwrap_err();
    assert!(matches!(error, TrainError::Stopped { step: 4 }));
}
