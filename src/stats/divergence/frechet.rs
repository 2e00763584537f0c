//! Frechet distance of two normal distributions fitted to two sets: Dowson, Landau (Journal of Multivariate Analysis 1982);
//! as FID: Heusel et al. (NeurIPS 2017); as FAD, of audio embeddings: Kilgour et al. (Interspeech 2019).
//!
//! `|m1 - m2|² + tr(C1 + C2 - 2 (C1^½ C2 C1^½)^½)`, covariances with ddof 1. As everywhere in the field the square is
//! reported. It is too large by about c / points of either set, which `frechet_at_infinity` removes: Chong, Forsyth,
//! "Effectively unbiased FID" (CVPR 2020); Gui et al., "Adapting Frechet audio distance" (ICASSP 2024).

use ndarray::{Array2, ArrayView2, Axis};
use rayon::prelude::*;

use super::{DivergenceError, check};
use crate::random::Stream;
use crate::stats::linalg::{dot_products, eigen_symmetric, product};

/// Sizes between which the line is drawn, the smallest as a share of all made points.
const SIZES: usize = 15;
const SMALLEST_SHARE: f64 = 0.3;
/// Fewer points than this give no line.
const LEAST_POINTS: usize = 20;
/// Eigenvalues below this share of the largest are rounding.
const ROUNDING: f64 = 1e-14;

/// A Frechet distance with all that it depends on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frechet {
    /// The squared distance, which is what is reported as FID or FAD.
    pub squared: f64,
    /// Its part from the means.
    pub means: f64,
    /// Its part from the covariances.
    pub covariances: f64,
    /// Points of the reference and of the made set. With fewer points than dims a covariance is singular: the number is then
    /// only good for comparison with others of the same sizes.
    pub points: [usize; 2],
    /// Columns.
    pub dims: usize,
    /// How far both covariances were moved towards a ball of the same trace, 0 to 1.
    pub shrinkage: f64,
}

/// Which sets are thought of as infinite.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Extrapolate {
    /// The made set, as FAD-infinity is published; the bias of the reference set remains.
    Made,
    /// Both sets: subsets take the same share of either.
    #[default]
    Both,
}

/// A Frechet distance for infinitely many points.
#[derive(Clone, Debug, PartialEq)]
pub struct Extrapolated {
    /// Where the line meets 1 / points = 0. It can be below 0 by chance.
    pub squared: f64,
    /// The rise of the squared distance with 1 / points.
    pub slope: f64,
    /// How well the line fits, 0 to 1. Much below 1 the extrapolation says little.
    pub r_squared: f64,
    /// Made points and squared distance of every subset.
    pub curve: Vec<(usize, f64)>,
}

/// Mean `[dims]` and covariance `[dims, dims]`.
struct Normal {
    mean: Vec<f64>,
    covariance: Vec<f64>,
}

/// A reference with the root of its covariance.
struct Reference {
    normal: Normal,
    root: Vec<f64>,
}

/// Frechet distance of `made` from `reference`, both `[points, dims]`, at least two points each.
///
/// `shrinkage` replaces each covariance C by `(1 - shrinkage) C + shrinkage tr(C) / dims I`; 0 is the published distance.
pub fn frechet(reference: ArrayView2<f64>, made: ArrayView2<f64>, shrinkage: f64) -> Result<Frechet, DivergenceError> {
    check(reference, made, 2)?;
    let (means, covariances) = Reference::new(reference, shrinkage)?.parts(made, shrinkage)?;
    let points = [reference.nrows(), made.nrows()];
    Ok(Frechet { squared: means + covariances, means, covariances, points, dims: made.ncols(), shrinkage })
}

/// The line through the distances of 15 random subsets, of 30 to 100 % of the points, over 1 / made points.
/// At least 20 points in each set.
pub fn frechet_at_infinity(
    reference: ArrayView2<f64>,
    made: ArrayView2<f64>,
    shrinkage: f64,
    sets: Extrapolate,
    seed: u64,
) -> Result<Extrapolated, DivergenceError> {
    check(reference, made, LEAST_POINTS)?;
    let whole = Reference::new(reference, shrinkage)?;
    let of_subset = |at: usize| {
        let part = subset(made, at, Stream::at(seed, "stats.frechet.made", at as u64));
        let (means, covariances) = match sets {
            Extrapolate::Made => whole.parts(part.view(), shrinkage)?,
            Extrapolate::Both => {
                let reference = subset(reference, at, Stream::at(seed, "stats.frechet.reference", at as u64));
                Reference::new(reference.view(), shrinkage)?.parts(part.view(), shrinkage)?
            }
        };
        Ok((part.nrows(), means + covariances))
    };
    let curve: Vec<(usize, f64)> = (0..SIZES).into_par_iter().map(of_subset).collect::<Result<_, _>>()?;
    let [intercept, slope, r_squared] = line(&curve.iter().map(|(n, y)| (1.0 / *n as f64, *y)).collect::<Vec<_>>());
    Ok(Extrapolated { squared: intercept, slope, r_squared, curve })
}

