//! How many clusters? Three criteria over a range of `k`, for any algorithm that gives labels and an inertia.
//!
//! - Silhouette: Rousseeuw (1987); the largest mean wins. Not defined for one cluster.
//! - Gap statistic: Tibshirani, Walther, Hastie, "Estimating the number of clusters in a data set via the gap
//!   statistic" (2001): `mean ln W* - ln W`, `W` the inertia and `W*` that of points drawn evenly from the box around
//!   the points; the least `k` wins whose gap is not below that of `k + 1` less its standard error.
//! - BIC: Pelleg, Moore, "X-means" (ICML 2000), for round clusters of one size; the least `-2 ln L + p ln n` wins.

use std::f64::consts::TAU;
use std::ops::RangeInclusive;

use ndarray::{Array2, ArrayView2};

use crate::random::Stream;
use crate::stats::silhouette;

/// Sets of even points that the gap statistic compares with.
const REFERENCES: u64 = 10;

/// A criterion over the numbers of clusters, and the number it favours.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// Number of clusters and value of the criterion, for each number where it is defined; numbers rise.
    pub curve: Vec<(usize, f64)>,
    /// Standard errors of the values, where the criterion has them.
    pub errors: Option<Vec<f64>>,
    /// The number of clusters to take.
    pub chosen: usize,
}

impl Choice {
    /// The largest value wins (the first of equals); None without values.
    pub fn highest(curve: Vec<(usize, f64)>) -> Option<Choice> {
        Choice::lowest(curve.into_iter().map(|(k, value)| (k, -value)).collect())
            .map(|found| Choice { curve: found.curve.into_iter().map(|(k, value)| (k, -value)).collect(), ..found })
    }

    /// The least value wins (the first of equals), as for the `bic` of a mixture; None without values.
    pub fn lowest(curve: Vec<(usize, f64)>) -> Option<Choice> {
        let chosen = curve.iter().min_by(|a, b| a.1.total_cmp(&b.1))?.0;
        Some(Choice { curve, errors: None, chosen })
    }
}

/// By the mean silhouette. `fit(points, k)` gives labels and inertia; numbers from 2 to one less than the points are
/// tried. None if there are none in `ks`.
pub fn by_silhouette<F>(points: ArrayView2<f64>, ks: RangeInclusive<usize>, fit: F) -> Option<Choice>
where
    F: Fn(ArrayView2<f64>, usize) -> (Vec<i32>, f64),
{
    let value = |k| silhouette::mean(points, &fit(points, k).0).map(|value| (k, value));
    Choice::highest(within(ks, 2, points.nrows().saturating_sub(1)).filter_map(value).collect())
}

/// By the criterion of Schwarz for round clusters of one variance. `fit(points, k)` gives labels and inertia; numbers
/// below that of the points are tried. None if there are none in `ks`.
pub fn by_bic<F>(points: ArrayView2<f64>, ks: RangeInclusive<usize>, fit: F) -> Option<Choice>
where
    F: Fn(ArrayView2<f64>, usize) -> (Vec<i32>, f64),
{
    let value = |k| {
        let (labels, inertia) = fit(points, k);
        (k, bic(&labels, inertia, points.ncols(), k))
    };
    Choice::lowest(within(ks, 1, points.nrows().saturating_sub(1)).map(value).collect())
}

/// By the gap statistic against ten sets of even points, drawn from `seed`. `fit(points, k)` gives labels and inertia;
/// numbers up to that of the points are tried. None if there are none in `ks`.
pub fn by_gap<F>(points: ArrayView2<f64>, ks: RangeInclusive<usize>, seed: u64, fit: F) -> Option<Choice>
where
    F: Fn(ArrayView2<f64>, usize) -> (Vec<i32>, f64),
{
    let references: Vec<Array2<f64>> =
        (0..REFERENCES).map(|at| even(points, &mut Stream::at(seed, "cluster.gap", at))).collect();
    let log = |points: ArrayView2<f64>, k: usize| fit(points, k).1.max(f64::MIN_POSITIVE).ln();
    let gap = |k: usize| {
        let logs: Vec<f64> = references.iter().map(|reference| log(reference.view(), k)).collect();
        let (mean, error) = mean_and_error(&logs);
        (k, mean - log(points, k), error)
    };
    let gaps: Vec<(usize, f64, f64)> = within(ks, 1, points.nrows()).map(gap).collect();
    let first = gaps.windows(2).find(|pair| pair[0].1 >= pair[1].1 - pair[1].2).map(|pair| pair[0].0);
    let chosen = first.or(gaps.last().map(|last| last.0))?;
    let errors = Some(gaps.iter().map(|(_, _, error)| *error).collect());
    Some(Choice { curve: gaps.into_iter().map(|(k, gap, _)| (k, gap)).collect(), errors, chosen })
}

fn within(ks: RangeInclusive<usize>, least: usize, most: usize) -> RangeInclusive<usize> {
    least.max(*ks.start())..=most.min(*ks.end())
}

