//! The VQ-VAE: the code is made of words from learned codebooks.
//! van den Oord, Vinyals, Kavukcuoglu, "Neural discrete representation learning" (NeurIPS 2017), equation 3.
//!
//! The numbers of a code are cut into parts of equal length, each with a codebook of its own (Jégou, Douze, Schmid, "Product
//! quantization for nearest neighbor search", 2011): a code of 8 parts with 64 words each is one of 64⁸. The decoder sees the
//! nearest words; their gradient goes to the encoder as if they were what it gave.

use candle_core::{D, Result, Tensor};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Backbone, Body, Design, Input, Likelihood, Model, ModelError, Network, Posterior, Progress};
use crate::neural::params::Params;

/// Settings of the VQ-VAE.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct VqVae {
    /// Numbers a code: a multiple of `parts`.
    #[schemars(range(min = 1))]
    pub latent_dim: usize,
    /// Parts of a code, each with a codebook of its own.
    #[schemars(range(min = 1))]
    pub parts: usize,
    /// Words of a codebook.
    #[schemars(range(min = 2))]
    pub words: usize,
    /// What it costs the encoder to be far from the nearest words, beside what it costs the words.
    #[schemars(range(min = 0.0))]
    pub commitment: f64,
    /// The layers between input and code.
    pub backbone: Backbone,
    /// How a reconstruction is scored.
    pub likelihood: Likelihood,
    /// Standard deviation of the noise put on the standardised input while training; 0 for none.
    #[schemars(range(min = 0.0))]
    pub input_noise: f64,
}

impl VqVae {
    /// Its settings as they stand in an experiment file.
    pub const EXAMPLE: &str = "latent_dim = 16\nparts = 8\nwords = 64";
}

impl Default for VqVae {
    fn default() -> VqVae {
        let (backbone, likelihood) = Default::default();
        VqVae { latent_dim: 16, parts: 8, words: 64, commitment: 0.25, backbone, likelihood, input_noise: 0.1 }
    }
}

impl Model for VqVae {
    fn backbone(&self) -> Option<&Backbone> {
        Some(&self.backbone)
    }

    fn latent_dim(&self) -> usize {
        self.latent_dim
    }

    fn build(&self, input: Input, params: &mut Params) -> std::result::Result<Box<dyn Network>, ModelError> {
        if self.parts == 0 || self.words == 0 || !self.latent_dim.is_multiple_of(self.parts) {
            let range = "a divisor of latent_dim (16 has 1, 2, 4, 8 and 16)";
            return Err(ModelError::OutOfRange { setting: "model.vq_vae.parts", range });
        }
        let VqVae { latent_dim, parts, words, commitment, .. } = *self;
        let design = Design::of_points(&self.backbone, self.latent_dim, self.likelihood, self.input_noise);
        let body = Body::new(&design, input.shape, params)?;
        let width = latent_dim / parts;
        // Codes begin at about this size, so that no word is out of reach of all of them.
        let book = params.kaiming("codebooks", &[parts, words, width], 1)?;
        Ok(Box::new(VqVaeNetwork { body, commitment, book }))
    }
}

struct VqVaeNetwork {
    body: Body,
    commitment: f64,
    /// `[parts, words, width]`.
    book: Tensor,
}

impl VqVaeNetwork {
    /// The nearest words to `codes` `[rows, latent]`, put together: the same shape, with the gradient of the codebooks.
    fn nearest(&self, codes: &Tensor) -> Result<Tensor> {
        let (parts, words, width) = self.book.dims3()?;
        let rows = codes.dim(0)?;
        // |c - w|² without |c|², which is the same for all words.
        let codes = codes.detach().reshape((rows, parts, width))?.transpose(0, 1)?.contiguous()?;
        let book = self.book.detach();
        let cross = codes.matmul(&book.transpose(1, 2)?.contiguous()?)?;
        let distances = book.sqr()?.sum(2)?.unsqueeze(1)?.broadcast_sub(&(cross * 2.0)?)?;
        let chosen = distances.argmin(D::Minus1)?;
        let firsts = Tensor::arange_step(0u32, (parts * words) as u32, words as u32, codes.device())?;
        let flat = chosen.broadcast_add(&firsts.unsqueeze(1)?)?.t()?.contiguous()?.flatten_all()?;
        self.book.reshape((parts * words, width))?.index_select(&flat, 0)?.reshape((rows, parts * width))
    }
}

