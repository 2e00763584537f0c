//! The variational autoencoder: a Gaussian code held to a standard normal prior, with KL warm-up.
//! Kingma and Welling, "Auto-encoding variational Bayes" (ICLR 2014), equation 10.

use super::regularizer::{Divergence, Regularizer};
use super::{Body, Network, Posterior, Progress};
use candle_core::Tensor;
use ndarray::ArrayView2;

/// Declares a variational kind: the settings that all have, its own before them, and the term in which it differs. Written
/// out, because settings that are flattened into others lose their places in error messages.
macro_rules! variational {
    (
        $(#[$meta:meta])*
        pub struct $Kind:ident {
            $($(#[$doc:meta])* $field:ident: $Type:ty = $default:expr,)*
        }
        example: $example:literal,
        $(told: |$listener:ident, $classes:ident| $told:expr,)?
        $(clusters: |$clusterer:ident| $clusters:expr,)?
        regularizer: |$settings:ident $(, $made:ident)?| $regularizer:expr,
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(deny_unknown_fields, default)]
        pub struct $Kind {
            /// Numbers a code.
            #[schemars(range(min = 1))]
            pub latent_dim: usize,
            $($(#[$doc])* pub $field: $Type,)*
            /// The layers between input and code.
            pub backbone: $crate::model::Backbone,
            /// How a reconstruction is scored; `sigma` (shared optimal variance) makes the loss a calibrated ELBO.
            pub likelihood: $crate::model::Likelihood,
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

        impl $Kind {
            /// Its settings as they stand in an experiment file.
            pub const EXAMPLE: &str = $example;

            #[allow(dead_code, reason = "a kind may have a schedule of its own")]
            fn warmup(&self) -> $crate::model::warmup::Warmup {
                $crate::model::warmup::Warmup { share: self.kl_warmup, cycles: self.kl_cycles }
            }
        }

        impl Default for $Kind {
            fn default() -> $Kind {
                let (backbone, likelihood) = Default::default();
                $Kind { latent_dim: 16, $($field: $default,)* backbone, likelihood, kl_warmup: 0.2, kl_cycles: 1, input_noise: 0.1 }
            }
        }

        impl $crate::model::Model for $Kind {
            fn backbone(&self) -> Option<&$crate::model::Backbone> {
                Some(&self.backbone)
            }

            fn latent_dim(&self) -> usize {
                self.latent_dim
            }

            $(
                fn told(&self, $classes: usize) -> $crate::model::Told {
                    let $listener = self;
                    $told
                }
            )?

            $(
                fn clusters(&self) -> Option<usize> {
                    let $clusterer = self;
                    Some($clusters)
                }
            )?

            fn build(
                &self,
                input: $crate::model::Input,
                params: &mut $crate::neural::params::Params,
            ) -> Result<Box<dyn $crate::model::Network>, $crate::model::ModelError> {
                let $settings = self;
                if self.is_conditional() && input.classes == 0 {
                    return Err($crate::model::ModelError::NoClasses);
                }
                let design = $crate::model::Design {
                    backbone: &self.backbone,
                    latent_dim: self.latent_dim,
                    noisy: true,
                    told: self.told(input.classes),
                    likelihood: self.likelihood,
                    input_noise: self.input_noise,
                };
                let body = $crate::model::Body::new(&design, input.shape, params)?;
                $(let $made = &mut *params;)?
                let regularizer = Box::new($regularizer);
                Ok(Box::new($crate::model::vae::VaeNetwork { body, regularizer }))
            }
        }
    };
}

pub(super) use variational;

variational! {
    /// Settings of the VAE.
    pub struct Vae {
        /// Nats of each dimension that cost nothing (free bits); 0 for none.
        #[schemars(range(min = 0.0))]
        free_bits: f64 = 0.0,
    }
    example: "latent_dim = 16\nkl_warmup = 0.2\nbackbone.mlp = { hidden = [256, 128] }",
    regularizer: |settings| Divergence { beta: 1.0, warmup: settings.warmup(), free_bits: settings.free_bits },
}

/// A built VAE of any kind.
pub(super) struct VaeNetwork {
    pub body: Body,
    pub regularizer: Box<dyn Regularizer>,
}

impl Network for VaeNetwork {
    fn body(&self) -> &Body {
        &self.body
    }

    fn kl_weight(&self, at: Progress) -> f64 {
        self.regularizer.kl_weight(at)
    }

    fn final_beta(&self) -> Option<f64> {
        self.regularizer.final_beta()
    }

    fn is_settled(&self, at: Progress) -> bool {
        self.regularizer.is_settled(at)
    }

    fn wants_codes(&self, at: Progress) -> bool {
        self.regularizer.wants_codes(at)
    }

    fn place(&self, codes: ArrayView2<f32>, seed: u64) -> candle_core::Result<()> {
        self.regularizer.place(codes, seed)
    }

    fn shares(&self, q: &Posterior) -> candle_core::Result<Option<Tensor>> {
        self.regularizer.shares(q)
    }

    fn prior_codes(&self, noise: &Tensor) -> candle_core::Result<Tensor> {
        self.regularizer.prior_codes(noise)
    }

    fn regularizer(&self, q: &Posterior, code: &Tensor, at: Progress) -> candle_core::Result<Option<Tensor>> {
        self.regularizer.term(q, code, at).map(Some)
    }
}
