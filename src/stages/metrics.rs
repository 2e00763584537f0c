//! The metrics room: clusterings become numbers, each with an interval and a card.

pub mod accuracy;
pub mod ami;
pub mod ari;
pub mod calinski_harabasz;
mod chance;
pub mod completeness;
pub mod davies_bouldin;
mod disentangle;
pub mod fowlkes_mallows;
mod gain;
pub mod homogeneity;
pub mod intervals;
mod language;
mod name;
pub mod nmi;
pub mod noise_share;
mod probe;
pub mod purity;
pub mod silhouette;
pub mod stability;
pub mod v_measure;

pub use chance::Chance;
pub use disentangle::Disentangle;
pub use gain::Gain;
pub use language::Languages;
pub use name::MetricName;
pub use probe::Probe;

use crate::artifact::{Assignment, Card, Corpus, Latents, Over, Refits, Score, Scores};
use crate::engine::{Ctx, Failure, Handle, Stage, Version};
use crate::stats::partition::Partition;
use intervals::Resampled;
use ndarray::ArrayView2;
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
    /// The same points clustered again, where that was asked for.
    pub refits: Option<&'a Refits>,
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

    /// Whether it compares several fits of the same points.
    fn needs_refits(&self) -> bool {
        false
    }

    /// Whether it measures how far points of a cluster lie from each other, and is not defined where none has another beside it.
    fn needs_spread(&self) -> bool {
        false
    }

    /// The least and the largest value it can have.
    fn range(&self) -> [f64; 2] {
        [0.0, 1.0]
    }

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
    &stability::Stability,
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
    /// Further fits of the same points, where a metric compares them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refits: Option<Handle<Refits>>,
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
        Version { room: 2, kind: versions(&self.metrics) }
    }

    fn title(&self) -> String {
        format!("metrics {}", self.name)
    }

    fn run(&self, ctx: &Ctx) -> Result<Scores, Failure> {
        let (latents, corpus, assignment) =
            (ctx.get(&self.points)?, ctx.get(&self.corpus)?, ctx.get(&self.assignment)?);
        let (points, truth, refits) =
            (latents.in_use(), corpus.truth(&latents.tracks), ctx.get_if(self.refits.as_ref())?);
        let (assigned, refits) = (&assignment.labels, refits.as_deref());
        let of = Evaluation { truth: truth.as_deref(), assigned, points: points.view(), refits };
        let metrics: Vec<&dyn Metric> = self.metrics.iter().map(|metric| metric.metric()).collect();
        let intervals = intervals::intervals(&metrics, &of, &corpus.group_numbers(&latents.tracks), self.resamples, 0);
        let score = |(metric, resampled): (&&dyn Metric, Resampled)| {
            let value = metric.score(&of);
            let card = card(*metric, self.parameters(*metric, &assignment, &resampled, refits));
            let interval = if value.is_some() { resampled.interval } else { None };
            let undefined = if value.is_none() { Some(why_undefined(*metric, &of).to_owned()) } else { None };
            (metric.name().to_owned(), Score { value, interval, undefined, card })
        };
        Ok(Scores(metrics.iter().zip(intervals).map(score).collect()))
    }
}

impl Measure {
    /// What a reader of the card must know: how many clusters, and what interval or agreement rest on.
    fn parameters(
        &self,
        metric: &dyn Metric,
        assignment: &Assignment,
        resampled: &Resampled,
        refits: Option<&Refits>,
    ) -> BTreeMap<String, String> {
        let mut told = BTreeMap::from([("k".to_owned(), assignment.k.to_string())]);
        if let Some(refits) = refits.filter(|_| metric.needs_refits()) {
            let over = match refits.over {
                Over::Seeds => "seeds",
                Over::Groups => "80 % of the groups each",
            };
            told.extend([("fits".to_owned(), refits.fits.len().to_string()), ("over".to_owned(), over.to_owned())]);
            return told;
        }
        told.insert("bootstrap_resamples".to_owned(), self.resamples.to_string());
        if resampled.undefined > 0 {
            told.insert("bootstrap_undefined".to_owned(), resampled.undefined.to_string());
        }
        told
    }
}

/// Why a metric has no value here, with the setting that would give it one.
fn why_undefined(metric: &dyn Metric, of: &Evaluation) -> &'static str {
    let clusters = Partition::of(of.assigned).clusters();
    match () {
        () if metric.needs_labels() && of.truth.is_none() => "the tracks have no labels",
        () if metric.needs_refits() && of.refits.is_none() => {
            "a model's own clusters are not fitted again: name a [[cluster]]"
        }
        () if clusters == 0 => "every track is noise: see the settings of the clusterer",
        () if clusters == 1 => "there is one cluster only",
        () => "every track is a cluster of its own",
    }
}
