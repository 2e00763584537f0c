//! Trainings small enough for a test: what is learnt, that it is repeatable and resumable, and how it ends early.

use candle_core::Device;
use ndarray::{Array2, s};

use super::*;
use crate::engine::Artifact;
use crate::model::autoencoder::Autoencoder;
use crate::model::backbone::{Backbone, Conv, Mlp};
use crate::model::beta_vae::BetaVae;
use crate::model::cvae::Cvae;
use crate::model::dec::Dec;
use crate::model::poe_vae::PoeVae;
use crate::model::rows::shares_of_rows;
use crate::model::vade::Vade;
use crate::model::vae::Vae;
use crate::model::vq_vae::VqVae;
use crate::model::{Input, InputShape, Likelihood, Model};
use crate::random::Stream;
use crate::stages::train::history::Split;
use crate::stages::train::schedule::RateSchedule;

mod multimodal;
mod pairs;

const MAP: InputShape = InputShape::Map { channels: 1, bins: 12, frames: 16 };

fn table(rows: usize, values: usize) -> Array2<f32> {
    Array2::from_shape_vec((rows, values), Stream::new(3, "table").normals(rows * values)).unwrap()
}

fn mlp(hidden: &[usize]) -> Backbone {
    Backbone::Mlp(Mlp { hidden: hidden.to_vec(), ..Mlp::default() })
}

fn conv() -> Backbone {
    Backbone::Conv(Conv { channels: vec![3, 4] })
}

/// A model, the rows it is trained on (the first `val` held out), and how.
struct Case<'a> {
    model: &'a dyn Model,
    shape: InputShape,
    blocks: Vec<usize>,
    rows: Array2<f32>,
    val: usize,
    schedule: Schedule,
    seed: u64,
}

impl Case<'_> {
    fn train(&self) -> Result<Fitted, TrainError> {
        self.watched(None, &mut |_| ControlFlow::Continue(()))
    }

    fn watched(&self, from: Option<Checkpoint>, watch: &mut Watch) -> Result<Fitted, TrainError> {
        let mut params = Params::new(7, &Device::Cpu);
        let input = Input { shape: self.shape, classes: 2, blocks: self.blocks.clone() };
        let network = self.model.build(input, &mut params)?;
        let labels: Vec<Option<u32>> = (0..self.rows.nrows()).map(|row| [None, Some(0), Some(1)][row % 3]).collect();
        let hears = network.body().told().decoder > 0;
        let (train, val) = (self.rows.slice(s![self.val.., ..]), self.rows.slice(s![..self.val, ..]));
        let data = Data {
            train: Rows { values: train, labels: hears.then_some(&labels[self.val..]) },
            val: Rows { values: val, labels: hears.then_some(&labels[..self.val]) },
        };
        let (schedule, seed) = (&self.schedule, self.seed);
        fit(&Training { network: network.as_ref(), params: &params, data, schedule, seed }, from, watch)
    }

    /// Trains `steps` more and gives the checkpoint as it comes back from disk.
    fn killed_after(&self, from: Option<Checkpoint>, steps: usize) -> Checkpoint {
        let begun = from.as_ref().map_or(0, |checkpoint| checkpoint.state.done);
        let mut kept = None;
        let mut watch = |at: &At| {
            kept = (at.done == begun + steps).then(|| at.checkpoint().unwrap().save().unwrap());
            if kept.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let stopped = self.watched(from, &mut watch).unwrap_err();
        assert!(matches!(stopped, TrainError::Stopped { step } if step == begun + steps), "{stopped}");
        Checkpoint::load(&kept.unwrap()).unwrap()
    }
}

fn case<'a>(model: &'a dyn Model, rows: Array2<f32>, val: usize, schedule: Schedule) -> Case<'a> {
    Case { model, shape: InputShape::Vector(rows.ncols()), blocks: Vec::new(), rows, val, schedule, seed: 7 }
}

fn steps(steps: usize) -> Schedule {
    Schedule { steps: Some(steps), batch: 8, learning_rate: 1e-2, ..Schedule::default() }
}

/// The same whichever order the weights stand in.
fn told(fitted: &Fitted) -> String {
    let sorted = |weights: &[Weight]| crate::neural::archive::to_bytes(weights).unwrap();
    let Fitted { best_step, last_step, history, skipped_steps, still_falling, best, last } = fitted;
    let (best, last) = (blake3::hash(&sorted(best)), blake3::hash(&sorted(last)));
    format!("{best} {best_step} {last} {last_step} {skipped_steps} {still_falling} {history:?}")
}

