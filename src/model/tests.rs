//! One conformance loop over every kind and backbone, and what sets each kind apart.

use candle_core::Device;
use ndarray::Array2;

use super::*;
use crate::neural::gradcheck::{assert_gradients, noise};
use crate::random::Stream;

const MAP: InputShape = InputShape::Map { channels: 1, bins: 9, frames: 12 };

/// Kinds without a decoder, which have a loop of their own.
const TELLING_APART: [&str; 4] = ["simclr", "moco", "vicreg", "byol"];

/// Every kind that decodes on every backbone.
fn kinds() -> Vec<Kind> {
    let tags = Kind::TABLE.iter().map(|line| line.name);
    tags.filter(|tag| !TELLING_APART.contains(tag))
        .flat_map(|tag| [parse(tag, "mlp.hidden = [8, 6]"), parse(tag, "conv.channels = [3, 4]")])
        .collect()
}

fn parse(tag: &str, backbone: &str) -> Kind {
    #[derive(serde::Deserialize)]
    struct File {
        model: Kind,
    }
    toml::from_str::<File>(&format!("[model.{tag}]\nlatent_dim = 3\n{}backbone.{backbone}", own(tag))).unwrap().model
}

/// What a code of three numbers needs beside.
fn own(tag: &str) -> &'static str {
    if tag == "vq_vae" { "parts = 3\nwords = 5\n" } else { "" }
}

fn build(kind: &Kind, shape: InputShape) -> (Box<dyn Network>, Params) {
    let mut params = Params::new(7, &Device::Cpu);
    (kind.build(Input { classes: 2, ..shape.into() }, &mut params).unwrap(), params)
}

fn names(kind: &Kind, shape: InputShape) -> Vec<(String, Vec<usize>)> {
    build(kind, shape).1.vars().iter().map(|(name, var)| (name.clone(), var.dims().to_vec())).collect()
}

#[test]
fn every_kind_gives_back_the_shape_it_was_given() {
    let rows = Array2::from_shape_vec((200, 108), Stream::new(1, "rows").normals(200 * 108)).unwrap();
    for kind in kinds() {
        let (network, _) = build(&kind, MAP);
        let labels: Vec<Option<u32>> = (0..200).map(|row| [None, Some(0), Some(1)][row % 3]).collect();
        for labels in [None, Some(labels.as_slice())] {
            let codes = rows::encode_rows(network.as_ref(), rows.view(), labels, &Device::Cpu).unwrap();
            assert_eq!(codes.means.dim(), (200, 3));
            assert_eq!(codes.logvars.is_some(), !["ae", "denoising_ae", "vq_vae", "dec"].contains(&kind.name()));
            let output = rows::decode_rows(network.as_ref(), codes.means.view(), labels, &Device::Cpu).unwrap();
            assert_eq!(output.dim(), (200, 108));
            assert!(output.iter().all(|v| v.is_finite()));
        }
    }
}

#[test]
fn every_parameter_of_every_kind_has_the_right_gradient() {
    for kind in kinds() {
        // The words of a codebook are chosen, which has no slope: its gradients are tested beside it.
        if kind.name() == "vq_vae" {
            continue;
        }
        let (network, params) = build(&kind, MAP);
        let (x, eps) = (noise("x", &[2, 1, 9, 12]), noise("eps", &[2, 3]));
        let y = condition::one_hot(&[Some(1), Some(0)], 2, &Device::Cpu).unwrap();
        assert_gradients(&params, || {
            let q = network.encode(&x, Some(&y))?;
            let code = network.draw(&q, &eps)?;
            let output = network.decode(&code, Some(&y))?.flatten_all()?;
            let term = network.regularizer(&q, &code, Progress::END)?.map(|term| term.reshape(1)).transpose()?;
            Tensor::cat(&std::iter::once(output).chain(term).collect::<Vec<_>>(), 0)
        });
    }
}

#[test]
fn weights_have_pytorchs_names_and_layouts() {
    let shape = InputShape::Vector(40);
    let expected: [(&str, &[usize]); 14] = [
        ("encoder.0.weight", &[8, 40]),
        ("encoder.0.bias", &[8]),
        ("encoder.2.weight", &[6, 8]),
        ("encoder.2.bias", &[6]),
        ("decoder.0.weight", &[6, 3]),
        ("decoder.0.bias", &[6]),
        ("decoder.2.weight", &[8, 6]),
        ("decoder.2.bias", &[8]),
        ("decoder.4.weight", &[40, 8]),
        ("decoder.4.bias", &[40]),
        ("mean.weight", &[3, 6]),
        ("mean.bias", &[3]),
        ("logvar.weight", &[3, 6]),
        ("logvar.bias", &[3]),
    ];
    assert_eq!(
        names(&parse("vae", "mlp.hidden = [8, 6]"), shape),
        expected.map(|(name, dims)| (name.to_owned(), dims.to_vec()))
    );
    let conv: Vec<String> =
        names(&parse("ae", "conv.channels = [3, 4]"), MAP).into_iter().map(|(name, _)| name).collect();
    let modules: Vec<&str> = conv.iter().filter_map(|name| name.strip_suffix(".weight")).collect();
    let expected = [
        "encoder.0",
        "encoder.1",
        "encoder.3",
        "encoder.4",
        "decoder.0",
        "decoder.2",
        "decoder.3",
        "decoder.5",
        "mean",
    ];
    assert_eq!(modules, expected);
}

#[test]
fn beta_counts_the_divergence_and_warm_up_lets_it_rise() {
    let weight = |kind: Kind, step| build(&kind, InputShape::Vector(5)).0.kl_weight(Progress { step, of: 100 });
    let beta_vae = || Kind::BetaVae(beta_vae::BetaVae { beta: 8.0, ..Default::default() });
    assert_eq!([0, 10, 20, 100].map(|step| weight(beta_vae(), step)), [0.0, 4.0, 8.0, 8.0]);
    assert_eq!(weight(Kind::Vae(vae::Vae::default()), 100), 1.0);
    assert_eq!(weight(Kind::Autoencoder(autoencoder::Autoencoder::default()), 100), 0.0);
}

#[test]
fn every_example_parses_and_settings_survive_a_round_trip() {
    for line in Kind::TABLE {
        let table: toml::Table = toml::from_str(line.example).unwrap();
        let tagged: toml::Table = [(line.name.to_owned(), toml::Value::Table(table))].into_iter().collect();
        let kind: Kind = tagged.try_into().unwrap();
        assert_eq!(kind.name(), line.name);
        assert_eq!(serde_json::from_str::<Kind>(&serde_json::to_string(&kind).unwrap()).unwrap(), kind);
    }
    assert!(serde_json::from_str::<Kind>(r#"{"vae": {"beta": 4}}"#).is_err());
}

#[test]
fn a_backbone_that_does_not_fit_says_why() {
    let mut params = Params::new(1, &Device::Cpu);
    let mut refusal = |shape: InputShape| {
        parse("vae", "conv.channels = [2, 2, 2, 2]").build(shape.into(), &mut params).err().unwrap().to_string()
    };
    assert!(refusal(InputShape::Vector(40)).contains("use backbone.mlp"));
    assert!(refusal(MAP).contains("each side needs at least 16"));
}

#[test]
fn rows_of_another_width_are_refused() {
    let (network, _) = build(&kinds()[0], InputShape::Vector(5));
    let error = rows::encode_rows(network.as_ref(), Array2::zeros((2, 6)).view(), None, &Device::Cpu).unwrap_err();
    assert!(matches!(error, ModelError::WrongRow { expected: 5, found: 6 }));
}
