//! t-SNE: a map in two dimensions on which near points stay near.
//! van der Maaten, Hinton (JMLR 2008); Barnes-Hut: van der Maaten (JMLR 2014); PCA start and learning rate: Kobak, Berens (2019).

mod affinity;
mod barnes_hut;
mod descent;
mod exact;
mod pairs;
#[cfg(test)]
mod tests;
mod z_order;

use ndarray::{Array2, ArrayView2};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ProjectError, Projector, finite};
use crate::random::Stream;
use crate::stats::pca::Pca;
use affinity::Affinities;
use descent::Layout;

/// With fewer points no perplexity above 1 is possible.
const LEAST_POINTS: usize = 5;
/// Standard deviation of the first coordinate at the start: small, so that the start gives the order and not the shape.
const START_SPREAD: f64 = 1e-4;

/// t-distributed stochastic neighbour embedding into two dimensions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Tsne {
    /// Effective number of neighbours of a point. At most a third of the other points: lowered to that where there are few.
    #[schemars(range(min = 1.0, max = 1000.0))]
    pub perplexity: f64,
    /// Steps of gradient descent; the first 250 with early exaggeration.
    #[schemars(range(min = 250, max = 100_000))]
    pub iterations: usize,
    /// Barnes-Hut: groups of points narrower than this share of their distance repel as one. 0: never, and all pairs attract
    /// each other, not only neighbours; much slower.
    #[schemars(range(min = 0.0, max = 0.7))]
    pub theta: f64,
}

impl Default for Tsne {
    fn default() -> Tsne {
        Tsne { perplexity: 30.0, iterations: 1000, theta: 0.5 }
    }
}

impl Tsne {
    /// One line of `runner kinds`.
    pub const EXAMPLE: &str = "perplexity = 30.0";

    /// The perplexity used for `points` points: at most `(points - 1) / 3`, so that three times as many neighbours exist.
    fn clamped_perplexity(&self, points: usize) -> f64 {
        self.perplexity.min((points - 1) as f64 / 3.0)
    }

    fn embed(&self, points: ArrayView2<f64>, seed: u64) -> Layout {
        let perplexity = self.clamped_perplexity(points.nrows());
        let start = start(points, seed);
        let (others, near) = (points.nrows() - 1, (3.0 * perplexity) as usize + 1);
        let affinities = Affinities::new(points, perplexity, if self.theta == 0.0 { others } else { near.min(others) });
        descent::run(start, &affinities, self.iterations, |layout| match self.theta == 0.0 {
            true => exact::repulsion(layout),
            false => barnes_hut::repulsion(layout, self.theta),
        })
    }
}

impl Projector for Tsne {
    fn project(&self, points: ArrayView2<f64>, seed: u64) -> Result<Array2<f64>, ProjectError> {
        if points.nrows() < LEAST_POINTS {
            return Err(ProjectError::TooFewPoints { needed: LEAST_POINTS, points: points.nrows() });
        }
        finite(points)?;
        let layout = self.embed(points, seed);
        Ok(Array2::from_shape_fn((points.nrows(), 2), |(row, axis)| layout[row][axis]))
    }

    fn dims(&self, _: usize) -> usize {
        2
    }

    fn is_map(&self) -> bool {
        true
    }

    fn version(&self) -> u32 {
        2
    }
}

/// The first two principal components, scaled to a small spread; noise of that spread on an axis the points do not vary on
/// (else nothing would ever leave it).
fn start(points: ArrayView2<f64>, seed: u64) -> Layout {
    let mut stream = Stream::new(seed, "project.tsne");
    let mut layout: Layout = (0..points.nrows()).map(|_| [0, 1].map(|_| START_SPREAD * stream.normal())).collect();
    let Some(pca) = Pca::fit(points, 2) else { return layout };
    let scores = pca.transform(points);
    let first = pca.explained_variance.first().map_or(0.0, |variance| variance * (points.nrows() - 1) as f64);
    let spread = (first / points.nrows() as f64).sqrt();
    for (axis, _) in pca.explained_variance_ratio.iter().enumerate().filter(|(_, share)| **share > f64::EPSILON) {
        layout.iter_mut().zip(scores.column(axis)).for_each(|(at, score)| at[axis] = score / spread * START_SPREAD);
    }
    layout
}
