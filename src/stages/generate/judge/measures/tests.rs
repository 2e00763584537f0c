//! Known extremes of every number.

use super::*;
use crate::random::Stream;
use crate::stats::logistic;
use ndarray::{Array3, concatenate};

const CLASSES: u32 = 3;

/// Normal clouds, one a class, `apart` from each other.
fn clouds(per_class: usize, apart: f64, seed: u64) -> (Array2<f64>, Vec<Option<u32>>) {
    let mut stream = Stream::new(seed, "clouds");
    let labels: Vec<u32> = (0..CLASSES).flat_map(|class| vec![class; per_class]).collect();
    let places = Array2::from_shape_fn((labels.len(), 4), |(row, dim)| {
        let centre = if dim == labels[row] as usize { apart } else { 0.0 };
        centre + stream.normal()
    });
    (places, labels.into_iter().map(Some).collect())
}

fn set<'a>((places, labels): &'a (Array2<f64>, Vec<Option<u32>>)) -> Set<'a> {
    Set { places: places.view(), labels }
}

#[test]
fn clips_that_are_real_are_as_consistent_as_real_ones_and_wrong_classes_are_not() {
    let (train, made) = (clouds(60, 8.0, 1), clouds(40, 8.0, 2));
    let labels: Vec<u32> = train.1.iter().flatten().copied().collect();
    let probe = logistic::fit(train.0.view(), &labels, CLASSES as usize, 1.0).unwrap();
    assert!(consistency(&probe, made.0.view(), &made.1).unwrap() > 0.97);
    let turned: Vec<Option<u32>> = made.1.iter().map(|label| label.map(|label| (label + 1) % CLASSES)).collect();
    assert!(consistency(&probe, made.0.view(), &turned).unwrap() < 0.03);
    assert_eq!(consistency(&probe, made.0.view(), &vec![None; 120]), None);
}

#[test]
fn real_clips_are_at_the_floor_and_noise_far_above() {
    let (train, real, made) = (clouds(60, 4.0, 1), clouds(40, 4.0, 2), clouds(40, 4.0, 3));
    let noise = (made.0.mapv(|x| 30.0 + 0.1 * x), made.1.clone());
    let [floor, found, far] = [&real, &made, &noise].map(|of| fad(set(&train), set(of)).unwrap());
    assert!(found < 3.0 * floor && far > 100.0 * found, "{floor} {found} {far}");
    let [near, wide] = [&made, &noise].map(|of| kid(set(&train), set(of)).unwrap());
    assert!(near.abs() < 10.0 && wide > 1e4 * near.abs(), "{near} {wide}");
    let (density, coverage) = density_and_coverage(set(&train), set(&made)).unwrap();
    assert!(density > 0.7 && coverage > 0.6, "{density} {coverage}");
    assert!(density_and_coverage(set(&train), set(&noise)).unwrap().0 < 1e-9);
}

#[test]
fn one_clip_repeated_has_no_diversity() {
    let real = clouds(30, 4.0, 1);
    let once = real.0.select(Axis(0), &[0, 30, 60]);
    let repeated = (once.select(Axis(0), &(0..90).map(|row| row / 30).collect::<Vec<_>>()), real.1.clone());
    assert!(diversity(set(&repeated)).unwrap() < 1e-6 && diversity(set(&real)).unwrap() > 2.0);
    assert_eq!(diversity(Set { places: real.0.slice(ndarray::s![..1, ..]), labels: &[Some(0)] }), None);
}

#[test]
fn copies_of_training_clips_are_found() {
    let (train, made) = (clouds(40, 4.0, 1), clouds(20, 4.0, 2));
    let tracks: Vec<u32> = (0..120).map(|row| row / 2).collect();
    let copied = memory(train.0.view(), &tracks, train.0.slice(ndarray::s![..30, ..])).unwrap();
    assert_eq!((copied.made, copied.least_made, copied.copies), (0.0, 0.0, 30));
    let found = memory(train.0.view(), &tracks, made.0.view()).unwrap();
    assert!(found.made > 0.5 * found.train && found.copies <= 1, "{found:?}");
    let both = concatenate(Axis(0), &[made.0.view(), train.0.slice(ndarray::s![..1, ..])]).unwrap();
    assert_eq!(memory(train.0.view(), &tracks, both.view()).unwrap().copies, found.copies + 1);
    assert_eq!(memory(train.0.view(), &[0; 120], made.0.view()), None);
}

/// Cells `[3 classes · 5 codes, 2, 2]`: class and code each add their own noise.
fn cells(of_class: f32, of_code: f32) -> Array3<f32> {
    let mut stream = Stream::new(9, "cells");
    let parts = [(3usize, of_class), (5, of_code)].map(|(count, gain)| {
        (0..count).map(|_| stream.normals(4).iter().map(|x| gain * x).collect::<Vec<f32>>()).collect::<Vec<_>>()
    });
    Array3::from_shape_fn((15, 2, 2), |(row, b, f)| parts[0][row / 5][b * 2 + f] + parts[1][row % 5][b * 2 + f])
}

#[test]
fn a_network_that_ignores_its_class_or_its_code_is_told_so() {
    let real = Array3::from_shape_vec((200, 2, 2), Stream::new(4, "real").normals(800)).unwrap().into_dyn();
    let of = |class, code| effects(cells(class, code).into_dyn().view(), 3, 5, real.view());
    let deaf = of(0.0, 1.0);
    assert_eq!(deaf.condition, Some(0.0));
    assert!(deaf.code.unwrap() > 0.4);
    let fixed = of(1.0, 0.0);
    assert_eq!(fixed.code, Some(0.0));
    assert!(fixed.condition.unwrap() > 0.4);
    let one = effects(cells(0.0, 1.0).into_dyn().view(), 1, 15, real.view());
    assert!(one.condition.is_none() && one.code.is_some());
}