impl Network for VqVaeNetwork {
    fn body(&self) -> &Body {
        &self.body
    }

    /// The nearest words; for gradients, what the encoder gave.
    fn draw(&self, q: &Posterior, _noise: &Tensor) -> Result<Tensor> {
        &q.mean + (self.nearest(&q.mean)? - &q.mean)?.detach()
    }

    fn point(&self, q: &Posterior) -> Result<Tensor> {
        self.nearest(&q.mean)
    }

    fn codebooks(&self) -> Option<(usize, usize)> {
        self.book.dims3().ok().map(|(parts, words, _)| (parts, words))
    }

    fn regularizer(&self, q: &Posterior, _code: &Tensor, _at: Progress) -> Result<Option<Tensor>> {
        let words = self.nearest(&q.mean)?;
        let distance = |a: &Tensor, b: &Tensor| (a - b)?.sqr()?.sum(1)?.mean_all();
        let (to_words, to_codes) = (distance(&q.mean, &words.detach())?, distance(&words, &q.mean.detach())?);
        Ok(Some((to_codes + (to_words * self.commitment)?)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::InputShape;
    use crate::neural::gradcheck::noise;
    use candle_core::Device;

    fn network(params: &mut Params) -> VqVaeNetwork {
        let backbone = Backbone::default();
        let design = Design::of_points(&backbone, 4, Likelihood::default(), 0.0);
        let body = Body::new(&design, InputShape::Vector(5), params).unwrap();
        let book = params.kaiming("codebooks", &[2, 7, 2], 1).unwrap();
        VqVaeNetwork { body, commitment: 0.25, book }
    }

    #[test]
    fn each_part_becomes_its_nearest_word() {
        let network = network(&mut Params::new(1, &Device::Cpu));
        let codes = noise("codes", &[30, 4]);
        let (found, book) = (network.nearest(&codes).unwrap(), network.book.to_vec3::<f32>().unwrap());
        let distance = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f32>();
        for (code, found) in codes.to_vec2::<f32>().unwrap().iter().zip(found.to_vec2::<f32>().unwrap()) {
            for part in 0..2 {
                let (code, found) = (&code[2 * part..2 * part + 2], &found[2 * part..2 * part + 2]);
                assert!(book[part].iter().any(|word| word == found));
                assert!(book[part].iter().all(|word| distance(code, found) <= distance(code, word) + 1e-5));
            }
        }
    }

    #[test]
    fn the_encoder_gets_the_gradient_of_the_words_and_the_words_none() {
        let mut params = Params::new(1, &Device::Cpu);
        let network = network(&mut params);
        let mean = candle_core::Var::from_tensor(&noise("codes", &[3, 4])).unwrap();
        let q = Posterior { mean: mean.as_tensor().clone(), logvar: None };
        let drawn = network.draw(&q, &mean).unwrap();
        let gap = (&drawn - network.nearest(&q.mean).unwrap()).unwrap().abs().unwrap().max_all().unwrap();
        assert!(gap.to_scalar::<f32>().unwrap() < 1e-6);
        let store = (drawn * 3.0).unwrap().sum_all().unwrap().backward().unwrap();
        assert!(store.get(&mean).unwrap().to_vec2::<f32>().unwrap().concat().iter().all(|g| *g == 3.0));
        assert!(store.get(&network.book).is_none());
    }

    #[test]
    fn parts_must_divide_the_code() {
        let refused = VqVae { latent_dim: 10, parts: 4, ..VqVae::default() };
        let error = refused.build(InputShape::Vector(5).into(), &mut Params::new(1, &Device::Cpu)).err().unwrap();
        assert!(error.to_string().contains("divisor of latent_dim"));
    }
}
