//! Multinomial logistic regression: how likely each class is, `softmax(W x + b)`, with a penalty on `W` (L2).
//! Bishop, "Pattern recognition and machine learning" (2006), section 4.3.4. The linear probe of representation learning:
//! Alain, Bengio, "Understanding intermediate layers using linear classifier probes" (2016).
//!
//! As scikit-learn's `LogisticRegression(C)`: the minimum of `Σ log-loss + |W|² / 2C`, the intercepts free. The search starts
//! from the Hessian at `W = 0`, so columns of any scale take few steps.

use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

use super::lbfgs::{Smooth, minimise};
use super::linalg::{Matrix, blocked_product, multiply};
use super::pca::column_means;
use super::{cholesky, first_not_finite};

/// The gradient at the end, as a share of that at the start.
const TOLERANCE: f64 = 1e-6;
/// Most steps of the search.
const MOST_STEPS: usize = 1000;
/// Runs of rows that are summed by themselves, then added in order: constants, because they decide the order of the sums.
const STRIPS: usize = 16;
const BLOCK_ROWS: usize = 256;
/// With more columns the Hessian costs more than the steps it saves: its diagonal is used.
const NARROW: usize = 512;

/// Weights of each class.
#[derive(Clone, Debug, PartialEq)]
pub struct Logistic {
    /// `[classes, dims]`; they sum to 0 over classes. scikit-learn's one row for two classes is the second less the first.
    pub coefficients: Array2<f64>,
    /// `[classes]`; minus infinity for a class without rows.
    pub intercepts: Vec<f64>,
}

/// Learns the `labels` (`labels[row]` below `classes`) of rows `x` `[rows, dims]` with the penalty `|W|² / 2c`.
///
/// None for no rows, another number of labels, a label out of range, a `c` that is not positive, or values that are not finite.
pub fn fit(x: ArrayView2<f64>, labels: &[u32], classes: usize, c: f64) -> Option<Logistic> {
    let fits = x.nrows() == labels.len() && labels.iter().all(|label| (*label as usize) < classes);
    if x.nrows() == 0 || !fits || !(c.is_finite() && c > 0.0) || first_not_finite(x).is_some() {
        return None;
    }
    let present: Vec<u32> = (0..classes as u32).filter(|class| labels.contains(class)).collect();
    let place = |label: &u32| present.partition_point(|class| class < label);
    let problem = Problem::new(x, labels.iter().map(place).collect(), present.len(), c);
    let start = vec![0.0; problem.width() * problem.classes];
    let found = minimise(&problem, start, TOLERANCE, MOST_STEPS).at;
    Some(problem.learned(&found, &present, classes))
}

impl Logistic {
    /// How likely each class is for each row of `x` `[rows, dims]`: `[rows, classes]`, each row sums to 1.
    pub fn probabilities(&self, x: ArrayView2<f64>) -> Array2<f64> {
        let (classes, dims) = self.coefficients.dim();
        let (x, coefficients) = (x.as_standard_layout(), self.coefficients.as_standard_layout());
        let slice = "the standard layout is a slice";
        let all = Matrix::new(x.as_slice().expect(slice), x.nrows(), dims);
        let mut scores = blocked_product(all, Matrix::new(coefficients.as_slice().expect(slice), classes, dims).t());
        for row in scores.chunks_exact_mut(classes) {
            row.iter_mut().zip(&self.intercepts).for_each(|(score, intercept)| *score += intercept);
            softmax(row);
        }
        Array2::from_shape_vec((x.nrows(), classes), scores).expect("a score for each row and class")
    }

    /// The likeliest class of each row of `x` `[rows, dims]`, the first of equals.
    pub fn predict(&self, x: ArrayView2<f64>) -> Vec<u32> {
        let likeliest = |row: ndarray::ArrayView1<f64>| {
            let better = |best: usize, class: usize| if row[class] > row[best] { class } else { best };
            (0..row.len()).fold(0, better) as u32
        };
        self.probabilities(x).rows().into_iter().map(likeliest).collect()
    }
}

/// Scores become probabilities; gives the logarithm of the sum of their exponentials.
fn softmax(scores: &mut [f64]) -> f64 {
    let most = scores.iter().fold(f64::NEG_INFINITY, |most, score| most.max(*score));
    scores.iter_mut().for_each(|score| *score = (*score - most).exp());
    let sum: f64 = scores.iter().sum();
    scores.iter_mut().for_each(|score| *score /= sum);
    most + sum.ln()
}

/// The loss as a function of `[dims + 1, classes]` weights, the last row of them intercepts.
struct Problem {
    mean: Vec<f64>,
    /// Centred rows, each with a 1 at its end: `[rows, dims + 1]`.
    rows: Vec<f64>,
    labels: Vec<usize>,
    classes: usize,
    penalty: f64,
    inverse: Inverse,
}

/// The inverse of what each class adds to the Hessian at 0, `XᵀX / classes + penalty`.
enum Inverse {
    /// `[dims + 1, dims + 1]`.
    Full(Vec<f64>),
    /// `[dims + 1]`.
    Diagonal(Vec<f64>),
}

