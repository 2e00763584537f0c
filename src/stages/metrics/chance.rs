//! What luck scores: the clusters of a clustering, dealt out to other tracks.
//! Romano, Vinh, Bailey, Verspoor, "Adjusting for chance clustering comparison measures" (JMLR 2016).

use super::{Evaluation, Metric, MetricName, card, versions};
use crate::artifact::{Assignment, Corpus, Latents, Score, Scores};
use crate::engine::{Ctx, Failure, Handle, Stage, Version};
use crate::stats::chance::expected;
use ndarray::Array2;
use serde::Serialize;
use std::collections::BTreeMap;

/// [`Assignment`] → [`Scores`] of luck: its clusters keep their number and sizes, noise too, but tracks are dealt anew.
#[derive(Serialize)]
pub struct Chance {
    /// The tracks.
    pub corpus: Handle<Corpus>,
    /// What was clustered: tells which tracks are in use.
    pub points: Handle<Latents>,
    /// The clustering whose sizes are kept.
    pub assignment: Handle<Assignment>,
    /// What to measure; those that need no labels have no chance level.
    pub metrics: Vec<MetricName>,
    /// Deals that are averaged.
    pub draws: usize,
    /// `latent.kmeans`: a name changes no result.
    #[serde(skip)]
    pub name: String,
}

impl Stage for Chance {
    type Output = Scores;
    const NAME: &'static str = "chance";

    fn version(&self) -> Version {
        Version { room: 2, kind: versions(&self.metrics) }
    }

    fn title(&self) -> String {
        format!("chance {}", self.name)
    }

    fn run(&self, ctx: &Ctx) -> Result<Scores, Failure> {
        let (corpus, latents, assignment) =
            (ctx.get(&self.corpus)?, ctx.get(&self.points)?, ctx.get(&self.assignment)?);
        let (truth, none) = (corpus.truth(&latents.tracks), Array2::<f64>::zeros((0, 0)));
        let parameters =
            BTreeMap::from([("draws".to_owned(), self.draws.to_string()), ("k".to_owned(), assignment.k.to_string())]);
        let luck = |metric: &dyn Metric| {
            let of = |assigned: &[i32]| {
                metric.score(&Evaluation { truth: truth.as_deref(), assigned, points: none.view(), refits: None })
            };
            expected(&assignment.labels, self.draws, 0, of)
        };
        let based = self.metrics.iter().map(|metric| metric.metric()).filter(|metric| metric.needs_labels());
        let line = |metric: &dyn Metric| {
            let value = luck(metric);
            let undefined = value.is_none().then(|| "the tracks have no labels".to_owned());
            (
                metric.name().to_owned(),
                Score { value, interval: None, undefined, card: card(metric, parameters.clone()) },
            )
        };
        Ok(Scores(based.map(line).collect()))
    }
}
