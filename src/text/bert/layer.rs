//! One layer of a BERT: attention, then two linear maps with an activation between; each is added to what came in and the
//! sum is normalised (Devlin et al., 2019; post-norm as in Vaswani et al., 2017).

use super::BertError;
use super::attention::{Heads, attend};
use super::config::{Activation, Config};
use super::rows::{activate, add_and_norm};
use super::weights::{Linear, Norm, Weights};
use crate::product::{Matrix, multiply};

/// The weights of a layer.
pub(super) struct Layer {
    projection: Linear,
    mixing: Linear,
    mixing_norm: Norm,
    widening: Linear,
    narrowing: Linear,
    narrowing_norm: Norm,
    heads: Heads,
    activation: Activation,
    epsilon: f32,
}

/// Memory of a batch, used again by every layer.
#[derive(Default)]
pub(super) struct Scratch {
    projected: Vec<f32>,
    mixed: Vec<f32>,
    added: Vec<f32>,
    wide: Vec<f32>,
    scores: Vec<f32>,
}

impl Layer {
    /// Layer `at`, from 0.
    pub fn new(at: usize, config: &Config, weights: &Weights) -> Result<Layer, BertError> {
        let (hidden, wide) = (config.hidden_size, config.intermediate_size);
        let linear = |name: &str, from, to| weights.linear(&format!("encoder.layer.{at}.{name}"), from, to);
        let norm = |name: &str| weights.norm(&format!("encoder.layer.{at}.{name}.LayerNorm"), hidden);
        let projection = |name: &str| linear(&format!("attention.self.{name}"), hidden, hidden);
        Ok(Layer {
            projection: Linear::beside(&[projection("query")?, projection("key")?, projection("value")?]),
            mixing: linear("attention.output.dense", hidden, hidden)?,
            mixing_norm: norm("attention.output")?,
            widening: linear("intermediate.dense", hidden, wide)?,
            narrowing: linear("output.dense", wide, hidden)?,
            narrowing_norm: norm("output")?,
            heads: Heads { count: config.num_attention_heads, dims: config.head_dims() },
            activation: config.activation()?,
            epsilon: config.layer_norm_eps,
        })
    }

    /// Sends `x` `[tokens, hidden]`, windows of `lengths` below each other, through the layer, in place.
    pub fn run(&self, x: &mut Vec<f32>, lengths: &[usize], scratch: &mut Scratch) {
        let Scratch { projected, mixed, added, wide, scores } = scratch;
        self.projection.run(x, projected);
        mixed.resize(x.len(), 0.0);
        attend(mixed, projected, lengths, self.heads, scores);
        self.mixing.run(mixed, added);
        add_and_norm(added, x, &self.mixing_norm, self.epsilon);
        self.widening.run(added, wide);
        activate(wide, self.activation);
        self.narrowing.run(wide, x);
        add_and_norm(x, added, &self.narrowing_norm, self.epsilon);
    }
}

impl Linear {
    /// `out = x W + b` for every row of `x`.
    pub fn run(&self, x: &[f32], out: &mut Vec<f32>) {
        let outputs = self.bias.len();
        let inputs = self.weight.len() / outputs;
        let rows = x.len() / inputs;
        out.clear();
        (0..rows).for_each(|_| out.extend_from_slice(&self.bias));
        let weight = Matrix::new(&self.weight, (inputs, outputs), outputs);
        multiply(out, outputs, Matrix::new(x, (rows, inputs), inputs), weight, true);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_linear_map_adds_its_bias_to_every_row() {
        let map = Linear { weight: vec![1.0, 2.0, 3.0, 10.0, 20.0, 30.0], bias: vec![0.5, 0.0, -0.5] };
        let mut out = vec![9.0; 20];
        map.run(&[1.0, 0.0, 1.0, 1.0], &mut out);
        assert_eq!(out, [1.5, 2.0, 2.5, 11.5, 22.0, 32.5]);
    }
}