impl Problem {
    fn new(x: ArrayView2<f64>, labels: Vec<usize>, classes: usize, c: f64) -> Problem {
        let x = x.as_standard_layout();
        let (dims, values) = (x.ncols(), x.as_slice().expect("the standard layout is a slice"));
        let mean = if dims > 0 { column_means(values, dims) } else { Vec::new() };
        let centred = |row: ndarray::ArrayView1<f64>| -> Vec<f64> {
            row.iter().zip(&mean).map(|(x, mean)| x - mean).chain([1.0]).collect()
        };
        let rows: Vec<f64> = x.rows().into_iter().flat_map(centred).collect();
        // Two classes have one vector of weights in scikit-learn: the difference of ours, of twice their length.
        let penalty = if classes == 2 { 2.0 } else { 1.0 } / c;
        let inverse = Inverse::new(&rows, dims + 1, classes, penalty);
        Problem { mean, rows, labels, classes, penalty, inverse }
    }

    fn width(&self) -> usize {
        self.mean.len() + 1
    }

    /// Adds the gradient of `rows` with `labels` to `slope`; gives their log-loss.
    fn add(&self, rows: &[f64], labels: &[usize], at: &[f64], slope: &mut [f64]) -> f64 {
        let (width, classes) = (self.width(), self.classes);
        let all = Matrix::new(rows, labels.len(), width);
        let mut scores = vec![0.0; labels.len() * classes];
        multiply(&mut scores, all, Matrix::new(at, width, classes), false);
        let mut loss = 0.0;
        for (scores, label) in scores.chunks_exact_mut(classes).zip(labels) {
            let own = scores[*label];
            loss += softmax(scores) - own;
            scores[*label] -= 1.0;
        }
        multiply(slope, all.t(), Matrix::new(&scores, labels.len(), classes), true);
        loss
    }

    /// Weights of all classes from those of the classes that are `present`, for rows as they were before centring.
    fn learned(&self, found: &[f64], present: &[u32], classes: usize) -> Logistic {
        let dims = self.mean.len();
        let mut learned =
            Logistic { coefficients: Array2::zeros((classes, dims)), intercepts: vec![f64::NEG_INFINITY; classes] };
        for (at, class) in present.iter().map(|class| *class as usize).enumerate() {
            let weight = |dim: usize| found[dim * self.classes + at];
            (0..dims).for_each(|dim| learned.coefficients[(class, dim)] = weight(dim));
            let moved: f64 = self.mean.iter().enumerate().map(|(dim, mean)| mean * weight(dim)).sum();
            learned.intercepts[class] = weight(dims) - moved;
        }
        learned
    }
}

impl Smooth for Problem {
    fn value(&self, at: &[f64], slope: &mut [f64]) -> f64 {
        let width = self.width();
        let strip = self.labels.len().div_ceil(STRIPS).max(BLOCK_ROWS);
        let of_strip = |(rows, labels): (&[f64], &[usize])| {
            let mut slope = vec![0.0; at.len()];
            let blocks = rows.chunks(BLOCK_ROWS * width).zip(labels.chunks(BLOCK_ROWS));
            let loss: f64 = blocks.map(|(rows, labels)| self.add(rows, labels, at, &mut slope)).sum();
            (loss, slope)
        };
        let strips = self.rows.par_chunks(strip * width).zip(self.labels.par_chunks(strip));
        let sums: Vec<(f64, Vec<f64>)> = strips.map(of_strip).collect();
        let weights = &at[..at.len() - self.classes];
        slope.fill(0.0);
        slope.iter_mut().zip(weights).for_each(|(slope, weight)| *slope = self.penalty * weight);
        sums.iter().for_each(|(_, sum)| slope.iter_mut().zip(sum).for_each(|(slope, x)| *slope += x));
        let squares: f64 = weights.iter().map(|weight| weight * weight).sum();
        sums.iter().map(|(loss, _)| loss).sum::<f64>() + 0.5 * self.penalty * squares
    }

    fn precondition(&self, slope: &mut [f64]) {
        let (width, classes) = (self.width(), self.classes);
        match &self.inverse {
            Inverse::Full(inverse) => {
                let right = slope.to_vec();
                multiply(slope, Matrix::new(inverse, width, width), Matrix::new(&right, width, classes), false);
            }
            Inverse::Diagonal(inverse) => {
                let rows = slope.chunks_exact_mut(classes).zip(inverse);
                rows.for_each(|(row, inverse)| row.iter_mut().for_each(|x| *x *= inverse));
            }
        }
    }
}

impl Inverse {
    fn new(rows: &[f64], width: usize, classes: usize, penalty: f64) -> Inverse {
        let penalty = |at: usize| if at + 1 < width { penalty } else { 0.0 };
        let full = (width <= NARROW).then(|| Inverse::full(rows, width, classes, penalty)).flatten();
        full.unwrap_or_else(|| {
            let squares = rows.chunks_exact(width).fold(vec![0.0; width], |mut sum, row| {
                sum.iter_mut().zip(row).for_each(|(sum, x)| *sum += x * x);
                sum
            });
            let inverse = |(at, square): (usize, f64)| 1.0 / (square / classes as f64 + penalty(at));
            Inverse::Diagonal(squares.into_iter().enumerate().map(inverse).collect())
        })
    }

    /// None where rounding leaves the matrix without a factor.
    fn full(rows: &[f64], width: usize, classes: usize, penalty: impl Fn(usize) -> f64) -> Option<Inverse> {
        let all = Matrix::new(rows, rows.len() / width, width);
        let mut hessian: Vec<f64> = blocked_product(all.t(), all).into_iter().map(|x| x / classes as f64).collect();
        (0..width).for_each(|at| hessian[at * width + at] += penalty(at));
        let lower = cholesky::inverse(&cholesky::lower(&hessian, width)?, width);
        let lower = Matrix::new(&lower, width, width);
        Some(Inverse::Full(blocked_product(lower.t(), lower)))
    }
}

#[cfg(test)]
mod tests;
