//! How far the known factors of the data stand apart in a code.

use super::Representation;
use super::material::Material;
use crate::artifact::{Latents, Scores};
use crate::engine::{Handle, Plan};
use crate::experiment::Experiment;
use crate::stages::embed::{Embed, Via};
use crate::stages::metrics::Disentangle;

/// Scores of the latents, and of three controls: principal components, a network that has learned nothing, and the truth.
pub(super) fn disentangle(
    plan: &mut Plan,
    experiment: &Experiment,
    material: &Material,
    representations: &[Representation],
) -> Vec<(String, Handle<Scores>)> {
    let Some(model) = experiment.model.clone() else { return Vec::new() };
    let (seed, corpus, features) = (experiment.seed.unwrap_or_default(), material.corpus, material.features);
    let untrained = plan.add(Embed { features, via: Via::Untrained { model, seed } });
    let of = |name: &str| representations.iter().find(|each| each.name == name).map(|each| each.points);
    let scored = [
        ("disentangle", of("latent")),
        ("disentangle.pca", of("pca")),
        ("disentangle.untrained", Some(untrained)),
        ("disentangle.truth", None),
    ];
    let mut score = |(name, points): (&'static str, Option<Handle<Latents>>)| {
        (name.to_owned(), plan.add(Disentangle { points, corpus, seed, name }))
    };
    scored.into_iter().map(&mut score).collect()
}
