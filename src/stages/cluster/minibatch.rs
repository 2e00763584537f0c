//! Mini-batch k-means: centres that follow small random batches, for point sets too large to go through many times.
//! Sculley, "Web-scale k-means clustering" (WWW 2010); start, moving of idle centres and early stop as in
//! scikit-learn's `MiniBatchKMeans`.

mod steps;

use std::num::NonZeroUsize;

use ndarray::{Array2, ArrayView2, Axis, s};
use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Assignment, ClusterError, Clusterer, Count, Criterion, finite};
use crate::random::Stream;
use crate::stats::kmeans::cloud::Cloud;
use crate::stats::kmeans::{lloyd, plus_plus};
use steps::{Centres, Patience, draw, sample};

/// Points labelled together at the end.
const CHUNK: usize = 1024;

/// k-means on small random batches; for very many points.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MiniBatchKMeans {
    /// Number of clusters: a number, "classes" for as many as there are label classes, or "silhouette", "gap" or "bic" to choose.
    pub k: Count,
    /// Points of one batch.
    pub batch: NonZeroUsize,
    /// Random starts on a sample; the one with the least inertia is followed.
    pub restarts: NonZeroUsize,
    /// Most times that as many points as there are go through the batches.
    pub max_passes: NonZeroUsize,
}

impl Default for MiniBatchKMeans {
    fn default() -> MiniBatchKMeans {
        let [batch, restarts, max_passes] = [1024, 10, 100].map(|n| NonZeroUsize::new(n).expect("not zero"));
        MiniBatchKMeans { k: Count::Classes, batch, restarts, max_passes }
    }
}

/// A clustering with its centres.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// Nearest centre of each point.
    pub labels: Vec<i32>,
    /// `[k, dims]`.
    pub centres: Array2<f64>,
    /// Sum of squared distances to the own centre.
    pub inertia: f64,
    /// Batches followed.
    pub steps: usize,
}

impl MiniBatchKMeans {
    /// One line of `runner kinds`.
    pub const EXAMPLE: &str = "k = \"classes\"\nbatch = 1024";

    /// `points` is `[points, dims]`, finite, with at least `k` rows.
    pub fn fit(&self, points: ArrayView2<f64>, k: usize, seed: u64) -> Fit {
        let mut stream = Stream::new(seed, "cluster.minibatch");
        let batch = self.batch.get().min(points.nrows());
        let mean = rough_mean(points, 3 * batch);
        let start = self.start(points, &mean, k, &mut stream);
        let mut centres = Centres::new(start, points.ncols().max(1));
        let mut patience = Patience::new(batch, points.nrows());
        let most = (self.max_passes.get().saturating_mul(points.nrows()) / batch).max(1);
        let mut steps = 0;
        while steps < most {
            let inertia = centres.follow(&draw(points, &mean, batch, &mut stream), &mut stream);
            steps += 1;
            // The first one is the inertia of the start.
            if steps > 1 && patience.is_over(inertia) {
                break;
            }
        }
        finish(points, &mean, &centres.values, steps)
    }

    /// The best of several k-means++ starts on a sample, by its inertia there.
    fn start(&self, points: ArrayView2<f64>, mean: &[f64], k: usize, stream: &mut Stream) -> Vec<f64> {
        let some = sample(points, mean, 3 * self.batch.get().max(k), stream);
        let start = |_| {
            let centres = plus_plus::centres(&some, k, stream);
            let inertia: f64 = lloyd::distances(&some, &centres, &lloyd::assign(&some, &centres)).iter().sum();
            (inertia, centres)
        };
        let starts = (0..self.restarts.get()).map(start);
        starts.min_by(|a, b| a.0.total_cmp(&b.0)).expect("at least one restart").1
    }
}

/// Mean of about `count` rows at equal steps: near enough to the origin of the distances.
fn rough_mean(points: ArrayView2<f64>, count: usize) -> Vec<f64> {
    let step = (points.nrows() / count.max(1)).max(1);
    points.slice(s![..;step, ..]).mean_axis(Axis(0)).map(|mean| mean.to_vec()).unwrap_or_default()
}

