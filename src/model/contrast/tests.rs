//! One loop over every contrastive kind and encoder: shapes, gradients, what is kept from step to step.

use super::*;
use crate::model::encoder::Encoder;
use crate::model::{Input, InputShape, Kind, Model, Network, rows};
use crate::neural::gradcheck::noise;
use crate::neural::params::Params;
use candle_core::Device;
use ndarray::Array2;

const MAP: InputShape = InputShape::Map { channels: 1, bins: 8, frames: 12 };
const KINDS: [&str; 4] = ["simclr", "moco", "vicreg", "byol"];

fn built(kind: &str, encoder: &str) -> (Box<dyn Network>, Params) {
    #[derive(serde::Deserialize)]
    struct File {
        model: Kind,
    }
    let text = format!("[model.{kind}]\nembedding = 6\nprojection = 4\nencoder.{encoder}.channels = [3, 4]");
    let model = toml::from_str::<File>(&text).unwrap().model;
    assert!(!model.decodes() && model.needs_maps() && model.latent_dim() == 6);
    let mut params = Params::new(7, &Device::Cpu);
    (model.build(Input::from(MAP), &mut params).unwrap(), params)
}

fn all() -> Vec<(String, Box<dyn Network>, Params)> {
    let pairs = KINDS.iter().flat_map(|kind| Encoder::TABLE.iter().map(move |encoder| (*kind, encoder.name)));
    pairs
        .map(|(kind, encoder)| (format!("{kind} {encoder}"), built(kind, encoder)))
        .map(|(name, (n, p))| (name, n, p))
        .collect()
}

fn pair() -> Pair {
    let (first, second) = (noise("first", &[4, 1, 8, 12]), noise("second", &[4, 1, 8, 12]));
    Pair { first, second, groups: vec![0, 1, 2, 2] }
}

fn loss(network: &dyn Network, phase: Phase) -> f32 {
    network.contrast().unwrap().cost(&pair(), phase, Progress::END).unwrap().loss.to_scalar().unwrap()
}

#[test]
fn every_kind_gives_an_embedding_a_map_and_decodes_nothing() {
    for (name, network, _) in all() {
        let maps = Array2::from_shape_vec((130, 96), crate::random::Stream::new(1, "maps").normals(130 * 96)).unwrap();
        let codes = rows::encode_rows(network.as_ref(), maps.view(), None, &Device::Cpu).unwrap();
        assert!(codes.means.dim() == (130, 6) && codes.logvars.is_none(), "{name}");
        assert!(codes.means.iter().all(|value| value.is_finite()), "{name}");
        assert!(rows::decode_rows(network.as_ref(), codes.means.view(), None, &Device::Cpu).is_err(), "{name}");
        // The mean over frames does not ask how many there are.
        let wide = network.encode(&noise("wide", &[2, 1, 8, 20]), None).unwrap();
        assert_eq!(wide.mean.dims(), [2, 6], "{name}");
    }
}

#[test]
fn every_parameter_that_is_learned_has_a_gradient_and_what_is_kept_has_none() {
    for (name, network, params) in all() {
        let cost = network.contrast().unwrap().cost(&pair(), Phase::Learning, Progress::END).unwrap();
        let gradients = crate::neural::adam::gradients(&params, &cost.loss.backward().unwrap()).unwrap();
        assert!(gradients.iter().flatten().all(|value| value.is_finite()), "{name}");
        let moved = gradients.iter().filter(|gradient| gradient.iter().any(|value| value.abs() > 1e-7)).count();
        assert!(2 * moved > gradients.len(), "{name}: {moved} of {} parameters are learned", gradients.len());
        let kept: Vec<&str> = params.all().skip(params.vars().len()).map(|(name, _)| name.as_str()).collect();
        assert!(kept.iter().any(|name| name.ends_with("running_mean")), "{name}");
        assert_eq!(
            kept.iter().any(|name| name.starts_with("key.")),
            name.starts_with("moco") || name.starts_with("byol")
        );
    }
}

#[test]
fn learning_changes_what_is_kept_and_a_saved_network_goes_on_alike() {
    for (name, network, params) in all() {
        let before = params.snapshot().unwrap();
        let first = loss(network.as_ref(), Phase::Learning);
        let cost = network.contrast().unwrap().cost(&pair(), Phase::Learning, Progress { step: 0, of: 10 }).unwrap();
        if let Some(follow) = cost.follow {
            follow().unwrap();
        }
        assert_ne!(params.snapshot().unwrap(), before, "{name}: batch statistics");
        let done = loss(network.as_ref(), Phase::Done);
        assert_eq!(loss(network.as_ref(), Phase::Done), done, "{name}: what is done learns nothing");
        params.restore(&before).unwrap();
        assert_eq!(loss(network.as_ref(), Phase::Learning), first, "{name}");
    }
}

#[test]
fn projections_are_as_wide_as_asked_for() {
    let (network, _) = built("simclr", "conv");
    assert_eq!(network.contrast().unwrap().project(&noise("h", &[3, 6])).unwrap().dims(), [3, 4]);
}

#[test]
fn vectors_and_small_maps_are_refused() {
    for encoder in Encoder::TABLE {
        let text = format!("{}.channels = [3, 4, 5, 6]", encoder.name);
        let encoder: Encoder = toml::from_str(&text).unwrap();
        let model = crate::model::simclr::Simclr { encoder, ..Default::default() };
        let refused =
            |shape: InputShape| model.build(shape.into(), &mut Params::new(1, &Device::Cpu)).err().unwrap().to_string();
        assert!(refused(InputShape::Vector(40)).contains("reads maps"));
        assert!(refused(MAP).contains("at least 16"));
    }
}
