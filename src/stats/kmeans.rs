//! k-means: clusters around means, at the least sum of squared distances.
//! Lloyd (1982), from the greedy k-means++ start of Arthur, Vassilvitskii (SODA 2007); restarts as in scikit-learn.

mod bounds;
pub(crate) mod cloud;
pub(crate) mod lloyd;
pub(crate) mod plus_plus;

use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

use crate::random::Stream;
use crate::stats::scale::moments;
use cloud::Cloud;

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

/// How long and how often it is tried.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// Random starts; the one with the least inertia is kept.
    pub restarts: usize,
    /// Most iterations of one start.
    pub max_iterations: usize,
    /// Stop when the centres move (sum of squares) less than this share of the mean variance of the columns.
    pub tolerance: f64,
}

impl Default for Options {
    fn default() -> Options {
        Options { restarts: 10, max_iterations: 300, tolerance: 1e-4 }
    }
}

/// [`fit`] with scikit-learn's options; with fewer points than `k`, some centres are the same.
pub fn best(points: ArrayView2<f64>, k: usize, seed: u64) -> Fit {
    fit(points, k, seed, &Options::default())
}

/// The best fit over all restarts (the first of equals). `points` is `[points, dims]`, finite.
pub fn fit(points: ArrayView2<f64>, k: usize, seed: u64, options: &Options) -> Fit {
    let tolerance = options.tolerance * mean_variance(points);
    let cloud = arranged(Cloud::new(points), k, &mut Stream::new(seed, "cluster.kmeans.order"));
    let start = |restart: usize| {
        let mut stream = Stream::at(seed, "cluster.kmeans", restart as u64);
        lloyd::run(&cloud, plus_plus::centres(&cloud, k, &mut stream), options.max_iterations, tolerance)
    };
    let fits: Vec<Fit> = (0..options.restarts.max(1)).into_par_iter().map(start).collect();
    let best = fits.into_iter().min_by(|a, b| a.inertia.total_cmp(&b.inertia)).expect("at least one restart");
    cloud.move_back(best)
}

/// The fit from given centres `[k, dims]`; nothing is random. `points` is `[points, dims]`, finite.
pub fn from_centres(points: ArrayView2<f64>, centres: ArrayView2<f64>, options: &Options) -> Fit {
    let cloud = Cloud::new(points);
    let tolerance = options.tolerance * mean_variance(points);
    cloud.move_back(lloyd::run(&cloud, cloud.centred(centres), options.max_iterations, tolerance))
}

/// The cloud sorted by the nearest of `k` start centres: points that lie together then share a tile, and whole tiles
/// can be passed over.
fn arranged(cloud: Cloud, k: usize, stream: &mut Stream) -> Cloud {
    let labels = lloyd::assign(&cloud, &plus_plus::centres(&cloud, k, stream));
    cloud.sorted(&labels)
}

/// Mean over the columns of their population variance.
fn mean_variance(points: ArrayView2<f64>) -> f64 {
    let variances = points.columns().into_iter().map(|column| moments(column.iter().copied()).1);
    variances.sum::<f64>() / points.ncols().max(1) as f64
}
