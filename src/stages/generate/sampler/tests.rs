//! A tiny untrained network, listened to.

use super::*;
use crate::model::backbone::{Backbone, Conv};
use crate::model::cvae::Cvae;
use crate::model::vae::Vae;
use crate::model::{Input, Model};
use crate::neural::gradcheck::noise;
use crate::neural::params::Params;
use crate::signal::mel::MelDefinition;
use crate::stages::generate::settings::VocoderSettings;

const SOUND: Acoustics =
    Acoustics { rate_hz: 8000, n_fft: 256, hop: 64, n_mels: 16, frames: 16, mode: MelDefinition::Librosa };

fn network(told: bool) -> Box<dyn Network> {
    let mut params = Params::new(3, &Device::Cpu);
    let shape = InputShape::Map { channels: 1, bins: 16, frames: 16 };
    let backbone = Backbone::Conv(Conv { channels: vec![8, 8] });
    let input = Input { classes: if told { 3 } else { 0 }, ..shape.into() };
    let network = match told {
        true => Cvae { latent_dim: 4, backbone, ..Cvae::default() }.build(input, &mut params),
        false => Vae { latent_dim: 4, backbone, ..Vae::default() }.build(input, &mut params),
    };
    // Modulations begin as zeros: a network that ignores what it is told.
    let films = params.vars().iter().filter(|(name, _)| name.contains("film"));
    films.for_each(|(name, var)| var.set(&noise(name, var.dims())).unwrap());
    network.unwrap()
}

fn sampler(told: bool, codes: Codes, seconds: Option<f64>) -> Sampler {
    let vocoder = VocoderSettings { iterations: 2, ..VocoderSettings::default() };
    let settings = Settings { codes, seconds, vocoder, ..Settings::default() };
    let scale = Scale { mean: vec![-40.0], std: vec![20.0], keeps_absent: false };
    let rows = Array2::from_shape_vec((6, 256), Stream::new(1, "rows").normals(6 * 256)).unwrap();
    let labels = [0, 0, 1, 1, 2, 2].map(Some);
    Sampler::new(network(told), scale, SOUND, settings).unwrap().having_heard(rows.view(), &labels).unwrap()
}

#[test]
fn every_source_makes_clips_of_the_length_asked_for() {
    for codes in [Codes::Prior, Codes::Fitted, Codes::Tracks] {
        for (seconds, samples) in [(None, 15 * 64 + 1), (Some(0.4), 3200)] {
            let clips = sampler(true, codes, seconds).draw(Some(1), 2, 5).unwrap();
            assert_eq!(clips.len(), 2);
            for clip in &clips {
                assert_eq!(clip.samples.len(), samples);
                assert!(clip.samples.iter().all(|x| x.is_finite() && x.abs() <= 0.9));
                assert!(clip.map.iter().all(|db| (-80.0..=0.0).contains(db)));
            }
            assert_ne!(clips[0].map, clips[1].map);
        }
    }
}

#[test]
fn draws_depend_on_seed_and_class_and_not_on_how_many_or_threads() {
    let of = |class, n, seed| sampler(true, Codes::Fitted, None).draw(class, n, seed).unwrap();
    let three = of(Some(0), 3, 1);
    assert_eq!(of(Some(0), 1, 1)[0], three[0]);
    assert_ne!(of(Some(0), 1, 2)[0].code, three[0].code);
    assert_ne!(of(Some(1), 1, 1)[0].map, three[0].map);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    assert_eq!(pool.install(|| of(Some(0), 3, 1)), three);
}

#[test]
fn the_same_code_under_another_class_is_another_map_where_the_decoder_is_told() {
    let sampler = sampler(true, Codes::Prior, None);
    let codes = sampler.codes(None, 2, 1, 1).unwrap();
    let [a, b] = [0, 1].map(|class| sampler.decode(codes.view(), Some(class)).unwrap());
    assert_ne!(a, b);
    assert!(matches!(sampler.decode(codes.view(), Some(3)), Err(GenerateError::NoClass { class: 3, classes: 3 })));
}

#[test]
fn a_model_that_is_told_nothing_draws_of_no_class() {
    let sampler = sampler(false, Codes::Prior, None);
    assert_eq!((sampler.classes(), sampler.draw(None, 2, 1).unwrap().len()), (0, 2));
    assert!(sampler.draw(Some(0), 1, 1).is_err());
}

#[test]
fn windows_of_a_clip_stay_close_and_differ() {
    let sampler = sampler(true, Codes::Prior, Some(0.4));
    let windows = SOUND.windows(Some(0.4));
    let codes = sampler.codes(Some(0), 40, windows, 1).unwrap();
    let far = |a: usize, b: usize| (&codes.row(a) - &codes.row(b)).mapv(|x| x * x).sum().sqrt();
    let within: f32 = (0..40).map(|clip| far(clip * windows, clip * windows + 1)).sum();
    let between: f32 = (0..39).map(|clip| far(clip * windows, (clip + 1) * windows)).sum();
    assert!(windows > 1 && within > 0.0 && within < between / 2.0, "{within} {between}");
}

#[test]
fn another_shape_of_rows_is_refused() {
    let other = Acoustics { frames: 32, ..SOUND };
    let scale = Scale { mean: vec![0.0], std: vec![1.0], keeps_absent: false };
    let error = Sampler::new(network(true), scale, other, Settings::default()).err().unwrap();
    assert!(error.to_string().contains("log_mel"), "{error}");
}

#[test]
fn a_way_has_both_ends() {
    let way = between(ndarray::array![0.0f32, 1.0].view(), ndarray::array![4.0f32, 3.0].view(), 3);
    assert_eq!(way, ndarray::array![[0.0, 1.0], [2.0, 2.0], [4.0, 3.0]]);
}
