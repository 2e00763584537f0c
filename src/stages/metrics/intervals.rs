//! 95 % bootstrap intervals of metrics, over groups of points.
//! Efron (1979), percentile method with the bias taken off; see `stats::bootstrap`.

use ndarray::Axis;

use super::silhouette::Silhouette;
use super::{Evaluation, Metric};
use crate::stats::bootstrap::{interval, percentile, resample};
use crate::stats::silhouette::{mean_of, samples};

/// What the resamples say of a metric.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Resampled {
    /// `[low, high]`; None where the metric is not defined, or not on more than one in twenty resamples.
    pub interval: Option<[f64; 2]>,
    /// Resamples on which it is not defined: they are left out.
    pub undefined: usize,
}

/// One for each metric, in order.
///
/// `groups[row]` is the group of a point (its artist); whole groups are drawn, `resamples` times. All metrics see the same
/// resamples. A silhouette is not worked out anew: the silhouettes of the points drawn are averaged, for their neighbours
/// are part of the clustering that is judged, and copies of a point would be neighbours at distance 0. What compares whole
/// fits has no interval.
pub fn intervals(
    metrics: &[&dyn Metric],
    of: &Evaluation,
    groups: &[u32],
    resamples: usize,
    seed: u64,
) -> Vec<Resampled> {
    let silhouettes = metrics.iter().any(|metric| is_silhouette(*metric)).then(|| samples(of.points, of.assigned));
    let score = |rows: &[usize]| score_all(metrics, of, silhouettes.as_ref().and_then(Option::as_ref), rows);
    let scores = resample(groups, resamples, seed, score);
    let of_metric = |at: usize| scores.iter().map(|scores| scores[at]).collect::<Vec<_>>();
    let one = |(at, metric): (usize, &&dyn Metric)| match metric.score(of).filter(|_| !metric.needs_refits()) {
        Some(score) => around(score, metric.range(), &of_metric(at)),
        None => Resampled::default(),
    };
    metrics.iter().enumerate().map(one).collect()
}

/// The percentile interval, moved by the bias of the resamples and kept within the metric's range. A group that is drawn twice
/// brings pairs of copies, which agree by nature: scores of resamples are too high in the mean, and their plain percentiles
/// would often miss the score.
/// (Efron and Tibshirani, "An introduction to the bootstrap", 1993, chapter 10: bias = mean of resamples − estimate.)
/// Of scores without a bound the median stands for the mean, which one draw of clusters without width could carry anywhere.
fn around(score: f64, [least, most]: [f64; 2], resampled: &[Option<f64>]) -> Resampled {
    let mut defined: Vec<f64> = resampled.iter().copied().flatten().filter(|value| value.is_finite()).collect();
    let undefined = resampled.len() - defined.len();
    let mean = defined.iter().sum::<f64>() / defined.len() as f64;
    defined.sort_unstable_by(f64::total_cmp);
    let centre = if most.is_finite() || defined.is_empty() { mean } else { percentile(&defined, 50.0) };
    let within = |bounds: [f64; 2]| bounds.map(|bound| (bound - (centre - score)).clamp(least, most));
    Resampled { interval: interval(resampled).map(within), undefined }
}

fn score_all(
    metrics: &[&dyn Metric],
    of: &Evaluation,
    silhouettes: Option<&Vec<Option<f64>>>,
    rows: &[usize],
) -> Vec<Option<f64>> {
    let truth: Option<Vec<u32>> = of.truth.map(|truth| rows.iter().map(|row| truth[*row]).collect());
    let assigned: Vec<i32> = rows.iter().map(|row| of.assigned[*row]).collect();
    let points_matter = metrics.iter().any(|metric| !metric.needs_labels() && !is_silhouette(*metric));
    let points = of.points.select(Axis(0), if points_matter { rows } else { &[] });
    let drawn = Evaluation { truth: truth.as_deref(), assigned: &assigned, points: points.view(), refits: None };
    // A cluster of which one track is drawn, be it several times, has no width: where that holds for all, a score of widths
    // is a division by nothing.
    let spread = has_spread(rows, of);
    let one = |metric: &&dyn Metric| match is_silhouette(*metric) {
        true => silhouettes.map(|values| mean_of(rows.iter().map(|row| values[*row]))).filter(|mean| mean.is_finite()),
        false if metric.needs_spread() && !spread => None,
        false => metric.score(&drawn),
    };
    metrics.iter().map(one).collect()
}

/// Whether two points of one cluster that lie apart are among `rows`; copies of a track are one point.
fn has_spread(rows: &[usize], of: &Evaluation) -> bool {
    let mut drawn: Vec<(i32, usize)> =
        rows.iter().map(|row| (of.assigned[*row], *row)).filter(|(label, _)| *label >= 0).collect();
    drawn.sort_unstable();
    drawn.windows(2).any(|two| two[0].0 == two[1].0 && of.points.row(two[0].1) != of.points.row(two[1].1))
}