#[test]
fn an_autoencoder_learns_eight_points_by_heart() {
    let model = Autoencoder { latent_dim: 8, backbone: mlp(&[32]), input_noise: 0.0, ..Autoencoder::default() };
    let schedule = Schedule { schedule: RateSchedule::Cosine, ..steps(600) };
    let fitted = case(&model, table(8, 10), 0, schedule).train().unwrap();
    let end = fitted.history.last().unwrap();
    assert!(end.mse.unwrap() < 0.01, "mean squared error {:?}", end.mse);
    assert!(end.kl.is_none() && end.beta == 0.0);
    assert_eq!((fitted.best_step, fitted.last_step, &fitted.best), (600, 600, &fitted.last));
}

#[test]
fn one_thread_two_and_four_give_the_same_bytes() {
    let convolutional = Vae { latent_dim: 4, backbone: conv(), ..Vae::default() };
    let dense = Vae { latent_dim: 4, backbone: mlp(&[64, 32]), ..Vae::default() };
    for model in [convolutional, dense] {
        let case = Case { shape: MAP, ..case(&model, table(40, 192), 8, steps(12)) };
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| case.train().unwrap())
        };
        let one = on(1);
        assert!([2, 4].into_iter().all(|threads| on(threads) == one));
    }
}

#[test]
fn a_training_stopped_after_any_step_ends_as_if_it_had_not_been() {
    let noisy = Autoencoder { latent_dim: 3, backbone: mlp(&[8]), input_noise: 0.3, ..Autoencoder::default() };
    let vae = Vae { latent_dim: 3, backbone: mlp(&[8]), ..Vae::default() };
    let beta = BetaVae { latent_dim: 3, beta: 8.0, backbone: conv(), ..BetaVae::default() };
    let maps = Vae { latent_dim: 3, backbone: conv(), ..Vae::default() };
    let given = Vae { latent_dim: 3, likelihood: Likelihood::Gaussian { variance: 0.7 }, ..vae.clone() };
    let conditional = Cvae { latent_dim: 3, condition_dropout: 0.5, backbone: conv(), ..Cvae::default() };
    let words = VqVae { latent_dim: 4, parts: 2, words: 8, backbone: mlp(&[8]), ..VqVae::default() };
    let mixture = Vade { latent_dim: 3, clusters: 3, backbone: mlp(&[8]), ..Vade::default() };
    let centres = Dec { latent_dim: 3, clusters: 3, backbone: mlp(&[8]), ..Dec::default() };
    let whole = PoeVae { latent_dim: 3, backbone: conv(), ..PoeVae::default() };
    let models: [&dyn Model; 10] =
        [&noisy, &vae, &beta, &maps, &given, &conditional, &words, &mixture, &centres, &whole];
    let schedule =
        Schedule { schedule: RateSchedule::Cosine, warmup: 0.2, weight_decay: 0.1, patience: Some(3), ..steps(70) };
    for (index, model) in models.into_iter().enumerate() {
        let case = Case { shape: MAP, ..case(model, table(21, 192), 5, schedule.clone()) };
        let whole = case.train().unwrap();
        for kill in (1 + index..whole.last_step).step_by(9) {
            let from = case.killed_after(None, kill);
            let resumed = case.watched(Some(from), &mut |_| ControlFlow::Continue(())).unwrap();
            assert_eq!(told(&resumed), told(&whole), "model {index} stopped after step {kill}");
        }
    }
}

#[test]
fn a_training_stopped_ten_times_ends_as_if_it_had_not_been() {
    let model = BetaVae { latent_dim: 3, backbone: mlp(&[8]), ..BetaVae::default() };
    let case = case(&model, table(30, 10), 9, steps(64));
    let mut stops = Stream::new(5, "stops");
    let mut from = None;
    for _ in 0..10 {
        from = Some(case.killed_after(from, 1 + stops.below(5)));
    }
    let resumed = case.watched(from, &mut |_| ControlFlow::Continue(())).unwrap();
    assert_eq!(told(&resumed), told(&case.train().unwrap()));
}

