//! Spectral clustering: k-means on the smoothest functions over the graph of nearest neighbours; finds clusters of any
//! form. Ng, Jordan, Weiss, "On spectral clustering" (2001); von Luxburg, "A tutorial on spectral clustering" (2007),
//! section 4. Graph, normalisation and embedding as in scikit-learn's
//! `SpectralClustering(affinity="nearest_neighbors")`.

use std::num::NonZeroUsize;

use ndarray::{Array2, ArrayView2};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::kmeans::KMeans;
use super::{Assignment, ClusterError, Clusterer, Count, Criterion, finite};
use crate::stats::neighbours::nearest;
use crate::stats::sparse::Sparse;
use crate::stats::sparse_eigen::largest;

/// Spectral clustering on nearest neighbours.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Spectral {
    /// Number of clusters: a number, "classes" for as many as there are label classes, or "silhouette", "gap" or "bic" to choose.
    pub k: Count,
    /// Neighbours that a point is tied to, itself counted.
    pub neighbours: NonZeroUsize,
    /// Random starts of the k-means at the end.
    pub restarts: NonZeroUsize,
}

impl Default for Spectral {
    fn default() -> Spectral {
        let [neighbours, restarts] = [10, 10].map(|n| NonZeroUsize::new(n).expect("not zero"));
        Spectral { k: Count::Classes, neighbours, restarts }
    }
}

impl Spectral {
    /// One line of `runner kinds`.
    pub const EXAMPLE: &str = "k = \"classes\"\nneighbours = 10";

    /// Coordinates `[points, k]` in which clusters are round: the eigenvectors of the `k` smallest eigenvalues of
    /// `1 - D^(-1/2)·A·D^(-1/2)`, times `D^(-1/2)`, where `A` ties neighbours and `D` holds the sums of its rows.
    /// `points` is `[points, dims]`, finite.
    ///
    /// # Errors
    /// `NoEmbedding` if the eigenvectors cannot be computed.
    pub fn embed(&self, points: ArrayView2<f64>, k: usize) -> Result<Array2<f64>, ClusterError> {
        let graph = Sparse::of_neighbours(&nearest(points, self.neighbours.get() - 1), points.nrows());
        let root = |degree: f64| if degree > 0.0 { 1.0 / degree.sqrt() } else { 1.0 };
        let factors: Vec<f64> = graph.degrees().into_iter().map(root).collect();
        let found = largest(&graph.scaled(&factors), k).ok_or(ClusterError::NoEmbedding)?;
        Ok(Array2::from_shape_fn((points.nrows(), k), |(row, at)| found.vectors[at][row] * factors[row]))
    }
}

impl Clusterer for Spectral {
    fn criterion(&self) -> Option<Criterion> {
        self.k.criterion()
    }

    fn assign(&self, points: ArrayView2<f64>, classes: Option<usize>, seed: u64) -> Result<Assignment, ClusterError> {
        let k = self.k.resolve(classes, points.nrows())?;
        finite(points)?;
        let embedded = self.embed(points, k)?;
        let fit = KMeans { restarts: self.restarts, ..KMeans::default() }.fit(embedded.view(), k, seed);
        Ok(Assignment { labels: fit.labels, k, inertia: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;
    use ndarray::array;

    fn assign(points: &Array2<f64>, k: usize) -> Result<Assignment, ClusterError> {
        Spectral::default().assign(points.view(), Some(k), 0)
    }

    /// A small ring in a large one.
    fn rings(points: usize) -> Array2<f64> {
        let mut stream = Stream::new(2, "test.rings");
        let angle = std::f64::consts::TAU / (points / 2) as f64;
        Array2::from_shape_fn((points, 2), |(row, dim)| {
            let phase = angle * (row / 2) as f64 + dim as f64 * std::f64::consts::FRAC_PI_2;
            (1.0 + 2.0 * (row % 2) as f64) * phase.cos() + 0.05 * stream.normal()
        })
    }

    #[test]
    fn rings_within_one_another_are_told_apart() {
        for points in [160, 400] {
            let labels = assign(&rings(points), 2).expect("finite").labels;
            assert!((0..points).all(|row| labels[row] == labels[row % 2]), "{points}");
            assert_ne!(labels[0], labels[1]);
        }
    }

    #[test]
    fn far_heaps_without_a_tie_between_them_are_found() {
        let mut stream = Stream::new(3, "test.heaps");
        let points = Array2::from_shape_fn((360, 2), |(row, _)| 1e3 * (row % 4) as f64 + stream.normal());
        let labels = assign(&points, 4).expect("finite").labels;
        assert!((0..360).all(|row| labels[row] == labels[row % 4]));
        assert_eq!(labels[..4].iter().collect::<std::collections::BTreeSet<_>>().len(), 4);
    }

    #[test]
    fn threads_do_not_change_the_labels() {
        let points = rings(600);
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
            pool.install(|| Spectral::default().embed(points.view(), 3))
        };
        assert_eq!(run(1), run(4));
    }

    #[test]
    fn few_equal_and_single_points_have_labels() {
        assert_eq!(assign(&array![[1.0]], 1).expect("finite").labels, [0]);
        assert_eq!(assign(&Array2::ones((5, 2)), 2).expect("finite").labels.len(), 5);
        assert_eq!(assign(&Array2::zeros((4, 0)), 2).expect("finite").labels.len(), 4);
        assert_eq!(assign(&Array2::from_elem((200, 1), 7.0), 3).expect("finite").labels.len(), 200);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        assert_eq!(assign(&Array2::zeros((2, 2)), 3), Err(ClusterError::TooFewPoints { k: 3, points: 2 }));
        assert_eq!(assign(&array![[1.0], [f64::NAN]], 2), Err(ClusterError::NotFinite { row: 1, column: 0 }));
    }

    #[test]
    fn the_example_parses() {
        assert_eq!(toml::from_str::<Spectral>(Spectral::EXAMPLE).expect("parses"), Spectral::default());
    }
}