fn is_silhouette(metric: &dyn Metric) -> bool {
    metric.name() == Silhouette.name()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::metrics::accuracy::Accuracy;
    use crate::stages::metrics::ari::Ari;
    use crate::stages::metrics::calinski_harabasz::CalinskiHarabasz;
    use crate::stats::golden;
    use ndarray::{Array2, array};

    const METRICS: [&dyn Metric; 4] = [&Ari, &Accuracy, &Silhouette, &CalinskiHarabasz];

    #[test]
    fn intervals_hold_the_score_and_are_not_points() {
        let set = &golden::sets()[0];
        let of = Evaluation {
            truth: Some(&set.truth),
            assigned: &set.kmeans.labels,
            points: set.points.view(),
            refits: None,
        };
        let groups: Vec<u32> = (0..set.truth.len() as u32).collect();
        for (metric, interval) in METRICS.iter().zip(intervals(&METRICS, &of, &groups, 200, 1)) {
            let ([low, high], score) = (interval.interval.expect("defined"), metric.score(&of).expect("defined"));
            assert!(low < score && score < high, "{}: {low} {score} {high}", metric.name());
        }
    }

    #[test]
    fn larger_groups_give_wider_intervals() {
        let set = &golden::sets()[0];
        let of = Evaluation {
            truth: Some(&set.truth),
            assigned: &set.kmeans.labels,
            points: set.points.view(),
            refits: None,
        };
        let width = |groups: &[u32]| {
            let [low, high] = intervals(&[&Accuracy], &of, groups, 400, 1)[0].interval.expect("defined");
            high - low
        };
        // Rows are sorted by class, so that groups of neighbours are alike, as the tracks of an artist are.
        let single: Vec<u32> = (0..set.truth.len() as u32).collect();
        let grouped: Vec<u32> = single.iter().map(|row| row / 20).collect();
        assert!(width(&grouped) > 1.2 * width(&single), "{} {}", width(&grouped), width(&single));
    }

    #[test]
    fn without_labels_only_internal_metrics_have_intervals() {
        let set = &golden::sets()[1];
        let of = Evaluation { truth: None, assigned: &set.kmeans.labels, points: set.points.view(), refits: None };
        let groups: Vec<u32> = (0..set.truth.len() as u32).collect();
        let defined =
            intervals(&METRICS, &of, &groups, 50, 1).iter().map(|of| of.interval.is_some()).collect::<Vec<_>>();
        assert_eq!(defined, [false, false, true, true]);
    }

    #[test]
    fn draws_without_width_are_left_out_and_counted() {
        // Two clusters of two: a draw of four groups misses a second track of both in some of 256 cases.
        let points = array![[0.1], [0.2], [0.7], [0.9]];
        let of = Evaluation { truth: None, assigned: &[0, 0, 1, 1], points: points.view(), refits: None };
        let few = intervals(&[&CalinskiHarabasz], &of, &[0, 1, 2, 3], 500, 1)[0];
        assert!(few.interval.is_none() && few.undefined > 25, "{few:?}");
        let points = Array2::from_shape_fn((20, 1), |(row, _)| (row / 10 * 9) as f64 + 0.1 * (row % 10) as f64);
        let assigned: Vec<i32> = (0..20).map(|row| row / 10).collect();
        let of = Evaluation { truth: None, assigned: &assigned, points: points.view(), refits: None };
        let groups: Vec<u32> = (0..20).collect();
        let many = intervals(&[&CalinskiHarabasz], &of, &groups, 500, 1)[0];
        assert!(many.undefined == 0 && many.interval.is_some_and(|[low, high]| 0.0 <= low && high < 1e6), "{many:?}");
    }

    #[test]
    fn a_few_draws_that_explode_do_not_carry_the_interval_away() {
        let scores: Vec<Option<f64>> = (0..100).map(|at| Some(if at < 2 { 1e30 } else { f64::from(at) })).collect();
        let [low, high] = around(50.0, [0.0, f64::INFINITY], &scores).interval.expect("defined");
        assert!((0.0..50.0).contains(&low) && (50.0..200.0).contains(&high), "{low} {high}");
    }

    #[test]
    fn copies_of_a_track_have_no_width() {
        let points = array![[0.3], [0.3], [0.7], [0.7]];
        let of = Evaluation { truth: None, assigned: &[0, 0, 1, 1], points: points.view(), refits: None };
        assert!(!has_spread(&[0, 1, 2, 3], &of));
        let apart = array![[0.3], [0.4], [0.7], [0.7]];
        let of = Evaluation { points: apart.view(), ..of };
        assert!(has_spread(&[0, 1, 1, 3], &of) && !has_spread(&[0, 2, 3], &of));
    }
}