#[test]
fn what_only_the_label_tells_is_left_to_it() {
    // The rows of a class differ by noise alone: a code of them is noise, whatever the class.
    let labelled = |row: usize| if row % 3 == 2 { 2.0 } else { -2.0 };
    let rows = Array2::from_shape_fn((90, 6), |(row, column)| labelled(row) * (column as f32 - 2.5) / 2.0)
        + table(90, 6) * 0.3;
    let model = Cvae { latent_dim: 2, condition_dropout: 0.0, backbone: mlp(&[16]), ..Cvae::default() };
    let hears = case(&model, rows.clone(), 30, steps(900)).train().unwrap();
    let alone = Vae { latent_dim: 2, backbone: mlp(&[16]), ..Vae::default() };
    let alone = case(&alone, rows, 30, steps(900)).train().unwrap();
    let end = |fitted: &Fitted| fitted.history.last().unwrap().clone();
    assert!(end(&hears).kl.unwrap() < end(&alone).kl.unwrap() - 0.5, "{:?} {:?}", end(&hears), end(&alone));
    assert!(end(&hears).loss < end(&alone).loss);
    assert!(end(&alone).r2.unwrap() > 0.8 && end(&alone).shuffle_gap.unwrap() > 0.5);
}

#[test]
fn codebooks_are_learned() {
    let rows = Array2::from_shape_fn((96, 6), |(row, column)| if (row + column) % 4 < 2 { 1.0 } else { -1.0 });
    let model = VqVae { latent_dim: 2, parts: 1, words: 8, backbone: mlp(&[16]), input_noise: 0.0, ..VqVae::default() };
    let fitted = case(&model, rows, 32, steps(900)).train().unwrap();
    let end = fitted.history.last().unwrap();
    assert!(end.mse.unwrap() < 0.05 && end.kl.is_none(), "{end:?}");
}

#[test]
fn models_that_cluster_find_three_heaps() {
    let heap = |row: usize, column: usize| [3.0, -3.0, 0.0][row % 3] * [1.0, -1.0][(row + column) % 3 % 2];
    let rows = Array2::from_shape_fn((150, 6), |(row, column)| heap(row % 3, column)) + table(150, 6) * 0.5;
    let vade = Vade { latent_dim: 2, clusters: 3, backbone: mlp(&[16]), ..Vade::default() };
    let dec = Dec { latent_dim: 2, clusters: 3, backbone: mlp(&[16]), ..Dec::default() };
    for model in [&vade as &dyn Model, &dec] {
        let fitted = case(model, rows.clone(), 30, steps(900)).train().unwrap();
        let mut params = Params::new(7, &Device::Cpu);
        let network = model.build(InputShape::Vector(6).into(), &mut params).unwrap();
        params.restore(&fitted.last).unwrap();
        let shares = shares_of_rows(network.as_ref(), rows.view(), &Device::Cpu).unwrap().unwrap();
        let found: Vec<usize> =
            shares.rows().into_iter().map(|row| (0..3).max_by(|a, b| row[*a].total_cmp(&row[*b])).unwrap()).collect();
        let own = |row: usize| found[row % 3];
        let right = (0..150).filter(|row| found[*row] == own(*row)).count();
        assert!(
            right >= 145 && found[0] != found[1] && found[1] != found[2] && found[0] != found[2],
            "{right} {found:?}"
        );
        assert!(fitted.best_step > 450, "the best weights come after the clusters were placed");
    }
}

#[test]
fn every_likelihood_learns() {
    let rows = Array2::from_shape_fn((96, 6), |(row, column)| f32::from(u8::from((row + column) % 4 < 2)));
    for likelihood in [Likelihood::Sigma, Likelihood::Laplace, Likelihood::Bernoulli] {
        let model = Autoencoder { latent_dim: 2, likelihood, backbone: mlp(&[16]), input_noise: 0.0 };
        let fitted = case(&model, rows.clone(), 32, steps(900)).train().unwrap();
        let end = fitted.history.last().unwrap();
        assert!(end.mse.unwrap() < 0.02 && end.r2.unwrap() > 0.9, "{likelihood:?}: {end:?}");
    }
}

#[test]
fn another_seed_gives_another_training() {
    let model = Vae { backbone: mlp(&[8]), ..Vae::default() };
    let once = |seed| Case { seed, ..case(&model, table(20, 5), 0, steps(3)) }.train().unwrap().last;
    assert_eq!(once(1), once(1));
    assert_ne!(once(1), once(2));
}

