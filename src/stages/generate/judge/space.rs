//! Where sounds are compared: plain descriptors, standardised and reduced to principal components, both fitted to training
//! clips. Fewer dimensions than clips, or a covariance says nothing.

use ndarray::{Array2, ArrayView2};

use crate::artifact::Clips;
use crate::signal::timbre::Timbre;
use crate::stats::pca::Pca;
use crate::stats::scale::Standardiser;
use rayon::prelude::*;

/// Components that are kept at most.
pub const DIMS: usize = 24;

/// Standardised descriptors, and their principal components.
pub struct Space {
    standardiser: Standardiser,
    pca: Pca,
}

impl Space {
    /// Fitted to descriptors `[clips, descriptors]`; None of fewer than two clips.
    pub fn fit(train: ArrayView2<f64>) -> Option<Space> {
        let standardiser = Standardiser::fit(train);
        let pca = Pca::fit(standardiser.transform(train).view(), DIMS)?;
        Some(Space { standardiser, pca })
    }

    /// Standardised descriptors: what the probe reads.
    pub fn standardised(&self, descriptors: ArrayView2<f64>) -> Array2<f64> {
        self.standardiser.transform(descriptors)
    }

    /// Places of descriptors `[clips, descriptors]`: `[clips, components]`.
    pub fn places(&self, descriptors: ArrayView2<f64>) -> Array2<f64> {
        self.pca.transform(self.standardiser.transform(descriptors).view())
    }
}

/// Descriptors `[clips, descriptors]` of clips, of each as much as `samples`: longer clips count by their beginning.
pub fn descriptors(clips: &Clips, samples: usize) -> Array2<f64> {
    let timbre = Timbre::new(clips.rate_hz);
    let of = |clip: usize| {
        let sound = clips.samples(clip);
        timbre.of(&sound[..sound.len().min(samples)])
    };
    let rows: Vec<Vec<f32>> = (0..clips.count()).into_par_iter().map(of).collect();
    let width = timbre.names().len();
    let values = rows.concat().into_iter().map(f64::from).collect();
    Array2::from_shape_vec((rows.len(), width), values).unwrap_or_else(|_| Array2::zeros((0, width)))
}
