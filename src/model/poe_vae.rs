//! The multi-modal VAE: an encoder and a decoder for each modality, and one code that is the product of what they say.
//! Wu and Goodman, "Multimodal generative models for scalable weakly-supervised learning" (NeurIPS 2018).
//!
//! A row may lack a modality, when it is learned from and when it is coded: the experts that are left say where its code lies.
//! So that each learns to speak for itself, some rows of every batch are shown with one modality only, and what is hidden is
//! to be reconstructed from it. Each modality is scored with noise of its own (σ-VAE). With one modality it is a VAE.

mod experts;

use candle_core::Tensor;
use ndarray::{Array2, ArrayView2};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::presence::columns;
use super::regularizer::{Divergence, Regularizer};
use super::warmup::Warmup;
use super::{Backbone, Body, Design, Input, Likelihood, Model, ModelError, Network, Posterior, Progress, Told};
use crate::neural::params::Params;
use crate::random::Stream;
use experts::Experts;

/// Settings of the multi-modal VAE.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PoeVae {
    /// Numbers a code.
    #[schemars(range(min = 1))]
    pub latent_dim: usize,
    /// Share of the rows of a batch that the encoder sees with one modality only.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub hidden: f64,
    /// What the divergence from the prior is multiplied with once warm-up has ended.
    #[schemars(range(min = 0.0))]
    pub beta: f64,
    /// Nats of each dimension that cost nothing (free bits); 0 for none.
    #[schemars(range(min = 0.0))]
    pub free_bits: f64,
    /// The layers between each modality and the code.
    pub backbone: Backbone,
    /// How a reconstruction is scored; `sigma` (optimal variance, one for each modality) makes the loss a calibrated ELBO.
    pub likelihood: Likelihood,
    /// Share of the training (of each cycle of it) over which the weight of the divergence rises from 0.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub kl_warmup: f64,
    /// How often the weight of the divergence rises: 1 is once, more is the cyclical schedule.
    #[schemars(range(min = 1))]
    pub kl_cycles: usize,
    /// Standard deviation of the noise put on the standardised input while training; 0 for none.
    #[schemars(range(min = 0.0))]
    pub input_noise: f64,
}

impl PoeVae {
    /// Its settings as they stand in an experiment file.
    pub const EXAMPLE: &str = "latent_dim = 16\nhidden = 0.5\nbackbone.mlp = { hidden = [256, 128] }";
}

impl Default for PoeVae {
    fn default() -> PoeVae {
        let (backbone, likelihood) = Default::default();
        PoeVae {
            latent_dim: 16,
            hidden: 0.5,
            beta: 1.0,
            free_bits: 0.0,
            backbone,
            likelihood,
            kl_warmup: 0.2,
            kl_cycles: 1,
            input_noise: 0.1,
        }
    }
}

impl Model for PoeVae {
    fn backbone(&self) -> Option<&Backbone> {
        Some(&self.backbone)
    }

    fn latent_dim(&self) -> usize {
        self.latent_dim
    }

    fn is_multimodal(&self) -> bool {
        true
    }

    fn build(&self, input: Input, params: &mut Params) -> Result<Box<dyn Network>, ModelError> {
        let design = Design {
            backbone: &self.backbone,
            latent_dim: self.latent_dim,
            noisy: true,
            told: Told::default(),
            likelihood: self.likelihood,
            input_noise: self.input_noise,
        };
        let blocks = input.blocks;
        let experts = Experts::new(&design, input.shape, &blocks, params)?;
        let body = Body::around(Box::new(experts), &design, input.shape, blocks);
        let warmup = Warmup { share: self.kl_warmup, cycles: self.kl_cycles };
        let divergence = Divergence { beta: self.beta, warmup, free_bits: self.free_bits };
        Ok(Box::new(PoeVaeNetwork { body, divergence, hidden: self.hidden }))
    }
}

struct PoeVaeNetwork {
    body: Body,
    divergence: Divergence,
    hidden: f64,
}

impl Network for PoeVaeNetwork {
    fn body(&self) -> &Body {
        &self.body
    }

    fn kl_weight(&self, at: Progress) -> f64 {
        self.divergence.kl_weight(at)
    }

    fn regularizer(&self, q: &Posterior, code: &Tensor, at: Progress) -> candle_core::Result<Option<Tensor>> {
        self.divergence.term(q, code, at).map(Some)
    }

    fn veil(&self, rows: ArrayView2<f32>, stream: &mut Stream) -> Option<Array2<f32>> {
        let blocks = columns(self.body.blocks());
        if blocks.is_empty() || self.hidden == 0.0 {
            return None;
        }
        let mut veil = Array2::zeros(rows.dim());
        for (row, mut veil) in rows.rows().into_iter().zip(veil.rows_mut()) {
            let there = |block: &usize| blocks[*block].clone().any(|column| !row[column].is_nan());
            let has: Vec<usize> = (0..blocks.len()).filter(there).collect();
            // Drawn for every row, whatever it has: what is drawn for one does not depend on the others.
            let (hides, drawn) = (stream.chance(self.hidden), stream.uniform());
            if hides && has.len() > 1 {
                let kept = has[(drawn * has.len() as f64) as usize];
                let gone = has.iter().filter(|block| **block != kept);
                gone.flat_map(|block| blocks[*block].clone()).for_each(|column| veil[column] = f32::NAN);
            }
        }
        Some(veil)
    }
}

#[cfg(test)]
mod tests;
