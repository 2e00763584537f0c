//! What contrastive models share: an encoder of maps whose output is the embedding, and a projector that the loss looks
//! through while training and that is dropped afterwards.
//! Chen et al., "A simple framework for contrastive learning of visual representations" (ICML 2020), section 4.2.

use std::sync::Arc;

use candle_core::{Result, Tensor, bail};

use super::augment::Augment;
use super::body::Body;
use super::contrast::{Contrast, Cost, Pair};
use super::encoder::{Encoder, Tower};
use super::expert::Coder;
use super::posterior::Posterior;
use super::shape::InputShape;
use super::warmup::Progress;
use super::{ModelError, Network};
use crate::neural::batch_norm::{BatchNorm, Phase};
use crate::neural::linear::Linear;
use crate::neural::params::Params;

/// Layer, normalisation, ReLU, layer.
pub(super) struct Head {
    inner: Linear,
    norm: BatchNorm,
    outer: Linear,
}

impl Head {
    /// From `inputs` through as many hidden values to `outputs`.
    pub fn new(params: &mut Params, name: &str, (inputs, hidden, outputs): (usize, usize, usize)) -> Result<Head> {
        let inner = Linear::new(params, &format!("{name}.0"), inputs, hidden)?;
        let norm = BatchNorm::new(params, &format!("{name}.1"), hidden)?;
        Ok(Head { inner, norm, outer: Linear::new(params, &format!("{name}.3"), hidden, outputs)? })
    }

    /// `[rows, inputs]` to `[rows, outputs]`.
    pub fn forward(&self, x: &Tensor, phase: Phase) -> Result<Tensor> {
        let inner = self.inner.forward(x)?;
        let (rows, hidden) = inner.dims2()?;
        let normal = self.norm.forward(&inner.reshape((rows, hidden, 1, 1))?, true, phase)?;
        self.outer.forward(&normal.reshape((rows, hidden))?)
    }
}

/// Encoder, embedding and projector.
pub(super) struct Siamese {
    tower: Box<dyn Tower>,
    embedding: Linear,
    projector: Head,
}

impl Siamese {
    /// For maps of `shape`, with `embedding` and `projection` numbers a row.
    pub fn new(
        encoder: &Encoder,
        (embedding, projection): (usize, usize),
        shape: InputShape,
        params: &mut Params,
    ) -> std::result::Result<Siamese, ModelError> {
        if embedding.min(projection) == 0 {
            return Err(ModelError::OutOfRange { setting: "embedding and projection", range: "at least 1" });
        }
        let tower = encoder.tower(shape, params)?;
        let layer = Linear::new(params, "embedding", tower.features(), embedding)?;
        let projector = Head::new(params, "projector", (embedding, embedding, projection))?;
        Ok(Siamese { tower, embedding: layer, projector })
    }

    /// Maps to embeddings `[rows, embedding]`.
    pub fn embed(&self, x: &Tensor, phase: Phase) -> Result<Tensor> {
        self.embedding.forward(&self.tower.forward(x, phase)?)
    }

    /// Embeddings to what the loss sees, `[rows, projection]`.
    pub fn project(&self, embeddings: &Tensor, phase: Phase) -> Result<Tensor> {
        self.projector.forward(embeddings, phase)
    }
}

/// The encoder alone, as all that is done with a trained network sees it.
pub(super) fn body(siamese: &Arc<Siamese>, shape: InputShape, embedding: usize) -> Body {
    Body::of_points(Box::new(Eye(siamese.clone())), shape, embedding)
}

struct Eye(Arc<Siamese>);

impl Coder for Eye {
    fn encode(&self, x: &Tensor, _y: Option<&Tensor>) -> Result<Posterior> {
        Ok(Posterior { mean: self.0.embed(x, Phase::Done)?, logvar: None })
    }

    fn decode(&self, _z: &Tensor, _y: Option<&Tensor>) -> Result<Tensor> {
        bail!("a contrastive model has no decoder")
    }
}

