//! k-means: clusters around means, at the least sum of squared distances.
//! Lloyd (1982), from the greedy k-means++ start of Arthur, Vassilvitskii (SODA 2007); restarts as in scikit-learn.

mod lloyd;
mod plus_plus;

use std::num::NonZeroUsize;

use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Assignment, ClusterError, Clusterer, Count};
use crate::random::Stream;
use crate::stats::first_not_finite;
use crate::stats::scale::moments;
use lloyd::Cloud;

/// k-means clustering; the best of several starts by inertia.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct KMeans {
    /// Number of clusters: a number, or "classes" for as many as there are label classes.
    pub k: Count,
    /// Random starts; the one with the least inertia is kept.
    pub restarts: NonZeroUsize,
    /// Most iterations of one start.
    pub max_iterations: NonZeroUsize,
    /// Stop when the centres move (sum of squares) less than this share of the mean variance of the columns.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub tolerance: f64,
}

impl Default for KMeans {
    fn default() -> KMeans {
        let [restarts, max_iterations] = [10, 300].map(|n| NonZeroUsize::new(n).expect("not zero"));
        KMeans { k: Count::Classes, restarts, max_iterations, tolerance: 1e-4 }
    }
}

/// A clustering with its centres.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// Cluster of each point.
    pub labels: Vec<i32>,
    /// Mean of each cluster, `[k, dims]`.
    pub centres: Array2<f64>,
    /// Sum of squared distances to the own centre.
    pub inertia: f64,
    /// Iterations until the centres stood still.
    pub iterations: usize,
}

impl KMeans {
    /// One line of `runner kinds`.
    pub const EXAMPLE: &str = "k = \"classes\"\nrestarts = 10";

    /// The best fit over all restarts (the first of equals). `points` is `[points, dims]`, finite, with at least `k` rows.
    pub fn fit(&self, points: ArrayView2<f64>, k: usize, seed: u64) -> Fit {
        let cloud = Cloud::new(points);
        let tolerance = self.tolerance * mean_variance(points);
        let start = |restart: usize| {
            let mut stream = Stream::at(seed, "cluster.kmeans", restart as u64);
            lloyd::run(&cloud, plus_plus::centres(&cloud, k, &mut stream), self.max_iterations.get(), tolerance)
        };
        let fits: Vec<Fit> = (0..self.restarts.get()).into_par_iter().map(start).collect();
        let best = fits.into_iter().min_by(|a, b| a.inertia.total_cmp(&b.inertia)).expect("at least one restart");
        cloud.move_back(best)
    }

    /// The fit from given centres `[k, dims]`; nothing is random. `points` is `[points, dims]`, finite.
    pub fn from_centres(&self, points: ArrayView2<f64>, centres: ArrayView2<f64>) -> Fit {
        let cloud = Cloud::new(points);
        let tolerance = self.tolerance * mean_variance(points);
        cloud.move_back(lloyd::run(&cloud, cloud.centred(centres), self.max_iterations.get(), tolerance))
    }
}

impl Clusterer for KMeans {
    fn assign(&self, points: ArrayView2<f64>, classes: Option<usize>, seed: u64) -> Result<Assignment, ClusterError> {
        let k = self.k.resolve(classes, points.nrows())?;
        if let Some((row, column)) = first_not_finite(points) {
            return Err(ClusterError::NotFinite { row, column });
        }
        let fit = self.fit(points, k, seed);
        Ok(Assignment { labels: fit.labels, k, inertia: Some(fit.inertia) })
    }
}

/// Mean over the columns of their population variance.
fn mean_variance(points: ArrayView2<f64>) -> f64 {
    let variances = points.columns().into_iter().map(|column| moments(column.iter().copied()).1);
    variances.sum::<f64>() / points.ncols().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::golden;
    use ndarray::{Axis, array};

    #[test]
    fn two_spots_are_two_clusters_without_inertia() {
        let points = array![[0.0, 1.0], [5.0, 5.0], [0.0, 1.0], [5.0, 5.0]];
        let found = KMeans::default().assign(points.view(), Some(2), 1).expect("valid");
        assert!(found.labels[0] == found.labels[2] && found.labels[1] == found.labels[3]);
        assert!(found.labels[0] != found.labels[1] && found.inertia == Some(0.0), "{found:?}");
    }

    #[test]
    fn a_fixed_start_ends_where_scikit_learn_ends() {
        for set in golden::sets() {
            let start = set.points.select(Axis(0), &set.kmeans.rows);
            let fit = KMeans::default().from_centres(set.points.view(), start.view());
            assert_eq!((&fit.labels, fit.iterations), (&set.kmeans.labels, set.kmeans.iterations), "{}", set.name);
            golden::assert_close(&set.name, fit.centres.iter(), set.kmeans.centres.iter(), 1e-9);
            golden::assert_close(&set.name, [&fit.inertia], [&set.kmeans.inertia], 1e-9);
        }
    }

    #[test]
    fn restarts_find_an_inertia_as_low_as_scikit_learn() {
        for set in golden::sets() {
            for seed in 0..5 {
                let fit = KMeans::default().fit(set.points.view(), set.kmeans.rows.len(), seed);
                assert!(fit.inertia <= set.kmeans.seeded_inertia * (1.0 + 1e-9), "{} seed {seed}: {fit:?}", set.name);
            }
        }
    }

    #[test]
    fn threads_do_not_change_the_fit() {
        let points = &golden::sets()[1].points;
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
            pool.install(|| KMeans::default().fit(points.view(), 7, 3))
        };
        assert_eq!(run(1), run(4));
    }

    #[test]
    fn fewer_distinct_points_than_clusters_still_end() {
        let fit = KMeans::default().fit(array![[1.0], [1.0], [2.0], [2.0]].view(), 3, 0);
        assert!(fit.inertia == 0.0 && fit.centres.iter().all(|x| x.is_finite()), "{fit:?}");
        assert_eq!(KMeans::default().fit(Array2::zeros((3, 0)).view(), 2, 0).labels, [0, 0, 0]);
    }

    #[test]
    fn values_that_are_not_finite_are_named() {
        let error = KMeans::default().assign(array![[1.0, 2.0], [3.0, f64::NAN]].view(), Some(2), 0);
        assert_eq!(error, Err(ClusterError::NotFinite { row: 1, column: 1 }));
    }

    #[test]
    fn the_example_parses() {
        assert_eq!(toml::from_str::<KMeans>(KMeans::EXAMPLE).expect("parses"), KMeans::default());
    }
}
