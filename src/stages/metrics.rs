//! The metrics room: clusterings become numbers, each with an interval and a card.

pub mod accuracy;
pub mod ami;
pub mod ari;
pub mod calinski_harabasz;
pub mod completeness;
pub mod davies_bouldin;
mod disentangle;
pub mod fowlkes_mallows;
pub mod homogeneity;
pub mod intervals;
mod name;
pub mod nmi;
pub mod noise_share;
pub mod purity;
pub mod silhouette;
pub mod v_measure;

pub use disentangle::Disentangle;
pub use name::MetricName;

use crate::artifact::{Assignment, Card, Corpus, Latents, Score, Scores};
use crate::engine::{Ctx, Failure, Handle, Stage, Version};
use crate::stats::chance::expected;
use ndarray::{Array2, ArrayView2};
use serde::Serialize;
use std::collections::BTreeMap;

/// What is scored: a clustering of points, beside their true classes where these are known.
pub struct Evaluation<'a> {
    /// True class of each point.
    pub truth: Option<&'a [u32]>,
    /// Cluster of each point, -1 for noise.
    pub assigned: &'a [i32],
    /// `[points, dims]`, as clustered.
    pub points: ArrayView2<'a, f64>,
}

/// One number about a clustering.
pub trait Metric: Sync {
    /// The name in `metrics.json`: scikit-learn's.
    fn name(&self) -> &'static str;

    /// The score; None where it is not defined.
    fn score(&self, of: &Evaluation) -> Option<f64>;

    /// Whether a larger score is a better one.
    fn higher_is_better(&self) -> bool;

    /// Whether it compares with true classes.
    fn needs_labels(&self) -> bool;

    /// What it is, in a sentence.
    fn definition(&self) -> &'static str;

    /// Raise when the numbers change.
    fn version(&self) -> u32 {
        1
    }
}

/// Every metric an experiment may ask for.
pub const METRICS: &[&dyn Metric] = &[
    &ari::Ari,
    &nmi::Nmi,
    &ami::Ami,
    &homogeneity::Homogeneity,
    &completeness::Completeness,
    &v_measure::VMeasure,
    &fowlkes_mallows::FowlkesMallows,
    &purity::Purity,
    &accuracy::Accuracy,
    &silhouette::Silhouette,
    &calinski_harabasz::CalinskiHarabasz,
    &davies_bouldin::DaviesBouldin,
    &noise_share::NoiseShare,
];

/// The sum of all versions: raised when any metric's numbers change.
fn versions(metrics: &[MetricName]) -> u32 {
    metrics.iter().map(|metric| metric.metric().version()).sum()
}

fn card(metric: &dyn Metric, parameters: BTreeMap<String, String>) -> Card {
    let (definition, version) = (metric.definition().to_owned(), metric.version());
    Card {
        definition,
        version,
        higher_is_better: metric.higher_is_better(),
        needs_labels: metric.needs_labels(),
        parameters,
    }
}

/// [`Assignment`] → [`Scores`].
#[derive(Serialize)]
pub struct Measure {
    /// What was clustered.
    pub points: Handle<Latents>,
    /// How it was clustered.
    pub assignment: Handle<Assignment>,
    /// The tracks, for truth and groups.
    pub corpus: Handle<Corpus>,
    /// What to measure.
    pub metrics: Vec<MetricName>,
    /// Bootstrap resamples of groups for the intervals.
    pub resamples: usize,
    /// `latent.kmeans`: a name changes no result.
    #[serde(skip)]
    pub name: String,
}

impl Stage for Measure {
    type Output = Scores;
    const NAME: &'static str = "metrics";

    fn version(&self) -> Version {
        Version { room: 1, kind: versions(&self.metrics) }
    }

    fn title(&self) -> String {
        format!("metrics {}", self.name)
    }

    fn run(&self, ctx: &Ctx) -> Result<Scores, Failure> {
        let (latents, corpus, assignment) =
            (ctx.get(&self.points)?, ctx.get(&self.corpus)?, ctx.get(&self.assignment)?);
        let (points, truth) = (latents.in_use(), corpus.truth(&latents.tracks));
        let of = Evaluation { truth: truth.as_deref(), assigned: &assignment.labels, points: points.view() };
        let metrics: Vec<&dyn Metric> = self.metrics.iter().map(|metric| metric.metric()).collect();
        let intervals = intervals::intervals(&metrics, &of, &corpus.group_numbers(&latents.tracks), self.resamples, 0);
        let parameters = BTreeMap::from([
            ("bootstrap_resamples".to_owned(), self.resamples.to_string()),
            ("k".to_owned(), assignment.k.to_string()),
        ]);
        let score = |(metric, interval): (&&dyn Metric, _)| {
            let value = metric.score(&of);
            let interval = if value.is_some() { interval } else { None };
            (metric.name().to_owned(), Score { value, interval, card: card(*metric, parameters.clone()) })
        };
        Ok(Scores(metrics.iter().zip(intervals).map(score).collect()))
    }
}

/// [`Corpus`] → [`Scores`] of luck: random clusters of equal size, as many as there are classes.
#[derive(Serialize)]
pub struct Chance {
    /// The tracks.
    pub corpus: Handle<Corpus>,
    /// Any representation: tells which tracks are in use.
    pub points: Handle<Latents>,
    /// What to measure; those that need no labels have no chance level.
    pub metrics: Vec<MetricName>,
    /// Random clusterings that are averaged.
    pub draws: usize,
}

impl Stage for Chance {
    type Output = Scores;
    const NAME: &'static str = "chance";

    fn version(&self) -> Version {
        Version { room: 1, kind: versions(&self.metrics) }
    }

    fn run(&self, ctx: &Ctx) -> Result<Scores, Failure> {
        let (corpus, latents) = (ctx.get(&self.corpus)?, ctx.get(&self.points)?);
        let (truth, none) = (corpus.truth(&latents.tracks), Array2::<f64>::zeros((0, 0)));
        let parameters = BTreeMap::from([("draws".to_owned(), self.draws.to_string())]);
        let luck = |metric: &dyn Metric| {
            let score =
                |assigned: &[i32]| metric.score(&Evaluation { truth: truth.as_deref(), assigned, points: none.view() });
            expected(latents.tracks.len(), corpus.classes()?, self.draws, 0, score)
        };
        let based = self.metrics.iter().map(|metric| metric.metric()).filter(|metric| metric.needs_labels());
        let line = |metric: &dyn Metric| {
            let score = Score { value: luck(metric), interval: None, card: card(metric, parameters.clone()) };
            (metric.name().to_owned(), score)
        };
        Ok(Scores(based.map(line).collect()))
    }
}
