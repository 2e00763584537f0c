//! A fully connected backbone: `hidden` layers down to the code, the same mirrored back.

use candle_core::{Result, Tensor};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Architecture, Trunk};
use crate::model::ModelError;
use crate::model::condition::Told;
use crate::model::shape::InputShape;
use crate::neural::film::Film;
use crate::neural::mlp::{Activation, Mlp as Layers};
use crate::neural::params::Params;

/// Fully connected layers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Mlp {
    /// Widths of the encoder's hidden layers; the decoder has them in reverse.
    #[schemars(length(min = 1), inner(range(min = 1)))]
    pub hidden: Vec<usize>,
    /// What stands after each hidden layer.
    pub activation: Activation,
}

impl Mlp {
    /// Its settings as they stand in an experiment file.
    pub const EXAMPLE: &str = "hidden = [256, 128]";
}

impl Default for Mlp {
    fn default() -> Mlp {
        Mlp { hidden: vec![256, 128], activation: Activation::Silu }
    }
}

impl Architecture for Mlp {
    fn trunk(
        &self,
        shape: InputShape,
        latent_dim: usize,
        told: Told,
        params: &mut Params,
    ) -> std::result::Result<Box<dyn Trunk>, ModelError> {
        let Some(features) = self.hidden.last().copied().filter(|_| !self.hidden.contains(&0)) else {
            return Err(ModelError::OutOfRange {
                setting: "backbone.mlp.hidden",
                range: "at least one width, each at least 1",
            });
        };
        let mirrored: Vec<usize> = self.hidden.iter().rev().copied().collect();
        let down = [&[shape.values()], self.hidden.as_slice()].concat();
        let up = [&[latent_dim], mirrored.as_slice(), &[shape.values()]].concat();
        let encoder = Layers::new(params, "encoder", &down, self.activation, true)?;
        let decoder = Layers::new(params, "decoder", &up, self.activation, false)?;
        let encoder = Half { layers: encoder, films: films(params, "encoder", told.encoder, &self.hidden)? };
        let decoder = Half { layers: decoder, films: films(params, "decoder", told.decoder, &mirrored)? };
        Ok(Box::new(Stack { shape, features, encoder, decoder }))
    }
}

/// One modulation a hidden layer, `<name>_film.<layer>`; none for no classes.
fn films(params: &mut Params, name: &str, classes: usize, widths: &[usize]) -> Result<Vec<Film>> {
    let each = widths.iter().enumerate();
    each.filter_map(|(at, width)| Film::new(params, &format!("{name}_film.{at}"), classes, *width).transpose())
        .collect()
}

/// An encoder or a decoder.
struct Half {
    layers: Layers,
    films: Vec<Film>,
}

impl Half {
    fn forward(&self, x: &Tensor, y: Option<&Tensor>) -> Result<Tensor> {
        match y {
            Some(y) if !self.films.is_empty() => self.layers.modulated(x, &self.films, y),
            _ => self.layers.forward(x),
        }
    }
}

struct Stack {
    shape: InputShape,
    features: usize,
    encoder: Half,
    decoder: Half,
}

impl Trunk for Stack {
    fn features(&self) -> usize {
        self.features
    }

    fn encode(&self, x: &Tensor, y: Option<&Tensor>) -> Result<Tensor> {
        self.encoder.forward(&x.flatten_from(1)?, y)
    }

    fn decode(&self, z: &Tensor, y: Option<&Tensor>) -> Result<Tensor> {
        self.decoder.forward(z, y)?.reshape(self.shape.batch(z.dim(0)?))
    }
}