/// In what contrastive kinds differ.
pub(super) trait Objective: Send + Sync {
    /// What `pair` costs a network of `siamese`.
    fn cost<'a>(&'a self, siamese: &'a Siamese, pair: &Pair, phase: Phase, at: Progress) -> Result<Cost<'a>>;
}

/// A built contrastive model of any kind.
pub(super) struct ContrastNetwork {
    pub body: Body,
    pub siamese: Arc<Siamese>,
    pub objective: Box<dyn Objective>,
    pub augment: Augment,
    pub apart: usize,
}

impl Network for ContrastNetwork {
    fn body(&self) -> &Body {
        &self.body
    }

    fn contrast(&self) -> Option<&dyn Contrast> {
        Some(self)
    }
}

impl Contrast for ContrastNetwork {
    fn augment(&self) -> &Augment {
        &self.augment
    }

    fn apart(&self) -> usize {
        self.apart
    }

    fn cost<'a>(&'a self, pair: &Pair, phase: Phase, at: Progress) -> Result<Cost<'a>> {
        self.objective.cost(&self.siamese, pair, phase, at)
    }

    fn project(&self, embeddings: &Tensor) -> Result<Tensor> {
        self.siamese.project(embeddings, Phase::Done)
    }
}

/// Declares a contrastive kind: the settings that all have, its own before them, and its objective.
macro_rules! contrastive {
    (
        $(#[$meta:meta])*
        pub struct $Kind:ident {
            $($(#[$doc:meta])* $field:ident: $Type:ty = $default:expr,)*
        }
        example: $example:literal,
        objective: |$settings:ident, $shape:ident, $params:ident| $objective:expr,
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(deny_unknown_fields, default)]
        pub struct $Kind {
            $($(#[$doc])* pub $field: $Type,)*
            /// The layers between map and embedding.
            pub encoder: $crate::model::encoder::Encoder,
            /// Numbers that stand for a track: the mean over its clips.
            #[schemars(range(min = 1))]
            pub embedding: usize,
            /// Numbers that the loss sees: a head of two layers makes them of the embedding while training.
            #[schemars(range(min = 1))]
            pub projection: usize,
            /// Clips from the beginning of one view of a track to that of the other, at least, where the track is long
            /// enough: 2 clips of 128 frames at hop 512 and 22,050 Hz are 6 s.
            pub apart: usize,
            /// How views are changed; without this table by what helps with music.
            pub augment: $crate::model::augment::Augment,
        }

        impl $Kind {
            /// Its settings as they stand in an experiment file.
            pub const EXAMPLE: &str = $example;
        }

        impl Default for $Kind {
            fn default() -> $Kind {
                let (encoder, augment) = (Default::default(), $crate::model::augment::Augment::usual());
                $Kind { $($field: $default,)* encoder, embedding: 128, projection: 64, apart: 2, augment }
            }
        }

        impl $crate::model::Model for $Kind {
            fn needs_maps(&self) -> bool {
                true
            }

            fn latent_dim(&self) -> usize {
                self.embedding
            }

            fn build(
                &self,
                input: $crate::model::Input,
                params: &mut $crate::neural::params::Params,
            ) -> std::result::Result<Box<dyn $crate::model::Network>, $crate::model::ModelError> {
                use $crate::model::siamese::{ContrastNetwork, Siamese, body};
                let ($settings, $shape) = (self, input.shape);
                let siamese = Siamese::new(&self.encoder, (self.embedding, self.projection), $shape, params)?;
                let siamese = std::sync::Arc::new(siamese);
                let $params = params;
                let objective = Box::new($objective);
                let body = body(&siamese, $shape, self.embedding);
                let augment = self.augment.clone();
                Ok(Box::new(ContrastNetwork { body, siamese, objective, augment, apart: self.apart }))
            }
        }
    };
}

pub(super) use contrastive;
