//! Canonical correlation analysis: pairs of directions, one in each of two sets of columns, whose scores correlate most.
//! Hotelling, "Relations between two sets of variates" (Biometrika 1936); the ridge of Vinod, "Canonical ridge and
//! econometrics of joint production" (Journal of Econometrics 1976).
//!
//! With covariances `A = cov(X) + r·I` and `B = cov(Y) + s·I`, the singular values of `A^-½ · cov(X, Y) · B^-½` are what the
//! pairs share, and its singular vectors, taken back through the whitening, are their weights. `r` and `s` are the ridge
//! times the mean variance of a column of their side, so that a ridge means the same for loud and for quiet columns.

use ndarray::{Array2, ArrayView2};

use super::first_not_finite;
use super::linalg::{Matrix, blocked_product};
use super::pca::{centred, column_means};
use super::svd;

/// Below this share of the largest variance a direction is rounding, and cannot be whitened.
const NOISE: f64 = 1e-12;
/// A singular value below it is rounding: it is the square root of an eigenvalue.
const FAINT: f64 = 1e-7;

/// Pairs of directions, by falling correlation.
#[derive(Clone, Debug, PartialEq)]
pub struct Cca {
    x: Side,
    y: Side,
    correlations: Vec<f64>,
}

/// What one set of columns is multiplied with.
#[derive(Clone, Debug, PartialEq)]
struct Side {
    /// Mean of each column, `[columns]`.
    mean: Vec<f64>,
    /// `[columns, pairs]`.
    weights: Vec<f64>,
}

impl Cca {
    /// The first `dims` pairs of `x` `[rows, p]` and `y` `[rows, q]`: at most the smaller number of directions that vary.
    /// Row i of both is of the same track. `ridge` is in units of a side's mean variance: 0 for none, 0.1 where columns are
    /// many beside rows (without it, as many columns as rows correlate perfectly whatever they hold). Columns of one side are
    /// to be on one scale.
    ///
    /// None for fewer than three rows, another number of rows on each side, no dims, a side where nothing varies, a ridge
    /// that is negative, or values that are not finite.
    pub fn fit(x: ArrayView2<f64>, y: ArrayView2<f64>, dims: usize, ridge: f64) -> Option<Cca> {
        let rows = x.nrows();
        let odd = first_not_finite(x).or(first_not_finite(y)).is_some() || !(ridge.is_finite() && ridge >= 0.0);
        if rows < 3 || y.nrows() != rows || dims == 0 || odd {
            return None;
        }
        let (x, y) = (Whitened::of(x, ridge)?, Whitened::of(y, ridge)?);
        let degrees = (rows - 1) as f64;
        let (xs, ys) = (Matrix::new(&x.scores, rows, x.kept()), Matrix::new(&y.scores, rows, y.kept()));
        let shared: Vec<f64> = blocked_product(xs.t(), ys).into_iter().map(|sum| sum / degrees).collect();
        let svd = svd::exact(&shared, y.kept(), dims.min(x.kept()).min(y.kept()))?;
        let found = svd.squared.iter().zip(svd.right.chunks_exact(y.kept()));
        let pairs: Vec<Pair> = found.map(|(squared, right)| Pair::of(squared.sqrt(), right, &shared, &x, &y)).collect();
        Some(Cca::of(x.mean, y.mean, &pairs))
    }

    fn of(x_mean: Vec<f64>, y_mean: Vec<f64>, pairs: &[Pair]) -> Cca {
        let weights = |of: fn(&Pair) -> &Vec<f64>, columns: usize| -> Vec<f64> {
            (0..columns).flat_map(|column| pairs.iter().map(move |pair| of(pair)[column])).collect()
        };
        let x = Side { weights: weights(|pair| &pair.x, x_mean.len()), mean: x_mean };
        let y = Side { weights: weights(|pair| &pair.y, y_mean.len()), mean: y_mean };
        Cca { x, y, correlations: pairs.iter().map(|pair| pair.correlation).collect() }
    }

    /// Correlation of the scores of each pair on the rows that were fitted, `[pairs]`, falling where there is no ridge.
    pub fn correlations(&self) -> &[f64] {
        &self.correlations
    }

    /// Scores `[rows, pairs]` of rows `x` `[rows, p]`. On the rows that were fitted each column has mean 0 and variance 1
    /// (ddof 1); a pair without any correlation may be all zeros.
    pub fn transform_x(&self, x: ArrayView2<f64>) -> Array2<f64> {
        self.x.scores(x)
    }

