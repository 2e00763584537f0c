//! Components of a mixture: how probable they make each point, and which ones make the points most probable.
//! `ln p(x, c) = ln w - (dims·ln 2π + |W(x - μ)|²) / 2 + ln |W|`, where `W` whitens the component.

use std::f64::consts::TAU;

use super::chunks::{Chunk, Chunks};
use super::covariance::Covariance;
use crate::stages::cluster::ClusterError;
use crate::stats::linalg::{dot_products, product};
use crate::stats::quadratic::squared_lengths;
use crate::wide::wide;

/// Weights, means and covariances.
pub struct Components {
    /// Share of each component.
    pub weights: Vec<f64>,
    /// `[k, dims]`, row-major, moved as the points.
    pub means: Vec<f64>,
    /// `[dims, dims]` of each component, or one for all.
    pub covariances: Vec<Vec<f64>>,
    whitenings: Vec<Vec<f64>>,
    shape: Covariance,
}

/// What components say about points.
pub struct Expected {
    /// Share of each component in each point: `[k, width]` for each chunk.
    pub responsibilities: Vec<Vec<f64>>,
    /// Most probable component of each point (the lowest of equals).
    pub labels: Vec<i32>,
    /// Mean of `ln p(x)`.
    pub log_likelihood: f64,
}

impl Components {
    /// From parameters: `weights` `[k]`, `means` `[k, dims]`, `covariances` `[dims, dims]` a component, or one.
    ///
    /// # Errors
    /// `SingularCovariance` if a covariance is not positive definite.
    pub fn new(
        weights: Vec<f64>,
        means: Vec<f64>,
        covariances: Vec<Vec<f64>>,
        shape: Covariance,
    ) -> Result<Components, ClusterError> {
        let dims = means.len() / weights.len();
        let whitening = |(component, covariance): (usize, &Vec<f64>)| {
            shape.whitening(covariance, dims).ok_or(ClusterError::SingularCovariance { component })
        };
        let whitenings = covariances.iter().enumerate().map(whitening).collect::<Result<_, _>>()?;
        Ok(Components { weights, means, covariances, whitenings, shape })
    }

    /// Those that make the points most probable, given the responsibilities (`[k, width]` for each chunk).
    ///
    /// # Errors
    /// `SingularCovariance` if a covariance is not positive definite.
    pub fn most_likely(
        chunks: &Chunks,
        responsibilities: &[Vec<f64>],
        shape: Covariance,
        regularisation: f64,
    ) -> Result<Components, ClusterError> {
        let shares: usize = responsibilities.iter().map(Vec::len).sum();
        let (k, dims) = (shares / chunks.width(), chunks.dims());
        let sums = chunks.total(k * (dims + 1), |at, chunk, out| sums(chunk, &responsibilities[at], dims, out));
        let each = || sums.chunks_exact(dims + 1);
        // As scikit-learn: a component without points keeps a mass that can be divided by.
        let masses: Vec<f64> = each().map(|sums| sums[dims] + 10.0 * f64::EPSILON).collect();
        let mean = |(sums, mass): (&[f64], &f64)| sums[..dims].iter().map(|sum| sum / mass).collect::<Vec<_>>();
        let means: Vec<f64> = each().zip(&masses).flat_map(mean).collect();
        let covariances = shape.estimate(chunks, responsibilities, &means, &masses, regularisation);
        let all: f64 = masses.iter().sum();
        Components::new(masses.iter().map(|mass| mass / all).collect(), means, covariances, shape)
    }

    /// Number of free parameters.
    pub fn parameters(&self) -> usize {
        let (k, dims) = (self.weights.len(), self.means.len() / self.weights.len());
        self.shape.parameters(k, dims) + k * dims + k - 1
    }

    /// Responsibilities, labels and likelihood of all points.
    pub fn expect(&self, chunks: &Chunks) -> Expected {
        let parts = chunks.map(|_, chunk| {
            let mut logs = self.log_probabilities(chunk, chunks.dims());
            let (labels, sum) = normalise(&mut logs, chunk);
            (logs, labels, sum)
        });
        let mut found = Expected { responsibilities: vec![], labels: vec![], log_likelihood: 0.0 };
        for (responsibilities, labels, sum) in parts {
            found.responsibilities.push(responsibilities);
            found.labels.extend(labels);
            found.log_likelihood += sum;
        }
        found.log_likelihood /= chunks.len() as f64;
        found
    }

    /// `ln p(x, c)`, `[k, width]`, of a chunk.
    fn log_probabilities(&self, chunk: &Chunk, dims: usize) -> Vec<f64> {
        let mut logs = vec![0.0; self.weights.len() * chunk.width];
        for (component, logs) in logs.chunks_exact_mut(chunk.width).enumerate() {
            let whitening = &self.whitenings[component.min(self.whitenings.len() - 1)];
            let mean = &self.means[component * dims..(component + 1) * dims];
            match self.shape.is_diagonal() {
                true => scaled_squares(&chunk.values, mean, whitening, logs),
                false => squared_lengths(whitening, &product(whitening, mean, dims), &chunk.values, logs),
            }
            let volume: f64 = whitening.iter().step_by(dims + 1).map(|scale| scale.ln()).sum();
            let constant = self.weights[component].ln() + volume - dims as f64 * TAU.ln() / 2.0;
            logs.iter_mut().for_each(|square| *square = constant - *square / 2.0);
        }
        logs
    }
}

