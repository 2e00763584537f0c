//! The retrieval room: every track is a query for all others; tracks of its label are what it is to find.
//!
//! Similarity is the cosine. Beside each score stand what a random order gives, in closed form, and how much better it is than
//! that of the raw features on the same queries.

mod judge;
mod nearest;

use crate::artifact::{Card, Corpus, LabelScores, Latents, Retrieval, Score, Scores};
use crate::engine::{Ctx, Failure, FailureKind, Handle, Stage};
use crate::stats::bootstrap::{interval, resample};
use crate::stats::ranking::RankScores;
use crate::stats::search::Directions;
use judge::{Judged, judge};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// `[retrieve]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// How many of the first places count for precision, recall and nDCG, and how many neighbours are listed.
    #[schemars(range(min = 1, max = 1000))]
    pub k: usize,
    /// What a query never finds: only itself, or all tracks of its group (artist). Tracks of one artist sound alike whatever
    /// their genre, so scores that count them are too high.
    pub exclude: Exclude,
}

/// What a query never finds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Exclude {
    /// All tracks of its group.
    #[default]
    Group,
    /// Itself.
    Track,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { k: 10, exclude: Exclude::Group }
    }
}

impl Settings {
    /// The body of the table.
    pub const EXAMPLE: &str = "k = 10\nexclude = \"group\"";
}

/// [`Latents`] × [`Corpus`] → [`Retrieval`].
#[derive(Serialize)]
pub struct Retrieve {
    /// What is searched.
    pub points: Handle<Latents>,
    /// What it is compared with, of the same tracks: the raw features.
    pub beside: Option<Handle<Latents>>,
    /// The tracks, for labels and groups.
    pub corpus: Handle<Corpus>,
    /// `[retrieve]`
    pub settings: Settings,
    /// Bootstrap resamples of groups.
    pub resamples: usize,
    /// `latent`: a name changes no result.
    #[serde(skip)]
    pub name: String,
}

impl Stage for Retrieve {
    type Output = Retrieval;
    const NAME: &'static str = "retrieve";

    fn title(&self) -> String {
        format!("retrieve {}", self.name)
    }

    fn run(&self, ctx: &Ctx) -> Result<Retrieval, Failure> {
        let (points, corpus) = (ctx.get(&self.points)?, ctx.get(&self.corpus)?);
        let beside = ctx.get_if(self.beside.as_ref())?;
        let groups = corpus.group_numbers(&points.tracks);
        let rows = Directions::of(points.values.view());
        let excluded = |query: usize, row: usize| match self.settings.exclude {
            Exclude::Group => groups[query] == groups[row],
            Exclude::Track => query == row,
        };
        let neighbours = nearest::of_some(&rows, &points.tracks, self.settings.k, excluded);
        let labels = corpus.labels_of(&points.tracks);
        let judged = |rows: &Directions| {
            judge(rows, &labels, self.settings.k, excluded, &|done, of| {
                ctx.progress(done, of);
                !ctx.interrupt().is_asked()
            })
            .ok_or_else(stopped)
        };
        let ours = judged(&rows)?;
        let theirs = match beside.filter(|beside| beside.tracks == points.tracks) {
            Some(beside) => judged(&Directions::of(beside.values.view()))?,
            None => Vec::new(),
        };
        let groups: Vec<u32> = ours.iter().map(|judged| groups[judged.row]).collect();
        let scores = self.scores(&ours, &theirs, &groups);
        Ok(Retrieval { scores, by_label: by_label(&ours, &names(self.settings.k)), neighbours })
    }
}

fn stopped() -> Failure {
    Failure::new(FailureKind::Interrupted, "asked to stop while tracks were compared")
}

/// `precision_at_10` and so on, in the order of [`RankScores::each`].
fn names(k: usize) -> [String; 5] {
    [format!("precision_at_{k}"), format!("recall_at_{k}"), "mrr".to_owned(), "map".to_owned(), format!("ndcg_at_{k}")]
}

impl Retrieve {
    fn scores(&self, ours: &[Judged], theirs: &[Judged], groups: &[u32]) -> Scores {
        let mut scores = BTreeMap::new();
        if ours.is_empty() {
            return Scores(scores);
        }
        let found: Vec<[f64; 5]> = ours.iter().map(|judged| judged.scores.each()).collect();
        let chance: Vec<[f64; 5]> = ours.iter().map(|judged| judged.chance.each()).collect();
        let gains: Vec<[f64; 5]> = ours
            .iter()
            .zip(theirs)
            .map(|(a, b)| std::array::from_fn(|at| a.scores.each()[at] - b.scores.each()[at]))
            .collect();
        let kinds = [
            ("", "", &found),
            ("chance.", "What a random order gives in the mean. ", &chance),
            ("over_raw.", "Less the same of the raw features, query by query. ", &gains),
        ];
        for (prefix, what, values) in kinds.into_iter().filter(|(_, _, values)| !values.is_empty()) {
            let intervals = if prefix == "chance." { [None; 5] } else { intervals(values, groups, self.resamples) };
            for (at, name) in names(self.settings.k).into_iter().enumerate() {
                let value = values.iter().map(|query| query[at]).sum::<f64>() / values.len() as f64;
                let card = self.card(at, what, ours.len());
                let score = Score { value: Some(value), interval: intervals[at], undefined: None, card };
                scores.insert(format!("{prefix}{name}"), score);
            }
        }
        Scores(scores)
    }

