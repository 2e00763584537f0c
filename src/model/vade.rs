//! VaDE: a VAE whose prior is a mixture of Gaussians, learned with the codes, so that it clusters while it learns.
//! Jiang, Zheng, Tan, Tang, Zhou, "Variational deep embedding" (IJCAI 2017).

use super::regularizer::Mixture;
use super::vae::variational;

variational! {
    /// Settings of VaDE.
    pub struct Vade {
        /// Components of the prior: the clusters. Their assignment is scored beside those of `[[cluster]]`.
        #[schemars(range(min = 2, max = 1000))]
        clusters: usize = 10,
        /// Share of the training that is a VAE's; after it, k-means on the codes places the components.
        #[schemars(range(min = 0.0, max = 1.0))]
        pretraining: f64 = 0.5,
    }
    example: "latent_dim = 16\nclusters = 10",
    clusters: |settings| settings.clusters,
    regularizer: |settings, params| {
        Mixture::new(params, settings.clusters, settings.latent_dim, settings.pretraining, settings.warmup())?
    },
}
