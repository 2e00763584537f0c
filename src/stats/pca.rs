//! Principal component analysis.
//! Pearson (1901), Hotelling (1933). Eigenvectors of the covariance, or of the Gram matrix where points are fewer than dims;
//! by random projection (Halko et al. 2011, see `stats::svd`) where both are many.

use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

use crate::stats::linalg::{Matrix, blocked_product, multiply};
use crate::stats::svd::{self, Svd};

/// Runs of rows that are summed by themselves, then added in order: constants, because they decide the order of the sums.
const STRIPS: usize = 16;
const BLOCK_ROWS: usize = 256;
/// Up to so many columns the covariance is summed block by block of rows, and no centred copy is made.
const NARROW: usize = 128;

/// How components are found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Solver {
    /// Exact up to some hundred points or dims, and of tall matrices up to a thousand dims; else randomised.
    #[default]
    Auto,
    /// To rounding, at any price.
    Exact,
    /// By random projection, from a fixed stream.
    Randomised,
}

/// Directions of largest variance.
#[derive(Clone, Debug, PartialEq)]
pub struct Pca {
    /// Mean of each column, `[dims]`.
    pub mean: Vec<f64>,
    /// `[components, dims]`, of length one, by falling variance; the largest loading of each is positive
    /// (scikit-learn's convention since 1.5). A direction without variance may be all zeros.
    pub components: Array2<f64>,
    /// Variance along each component (ddof 1).
    pub explained_variance: Vec<f64>,
    /// The same as a share of the variance in all.
    pub explained_variance_ratio: Vec<f64>,
}

impl Pca {
    /// The first `components` principal components of `points` `[points, dims]`: at most `min(points, dims)` of them.
    /// None for fewer than two points, no dims, or values that are not finite.
    pub fn fit(points: ArrayView2<f64>, components: usize) -> Option<Pca> {
        Pca::fit_with(points, components, Solver::Auto)
    }

    /// The same with a choice of how.
    pub fn fit_with(points: ArrayView2<f64>, components: usize, solver: Solver) -> Option<Pca> {
        let (n, dims) = points.dim();
        if n < 2 || dims == 0 {
            return None;
        }
        let points = points.as_standard_layout();
        let points = points.as_slice().expect("the standard layout is a slice");
        let mean = column_means(points, dims);
        let (svd, squares) = match dims <= NARROW.min(n) && solver != Solver::Randomised {
            true => by_covariance(points, &mean, components)?,
            false => by_copy(&centred(points, &mean), dims, components, solver)?,
        };
        Some(Pca::of(mean, svd, squares, (n - 1) as f64))
    }

    /// From the singular vectors of centred points whose squares sum to `squares`.
    fn of(mean: Vec<f64>, svd: Svd, squares: f64, degrees: f64) -> Pca {
        let share = |value: &f64| if squares > 0.0 { value / squares } else { 0.0 };
        let components = Array2::from_shape_vec((svd.squared.len(), mean.len()), svd.right);
        Pca {
            explained_variance_ratio: svd.squared.iter().map(share).collect(),
            explained_variance: svd.squared.iter().map(|value| value / degrees).collect(),
            components: components.expect("each vector has dims values"),
            mean,
        }
    }

    /// Coordinates of `points` `[points, dims]` along the components: `[points, components]`.
    pub fn transform(&self, points: ArrayView2<f64>) -> Array2<f64> {
        let (dims, kept) = (self.mean.len(), self.components.nrows());
        let points = points.as_standard_layout();
        let centred = centred(points.as_slice().expect("the standard layout is a slice"), &self.mean);
        let components: Vec<f64> = self.components.iter().copied().collect();
        let centred = Matrix::new(&centred, points.nrows(), dims);
        let scores = blocked_product(centred, Matrix::new(&components, kept, dims).t());
        Array2::from_shape_vec((points.nrows(), kept), scores).expect("as many scores as asked for")
    }
}

/// Mean of each column of row-major `points`.
pub(super) fn column_means(points: &[f64], dims: usize) -> Vec<f64> {
    let add = |mut sum: Vec<f64>, row: &[f64]| {
        sum.iter_mut().zip(row).for_each(|(sum, x)| *sum += x);
        sum
    };
    let of_strip = |strip: &[f64]| strip.chunks_exact(dims).fold(vec![0.0; dims], add);
    let sums: Vec<Vec<f64>> = strips(points, dims).map(of_strip).collect();
    let n = (points.len() / dims) as f64;
    sums.iter().fold(vec![0.0; dims], |total, sum| add(total, sum)).into_iter().map(|sum| sum / n).collect()
}

/// Runs of whole rows.
fn strips(points: &[f64], dims: usize) -> rayon::slice::Chunks<'_, f64> {
    points.par_chunks((points.len() / dims).div_ceil(STRIPS).max(BLOCK_ROWS) * dims)
}

/// `points` less the mean of each column.
pub(super) fn centred(points: &[f64], mean: &[f64]) -> Vec<f64> {
    let mut centred = points.to_vec();
    let blocks = centred.par_chunks_mut((BLOCK_ROWS * mean.len()).max(1));
    blocks.for_each(|block| {
        block.chunks_exact_mut(mean.len()).for_each(|row| row.iter_mut().zip(mean).for_each(|(x, m)| *x -= m));
    });
    centred
}

