//! k-means: clusters around means, at the least sum of squared distances.
//! Lloyd (1982), from the greedy k-means++ start of Arthur, Vassilvitskii (SODA 2007); restarts as in scikit-learn.

use std::num::NonZeroUsize;

use ndarray::ArrayView2;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Assignment, ClusterError, Clusterer, Count, Criterion, finite};
use crate::stats::kmeans::{self, Fit, Options};

/// k-means clustering; the best of several starts by inertia.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct KMeans {
    /// Number of clusters: a number, "classes" for as many as there are label classes, or "silhouette", "gap" or "bic" to choose.
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

impl KMeans {
    /// One line of `runner kinds`.
    pub const EXAMPLE: &str = "k = \"classes\"\nrestarts = 10";

    /// The best fit over all restarts (the first of equals). `points` is `[points, dims]`, finite, with at least `k` rows.
    pub fn fit(&self, points: ArrayView2<f64>, k: usize, seed: u64) -> Fit {
        kmeans::fit(points, k, seed, &self.options())
    }

    fn options(&self) -> Options {
        let (restarts, max_iterations) = (self.restarts.get(), self.max_iterations.get());
        Options { restarts, max_iterations, tolerance: self.tolerance }
    }
}

impl Clusterer for KMeans {
    fn criterion(&self) -> Option<Criterion> {
        self.k.criterion()
    }

    fn version(&self) -> u32 {
        2
    }

    fn assign(&self, points: ArrayView2<f64>, classes: Option<usize>, seed: u64) -> Result<Assignment, ClusterError> {
        let k = self.k.resolve(classes, points.nrows())?;
        finite(points)?;
        let fit = self.fit(points, k, seed);
        Ok(Assignment { labels: fit.labels, k, inertia: Some(fit.inertia) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::golden;
    use ndarray::{Array2, Axis, array};

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
            let fit = kmeans::from_centres(set.points.view(), start.view(), &Options::default());
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
