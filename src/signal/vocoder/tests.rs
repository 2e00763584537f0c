//! The door of the vocoder: maps of known content in, sounds out.

use super::*;
use crate::signal::decibel::{TOP_DB, power_to_clip_db};
use crate::signal::stft::Stft;
use ndarray::{Array3, Axis, stack};
use std::f64::consts::TAU;

fn settings() -> Settings {
    let framing = Framing { rate_hz: 22_050, n_fft: 512, hop_samples: 128 };
    Settings { iterations: 8, ..Settings::new(framing, MelBands { n_mels: 40, ..MelBands::STANDARD }) }
}

/// A map `[bands, frames]` of 11 frames, 0 dB in one band and the floor elsewhere.
fn one_band(band: usize) -> Array2<f32> {
    Array2::from_shape_fn((40, 11), |(at, _)| if at == band { 0.0 } else { -TOP_DB })
}

fn log_mel(sound: &[f32]) -> Array2<f32> {
    let bank = MelBank::new(settings().bands.definition, 22_050, 512, 40);
    power_to_clip_db(bank.apply_all(Stft::new(512, 128).power(sound).view())).reversed_axes()
}

#[test]
fn a_band_sounds_where_it_is_at_the_stated_peak() {
    for band in [5, 20, 39] {
        let sound = sound(one_band(band).view(), &settings(), 1).expect("sound settings");
        assert_eq!(sound.len(), 1281);
        let peak = sound.iter().fold(0.0f32, |peak, x| peak.max(x.abs()));
        assert!((peak - settings().peak).abs() < 1e-6, "{peak}");
        let energy = log_mel(&sound).mapv(|db| 10f32.powf(db / 10.0)).sum_axis(Axis(1));
        let loudest = (0..40).max_by(|a, b| energy[*a].total_cmp(&energy[*b]));
        assert_eq!(loudest, Some(band));
    }
}

#[test]
fn a_tone_keeps_its_frequency() {
    let tone: Vec<f32> = (0..4097).map(|n| (TAU * 1000.0 * f64::from(n) / 22_050.0).sin() as f32).collect();
    let back = sound(log_mel(&tone).view(), &settings(), 1).expect("sound settings");
    assert_eq!(back.len(), tone.len());
    let loudest = |sound: &[f32]| {
        let power = Stft::new(512, 128).power(sound).sum_axis(Axis(0));
        (0..257).max_by(|a, b| power[*a].total_cmp(&power[*b])).expect("some bins")
    };
    assert!(loudest(&back).abs_diff(loudest(&tone)) <= 2, "{} {}", loudest(&back), loudest(&tone));
}

#[test]
fn the_level_of_a_map_does_not_count_and_its_floor_is_quiet() {
    let map = log_mel(&Stream::new(2, "noise").uniforms(2000, -1.0, 1.0));
    let of = |map: &Array2<f32>| sound(map.view(), &settings(), 7).expect("sound settings");
    of(&map).iter().zip(of(&(&map + 13.0))).for_each(|(a, b)| assert!((a - b).abs() < 1e-2, "{a} {b}"));
}

#[test]
fn maps_without_contrast_and_cells_that_are_no_numbers_are_silent() {
    let of = |map: Array2<f32>| sound(map.view(), &settings(), 1).expect("sound settings");
    for level in [0.0, -TOP_DB, f32::NAN, f32::NEG_INFINITY, f32::INFINITY] {
        assert_eq!(of(Array2::from_elem((40, 3), level)), vec![0.0; 257]);
    }
    let mut damaged = one_band(9);
    (damaged[(3, 4)], damaged[(4, 5)], damaged[(6, 6)]) = (f32::NAN, f32::INFINITY, f32::MIN);
    assert!(of(damaged).iter().all(|x| x.is_finite()));
    assert_eq!(of(Array2::zeros((40, 0))), Vec::<f32>::new());
}

#[test]
fn many_clips_are_the_same_on_any_number_of_threads() {
    let maps: Array3<f32> =
        stack(Axis(0), &[one_band(7).view(), one_band(7).view(), one_band(30).view()]).expect("alike");
    let vocoder = Vocoder::new(&settings()).expect("sound settings");
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a few threads");
        pool.install(|| vocoder.sounds(maps.view(), 3).expect("the same bands"))
    };
    let sounds = on(1);
    assert_eq!(sounds, on(3));
    assert_eq!(sounds[0], vocoder.sound(maps.index_axis(Axis(0), 0), 3).expect("the same bands"));
    assert_ne!(sounds[0], sounds[1], "each clip draws phases of its own");
}

#[test]
fn the_seed_counts_only_for_a_random_phase() {
    let of = |phase, seed| sound(one_band(7).view(), &Settings { phase, ..settings() }, seed).expect("sound settings");
    assert_eq!(of(Phase::Random, 1), of(Phase::Random, 1));
    assert_ne!(of(Phase::Random, 1), of(Phase::Random, 2));
    assert_eq!(of(Phase::Zero, 1), of(Phase::Zero, 2));
}

#[test]
fn settings_that_no_sound_can_have_are_refused() {
    let refused = |settings: Settings| Vocoder::new(&settings).err().map(|error| error.to_string());
    assert_eq!(refused(settings()), None);
    let framed = |n_fft, hop_samples| {
        let framing = Framing { n_fft, hop_samples, ..settings().framing };
        refused(Settings { framing, ..settings() }).is_some_and(|error| error.contains("half the frame"))
    };
    assert!(framed(0, 0) && framed(1, 1) && framed(512, 0) && framed(512, 257) && !framed(512, 256) && !framed(2, 1));
    for momentum in [-0.1, 1.1, f64::NAN] {
        assert!(refused(Settings { momentum, ..settings() }).is_some_and(|error| error.contains("0.99")));
    }
    for peak in [0.0, -1.0, f32::NAN, f32::INFINITY] {
        assert!(refused(Settings { peak, ..settings() }).is_some_and(|error| error.contains("above 0")));
    }
}

#[test]
fn a_map_of_other_bands_is_refused() {
    let refused = sound(Array2::zeros((39, 4)).view(), &settings(), 1);
    assert_eq!(refused, Err(VocoderError::Bins { expected: 40, found: 39 }));
}