/// Singular vectors of the centred points, and the sum of their squares.
fn by_copy(centred: &[f64], dims: usize, components: usize, solver: Solver) -> Option<(Svd, f64)> {
    let svd = match solver {
        Solver::Auto => svd::truncated(centred, dims, components),
        Solver::Exact => svd::exact(centred, dims, components),
        Solver::Randomised => svd::randomised(centred, dims, components),
    };
    svd.map(|svd| (svd, centred.iter().map(|x| x * x).sum()))
}

/// The same by the covariance alone.
fn by_covariance(points: &[f64], mean: &[f64], components: usize) -> Option<(Svd, f64)> {
    let dims = mean.len();
    let of_strip = |strip: &[f64]| {
        let (mut sum, mut block) = (vec![0.0; dims * dims], Vec::with_capacity(BLOCK_ROWS * dims));
        for rows in strip.chunks(BLOCK_ROWS * dims) {
            block.clear();
            rows.chunks_exact(dims).for_each(|row| block.extend(row.iter().zip(mean).map(|(x, m)| x - m)));
            let block = Matrix::new(&block, rows.len() / dims, dims);
            multiply(&mut sum, block.t(), block, true);
        }
        sum
    };
    let sums: Vec<Vec<f64>> = strips(points, dims).map(of_strip).collect();
    let mut total = vec![0.0; dims * dims];
    sums.iter().for_each(|sum| total.iter_mut().zip(sum).for_each(|(total, x)| *total += x));
    let squares = total.iter().step_by(dims + 1).sum();
    Some((Svd::of_gram(&total, dims, components)?, squares))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;
    use crate::stats::golden;
    use ndarray::array;

    #[test]
    fn a_line_has_one_component() {
        let points = array![[0.0, 0.0], [3.0, 4.0], [6.0, 8.0]];
        let pca = Pca::fit(points.view(), 2).expect("two points and more");
        assert!((pca.components[[0, 0]] - 0.6).abs() < 1e-12 && (pca.components[[0, 1]] - 0.8).abs() < 1e-12);
        assert!((pca.explained_variance_ratio[0] - 1.0).abs() < 1e-12);
        assert!((pca.transform(points.view())[[2, 0]] - 5.0).abs() < 1e-12);
    }

    fn noise(n: usize, dims: usize) -> Array2<f64> {
        let mut stream = Stream::new(1, "test.pca");
        Array2::from_shape_fn((n, dims), |(_, column)| 7.0 + stream.normal() / (1.0 + column as f64))
    }

    #[test]
    fn all_ways_give_the_same() {
        for (n, dims) in [(6, 10), (40, 9), (150, 140), (90, 400)] {
            let points = noise(n, dims);
            let fits = [Solver::Auto, Solver::Exact, Solver::Randomised].map(|by| Pca::fit_with(points.view(), 4, by));
            let [auto, exact, randomised] = fits.map(|fit| fit.expect("finite"));
            let copy = centred(points.as_slice().expect("in order"), &exact.mean);
            let (svd, squares) = by_copy(&copy, dims, 4, Solver::Exact).expect("finite");
            let copied = Pca::of(exact.mean.clone(), svd, squares, (n - 1) as f64);
            for other in [auto, randomised, copied] {
                golden::assert_close("variance", &other.explained_variance, &exact.explained_variance, 1e-9);
                golden::assert_close("components", &other.components, &exact.components, 1e-5);
            }
        }
    }

    #[test]
    fn columns_first_is_the_same_as_rows_first() {
        let points = noise(20, 5);
        let turned = points.t().as_standard_layout().into_owned();
        assert_eq!(Pca::fit(points.view(), 3), Pca::fit(turned.t(), 3));
    }

    #[test]
    fn threads_do_not_change_the_components() {
        let points = noise(6000, 12);
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
            pool.install(|| Pca::fit(points.view(), 3))
        };
        assert_eq!(run(1), run(4));
    }

    #[test]
    fn constant_points_have_no_variance_and_no_nan() {
        let pca = Pca::fit(Array2::ones((4, 6)).view(), 3).expect("four points");
        assert!(pca.transform(Array2::ones((2, 6)).view()).iter().all(|x| *x == 0.0));
        assert!(pca.explained_variance_ratio.iter().all(|x| *x == 0.0));
    }

    #[test]
    fn too_few_points_or_values_that_are_not_finite_give_none() {
        assert!(Pca::fit(Array2::zeros((1, 3)).view(), 1).is_none());
        assert!(Pca::fit(array![[f64::NAN, 1.0], [0.0, 1.0]].view(), 1).is_none());
    }

    #[test]
    fn agrees_with_scikit_learn() {
        for set in golden::sets() {
            let pca = Pca::fit(set.points.view(), set.pca.components.nrows()).expect("many points");
            golden::assert_close(&set.name, pca.components.iter(), set.pca.components.iter(), 1e-9);
            golden::assert_close(&set.name, &pca.explained_variance, &set.pca.explained_variance, 1e-9);
        }
    }
}