    /// Scores `[rows, pairs]` of rows `y` `[rows, q]`.
    pub fn transform_y(&self, y: ArrayView2<f64>) -> Array2<f64> {
        self.y.scores(y)
    }
}

impl Side {
    fn scores(&self, points: ArrayView2<f64>) -> Array2<f64> {
        let (rows, columns) = (points.nrows(), self.mean.len());
        let pairs = self.weights.len() / columns;
        let points = points.as_standard_layout();
        let centred = centred(points.as_slice().expect("the standard layout is a slice"), &self.mean);
        let scores = blocked_product(Matrix::new(&centred, rows, columns), Matrix::new(&self.weights, columns, pairs));
        Array2::from_shape_vec((rows, pairs), scores).expect("a score for each row and pair")
    }
}

/// A set of columns turned to its principal directions, each divided by its standard deviation with the ridge.
struct Whitened {
    mean: Vec<f64>,
    /// `[kept, columns]`.
    basis: Vec<f64>,
    /// Variance of each kept direction after whitening: 1 without a ridge.
    variances: Vec<f64>,
    /// `[rows, kept]`.
    scores: Vec<f64>,
}

impl Whitened {
    /// None where nothing varies.
    fn of(points: ArrayView2<f64>, ridge: f64) -> Option<Whitened> {
        let (rows, columns) = points.dim();
        let points = points.as_standard_layout();
        let points = points.as_slice().filter(|points| !points.is_empty())?;
        let mean = column_means(points, columns);
        let centred = centred(points, &mean);
        let svd = svd::exact(&centred, columns, rows.min(columns))?;
        let found: Vec<f64> = svd.squared.iter().map(|squared| squared / (rows - 1) as f64).collect();
        let kept = found.iter().take_while(|variance| **variance > NOISE * found[0]).count();
        let floor = ridge * found.iter().sum::<f64>() / columns as f64;
        let mut basis = svd.right[..kept * columns].to_vec();
        for (direction, variance) in basis.chunks_exact_mut(columns).zip(&found) {
            direction.iter_mut().for_each(|x| *x /= (variance + floor).sqrt());
        }
        let variances = found[..kept].iter().map(|variance| variance / (variance + floor)).collect();
        let scores = blocked_product(Matrix::new(&centred, rows, columns), Matrix::new(&basis, kept, columns).t());
        (kept > 0).then_some(Whitened { mean, basis, variances, scores })
    }

    fn kept(&self) -> usize {
        self.variances.len()
    }

    /// Standard deviation of the scores along `direction` `[kept]` of the whitened space.
    fn spread(&self, direction: &[f64]) -> f64 {
        direction.iter().zip(&self.variances).map(|(x, variance)| x * x * variance).sum::<f64>().sqrt()
    }

    /// The weights `[columns]` whose scores have variance 1 along `direction`.
    fn weights(&self, direction: &[f64]) -> Vec<f64> {
        let (kept, columns, spread) = (self.kept(), self.mean.len(), self.spread(direction));
        let weights = blocked_product(Matrix::new(direction, 1, kept), Matrix::new(&self.basis, kept, columns));
        weights.into_iter().map(|weight| if spread > 0.0 { weight / spread } else { 0.0 }).collect()
    }
}

/// The weights of one pair.
struct Pair {
    x: Vec<f64>,
    y: Vec<f64>,
    correlation: f64,
}