/// Labels and inertia of all points, by chunks of fixed size.
fn finish(points: ArrayView2<f64>, mean: &[f64], centres: &[f64], steps: usize) -> Fit {
    let dims = points.ncols().max(1);
    let chunk = |first: usize| {
        let rows = points.slice(s![first..(first + CHUNK).min(points.nrows()), ..]);
        let cloud = Cloud::about(rows, mean.to_vec());
        let labels = lloyd::assign(&cloud, centres);
        let inertia: f64 = lloyd::distances(&cloud, centres, &labels).iter().sum();
        (labels, inertia)
    };
    let starts: Vec<usize> = (0..points.nrows()).step_by(CHUNK).collect();
    let parts: Vec<(Vec<usize>, f64)> = starts.into_par_iter().map(chunk).collect();
    let moved = centres.iter().zip(mean.iter().cycle()).map(|(x, m)| x + m).collect();
    let centres = Array2::from_shape_vec((centres.len() / dims, points.ncols()), moved).expect("k rows of dims values");
    let inertia = parts.iter().map(|(_, inertia)| inertia).sum();
    let labels = parts.into_iter().flat_map(|(labels, _)| labels).map(|label| label as i32).collect();
    Fit { labels, centres, inertia, steps }
}

impl Clusterer for MiniBatchKMeans {
    fn criterion(&self) -> Option<Criterion> {
        self.k.criterion()
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
    use crate::stages::cluster::kmeans::KMeans;
    use crate::stats::golden;
    use ndarray::array;

    fn blobs(points: usize, dims: usize) -> Array2<f64> {
        let mut stream = Stream::new(5, "test.blobs");
        Array2::from_shape_fn((points, dims), |(row, dim)| {
            20.0 * ((row % 6) as f64 - (dim % 3) as f64).abs() + 3.0 * stream.normal()
        })
    }

    #[test]
    fn the_inertia_is_within_two_hundredths_of_full_k_means() {
        let points = blobs(6000, 5);
        let full = KMeans::default().fit(points.view(), 6, 0).inertia;
        for seed in 0..5 {
            let fit = MiniBatchKMeans::default().fit(points.view(), 6, seed);
            assert!(fit.inertia <= 1.02 * full, "seed {seed}: {} {full}", fit.inertia);
            assert_eq!(fit.labels.len(), 6000);
        }
    }

    #[test]
    fn centres_labels_and_inertia_belong_together() {
        for set in golden::sets() {
            let fit = MiniBatchKMeans::default().fit(set.points.view(), 3, 0);
            let squared = |(row, label): (usize, &i32)| -> f64 {
                let centre = fit.centres.row(*label as usize);
                set.points.row(row).iter().zip(centre).map(|(x, c)| (x - c) * (x - c)).sum()
            };
            let sum: f64 = fit.labels.iter().enumerate().map(squared).sum();
            golden::assert_close(&set.name, [&fit.inertia], [&sum], 1e-9);
        }
    }

    #[test]
    fn threads_do_not_change_the_fit() {
        let points = blobs(9000, 3);
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
            pool.install(|| MiniBatchKMeans::default().fit(points.view(), 4, 3))
        };
        assert_eq!(run(1), run(4));
    }

    #[test]
    fn equal_points_and_points_without_columns_still_end() {
        let fit = MiniBatchKMeans::default().fit(array![[1.0], [1.0], [2.0], [2.0]].view(), 3, 0);
        assert!(fit.labels[0] != fit.labels[2] && fit.centres.iter().all(|x| x.is_finite()), "{fit:?}");
        assert_eq!(MiniBatchKMeans::default().fit(Array2::zeros((3, 0)).view(), 2, 0).labels, [0, 0, 0]);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let assign = |points: Array2<f64>| MiniBatchKMeans::default().assign(points.view(), Some(3), 0);
        assert_eq!(assign(Array2::zeros((2, 2))), Err(ClusterError::TooFewPoints { k: 3, points: 2 }));
        assert_eq!(assign(array![[1.0], [f64::NAN], [2.0]]), Err(ClusterError::NotFinite { row: 1, column: 0 }));
    }

    #[test]
    fn the_example_parses() {
        let found = toml::from_str::<MiniBatchKMeans>(MiniBatchKMeans::EXAMPLE).expect("parses");
        assert_eq!(found, MiniBatchKMeans::default());
    }
}