/// The points of the subset `at`, none twice; the last has all of them.
fn subset(points: ArrayView2<f64>, at: usize, mut stream: Stream) -> Array2<f64> {
    let share = SMALLEST_SHARE + (1.0 - SMALLEST_SHARE) * at as f64 / (SIZES - 1) as f64;
    let mut rows: Vec<usize> = (0..points.nrows()).collect();
    stream.shuffle(&mut rows);
    rows.truncate((share * points.nrows() as f64).round() as usize);
    points.select(Axis(0), &rows)
}

/// Intercept, slope and R² of the least-squares line through (x, y).
fn line(points: &[(f64, f64)]) -> [f64; 3] {
    let n = points.len() as f64;
    let (mean_x, mean_y) = (points.iter().map(|p| p.0).sum::<f64>() / n, points.iter().map(|p| p.1).sum::<f64>() / n);
    let sum = |term: fn(f64, f64) -> f64| points.iter().map(|p| term(p.0 - mean_x, p.1 - mean_y)).sum::<f64>();
    let (xx, xy, yy) = (sum(|x, _| x * x), sum(|x, y| x * y), sum(|_, y| y * y));
    let slope = if xx > 0.0 { xy / xx } else { 0.0 };
    [mean_y - slope * mean_x, slope, if yy > 0.0 { (slope * xy / yy).clamp(0.0, 1.0) } else { 1.0 }]
}

impl Normal {
    /// Of at least two points.
    fn fit(points: ArrayView2<f64>, shrinkage: f64) -> Normal {
        let (n, dims) = points.dim();
        let mean: Vec<f64> = points.columns().into_iter().map(|column| column.sum() / n as f64).collect();
        let centred = points
            .columns()
            .into_iter()
            .zip(&mean)
            .flat_map(|(column, mean)| column.iter().map(|x| x - mean).collect::<Vec<_>>());
        let columns: Vec<f64> = centred.collect();
        let mut covariance = vec![0.0; dims * dims];
        dot_products(&columns, &columns, n, &mut covariance);
        covariance.iter_mut().for_each(|x| *x *= (1.0 - shrinkage) / (n - 1) as f64);
        let ball = shrinkage * columns.iter().map(|x| x * x).sum::<f64>() / ((n - 1) * dims.max(1)) as f64;
        covariance.iter_mut().step_by(dims + 1).for_each(|x| *x += ball);
        Normal { mean, covariance }
    }

    fn trace(&self) -> f64 {
        self.covariance.iter().step_by(self.mean.len() + 1).sum()
    }
}

impl Reference {
    fn new(points: ArrayView2<f64>, shrinkage: f64) -> Result<Reference, DivergenceError> {
        if !(0.0..=1.0).contains(&shrinkage) {
            return Err(DivergenceError::Shrinkage);
        }
        let normal = Normal::fit(points, shrinkage);
        let root = root(&normal.covariance, normal.mean.len())?;
        Ok(Reference { normal, root })
    }

    /// The parts of the squared distance from the means and from the covariances.
    fn parts(&self, made: ArrayView2<f64>, shrinkage: f64) -> Result<(f64, f64), DivergenceError> {
        let made = Normal::fit(made, shrinkage);
        let dims = made.mean.len();
        let means = self.normal.mean.iter().zip(&made.mean).map(|(a, b)| (a - b) * (a - b)).sum();
        let between = product(&product(&self.root, &made.covariance, dims), &self.root, dims);
        let shared: f64 = eigenvalues(&symmetric(between, dims), dims)?.iter().map(|value| value.sqrt()).sum();
        Ok((means, (self.normal.trace() + made.trace() - 2.0 * shared).max(0.0)))
    }
}

/// Symmetric root of a covariance.
fn root(matrix: &[f64], dims: usize) -> Result<Vec<f64>, DivergenceError> {
    let eigen = eigen_symmetric(matrix, dims).ok_or(DivergenceError::Eigenvalues)?;
    let values = without_rounding(&eigen.values);
    let columns: Vec<f64> = (0..dims).flat_map(|at| eigen.vectors.iter().map(move |vector| vector[at])).collect();
    let scaled = columns.iter().enumerate().map(|(at, x)| x * values[at % dims].sqrt());
    let mut root = vec![0.0; dims * dims];
    dot_products(&scaled.collect::<Vec<_>>(), &columns, dims, &mut root);
    Ok(root)
}

fn eigenvalues(matrix: &[f64], dims: usize) -> Result<Vec<f64>, DivergenceError> {
    let eigen = eigen_symmetric(matrix, dims).ok_or(DivergenceError::Eigenvalues)?;
    Ok(without_rounding(&eigen.values))
}

/// Falling eigenvalues of a covariance; what is only rounding becomes 0, else its root would be large.
fn without_rounding(values: &[f64]) -> Vec<f64> {
    let least = ROUNDING * values.first().copied().unwrap_or(0.0).max(0.0) * values.len() as f64;
    values.iter().map(|value| if *value > least { *value } else { 0.0 }).collect()
}

fn symmetric(mut matrix: Vec<f64>, dims: usize) -> Vec<f64> {
    for (row, column) in (0..dims).flat_map(|row| (0..row).map(move |column| (row, column))) {
        let mean = (matrix[row * dims + column] + matrix[column * dims + row]) / 2.0;
        (matrix[row * dims + column], matrix[column * dims + row]) = (mean, mean);
    }
    matrix
}

#[cfg(test)]
mod tests;
