//! Gaussian mixture by expectation and maximisation: clusters that are ellipsoids of their own size and direction.
//! Dempster, Laird, Rubin, "Maximum likelihood from incomplete data via the EM algorithm" (1977); start from k-means,
//! regularisation, stopping rule and information criteria as in scikit-learn's `GaussianMixture`.

mod chunks;
mod components;
mod covariance;

use std::num::NonZeroUsize;

use ndarray::{Array1, Array2, ArrayView2};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::kmeans::KMeans;
use super::{Assignment, ClusterError, Clusterer, Count, Criterion, finite};
use crate::random::Stream;
use chunks::Chunks;
use components::{Components, Expected};
pub use covariance::Covariance;

/// k-means starts of one mixture: the mixture keeps what it is given, and a good start costs less than an iteration.
const STARTS: NonZeroUsize = NonZeroUsize::new(3).expect("not zero");

/// Gaussian mixture; labels are the most probable components.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GaussianMixture {
    /// Number of components: a number, "classes" for as many as there are label classes, or "silhouette", "gap" or "bic" to choose.
    pub k: Count,
    /// Shape of the components.
    pub covariance: Covariance,
    /// Starts, each from the best of three k-means; the most likely mixture is kept.
    pub restarts: NonZeroUsize,
    /// Most iterations of one start.
    pub max_iterations: NonZeroUsize,
    /// Stop when the mean log-likelihood of a point changes by less than this.
    #[schemars(range(min = 0.0))]
    pub tolerance: f64,
    /// Added to every variance, so that no component collapses onto a point.
    #[schemars(range(min = 0.0))]
    pub regularisation: f64,
}

impl Default for GaussianMixture {
    fn default() -> GaussianMixture {
        let [restarts, max_iterations] = [1, 100].map(|n| NonZeroUsize::new(n).expect("not zero"));
        let (k, covariance) = (Count::Classes, Covariance::Full);
        GaussianMixture { k, covariance, restarts, max_iterations, tolerance: 1e-3, regularisation: 1e-6 }
    }
}

/// A mixture and what it says about the points it was fitted to.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// Most probable component of each point.
    pub labels: Vec<i32>,
    /// Share of each component, `[k]`.
    pub weights: Vec<f64>,
    /// Mean of each component, `[k, dims]`.
    pub means: Array2<f64>,
    /// Covariance of each component, `[dims, dims]`; one for all where they are tied.
    pub covariances: Vec<Array2<f64>>,
    /// Mean log-likelihood of a point (natural logarithm).
    pub log_likelihood: f64,
    /// Bayesian information criterion (Schwarz 1978); lower is better.
    pub bic: f64,
    /// Information criterion of Akaike (1974); lower is better.
    pub aic: f64,
    /// Iterations until the likelihood stood still.
    pub iterations: usize,
    /// False if `max_iterations` came first.
    pub converged: bool,
}

impl GaussianMixture {
    /// One line of `runner kinds`.
    pub const EXAMPLE: &str = "k = \"classes\"\ncovariance = \"full\"";

    /// The most likely fit over all restarts (the first of equals). `points` is `[points, dims]`, finite, with at least
    /// `k` rows.
    ///
    /// # Errors
    /// `SingularCovariance` if a component has no volume.
    pub fn fit(&self, points: ArrayView2<f64>, k: usize, seed: u64) -> Result<Fit, ClusterError> {
        let chunks = Chunks::new(points);
        let start = KMeans { restarts: STARTS, ..KMeans::default() };
        let fit = |restart: u64| {
            let labels = start.fit(points, k, Stream::at(seed, "cluster.gmm", restart).next_u64()).labels;
            let responsibilities = chunks.indicators(&labels, k);
            self.iterate(&chunks, self.maximise(&chunks, &responsibilities)?)
        };
        let mut best = fit(0)?;
        for restart in 1..self.restarts.get() as u64 {
            let other = fit(restart)?;
            best = if other.log_likelihood > best.log_likelihood { other } else { best };
        }
        Ok(best)
    }

