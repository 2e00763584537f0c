//! UMAP: the graph of nearest neighbours, laid out so that neighbours attract and others repel.
//! McInnes, Healy, Melville, "UMAP: uniform manifold approximation and projection" (2018); details as in umap-learn 0.5.

mod curve;
mod descent;
mod simplices;
mod spectral;
#[cfg(test)]
mod tests;

use std::num::NonZeroUsize;

use ndarray::{Array2, ArrayView2};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ProjectError, Projector, finite};
use crate::random::Stream;
use crate::stats::pca::Pca;
use crate::stats::scale::of_length_one;
use curve::Curve;
use simplices::Graph;

/// With fewer points a graph says nothing.
const LEAST_POINTS: usize = 4;
/// Up to so many points the layout takes [`MANY_EPOCHS`], above [`FEW_EPOCHS`].
const FEW_POINTS: usize = 10_000;
const MANY_EPOCHS: usize = 500;
const FEW_EPOCHS: usize = 200;
/// Coordinates at the start lie between 0 and this.
const START_WIDTH: f64 = 10.0;
/// Standard deviation of the noise at the start, which parts equal points.
const START_NOISE: f64 = 1e-4;

/// How the distance of two points is measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Length of the difference.
    #[default]
    Euclidean,
    /// One less the cosine of the angle; lengths do not matter. A point at the origin is far from all.
    Cosine,
}

/// Uniform manifold approximation and projection.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Umap {
    /// Columns of the result: 2 to look at, about 10 to cluster.
    #[schemars(range(min = 1, max = 64))]
    pub dims: NonZeroUsize,
    /// Neighbours of a point, itself included: few show detail, many the whole. Lowered where there are fewer points.
    #[schemars(range(min = 2, max = 1000))]
    pub n_neighbors: usize,
    /// How near points may come to each other on the map: 0 for clustering.
    #[schemars(range(min = 0.0, max = 10.0))]
    pub min_dist: f64,
    /// Scale of the map: beyond `min_dist`, nearness falls by e over this distance.
    #[schemars(range(min = 0.01, max = 100.0))]
    pub spread: f64,
    /// How the distance of two points is measured.
    pub metric: Metric,
    /// Passes over the graph. Default: 500 up to 10,000 points, 200 above.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epochs: Option<NonZeroUsize>,
}

impl Default for Umap {
    fn default() -> Umap {
        let dims = NonZeroUsize::new(2).expect("not zero");
        Umap { dims, n_neighbors: 15, min_dist: 0.1, spread: 1.0, metric: Metric::Euclidean, epochs: None }
    }
}

impl Umap {
    /// One line of `runner kinds`.
    pub const EXAMPLE: &str = "n_neighbors = 15";

    fn epochs(&self, points: usize) -> usize {
        let usual = if points <= FEW_POINTS { MANY_EPOCHS } else { FEW_EPOCHS };
        self.epochs.map_or(usual, NonZeroUsize::get)
    }

    fn graph(&self, points: ArrayView2<f64>) -> Graph {
        let neighbours = self.n_neighbors.clamp(2, points.nrows() - 1);
        match self.metric {
            Metric::Euclidean => Graph::new(points, neighbours, f64::sqrt),
            // Of vectors of length one, half the squared distance is one less the cosine.
            Metric::Cosine => Graph::new(of_length_one(points).view(), neighbours, |squared| squared / 2.0),
        }
    }

    /// Eigenvectors of the graph, or principal components where it falls into parts; with noise, each axis from 0 to 10.
    fn start(&self, points: ArrayView2<f64>, graph: &Graph, seed: u64) -> Array2<f64> {
        let dims = self.dims.get();
        let found = spectral::start(graph, dims).or_else(|| principal(points, dims));
        let mut start = found.unwrap_or_else(|| Array2::zeros((points.nrows(), dims)));
        let largest = start.iter().fold(0.0f64, |largest, x| largest.max(x.abs()));
        let scale = if largest > 0.0 { START_WIDTH / largest } else { 0.0 };
        let mut stream = Stream::new(seed, "project.umap.start");
        start.iter_mut().for_each(|x| *x = *x * scale + START_NOISE * stream.normal());
        for mut axis in start.columns_mut() {
            let low = axis.iter().copied().fold(f64::INFINITY, f64::min);
            let width = axis.iter().copied().fold(f64::NEG_INFINITY, f64::max) - low;
            axis.mapv_inplace(|x| START_WIDTH * (x - low) / width.max(f64::MIN_POSITIVE));
        }
        start
    }
}

impl Projector for Umap {
    fn project(&self, points: ArrayView2<f64>, seed: u64) -> Result<Array2<f64>, ProjectError> {
        if points.nrows() < LEAST_POINTS {
            return Err(ProjectError::TooFewPoints { needed: LEAST_POINTS, points: points.nrows() });
        }
        finite(points)?;
        let epochs = self.epochs(points.nrows());
        let graph = self.graph(points).pruned(epochs);
        let start = self.start(points, &graph, seed);
        Ok(descent::run(start, &graph, Curve::fit(self.min_dist, self.spread), epochs, seed))
    }

    fn dims(&self, _: usize) -> usize {
        self.dims.get()
    }

    fn is_map(&self) -> bool {
        self.dims.get() == 2
    }
}

/// Principal components; axes on which the points do not vary are zeros.
fn principal(points: ArrayView2<f64>, dims: usize) -> Option<Array2<f64>> {
    let scores = Pca::fit(points, dims)?.transform(points);
    Some(Array2::from_shape_fn((points.nrows(), dims), |at| scores.get(at).copied().unwrap_or(0.0)))
}
