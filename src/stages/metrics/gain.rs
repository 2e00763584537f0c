//! What fusion is worth: the score of a clustering of all modalities less that of the best of one, on the same tracks.

use super::{Evaluation, Metric, MetricName, card};
use crate::artifact::{Assignment, Corpus, Latents, Score, Scores};
use crate::engine::{Ctx, Failure, Handle, Stage, Version};
use crate::stats::bootstrap::{interval, resample};
use ndarray::Array2;
use serde::Serialize;
use std::collections::BTreeMap;

/// [`Assignment`]s of the same tracks → [`Scores`]: a difference for each metric that compares with labels. Its interval is
/// over samples of groups that both sides see (paired bootstrap).
#[derive(Serialize)]
pub struct Gain {
    /// Of all modalities.
    pub fused: Handle<Assignment>,
    /// Of one modality each, by its name.
    pub single: Vec<(&'static str, Handle<Assignment>)>,
    /// Tells which tracks.
    pub points: Handle<Latents>,
    /// The tracks, for truth and groups.
    pub corpus: Handle<Corpus>,
    /// What is measured.
    pub metrics: Vec<MetricName>,
    /// Bootstrap resamples of groups.
    pub resamples: usize,
    /// `gain.kmeans`: a name changes no result.
    #[serde(skip)]
    pub name: String,
}

impl Stage for Gain {
    type Output = Scores;
    const NAME: &'static str = "gain";

    fn version(&self) -> Version {
        Version { room: 1, kind: super::versions(&self.metrics) }
    }

    fn title(&self) -> String {
        self.name.replacen('.', " ", 1)
    }

    fn run(&self, ctx: &Ctx) -> Result<Scores, Failure> {
        let (points, corpus, fused) = (ctx.get(&self.points)?, ctx.get(&self.corpus)?, ctx.get(&self.fused)?);
        let Some(truth) = corpus.truth(&points.tracks) else { return Ok(Scores::default()) };
        let mut single = Vec::new();
        for (name, assignment) in &self.single {
            single.push((*name, ctx.get(assignment)?.labels.clone()));
        }
        let sides = Sides { truth: &truth, fused: &fused.labels, single: &single };
        let groups = corpus.group_numbers(&points.tracks);
        let based = self.metrics.iter().map(|metric| metric.metric()).filter(|metric| metric.needs_labels());
        let score = |metric: &'static dyn Metric| {
            Some((metric.name().to_owned(), gain(metric, &sides, &groups, self.resamples)?))
        };
        Ok(Scores(based.filter_map(score).collect()))
    }
}

/// Clusters of the same tracks.
struct Sides<'a> {
    truth: &'a [u32],
    fused: &'a [i32],
    single: &'a [(&'static str, Vec<i32>)],
}

fn gain(metric: &dyn Metric, sides: &Sides, groups: &[u32], resamples: usize) -> Option<Score> {
    let all: Vec<usize> = (0..sides.truth.len()).collect();
    let of = |labels: &[i32], rows: &[usize]| on(metric, sides.truth, labels, rows);
    let fused = of(sides.fused, &all)?;
    let scores = sides.single.iter().filter_map(|(name, labels)| Some((of(labels, &all)?, *name, labels)));
    let (best, name, labels) = scores.max_by(|a, b| a.0.total_cmp(&b.0))?;
    let difference = |rows: &[usize]| Some(of(sides.fused, rows)? - of(labels, rows)?);
    let parameters = BTreeMap::from([
        ("over".to_owned(), name.to_owned()),
        ("bootstrap_resamples".to_owned(), resamples.to_string()),
    ]);
    let mut card = card(metric, parameters);
    card.definition = format!("Gain of fusion over the best single modality. {}", card.definition);
    let interval = interval(&resample(groups, resamples, 0, difference));
    Some(Score { value: Some(fused - best), interval, undefined: None, card })
}

fn on(metric: &dyn Metric, truth: &[u32], labels: &[i32], rows: &[usize]) -> Option<f64> {
    let truth: Vec<u32> = rows.iter().map(|row| truth[*row]).collect();
    let assigned: Vec<i32> = rows.iter().map(|row| labels[*row]).collect();
    let none = Array2::zeros((0, 0));
    metric.score(&Evaluation { truth: Some(&truth), assigned: &assigned, points: none.view(), refits: None })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::metrics::ari::Ari;

    #[test]
    fn the_gain_is_over_the_better_of_the_two() {
        let truth: Vec<u32> = (0..60).map(|row| row % 3).collect();
        let perfect: Vec<i32> = truth.iter().map(|class| *class as i32).collect();
        let half: Vec<i32> = perfect.iter().map(|cluster| (*cluster).min(1)).collect();
        let none: Vec<i32> = (0..60).map(|row| row / 30).collect();
        let single = [("audio", none), ("text", half.clone())];
        let sides = Sides { truth: &truth, fused: &perfect, single: &single };
        let groups: Vec<u32> = (0..60).map(|row| row / 3).collect();
        let score = gain(&Ari, &sides, &groups, 200).unwrap();
        let rows: Vec<usize> = (0..60).collect();
        assert_eq!(score.card.parameters["over"], "text");
        assert_eq!(score.value, Some(1.0 - on(&Ari, &truth, &half, &rows).unwrap()));
        let [low, high] = score.interval.unwrap();
        assert!(low > 0.0 && low <= score.value.unwrap() && score.value.unwrap() <= high, "{low} {high}");
    }
}
