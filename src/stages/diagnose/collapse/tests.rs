//! Known verdicts: by hand, and on trained networks.

use candle_core::{Device, Tensor};
use ndarray::{Array2, s};

use super::*;
use crate::model::backbone::Mlp;
use crate::model::beta_vae::BetaVae;
use crate::model::objective::{Batch, terms};
use crate::model::rows::{Codes, tensor};
use crate::model::usage::WordUse;
use crate::model::{Backbone, InputShape, Model, Progress};
use crate::neural::adam::{Adam, clip, gradients};
use crate::neural::params::Params;
use crate::random::Stream;
use crate::stages::diagnose::prior;

fn normals(name: &str, rows: usize, columns: usize) -> Array2<f32> {
    Array2::from_shape_vec((rows, columns), Stream::new(1, name).normals(rows * columns)).unwrap()
}

/// 20 columns that four hidden numbers explain to 95 %.
fn low_rank(rows: usize) -> Array2<f32> {
    normals("factors", rows, 4).dot(&(normals("loadings", 4, 20) / 2.0)) + normals("rest", rows, 20) * 0.22
}

/// A β-VAE trained on all rows at once: a room does not know its neighbour's training loop.
fn trained(beta: f64) -> Diagnosis {
    let rows = low_rank(400);
    let mut params = Params::new(1, &Device::Cpu);
    let hidden = Mlp { hidden: vec![32], ..Default::default() };
    let model = BetaVae { latent_dim: 6, beta, backbone: Backbone::Mlp(hidden), ..BetaVae::default() };
    let network = model.build(InputShape::Vector(20).into(), &mut params).unwrap();
    let x = tensor(rows.slice(s![100.., ..]), InputShape::Vector(20), &Device::Cpu).unwrap();
    let mut adam = Adam::new(&params, 0.0);
    for step in 0..500 {
        let noise = Stream::at(1, "noise", step).normals(300 * 6);
        let noise = Tensor::from_vec(noise, (300, 6), &Device::Cpu).unwrap();
        let batch = Batch { input: x.clone(), target: x.clone(), condition: None, noise };
        let loss = terms(network.as_ref(), &batch, Progress { step: step as usize, of: 500 }).unwrap().loss;
        let mut gradients = gradients(&params, &loss.backward().unwrap()).unwrap();
        clip(&mut gradients, 10.0);
        adam.step(&params, &gradients, 1e-2).unwrap();
    }
    let evidence = Evidence::gather(network.as_ref(), rows.slice(s![..100, ..]), None, 1, &Device::Cpu).unwrap();
    let samples = prior::samples(network.as_ref(), &evidence.codes, None, 1, &Device::Cpu).unwrap();
    diagnose(&evidence, &samples, 1)
}

#[test]
fn low_rank_data_under_a_calibrated_decoder_is_healthy() {
    let found = trained(1.0);
    assert_eq!((found.verdict, found.reasons.len()), (Verdict::Healthy, 0), "{found:?}");
    assert!(found.r2 > 0.8 && found.shuffle_gap > 0.8 && found.kl_dims.unwrap() >= 4, "{found:?}");
    let nats = found.mutual_information.unwrap();
    assert!(nats > 2.0 && nats <= 100f64.ln() + 1e-9, "{nats}");
}

#[test]
fn a_huge_beta_collapses_and_the_remedy_is_named() {
    let found = trained(1e6);
    assert_eq!(found.verdict, Verdict::Collapsed, "{found:?}");
    assert!(found.remedies.iter().any(|remedy| remedy == "lower beta"));
    assert_eq!((found.kl_dims, found.active_units), (Some(0), 0));
}

/// An ideal autoencoder of data `[200, 4]` whose code is the data.
fn ideal(logvars: Option<Array2<f32>>) -> Evidence {
    let inputs = normals("inputs", 200, 4);
    let exchanged = Array2::from_shape_fn((200, 4), |(row, column)| inputs[((row + 1) % 200, column)]);
    let codes = Codes { means: inputs.clone(), logvars };
    Evidence { reconstructions: inputs.clone(), exchanged, codes, inputs, relabelled: None, words: None }
}

fn judged(evidence: &Evidence) -> Diagnosis {
    diagnose(evidence, &normals("samples", 64, 4), 1)
}

#[test]
fn a_perfect_autoencoder_is_healthy_without_any_divergence() {
    let found = judged(&ideal(None));
    assert_eq!((found.verdict, found.total_kl, found.kl_dims), (Verdict::Healthy, None, None));
    assert!(
        (found.r2 - 1.0).abs() < 1e-12
            && (found.shuffle_gap - 2.0).abs() < 0.3
            && (found.sample_spread - 1.0).abs() < 0.15
    );
}

#[test]
fn a_decoder_that_ignores_the_code_is_collapsed_whatever_the_divergence() {
    let certain = Some(Array2::from_elem((200, 4), -6.0));
    let evidence = ideal(certain.clone());
    assert_eq!(judged(&evidence).verdict, Verdict::Healthy);
    let deaf = Evidence { exchanged: evidence.reconstructions.clone(), ..evidence };
    let found = judged(&deaf);
    assert_eq!(found.verdict, Verdict::Collapsed);
    assert!(found.reasons[0].contains("shuffle gap"));
}

#[test]
fn a_codebook_of_which_one_word_is_used_is_collapsed_and_beta_is_not_blamed() {
    let used = |used, perplexity| Some(WordUse { used, words: 64, perplexity });
    let dull = Evidence { words: used(1, 1.0), ..ideal(None) };
    let found = judged(&dull);
    assert_eq!((found.verdict, found.codes_used, found.perplexity), (Verdict::Collapsed, Some(1), Some(1.0)));
    assert!(found.remedies.iter().all(|remedy| !remedy.contains("beta") && !remedy.contains("kl_warmup")), "{found:?}");
    assert_eq!(judged(&Evidence { words: used(4, 3.0), ..ideal(None) }).verdict, Verdict::Partial);
    assert_eq!(judged(&Evidence { words: used(40, 30.0), ..ideal(None) }).verdict, Verdict::Healthy);
}

#[test]
fn what_has_no_divergence_is_not_told_to_lower_beta() {
    let found = diagnose(&ideal(None), &Array2::zeros((64, 4)), 1);
    assert_eq!(found.verdict, Verdict::Collapsed);
    assert_eq!(found.remedies, ["train more steps"]);
}

#[test]
fn little_information_is_a_partial_collapse() {
    let mut evidence = ideal(None);
    evidence.codes.means = &evidence.codes.means * 0.5;
    evidence.codes.logvars = Some(Array2::from_elem((200, 4), -0.6));
    let found = judged(&evidence);
    assert!(found.total_kl.unwrap() > 0.5 && found.total_kl.unwrap() < 2.0, "{found:?}");
    assert_eq!(found.verdict, Verdict::Partial);
}