    /// The fit from given means `[k, dims]`, equal weights and the variances of the columns; nothing is random.
    ///
    /// # Errors
    /// `SingularCovariance` if a component has no volume.
    pub fn from_means(&self, points: ArrayView2<f64>, means: ArrayView2<f64>) -> Result<Fit, ClusterError> {
        let chunks = Chunks::new(points);
        let variances = chunks.variances().into_iter().map(|variance| variance + self.regularisation);
        let variances = Array1::from(self.covariance.rounded(variances.collect()));
        let diagonal = Array2::from_diag(&variances).into_raw_vec_and_offset().0;
        let covariances = match self.covariance {
            Covariance::Tied => vec![diagonal],
            _ => vec![diagonal; means.nrows()],
        };
        let weights = vec![1.0 / means.nrows() as f64; means.nrows()];
        self.iterate(&chunks, Components::new(weights, chunks.centred(means), covariances, self.covariance)?)
    }

    fn iterate(&self, chunks: &Chunks, mut components: Components) -> Result<Fit, ClusterError> {
        let (mut before, mut iterations, mut converged) = (f64::NEG_INFINITY, 0, false);
        while iterations < self.max_iterations.get() && !converged {
            let Expected { responsibilities, log_likelihood, .. } = components.expect(chunks);
            components = self.maximise(chunks, &responsibilities)?;
            converged = (log_likelihood - before).abs() < self.tolerance;
            (before, iterations) = (log_likelihood, iterations + 1);
        }
        Ok(finish(chunks, components, iterations, converged))
    }

    /// The most likely components, given how much each is responsible for each point.
    fn maximise(&self, chunks: &Chunks, responsibilities: &[Vec<f64>]) -> Result<Components, ClusterError> {
        Components::most_likely(chunks, responsibilities, self.covariance, self.regularisation)
    }
}

fn finish(chunks: &Chunks, components: Components, iterations: usize, converged: bool) -> Fit {
    let Expected { labels, log_likelihood, .. } = components.expect(chunks);
    let (points, dims) = (chunks.len() as f64, chunks.dims());
    let parameters = components.parameters() as f64;
    let deviance = -2.0 * log_likelihood * points;
    let square =
        |values: &Vec<f64>| Array2::from_shape_vec((dims, dims), values.clone()).expect("dims rows of dims values");
    Fit {
        labels,
        covariances: components.covariances.iter().map(square).collect(),
        means: chunks.moved_back(&components.means),
        weights: components.weights,
        log_likelihood,
        bic: deviance + parameters * points.ln(),
        aic: deviance + 2.0 * parameters,
        iterations,
        converged,
    }
}

impl Clusterer for GaussianMixture {
    fn criterion(&self) -> Option<Criterion> {
        self.k.criterion()
    }

