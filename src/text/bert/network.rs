//! The network: word, position and segment embeddings, normalised, then the layers, then the mean over each window.
//! All tokens are of segment 0.

use super::BertError;
use super::config::Config;
use super::layer::{Layer, Scratch};
use super::pooling::mean_at_unit_length;
use super::rows::normalize;
use super::weights::{Norm, Weights};

/// All weights of a BERT but those of its pooler, which sentence embeddings do not use.
pub(super) struct Network {
    pub config: Config,
    words: Vec<f32>,
    /// Position plus segment 0, `[positions, hidden]`.
    places: Vec<f32>,
    norm: Norm,
    layers: Vec<Layer>,
}

impl Network {
    /// From the bytes of a safetensors file.
    pub fn from_bytes(config: Config, bytes: &[u8]) -> Result<Network, BertError> {
        let weights = Weights::from_bytes(bytes, config.num_hidden_layers)?;
        let table = |name: &str, rows| {
            weights.tensor(&format!("embeddings.{name}_embeddings.weight"), &[rows, config.hidden_size])
        };
        let words = table("word", config.vocab_size)?;
        let segments = table("token_type", config.type_vocab_size)?;
        let mut places = table("position", config.max_position_embeddings)?;
        for place in places.chunks_exact_mut(config.hidden_size) {
            place.iter_mut().zip(&segments).for_each(|(place, segment)| *place += segment);
        }
        let norm = weights.norm("embeddings.LayerNorm", config.hidden_size)?;
        let layers = (0..config.num_hidden_layers).map(|at| Layer::new(at, &config, &weights));
        let layers = layers.collect::<Result<_, _>>()?;
        Ok(Network { config, words, places, norm, layers })
    }

    /// One row of unit length for each window of token numbers, `[windows, hidden]`. Numbers are below `vocab_size`, and
    /// no window is longer than `max_position_embeddings`.
    pub fn embed(&self, windows: &[&[u32]]) -> Vec<f32> {
        let lengths: Vec<usize> = windows.iter().map(|window| window.len()).collect();
        let mut x: Vec<f32> = Vec::with_capacity(lengths.iter().sum::<usize>() * self.config.hidden_size);
        windows.iter().for_each(|window| self.look_up(window, &mut x));
        normalize(&mut x, &self.norm.scale, &self.norm.shift, self.config.layer_norm_eps);
        let mut scratch = Scratch::default();
        self.layers.iter().for_each(|layer| layer.run(&mut x, &lengths, &mut scratch));
        mean_at_unit_length(&x, &lengths, self.config.hidden_size)
    }

    fn look_up(&self, window: &[u32], x: &mut Vec<f32>) {
        let hidden = self.config.hidden_size;
        for (id, place) in window.iter().zip(self.places.chunks_exact(hidden)) {
            let word = &self.words[*id as usize * hidden..][..hidden];
            x.extend(word.iter().zip(place).map(|(word, place)| word + place));
        }
    }
}