/// `-2 ln L + p ln n`, with the variance of the likeliest round clusters of one size.
fn bic(labels: &[i32], inertia: f64, dims: usize, k: usize) -> f64 {
    let (points, dims, clusters) = (labels.len() as f64, dims as f64, k as f64);
    let mut sizes = vec![0.0; k];
    labels.iter().filter_map(|label| usize::try_from(*label).ok()).filter(|at| *at < k).for_each(|at| sizes[at] += 1.0);
    let shares: f64 = sizes.iter().filter(|size| **size > 0.0).map(|size| size * (size / points).ln()).sum();
    let variance = (inertia / (dims * (points - clusters)).max(1.0)).max(f64::MIN_POSITIVE);
    let log_likelihood = shares - points * dims * (TAU * variance).ln() / 2.0 - dims * (points - clusters) / 2.0;
    let parameters = clusters * (dims + 1.0);
    parameters * points.ln() - 2.0 * log_likelihood
}

/// As many points as `points`, drawn evenly from the box around them.
fn even(points: ArrayView2<f64>, stream: &mut Stream) -> Array2<f64> {
    let range = |column: ndarray::ArrayView1<f64>| {
        column.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (x.min(low), x.max(high)))
    };
    let ranges: Vec<(f64, f64)> = points.columns().into_iter().map(range).collect();
    Array2::from_shape_fn(points.dim(), |(_, column)| stream.between(ranges[column].0, ranges[column].1))
}

/// Mean, and the standard error that the choice by gaps allows for: `sd · √(1 + 1 / n)`.
fn mean_and_error(values: &[f64]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / count;
    (mean, (variance * (1.0 + 1.0 / count)).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::cluster::kmeans::KMeans;

    /// `heaps` far heaps of 40 points, or one even square.
    fn heaps(heaps: usize) -> Array2<f64> {
        let mut stream = Stream::new(6, "test.heaps");
        Array2::from_shape_fn((40 * heaps, 2), |(row, dim)| {
            let (heap, side) = (row / 40, [3, 7][dim]);
            20.0 * (heap * side % 11) as f64 + stream.normal()
        })
    }

    fn kmeans(points: ArrayView2<f64>, k: usize) -> (Vec<i32>, f64) {
        let fit = KMeans::default().fit(points, k, 0);
        (fit.labels, fit.inertia)
    }

    #[test]
    fn every_criterion_counts_far_heaps() {
        for count in [2, 4, 5] {
            let points = heaps(count);
            let found = [
                by_silhouette(points.view(), 1..=8, kmeans),
                by_bic(points.view(), 1..=8, kmeans),
                by_gap(points.view(), 1..=8, 3, kmeans),
            ];
            for choice in found {
                let choice = choice.expect("numbers to try");
                assert_eq!(choice.chosen, count, "{choice:?}");
            }
        }
    }

    #[test]
    fn one_heap_is_one_cluster_where_the_criterion_can_say_so() {
        let points = heaps(1);
        assert_eq!(by_gap(points.view(), 1..=5, 0, kmeans).map(|found| found.chosen), Some(1));
        assert_eq!(by_bic(points.view(), 1..=5, kmeans).map(|found| found.chosen), Some(1));
        assert_eq!(by_silhouette(points.view(), 1..=5, kmeans).map(|found| found.curve[0].0), Some(2));
    }

    #[test]
    fn bic_by_hand() {
        // Four points, two clusters of two, variance 8 / (1·2) = 4.
        let shares = 4.0 * 0.5f64.ln();
        let expected = 4.0 * 4.0f64.ln() - 2.0 * (shares - 2.0 * (TAU * 4.0).ln() - 1.0);
        assert!((bic(&[0, 0, 1, 1], 8.0, 1, 2) - expected).abs() < 1e-12);
    }

    #[test]
    fn numbers_that_cannot_be_are_left_out() {
        let points = heaps(1).slice_move(ndarray::s![..3, ..]);
        let numbers = |choice: Option<Choice>| choice.map(|c| c.curve.iter().map(|(k, _)| *k).collect::<Vec<_>>());
        assert_eq!(numbers(by_silhouette(points.view(), 0..=9, kmeans)), Some(vec![2]));
        assert_eq!(numbers(by_bic(points.view(), 0..=9, kmeans)), Some(vec![1, 2]));
        assert_eq!(numbers(by_gap(points.view(), 0..=9, 0, kmeans)), Some(vec![1, 2, 3]));
        assert_eq!(by_silhouette(points.view(), 5..=9, kmeans), None);
        assert_eq!(by_gap(Array2::zeros((0, 2)).view(), 1..=3, 0, kmeans), None);
    }

    #[test]
    fn equal_points_have_finite_criteria() {
        let points = Array2::ones((6, 2));
        for choice in [by_bic(points.view(), 1..=3, kmeans), by_gap(points.view(), 1..=3, 0, kmeans)] {
            let choice = choice.expect("numbers to try");
            assert!(choice.chosen == 1 && choice.curve.iter().all(|(_, value)| value.is_finite()), "{choice:?}");
        }
    }
}