    fn assign(&self, points: ArrayView2<f64>, classes: Option<usize>, seed: u64) -> Result<Assignment, ClusterError> {
        let k = self.k.resolve(classes, points.nrows())?;
        finite(points)?;
        let fit = self.fit(points, k, seed)?;
        Ok(Assignment { labels: fit.labels, k, inertia: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::golden;
    use ndarray::{Axis, array};

    fn blobs(each: usize, dims: usize) -> Array2<f64> {
        let mut stream = Stream::new(5, "test.blobs");
        Array2::from_shape_fn((3 * each, dims), |(row, _)| 40.0 * (row / each) as f64 + stream.normal())
    }

    fn mixture(covariance: Covariance) -> GaussianMixture {
        GaussianMixture { covariance, ..GaussianMixture::default() }
    }

    const SHAPES: [Covariance; 4] = [Covariance::Full, Covariance::Tied, Covariance::Diagonal, Covariance::Spherical];

    #[test]
    fn a_fixed_start_ends_where_scikit_learn_ends() {
        // GaussianMixture(k, weights_init=1/k each, means_init=the rows, precisions_init=1/(variance + 1e-6)): bic,
        // aic, iterations and the first weight, for `wine` and `blobs`.
        let expected = [
            [(6065.23081735, 5066.15078256, 11, 0.619309962981), (2651.50117174, 2444.0169691, 9, 0.255582448062)],
            [(5677.06779041, 5257.07236177, 10, 0.700778753376), (2507.75408512, 2412.76131765, 7, 0.255509846183)],
            [(5561.15663044, 5306.61394642, 16, 0.373352355585), (2514.05755199, 2406.56573616, 6, 0.254751549228)],
            [(5708.7700991, 5568.77162289, 17, 0.30709200773), (2468.95513446, 2401.46027336, 6, 0.25506439869)],
        ];
        for (shape, expected) in SHAPES.into_iter().zip(expected) {
            for (set, (bic, aic, iterations, weight)) in golden::sets().into_iter().zip(expected) {
                let start = set.points.select(Axis(0), &set.kmeans.rows);
                let fit = mixture(shape).from_means(set.points.view(), start.view()).expect("positive definite");
                assert!(fit.converged && fit.iterations == iterations, "{} {shape:?} {}", set.name, fit.iterations);
                golden::assert_close(&set.name, [&fit.bic, &fit.aic, &fit.weights[0]], [&bic, &aic, &weight], 1e-9);
            }
        }
    }

    #[test]
    fn far_blobs_are_found_in_every_shape() {
        let points = blobs(100, 2);
        for shape in SHAPES {
            let fit = mixture(shape).fit(points.view(), 3, 1).expect("positive definite");
            let own = |row: usize| fit.labels[row / 100 * 100];
            assert!((0..300).all(|row| fit.labels[row] == own(row)), "{shape:?}");
            assert!(fit.weights.iter().all(|weight| (weight - 1.0 / 3.0).abs() < 1e-9), "{shape:?} {:?}", fit.weights);
            assert!(fit.covariances.iter().all(|c| (c[[0, 0]] - 1.0).abs() < 0.4), "{shape:?} {:?}", fit.covariances);
        }
    }

    #[test]
    fn threads_do_not_change_the_fit() {
        let points = blobs(400, 3);
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
            pool.install(|| mixture(Covariance::Full).fit(points.view(), 4, 3))
        };
        assert_eq!(run(1), run(4));
    }

    #[test]
    fn a_constant_column_and_equal_points_are_held_up_by_the_regularisation() {
        let points = array![[1.0, 7.0], [2.0, 7.0], [1.0, 7.0], [30.0, 7.0], [31.0, 7.0], [30.0, 7.0]];
        for shape in SHAPES {
            let fit = mixture(shape).fit(points.view(), 2, 0).expect("positive definite");
            assert!(fit.labels[0] == fit.labels[1] && fit.labels[0] != fit.labels[3], "{shape:?} {:?}", fit.labels);
        }
        let found = mixture(Covariance::Full).fit(Array2::zeros((3, 0)).view(), 2, 0).expect("positive definite");
        assert_eq!(found.labels.len(), 3);
    }

    #[test]
    fn a_component_without_volume_is_an_error() {
        let points = array![[1.0, 7.0], [2.0, 7.0], [30.0, 7.0], [31.0, 7.0]];
        for shape in [Covariance::Full, Covariance::Tied, Covariance::Diagonal] {
            let found = GaussianMixture { regularisation: 0.0, ..mixture(shape) }.fit(points.view(), 2, 0);
            assert_eq!(found, Err(ClusterError::SingularCovariance { component: 0 }), "{shape:?}");
        }
    }

    #[test]
    fn points_that_no_component_explains_have_a_likelihood() {
        let points = array![[0.0], [0.1], [1e9], [1e9]];
        let fit = mixture(Covariance::Full).fit(points.view(), 2, 0).expect("positive definite");
        assert!(fit.log_likelihood.is_finite() && fit.labels[0] != fit.labels[2], "{fit:?}");
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let assign = |points: Array2<f64>| mixture(Covariance::Full).assign(points.view(), Some(3), 0);
        assert_eq!(assign(Array2::zeros((2, 2))), Err(ClusterError::TooFewPoints { k: 3, points: 2 }));
        assert_eq!(assign(array![[1.0], [f64::NAN], [2.0]]), Err(ClusterError::NotFinite { row: 1, column: 0 }));
    }

    #[test]
    fn the_example_parses() {
        let found = toml::from_str::<GaussianMixture>(GaussianMixture::EXAMPLE).expect("parses");
        assert_eq!(found, GaussianMixture::default());
    }
}
