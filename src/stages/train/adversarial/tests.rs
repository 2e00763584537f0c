//! Refinements small enough for a test: what moves and what does not, that they are repeatable and resumable, how they end early.

use candle_core::Device;
use ndarray::Array2;

use super::aside::Checkpoint;
use super::refiner::{Refiner, Refining};
use super::{Adversarial, RefineError};
use crate::artifact::Refinement;
use crate::model::backbone::{Backbone, Conv};
use crate::model::cvae::Cvae;
use crate::model::{Input, InputShape, Model};
use crate::neural::archive::to_bytes;
use crate::neural::params::{Params, Weight};
use crate::random::Stream;
use crate::stages::train::fit::Rows;

const MAP: InputShape = InputShape::Map { channels: 1, bins: 8, frames: 12 };

/// Stripes under noise that no code of two numbers can tell.
fn table(rows: usize) -> Array2<f32> {
    let noise = Stream::new(3, "table").normals(rows * 96);
    Array2::from_shape_fn((rows, 96), |(row, at)| noise[row * 96 + at] + ((at / 12 + row) % 4) as f32)
}

fn settings(steps: usize) -> Adversarial {
    Adversarial { steps, batch: 8, channels: vec![4, 6], learning_rate: 1e-3, ..Adversarial::default() }
}

struct Case {
    rows: Array2<f32>,
    settings: Adversarial,
}

impl Case {
    /// Refines a network of fresh weights from `from` on, `steps` more at most; gives all weights before and after.
    fn refine(&self, from: Option<Checkpoint>, steps: usize) -> Result<Ended, RefineError> {
        let model = Cvae { latent_dim: 2, backbone: Backbone::Conv(Conv { channels: vec![3, 4] }), ..Cvae::default() };
        let mut params = Params::new(7, &Device::Cpu);
        let network = model.build(Input { classes: 2, ..MAP.into() }, &mut params)?;
        let before = params.snapshot()?;
        let labels: Vec<Option<u32>> = (0..self.rows.nrows()).map(|row| [None, Some(0), Some(1)][row % 3]).collect();
        let rows = Rows { values: self.rows.view(), labels: Some(&labels) };
        let refining = Refining {
            network: network.as_ref(),
            params: &params,
            train: rows,
            val: rows,
            settings: &self.settings,
            seed: 5,
        };
        let mut refiner = Refiner::new(&refining, from)?;
        for _ in 0..steps {
            if refiner.has_ended() {
                break;
            }
            refiner.step()?;
            refiner.give_up()?;
        }
        let checkpoint = Checkpoint::load(&refiner.checkpoint()?.save().unwrap()).unwrap();
        Ok(Ended { before, after: params.snapshot()?, checkpoint, record: refiner.finish() })
    }
}

struct Ended {
    before: Vec<Weight>,
    after: Vec<Weight>,
    checkpoint: Checkpoint,
    record: Refinement,
}

fn case(steps: usize) -> Case {
    Case { rows: table(40), settings: settings(steps) }
}

fn told(ended: &Ended) -> (blake3::Hash, String) {
    (blake3::hash(&to_bytes(&ended.after).unwrap()), format!("{:?}", ended.record))
}

#[test]
fn the_decoder_moves_and_the_encoder_does_not() {
    let ended = case(6).refine(None, 6).unwrap();
    for (before, after) in ended.before.iter().zip(&ended.after) {
        assert_eq!(before != after, before.name.starts_with("decoder."), "{}", before.name);
    }
}

#[test]
fn a_blurred_decoder_becomes_sharp_and_one_without_an_adversary_stays_blurred() {
    let after = |settings: Adversarial| {
        let record = Case { rows: table(60), settings }.refine(None, 400).unwrap().record;
        assert_eq!(record.history[0].step, 0);
        record.history.last().unwrap().clone()
    };
    let refined = after(settings(400));
    let alone = after(Adversarial { weight: 0.0, feature_matching: 0.0, ..settings(400) });
    let [sharp, blurred] = [&refined, &alone].map(|row| row.val_sharpness.unwrap());
    assert!(sharp > 1.5 * blurred && blurred < 0.25, "{sharp} against {blurred}");
    assert!(alone.val_mse.unwrap() < refined.val_mse.unwrap(), "sharpness costs error");
    assert!(refined.told_apart.is_some() && refined.discriminator.is_some());
}

#[test]
fn a_refinement_that_was_stopped_goes_on_to_the_same_bits() {
    let whole = told(&case(9).refine(None, 9).unwrap());
    let mut from = None;
    for _ in 0..3 {
        from = Some(case(9).refine(from, 3).unwrap().checkpoint);
    }
    assert_eq!(told(&case(9).refine(from, 9).unwrap()), whole);
    let other = Case { settings: Adversarial { weight: 2.0, ..settings(9) }, ..case(9) };
    assert_ne!(told(&other.refine(None, 9).unwrap()).0, whole.0);
}

#[test]
fn one_thread_two_and_four_give_the_same_bytes() {
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| told(&case(6).refine(None, 6).unwrap()))
    };
    let one = on(1);
    assert_eq!(on(2), one);
    assert_eq!(on(4), one);
}

#[test]
fn divergence_is_an_error_that_names_the_remedy() {
    let case = Case { rows: table(40) * 1e20, ..case(100) };
    let error = case.refine(None, 100).err().unwrap();
    assert!(matches!(error, RefineError::Diverged { step: 10, skipped: 10 }), "{error}");
    assert!(error.to_string().contains("adversarial.learning_rate"));
}

#[test]
fn without_rows_there_is_nothing_to_learn() {
    assert!(matches!(Case { rows: table(0), ..case(3) }.refine(None, 3), Err(RefineError::NoRows)));
}
