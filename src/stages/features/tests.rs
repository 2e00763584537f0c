//! Every kind of the table, by one loop.

use super::*;
use crate::random::Stream;
use ndarray::Array4;
use std::collections::BTreeSet;

pub(super) fn noise(samples: usize) -> Vec<f32> {
    Stream::new(1, "test").uniforms(samples, -0.5, 0.5)
}

fn describe(kind: &dyn Feature, samples: &[f32]) -> Description {
    let plans = AudioFeatures::default().plans();
    kind.describe(&Analysis::new(samples, &plans)).unwrap()
}

pub(super) fn maps(kind: &dyn Feature, samples: &[f32]) -> Array4<f32> {
    match describe(kind, samples) {
        Description::Maps(maps) => maps,
        other => panic!("no maps but {other:?}"),
    }
}

pub(super) fn frames(kind: &dyn Feature, samples: &[f32]) -> Array2<f32> {
    match describe(kind, samples) {
        Description::Frames(frames) => frames,
        other => panic!("no frames but {other:?}"),
    }
}

/// Every kind by its own example.
fn all() -> AudioFeatures {
    let tables = AudioFeatures::TABLE.iter().map(|kind| format!("[{}]\n{}\n", kind.name, kind.example));
    toml::from_str(&tables.collect::<String>()).unwrap()
}

/// A chord with a click each half second.
fn music(seconds: f64) -> Vec<f32> {
    let sample = |n: u32| {
        let t = f64::from(n) / 22_050.0;
        let chord: f64 = [220.0, 277.18, 329.63].iter().map(|hz| (std::f64::consts::TAU * hz * t).sin() * 0.1).sum();
        (chord + if t % 0.5 < 0.002 { 0.8 } else { 0.0 }) as f32
    };
    (0..(seconds * 22_050.0) as u32).map(sample).collect()
}

#[test]
fn the_example_of_every_kind_is_chosen() {
    assert_eq!(all().chosen().len(), AudioFeatures::TABLE.len());
}

#[test]
fn names_fit_values_and_values_are_finite() {
    let (audio, samples) = (all(), music(6.0));
    let plans = audio.plans();
    for (name, kind) in audio.chosen() {
        let array = audio.array(kind, &Analysis::new(&samples, &plans)).unwrap();
        match kind.form() {
            Form::Maps => assert!(array.ndim() == 4 && kind.names().is_empty(), "{name}"),
            Form::Frames => assert_eq!(array.len(), 2 * kind.names().len(), "{name}"),
            Form::Track => assert_eq!(array.len(), kind.names().len(), "{name}"),
        }
    }
}

#[test]
fn no_two_columns_have_one_name_but_those_of_the_published_table() {
    let audio = AudioFeatures { gtzan: None, ..all() };
    let columns = audio.columns();
    assert_eq!(columns.iter().collect::<BTreeSet<_>>().len(), columns.len());
}

#[test]
fn what_was_asked_for_before_changes_nothing() {
    let (audio, samples) = (all(), music(4.0));
    let plans = audio.plans();
    let shared = Analysis::new(&samples, &plans);
    shared.power();
    for (name, kind) in audio.chosen() {
        let alone = audio.array(kind, &Analysis::new(&samples, &plans)).unwrap();
        assert_eq!(audio.array(kind, &shared).unwrap(), alone, "{name}");
    }
}

#[test]
fn a_single_frame_and_a_constant_are_no_trouble() {
    let mut audio = all();
    audio.mfcc = Some(mfcc::Mfcc::default());
    let plans = audio.plans();
    for samples in [noise(2048), vec![0.25; 4096], [vec![0.0; 8000], vec![1.0], vec![0.0; 8000]].concat()] {
        for (name, kind) in audio.chosen() {
            let array = audio.array(kind, &Analysis::new(&samples, &plans));
            assert!(array.is_ok(), "{name}: {}", array.unwrap_err());
        }
    }
}