impl Pair {
    /// From the singular value `share` and the right singular vector of `shared` `[x kept, y kept]`.
    fn of(share: f64, right: &[f64], shared: &[f64], x: &Whitened, y: &Whitened) -> Pair {
        let left = blocked_product(Matrix::new(shared, x.kept(), y.kept()), Matrix::new(right, y.kept(), 1));
        let left: Vec<f64> = left.into_iter().map(|value| if share > FAINT { value / share } else { 0.0 }).collect();
        let both = x.spread(&left) * y.spread(right);
        let correlation = if both > 0.0 { (share / both).min(1.0) } else { 0.0 };
        let (mut x, mut y) = (x.weights(&left), y.weights(right));
        // A pair has two signs that fit together: the largest weight on the first side is positive.
        let largest = x.iter().fold(0.0f64, |best, weight| if weight.abs() > best.abs() { *weight } else { best });
        if largest < 0.0 {
            x.iter_mut().chain(&mut y).for_each(|weight| *weight = -*weight);
        }
        Pair { x, y, correlation }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;
    use crate::stats::golden;
    use nalgebra::DMatrix;
    use ndarray::{Axis, s};
    use proptest::prelude::{ProptestConfig, prop_assert, proptest};

    fn noise(rows: usize, columns: usize, name: &str) -> Array2<f64> {
        let values = Stream::new(1, name).normals(rows * columns).into_iter().map(f64::from).collect();
        Array2::from_shape_vec((rows, columns), values).unwrap()
    }

    fn correlation(a: ndarray::ArrayView1<f64>, b: ndarray::ArrayView1<f64>) -> f64 {
        let (a, b) = (&a - a.mean().unwrap(), &b - b.mean().unwrap());
        a.dot(&b) / (a.dot(&a) * b.dot(&b)).sqrt()
    }

    #[test]
    fn a_linear_map_correlates_perfectly() {
        let x = noise(60, 5, "x");
        let y = x.dot(&noise(5, 4, "map")) + 3.0;
        let cca = Cca::fit(x.view(), y.view(), 9, 0.0).unwrap();
        assert_eq!(cca.correlations().len(), 4);
        assert!(cca.correlations().iter().all(|r| (r - 1.0).abs() < 1e-9), "{:?}", cca.correlations());
        let gap = cca.transform_x(x.view()) - cca.transform_y(y.view());
        assert!(gap.iter().all(|gap| gap.abs() < 1e-6), "the scores of both sides are the same");
    }

    #[test]
    fn sides_that_know_nothing_of_each_other_do_not_correlate_on_rows_held_out() {
        let (x, y) = (noise(400, 20, "x"), noise(400, 30, "y"));
        let cca = Cca::fit(x.slice(s![..200, ..]), y.slice(s![..200, ..]), 1, 0.0).unwrap();
        let (a, b) = (cca.transform_x(x.slice(s![200.., ..])), cca.transform_y(y.slice(s![200.., ..])));
        assert!(cca.correlations()[0] > 0.4, "many columns always find something: {:?}", cca.correlations());
        assert!(correlation(a.column(0), b.column(0)).abs() < 0.2);
    }

    #[test]
    fn a_ridge_keeps_more_columns_than_rows_from_finding_what_is_not_there() {
        let signal = noise(240, 1, "signal");
        let hear = |name: &str| noise(240, 100, name) + 2.0 * signal.dot(&noise(1, 100, "loading").mapv(|x| x / 5.0));
        let (x, y) = (hear("x"), hear("y"));
        let held_out = |ridge| {
            let cca = Cca::fit(x.slice(s![..60, ..]), y.slice(s![..60, ..]), 1, ridge).unwrap();
            let (a, b) = (cca.transform_x(x.slice(s![60.., ..])), cca.transform_y(y.slice(s![60.., ..])));
            correlation(a.column(0), b.column(0))
        };
        assert!(held_out(0.0) < 0.6 && held_out(1.0) > 0.9, "{} {}", held_out(0.0), held_out(1.0));
    }

    #[test]
    fn correlations_are_those_of_scikit_learn() {
        // wine, columns 0..6 with 6..13: CCA(4, max_iter=100000, tol=1e-14).fit(x, y), np.corrcoef of each pair of scores
        let theirs = [0.9029354448257604, 0.7301548971471701, 0.5166751751542561, 0.4094103299733045];
        let wine = golden::sets().swap_remove(0).points;
        let cca = Cca::fit(wine.slice(s![.., ..6]), wine.slice(s![.., 6..]), 4, 0.0).unwrap();
        golden::assert_close("correlations", cca.correlations(), &theirs, 1e-9);
    }

    #[test]
    fn what_cannot_be_fitted_is_refused() {
        let (x, flat) = (noise(5, 2, "x"), Array2::zeros((5, 2)));
        let mut odd = x.clone();
        odd[(1, 1)] = f64::NAN;
        let fit = |x: &Array2<f64>, y: &Array2<f64>, ridge| Cca::fit(x.view(), y.view(), 1, ridge);
        assert!(fit(&x, &x, 0.0).is_some() && Cca::fit(x.view(), x.view(), 0, 0.0).is_none());
        for (y, ridge) in [(&flat, 0.0), (&odd, 0.0), (&noise(4, 2, "y"), 0.0), (&x, -1.0), (&x, f64::NAN)] {
            assert_eq!((fit(&x, y, ridge), fit(y, &x, ridge)), (None, None));
        }
        assert!(
            fit(&Array2::zeros((5, 0)), &x, 0.0).is_none() && fit(&noise(2, 2, "y"), &noise(2, 2, "z"), 0.0).is_none()
        );
    }

    #[test]
    fn signs_are_fixed_and_a_side_turned_round_turns_its_weights_alone() {
        let wine = golden::sets().swap_remove(0).points;
        let (x, y) = (wine.slice(s![.., ..6]), wine.slice(s![.., 6..]));
        let opposite = y.mapv(|y| -y);
        let (cca, turned) = (Cca::fit(x, y, 3, 0.1).unwrap(), Cca::fit(x, opposite.view(), 3, 0.1).unwrap());
        assert!((cca.transform_x(x) - turned.transform_x(x)).iter().all(|gap| gap.abs() < 1e-9));
        assert!((cca.transform_y(y) - turned.transform_y(opposite.view())).iter().all(|gap| gap.abs() < 1e-9));
        let largest = |pair: usize| {
            (0..6).map(|at| cca.x.weights[at * 3 + pair]).fold(0.0f64, |a, b| if b.abs() > a.abs() { b } else { a })
        };
        assert!((0..3).all(|pair| largest(pair) > 0.0));
    }

    /// `cov(X, Y)` with `ridge` on the diagonal where both are the same side.
    fn covariance(x: &Array2<f64>, y: &Array2<f64>, floor: f64) -> DMatrix<f64> {
        let centre = |a: &Array2<f64>| a - &a.mean_axis(Axis(0)).unwrap();
        let product = centre(x).t().dot(&centre(y)) / (x.nrows() - 1) as f64;
        DMatrix::from_fn(x.ncols(), y.ncols(), |i, j| product[(i, j)] + if i == j { floor } else { 0.0 })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn pairs_solve_the_generalised_eigenproblem(p in 1usize..6, q in 1usize..6, ridge in 0.0..1.0f64, seed: u16) {
            let (x, mix) = (noise(30, p, &format!("x{seed}")), noise(p, q, &format!("mix{seed}")));
            let y = noise(30, q, &format!("y{seed}")) + x.dot(&mix);
            let cca = Cca::fit(x.view(), y.view(), 9, ridge).unwrap();
            let level = |side: &Array2<f64>| ridge * side.var_axis(Axis(0), 1.0).mean().unwrap();
            let (a, b) = (covariance(&x, &x, level(&x)), covariance(&y, &y, level(&y)));
            let cross = covariance(&x, &y, 0.0);
            // Both sides in one: A^-1 C B^-1 Cᵀ w = ρ² w.
            let twin = a.clone().try_inverse().unwrap() * &cross * b.clone().try_inverse().unwrap() * cross.transpose();
            let mut shares: Vec<f64> = twin.complex_eigenvalues().iter().map(|value| value.re.max(0.0).sqrt()).collect();
            shares.sort_by(|a, b| b.total_cmp(a));
            let pairs = cca.correlations().len();
            prop_assert!(pairs == p.min(q));
            for (at, share) in shares[..pairs].iter().enumerate() {
                let w = DMatrix::from_fn(p, 1, |i, _| cca.x.weights[i * pairs + at]);
                let v = DMatrix::from_fn(q, 1, |i, _| cca.y.weights[i * pairs + at]);
                let form = |left: &DMatrix<f64>, of: &DMatrix<f64>, right: &DMatrix<f64>| (left.transpose() * of * right)[(0, 0)];
                let found = form(&w, &cross, &v) / (form(&w, &a, &w) * form(&v, &b, &v)).sqrt();
                prop_assert!((found - share).abs() < 1e-6, "{} {}", found, share);
            }
            let (xs, ys) = (cca.transform_x(x.view()), cca.transform_y(y.view()));
            for (at, expected) in cca.correlations().iter().enumerate() {
                prop_assert!((correlation(xs.column(at), ys.column(at)) - expected).abs() < 1e-8);
                prop_assert!((xs.column(at).var(1.0) - 1.0).abs() < 1e-8);
            }
        }
    }
}
