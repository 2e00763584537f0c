//! A linear probe: how well labels can be read off a representation by logistic regression. It is learned on the tracks that
//! models learn from and judged on the others, so it says what a representation holds, not how it falls into clusters.
//! Alain, Bengio, "Understanding intermediate layers using linear classifier probes" (2016).

use crate::artifact::{Card, Corpus, Latents, Part, Score, Scores, Split};
use crate::engine::{Ctx, Failure, Handle, Stage};
use crate::stats::bootstrap::{interval, resample};
use crate::stats::logistic;
use crate::stats::scale::Standardiser;
use ndarray::Axis;
use serde::Serialize;
use std::collections::BTreeMap;

/// Inverse strength of the penalty, scikit-learn's default.
const C: f64 = 1.0;
/// Held-out tracks a class below which an accuracy says nothing.
const LEAST_A_CLASS: usize = 2;

/// [`Latents`] → [`Scores`]: `accuracy` on held-out tracks; none without labels.
#[derive(Serialize)]
pub struct Probe {
    /// What it is learned on.
    pub learned_on: Handle<Latents>,
    /// What it is judged on, of the same tracks.
    pub points: Handle<Latents>,
    /// The tracks, for labels and groups.
    pub corpus: Handle<Corpus>,
    /// Which are learned from.
    pub split: Handle<Split>,
    /// Bootstrap resamples of groups.
    pub resamples: usize,
    /// `latent.probe`: a name changes no result.
    #[serde(skip)]
    pub name: String,
}

impl Stage for Probe {
    type Output = Scores;
    const NAME: &'static str = "probe";

    fn title(&self) -> String {
        self.name.replacen('.', " ", 1)
    }

    fn run(&self, ctx: &Ctx) -> Result<Scores, Failure> {
        let (learned_on, points) = (ctx.get(&self.learned_on)?, ctx.get(&self.points)?);
        let (corpus, split) = (ctx.get(&self.corpus)?, ctx.get(&self.split)?);
        let Some(labels) = corpus.truth(&points.tracks) else { return Ok(Scores::default()) };
        let train = split.rows(&points.tracks, |part| part == Part::Train);
        let held_out = split.rows(&points.tracks, |part| part != Part::Train);
        let of = |rows: &[usize]| rows.iter().map(|row| labels[*row]).collect::<Vec<u32>>();
        let seen = learned_on.values.select(Axis(0), &train);
        let standardiser = Standardiser::fit(seen.view());
        let seen = standardiser.transform(seen.view());
        let Some(probe) = logistic::fit(seen.view(), &of(&train), corpus.labels.len(), C) else {
            return Ok(Scores::default());
        };
        let asked = standardiser.transform(points.values.select(Axis(0), &held_out).view());
        let right: Vec<bool> = probe.predict(asked.view()).iter().zip(of(&held_out)).map(|(a, b)| *a == b).collect();
        let groups = corpus.group_numbers(&points.tracks);
        let groups: Vec<u32> = held_out.iter().map(|row| groups[*row]).collect();
        let least = LEAST_A_CLASS * corpus.classes().unwrap_or(1);
        let score = if right.len() < least { self.too_few(right.len(), least) } else { self.score(&right, &groups) };
        Ok(Scores(BTreeMap::from([("accuracy".to_owned(), score)])))
    }
}

impl Probe {
    fn score(&self, right: &[bool], groups: &[u32]) -> Score {
        let all: Vec<usize> = (0..right.len()).collect();
        let share = |rows: &[usize]| {
            let hits = rows.iter().filter(|row| right[**row]).count();
            (!rows.is_empty()).then(|| hits as f64 / rows.len() as f64)
        };
        let interval = interval(&resample(groups, self.resamples, 0, share));
        Score { value: share(&all), interval, undefined: None, card: self.card(right.len()) }
    }

    /// A share of a handful is no finding.
    fn too_few(&self, held_out: usize, least: usize) -> Score {
        let why =
            format!("{held_out} tracks are held out, fewer than {least}: bring more tracks, or lower split.train");
        Score { value: None, interval: None, undefined: Some(why), card: self.card(held_out) }
    }

    fn card(&self, held_out: usize) -> Card {
        let parameters = BTreeMap::from([
            ("held_out".to_owned(), held_out.to_string()),
            ("bootstrap_resamples".to_owned(), self.resamples.to_string()),
            ("c".to_owned(), C.to_string()),
        ]);
        Card {
            definition: "Share of held-out tracks whose label a logistic regression on the representation names."
                .to_owned(),
            version: 1,
            higher_is_better: true,
            needs_labels: true,
            parameters,
        }
    }
}
