//! 95 % bootstrap intervals of metrics, over groups of points.
//! Efron (1979), percentile method with the bias taken off; see `stats::bootstrap`.

use ndarray::Axis;

use super::silhouette::Silhouette;
use super::{Evaluation, Metric};
use crate::stats::bootstrap::{interval, resample};
use crate::stats::silhouette::{mean_of, samples};

/// `[low, high]` for each metric, in order; None where it is not defined on most resamples.
///
/// `groups[row]` is the group of a point (its artist); whole groups are drawn, `resamples` times. All metrics see the same
/// resamples. A silhouette is not worked out anew: the silhouettes of the points drawn are averaged, for their neighbours
/// are part of the clustering that is judged, and copies of a point would be neighbours at distance 0.
pub fn intervals(
    metrics: &[&dyn Metric],
    of: &Evaluation,
    groups: &[u32],
    resamples: usize,
    seed: u64,
) -> Vec<Option<[f64; 2]>> {
    let silhouettes = metrics.iter().any(|metric| is_silhouette(*metric)).then(|| samples(of.points, of.assigned));
    let score = |rows: &[usize]| score_all(metrics, of, silhouettes.as_ref().and_then(Option::as_ref), rows);
    let scores = resample(groups, resamples, seed, score);
    let of_metric = |at: usize| scores.iter().map(|scores| scores[at]).collect::<Vec<_>>();
    metrics
        .iter()
        .enumerate()
        .map(|(at, metric)| around(metric.score(of)?, metric.needs_labels(), &of_metric(at)))
        .collect()
}

/// The percentile interval, moved by the bias of the resamples. A group that is drawn twice brings pairs of copies, which
/// agree by nature: scores of resamples are too high in the mean, and their plain percentiles would often miss the score.
/// (Efron and Tibshirani, "An introduction to the bootstrap", 1993, chapter 10: bias = mean of resamples − estimate.)
fn around(score: f64, at_most_one: bool, resampled: &[Option<f64>]) -> Option<[f64; 2]> {
    let bounds = interval(resampled)?;
    let defined: Vec<f64> = resampled.iter().copied().flatten().filter(|value| value.is_finite()).collect();
    let bias = defined.iter().sum::<f64>() / defined.len() as f64 - score;
    let most = if at_most_one { 1.0 } else { f64::INFINITY };
    Some(bounds.map(|bound| (bound - bias).min(most)))
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
    let drawn = Evaluation { truth: truth.as_deref(), assigned: &assigned, points: points.view() };
    let one = |metric: &&dyn Metric| match is_silhouette(*metric) {
        true => silhouettes.map(|values| mean_of(rows.iter().map(|row| values[*row]))).filter(|mean| mean.is_finite()),
        false => metric.score(&drawn),
    };
    metrics.iter().map(one).collect()
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

    const METRICS: [&dyn Metric; 4] = [&Ari, &Accuracy, &Silhouette, &CalinskiHarabasz];

    #[test]
    fn intervals_hold_the_score_and_are_not_points() {
        let set = &golden::sets()[0];
        let of = Evaluation { truth: Some(&set.truth), assigned: &set.kmeans.labels, points: set.points.view() };
        let groups: Vec<u32> = (0..set.truth.len() as u32).collect();
        for (metric, interval) in METRICS.iter().zip(intervals(&METRICS, &of, &groups, 200, 1)) {
            let ([low, high], score) = (interval.expect("defined"), metric.score(&of).expect("defined"));
            assert!(low < score && score < high, "{}: {low} {score} {high}", metric.name());
        }
    }

    #[test]
    fn larger_groups_give_wider_intervals() {
        let set = &golden::sets()[0];
        let of = Evaluation { truth: Some(&set.truth), assigned: &set.kmeans.labels, points: set.points.view() };
        let width = |groups: &[u32]| {
            let [low, high] = intervals(&[&Accuracy], &of, groups, 400, 1)[0].expect("defined");
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
        let of = Evaluation { truth: None, assigned: &set.kmeans.labels, points: set.points.view() };
        let groups: Vec<u32> = (0..set.truth.len() as u32).collect();
        let defined = intervals(&METRICS, &of, &groups, 50, 1).iter().map(Option::is_some).collect::<Vec<_>>();
        assert_eq!(defined, [false, false, true, true]);
    }
}