/// Writes for each component the sums of its points and its mass, `[k, dims + 1]`.
fn sums(chunk: &Chunk, responsibilities: &[f64], dims: usize, out: &mut [f64]) {
    let mut with_ones = chunk.values.clone();
    with_ones.resize((dims + 1) * chunk.width, 1.0);
    dot_products(responsibilities, &with_ones, chunk.width, out);
}

wide! {
    /// Adds `((x - mean)·scale)²` over the dimensions; the scales are the diagonal of `whitening`.
    fn scaled_squares(chunk: &[f64], mean: &[f64], whitening: &[f64], sums: &mut [f64]) -> () {
        let scales = whitening.iter().step_by(mean.len() + 1);
        for ((row, mean), scale) in chunk.chunks_exact(sums.len()).zip(mean).zip(scales) {
            let scale = scale * scale;
            sums.iter_mut().zip(row).for_each(|(sum, x)| *sum += (x - mean) * (x - mean) * scale);
        }
    }
}

/// Turns `ln p(x, c)` `[k, width]` into shares, zero for the columns that stand for no point; gives the most probable
/// component of each point and the sum of `ln p(x)`. The largest is taken out before the exponential, so that no point
/// is too improbable for it.
fn normalise(logs: &mut [f64], chunk: &Chunk) -> (Vec<i32>, f64) {
    let (mut labels, mut top) = (vec![0; chunk.points], vec![f64::NEG_INFINITY; chunk.points]);
    for (component, row) in logs.chunks_exact(chunk.width).enumerate() {
        for ((log, top), label) in row.iter().zip(&mut top).zip(&mut labels) {
            (*top, *label) = if *log > *top { (*log, component as i32) } else { (*top, *label) };
        }
    }
    let mut sums = vec![0.0; chunk.points];
    for row in logs.chunks_exact_mut(chunk.width) {
        row.iter_mut().zip(&top).for_each(|(log, top)| *log = (*log - top).exp());
        sums.iter_mut().zip(row).for_each(|(sum, share)| *sum += *share);
    }
    for row in logs.chunks_exact_mut(chunk.width) {
        row.iter_mut().zip(&sums).for_each(|(share, sum)| *share /= sum);
        row[chunk.points..].fill(0.0);
    }
    (labels, top.iter().zip(&sums).map(|(top, sum)| top + sum.ln()).sum())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, Axis};
    use proptest::prelude::{prop, prop_assert, prop_assert_eq, proptest};

    /// `ln` of the density of a plane normal distribution, from its covariance `[2, 2]`.
    fn log_density(x: [f64; 2], mean: &[f64], covariance: &[f64]) -> f64 {
        let [a, b, d] = [covariance[0], covariance[1], covariance[3]];
        let (x, y, determinant) = (x[0] - mean[0], x[1] - mean[1], a * d - b * b);
        -((d * x * x - 2.0 * b * x * y + a * y * y) / determinant + determinant.ln()) / 2.0 - TAU.ln()
    }

    proptest! {
        #[test]
        fn expectation_and_maximisation_are_those_of_the_definitions(
            values in prop::collection::vec(-3.0..3.0, 2 * 530), share in 0.1..0.9,
        ) {
            let points = Array2::from_shape_vec((530, 2), values).expect("530 points");
            let chunks = Chunks::new(points.view());
            let centre = points.mean_axis(Axis(0)).expect("points");
            let labels: Vec<i32> = (0..530).map(|row| i32::from(row % 7 > 2)).collect();
            let given = chunks.indicators(&labels, 2);
            for shape in [Covariance::Full, Covariance::Tied, Covariance::Diagonal, Covariance::Spherical] {
                let mut found = Components::most_likely(&chunks, &given, shape, 0.0).expect("positive definite");
                found.weights = vec![share, 1.0 - share];
                let expected = found.expect(&chunks);
                let mut sum = 0.0;
                for (row, point) in points.rows().into_iter().enumerate() {
                    let x = [point[0] - centre[0], point[1] - centre[1]];
                    let log = |at: usize| {
                        let covariance = &found.covariances[at.min(found.covariances.len() - 1)];
                        found.weights[at].ln() + log_density(x, &found.means[2 * at..], covariance)
                    };
                    sum += (log(0).exp() + log(1).exp()).ln();
                    prop_assert_eq!(expected.labels[row], i32::from(log(1) > log(0)));
                }
                prop_assert!((expected.log_likelihood - sum / 530.0).abs() < 1e-10);
            }
            let full = Components::most_likely(&chunks, &given, Covariance::Full, 0.25).expect("positive definite");
            for at in 0..2 {
                let rows: Vec<usize> = (0..530).filter(|row| labels[*row] == at).collect();
                let own = points.select(Axis(0), &rows);
                let moved = &own - &own.mean_axis(Axis(0)).expect("points");
                let naive = moved.t().dot(&moved) / own.nrows() as f64 + Array2::<f64>::eye(2) * 0.25;
                let close = full.covariances[at as usize].iter().zip(&naive).all(|(a, b)| (a - b).abs() < 1e-12);
                prop_assert!(close, "{:?} {}", full.covariances, naive);
            }
        }
    }
}
