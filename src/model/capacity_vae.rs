//! The β-VAE with capacity: a code may hold so many nats, a number that grows while it is trained.
//! Burgess et al., "Understanding disentangling in β-VAE" (2018), equation 8.
//!
//! It cannot collapse while the capacity is above 0: a code that says less than it may costs as much as one that says more.

use super::regularizer::Capacity;
use super::vae::variational;

variational! {
    /// Settings of the β-VAE with capacity.
    pub struct CapacityVae {
        /// Nats of a code at the end of the rise.
        #[schemars(range(min = 0.0))]
        capacity: f64 = 25.0,
        /// Share of the training over which the capacity rises from 0.
        #[schemars(range(min = 0.0, max = 1.0))]
        rise: f64 = 0.5,
        /// Weight of the distance between divergence and capacity.
        #[schemars(range(min = 0.0))]
        gamma: f64 = 10.0,
    }
    example: "latent_dim = 16\ncapacity = 25.0\ngamma = 10.0",
    regularizer: |settings| Capacity { gamma: settings.gamma, nats: settings.capacity, rise: settings.rise },
}
