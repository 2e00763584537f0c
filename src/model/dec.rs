//! DEC with the reconstruction kept (IDEC): an autoencoder whose codes are drawn to centres, so that it clusters while it learns.
//! Xie, Girshick, Farhadi, "Unsupervised deep embedding for clustering analysis" (ICML 2016); Guo, Gao, Liu, Yin, "Improved deep
//! embedded clustering with local structure preservation" (IJCAI 2017).

use candle_core::Tensor;
use ndarray::ArrayView2;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::regularizer::{Regularizer, Sharpening};
use super::{Backbone, Body, Design, Input, Likelihood, Model, ModelError, Network, Posterior, Progress};
use crate::neural::params::Params;

/// Settings of DEC.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Dec {
    /// Numbers a code.
    #[schemars(range(min = 1))]
    pub latent_dim: usize,
    /// Centres that codes are drawn to: the clusters. Their assignment is scored beside those of `[[cluster]]`.
    #[schemars(range(min = 2, max = 1000))]
    pub clusters: usize,
    /// Share of the training that is an autoencoder's; after it, k-means on the codes places the centres.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub pretraining: f64,
    /// What the distance of the codes from their centres counts beside the reconstruction.
    #[schemars(range(min = 0.0))]
    pub weight: f64,
    /// The layers between input and code.
    pub backbone: Backbone,
    /// How a reconstruction is scored.
    pub likelihood: Likelihood,
    /// Standard deviation of the noise put on the standardised input while training; 0 for none.
    #[schemars(range(min = 0.0))]
    pub input_noise: f64,
}

impl Dec {
    /// Its settings as they stand in an experiment file.
    pub const EXAMPLE: &str = "latent_dim = 10\nclusters = 10\npretraining = 0.5";
}

impl Default for Dec {
    fn default() -> Dec {
        let (backbone, likelihood) = Default::default();
        Dec { latent_dim: 10, clusters: 10, pretraining: 0.5, weight: 10.0, backbone, likelihood, input_noise: 0.1 }
    }
}

impl Model for Dec {
    fn backbone(&self) -> Option<&Backbone> {
        Some(&self.backbone)
    }

    fn latent_dim(&self) -> usize {
        self.latent_dim
    }

    fn clusters(&self) -> Option<usize> {
        Some(self.clusters)
    }

    fn build(&self, input: Input, params: &mut Params) -> Result<Box<dyn Network>, ModelError> {
        let design = Design::of_points(&self.backbone, self.latent_dim, self.likelihood, self.input_noise);
        let body = Body::new(&design, input.shape, params)?;
        let centres = Sharpening::new(params, self.clusters, self.latent_dim, self.pretraining, self.weight)?;
        Ok(Box::new(DecNetwork { body, centres }))
    }
}

struct DecNetwork {
    body: Body,
    centres: Sharpening,
}

impl Network for DecNetwork {
    fn body(&self) -> &Body {
        &self.body
    }

    fn is_settled(&self, at: Progress) -> bool {
        self.centres.is_settled(at)
    }

    fn regularizer(&self, q: &Posterior, code: &Tensor, at: Progress) -> candle_core::Result<Option<Tensor>> {
        self.centres.term(q, code, at).map(Some)
    }

    fn wants_codes(&self, at: Progress) -> bool {
        self.centres.wants_codes(at)
    }

    fn place(&self, codes: ArrayView2<f32>, seed: u64) -> candle_core::Result<()> {
        self.centres.place(codes, seed)
    }

    fn shares(&self, q: &Posterior) -> candle_core::Result<Option<Tensor>> {
        self.centres.shares(q)
    }
}
