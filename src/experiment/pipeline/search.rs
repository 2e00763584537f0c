//! What is searched: the representation that is looked at, and the raw features that it must beat.

use super::Representation;
use crate::artifact::{Corpus, Retrieval};
use crate::engine::{Handle, Plan};
use crate::experiment::Experiment;
use crate::stages::retrieve::Retrieve;

/// Bootstrap resamples behind an interval.
const RESAMPLES: usize = 1000;

/// The searches that `[retrieve]` asks for, by the first part of their metric names: `retrieve` for the representation that
/// is looked at, and `raw.retrieve` beside it.
pub(super) fn lay(
    plan: &mut Plan,
    experiment: &Experiment,
    corpus: Handle<Corpus>,
    representations: &[Representation],
) -> Vec<(&'static str, Handle<Retrieval>)> {
    let Some(settings) = &experiment.retrieve else { return Vec::new() };
    let raw = representations.iter().find(|each| each.name == "raw");
    let shown = representations.first();
    let learned = shown.zip(raw).is_some_and(|(shown, raw)| shown.points.key() != raw.points.key());
    let mut search = |prefix, of: &Representation| {
        let beside = raw.filter(|_| learned && prefix == "retrieve").map(|raw| raw.points);
        let (points, settings, name) = (of.points, settings.clone(), of.name.to_owned());
        (prefix, plan.add(Retrieve { points, beside, corpus, settings, resamples: RESAMPLES, name }))
    };
    let first = shown.map(|shown| search("retrieve", shown));
    let second = raw.filter(|_| learned).map(|raw| search("raw.retrieve", raw));
    first.into_iter().chain(second).collect()
}