#[test]
fn the_record_has_both_splits_and_its_terms_add_up() {
    let likelihood = Likelihood::Gaussian { variance: 0.7 };
    let model = Vae { latent_dim: 4, backbone: mlp(&[16]), likelihood, ..Vae::default() };
    let fitted = case(&model, table(60, 10), 20, steps(120)).train().unwrap();
    assert_eq!(fitted.history.len(), 120);
    for pair in fitted.history.chunks(2) {
        assert_eq!((pair[0].split, pair[1].split), (Split::Train, Split::Val));
        let whole = pair[1].recon.unwrap() + pair[1].beta * pair[1].kl.unwrap();
        assert!((pair[1].loss - whole).abs() < 1e-3, "{} against {whole}", pair[1].loss);
    }
    assert!(fitted.best_step > 24, "the best weights come after warm-up, not from step {}", fitted.best_step);
    assert_eq!(fitted.history.last().unwrap().epoch, 24.0);
}

#[test]
fn patience_ends_a_training_that_only_learns_by_heart() {
    let model = Autoencoder { latent_dim: 8, backbone: mlp(&[64]), ..Autoencoder::default() };
    let patient = Schedule { patience: Some(4), ..steps(3000) };
    let fitted = case(&model, table(40, 10), 20, patient).train().unwrap();
    assert_eq!(fitted.last_step, fitted.best_step + 4 * 50);
    let losses = fitted.history.iter().filter(|row| row.split == Split::Val);
    let lowest = losses.min_by(|a, b| a.loss.total_cmp(&b.loss)).unwrap();
    assert_eq!(lowest.step, fitted.best_step);
    let all = case(&model, table(40, 10), 20, steps(3000)).train().unwrap();
    assert_eq!(all.last_step, 3000);
}

#[test]
fn divergence_is_an_error_that_names_the_remedy_and_leaves_healthy_weights() {
    let model = Autoencoder { backbone: mlp(&[8]), ..Autoencoder::default() };
    let case = case(&model, table(20, 5) * 1e20, 0, steps(200));
    let mut left = None;
    let error = case
        .watched(None, &mut |at| {
            left = at.diverged.then(|| at.checkpoint().unwrap());
            ControlFlow::Continue(())
        })
        .unwrap_err();
    assert!(matches!(error, TrainError::Diverged { step: 10, skipped: 10 }), "{error}");
    assert!(error.to_string().contains("train.learning_rate"));
    let left = left.unwrap();
    assert!(left.weights.iter().flat_map(|weight| &weight.values).all(|value| value.is_finite()));
    let again = case.watched(Some(left), &mut |_| ControlFlow::Continue(())).unwrap_err();
    assert_eq!(again.to_string(), error.to_string());
}

#[test]
fn a_few_steps_without_a_finite_loss_are_left_out_and_counted() {
    let model = Autoencoder { backbone: mlp(&[8]), input_noise: 0.0, ..Autoencoder::default() };
    let mut rows = table(400, 5);
    rows.row_mut(0).fill(1e20);
    let fitted = case(&model, rows.clone(), 0, steps(240)).train().unwrap();
    // 400 rows in batches of 8 are 50 steps: the one bad row is met once in each of 4.8 epochs.
    assert!((4..=5).contains(&fitted.skipped_steps), "{}", fitted.skipped_steps);
    assert!(fitted.history.iter().all(|row| row.loss.is_finite()));
    rows.slice_mut(s![..40, ..]).fill(1e20);
    let error = case(&model, rows, 0, steps(240)).train().unwrap_err();
    assert!(matches!(error, TrainError::Diverged { step: 100.., .. }), "{error}");
}

#[test]
fn bad_rows_are_named_before_training() {
    let model = Vae::default();
    let mut rows = table(20, 5);
    rows[(13, 2)] = f32::NAN;
    let error = case(&model, rows, 10, steps(5)).train().unwrap_err();
    assert!(matches!(error, TrainError::NotFinite { split: "train", row: 3 }), "{error}");
    assert!(matches!(case(&model, table(3, 5), 3, steps(5)).train(), Err(TrainError::NoRows)));
}

#[test]
fn whoever_watches_may_stop_it() {
    let model = Vae { backbone: mlp(&[8]), ..Vae::default() };
    let mut watch = |at: &At| if at.done == 4 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
    let error = case(&model, table(20, 5), 0, steps(50)).watched(None, &mut watch).unwrap_err();
    assert!(matches!(error, TrainError::Stopped { step: 4 }));
}
