//! How far clusters are languages and not genres. Where words are read in several languages, the language is what differs
//! most, and a clustering by it is no discovery.

use super::ami::Ami;
use super::ari::Ari;
use super::{Evaluation, Metric, card};
use crate::artifact::{Assignment, Corpus, Latents, Score, Scores};
use crate::engine::{Ctx, Failure, Handle, Stage, Version};
use ndarray::Array2;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// [`Assignment`] → [`Scores`] against the languages of the tracks: `language_ari`, `language_ami`; none if there are fewer
/// than two languages.
#[derive(Serialize)]
pub struct Languages {
    /// Which cluster each track is in.
    pub assignment: Handle<Assignment>,
    /// Tells which tracks.
    pub points: Handle<Latents>,
    /// The tracks, for languages and labels.
    pub corpus: Handle<Corpus>,
    /// Whether it is warned of clusters that are languages: once a run, not for each baseline.
    pub warns: bool,
    /// `latent.kmeans`: a name changes no result.
    #[serde(skip)]
    pub name: String,
}

impl Stage for Languages {
    type Output = Scores;
    const NAME: &'static str = "languages";

    fn version(&self) -> Version {
        Version { room: 1, kind: Ari.version() + Ami.version() }
    }

    fn title(&self) -> String {
        format!("languages {}", self.name)
    }

    fn run(&self, ctx: &Ctx) -> Result<Scores, Failure> {
        let (points, corpus, assignment) = (ctx.get(&self.points)?, ctx.get(&self.corpus)?, ctx.get(&self.assignment)?);
        let (rows, languages) = languages(&corpus, &points.tracks);
        if languages.iter().collect::<BTreeSet<_>>().len() < 2 {
            return Ok(Scores::default());
        }
        let assigned: Vec<i32> = rows.iter().map(|row| assignment.labels[*row]).collect();
        let by_language = score(&Ami, &languages, &assigned);
        if let Some(truth) = corpus.truth(&points.tracks).filter(|_| self.warns) {
            let truth: Vec<u32> = rows.iter().map(|row| truth[*row]).collect();
            warn(ctx, &self.name, by_language, score(&Ami, &truth, &assigned));
        }
        let parameters = BTreeMap::from([("tracks".to_owned(), rows.len().to_string())]);
        let told = |metric: &dyn Metric| {
            let mut card = card(metric, parameters.clone());
            card.definition = format!("Against the languages of the lyrics in place of labels. {}", card.definition);
            let value = score(metric, &languages, &assigned);
            (format!("language_{}", metric.name()), Score { value, interval: None, undefined: None, card })
        };
        Ok(Scores(BTreeMap::from([told(&Ari), told(&Ami)])))
    }
}

/// By AMI: the adjusted Rand index of many clusters against few languages is low even where each cluster is of one language.
fn warn(ctx: &Ctx, name: &str, language: Option<f64>, genre: Option<f64>) {
    if let (Some(language), Some(genre)) = (language, genre)
        && language > genre
    {
        ctx.warn(format!(
            "{name} finds languages rather than genres (AMI {language:.2} against languages, {genre:.2} against genres): \
             look at one language at a time, or fuse with sound by cca"
        ));
    }
}

/// Rows whose track has a language, and the language of each as a number.
fn languages(corpus: &Corpus, tracks: &[u32]) -> (Vec<usize>, Vec<u32>) {
    let of = |track: &u32| corpus.tracks[*track as usize].language.as_deref();
    let names: BTreeSet<&str> = tracks.iter().filter_map(of).collect();
    let number: BTreeMap<&str, u32> = names.into_iter().zip(0..).collect();
    tracks.iter().enumerate().filter_map(|(row, track)| Some((row, number[of(track)?]))).unzip()
}

fn score(metric: &dyn Metric, truth: &[u32], assigned: &[i32]) -> Option<f64> {
    let none = Array2::zeros((0, 0));
    metric.score(&Evaluation { truth: Some(truth), assigned, points: none.view(), refits: None })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::artifact::Track;

    #[test]
    fn tracks_without_a_language_do_not_count() {
        let track = |language: Option<&str>| Track { language: language.map(str::to_owned), ..Track::default() };
        let tracks = [Some("en"), None, Some("bn"), Some("en")].map(track).to_vec();
        let corpus = Corpus { tracks, ..Corpus::default() };
        assert_eq!(languages(&corpus, &[0, 1, 2, 3]), (vec![0, 2, 3], vec![1, 0, 1]));
    }
}