    fn card(&self, at: usize, what: &str, queries: usize) -> Card {
        let k = self.settings.k;
        let definition = match at {
            0 => format!("Share of the {k} most similar tracks that have the query's label"),
            1 => format!("Share of the tracks of the query's label that are among the {k} most similar"),
            2 => "One over the place of the most similar track of the query's label".to_owned(),
            3 => "Mean of the precisions at the places of all tracks of the query's label (mAP)".to_owned(),
            _ => format!(
                "Discounted cumulative gain of the {k} most similar, gains 0 and 1, as a share of the best order's"
            ),
        };
        let exclude = if self.settings.exclude == Exclude::Group { "group" } else { "track" };
        let parameters = [
            ("similarity", "cosine".to_owned()),
            ("exclude", exclude.to_owned()),
            ("queries", queries.to_string()),
            ("bootstrap_resamples", self.resamples.to_string()),
        ];
        let parameters = parameters.map(|(name, value)| (name.to_owned(), value)).into();
        let definition = format!("{what}{definition}, mean over queries.");
        Card { definition, version: 1, higher_is_better: true, needs_labels: true, parameters }
    }
}

/// 95 % intervals of the means, over samples of groups of queries.
fn intervals(values: &[[f64; 5]], groups: &[u32], resamples: usize) -> [Option<[f64; 2]>; 5] {
    let mean = |rows: &[usize]| -> [f64; 5] {
        std::array::from_fn(|at| rows.iter().map(|row| values[*row][at]).sum::<f64>() / rows.len() as f64)
    };
    let means = resample(groups, resamples, 0, mean);
    std::array::from_fn(|at| interval(&means.iter().map(|means| Some(means[at])).collect::<Vec<_>>()))
}

fn by_label(judged: &[Judged], names: &[String]) -> Vec<LabelScores> {
    let mut labels: BTreeMap<u32, Vec<RankScores>> = BTreeMap::new();
    judged.iter().for_each(|judged| labels.entry(judged.label).or_default().push(judged.scores));
    let line = |(label, of): (u32, Vec<RankScores>)| {
        let mean = RankScores::mean(of.iter().copied()).unwrap_or_default();
        let scores = names.iter().cloned().zip(mean.each()).collect();
        LabelScores { label, queries: of.len(), scores }
    };
    labels.into_iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(row: usize, label: u32, precision: f64) -> Judged {
        let scores = RankScores { precision, ..RankScores::default() };
        Judged { row, label, scores, chance: RankScores { precision: 0.25, ..RankScores::default() } }
    }

    fn stage() -> Retrieve {
        let mut plan = crate::engine::Plan::new();
        let points = plan.add(Nothing);
        let corpus = plan.add(NoCorpus);
        Retrieve { points, beside: None, corpus, settings: Settings::default(), resamples: 100, name: String::new() }
    }

    #[derive(Serialize)]
    struct Nothing;
    impl Stage for Nothing {
        type Output = Latents;
        const NAME: &'static str = "nothing";
        fn run(&self, _: &Ctx) -> Result<Latents, Failure> {
            Err(stopped())
        }
    }

    #[derive(Serialize)]
    struct NoCorpus;
    impl Stage for NoCorpus {
        type Output = Corpus;
        const NAME: &'static str = "no_corpus";
        fn run(&self, _: &Ctx) -> Result<Corpus, Failure> {
            Err(stopped())
        }
    }

    #[test]
    fn scores_stand_beside_chance_and_the_difference_to_raw() {
        let ours = [judged(0, 0, 1.0), judged(1, 0, 0.5), judged(2, 1, 0.0)];
        let theirs = [judged(0, 0, 0.5), judged(1, 0, 0.5), judged(2, 1, 0.5)];
        let Scores(scores) = stage().scores(&ours, &theirs, &[0, 1, 2]);
        let value = |name: &str| scores[name].value;
        assert_eq!((value("precision_at_10"), value("chance.precision_at_10")), (Some(0.5), Some(0.25)));
        assert_eq!((value("over_raw.precision_at_10"), scores.len()), (Some(0.0), 15));
        assert!(scores["over_raw.precision_at_10"].interval.is_some_and(|[low, high]| low < 0.0 && 0.0 < high));
        assert!(scores["chance.precision_at_10"].interval.is_none());
        assert!(stage().scores(&[], &[], &[]).0.is_empty());
    }

    #[test]
    fn labels_have_their_own_means() {
        let table = by_label(&[judged(0, 1, 1.0), judged(1, 0, 0.5), judged(2, 1, 0.0)], &names(5));
        let told: Vec<_> = table.iter().map(|line| (line.label, line.queries, line.scores[0].clone())).collect();
        let name = "precision_at_5".to_owned();
        assert_eq!(told, [(0, 1, (name.clone(), 0.5)), (1, 2, (name, 0.5))]);
    }
}
