//! The whole pipeline on one page: which stages an experiment is, and what each reads.

mod clusters;
mod figures;

use super::Experiment;
use crate::artifact::{
    Corpus, Diagnosis, FeatureTable, Latents, Layout, Prediction, Reconstructions, Scores, Sheet, Split, Weights,
};
use crate::engine::{Handle, Plan};
use crate::stages::dataset::Survey;
use crate::stages::diagnose::{Diagnose, Foresee};
use crate::stages::embed::{Embed, OwnClusters, Reconstruct, Route, Traverse, Via};
use crate::stages::features::gtzan::Gtzan;
use crate::stages::features::{AudioFeatures, Extract, Features};
use crate::stages::metrics::Disentangle;
use crate::stages::project::Project;
use crate::stages::split::Divide;
use crate::stages::train::{Init, Schedule, Train};
use candle_core::Device;
use clusters::Room;

pub use clusters::{Clustering, Luck};
pub use figures::Drawn;

/// Examples in the reconstruction grid.
const EXAMPLES: usize = 6;
/// Walks through the latent space: dimensions, and pairs of tracks.
const WALKS: [Route; 2] = [Route::Dimensions(8), Route::Tracks(5)];
/// Principal components of the baseline where no model says how many.
const PCA_DIMS: usize = 16;

/// The results of one experiment, before they exist.
pub struct Outline {
    /// The tracks.
    pub corpus: Handle<Corpus>,
    /// What networks and baselines see.
    pub features: Handle<FeatureTable>,
    /// What was learned, if anything.
    pub learned: Option<Learned>,
    /// The representation that is looked at: the latents, else the raw features.
    pub shown: Representation,
    /// Every clustering of every representation.
    pub clusterings: Vec<Clustering>,
    /// What luck scores: first by the sizes of the first clustering, then, where there are several, by those of each.
    pub chance: Vec<Luck>,
    /// How far factors stand apart in the code, by the first part of metric names: `disentangle` for the latents,
    /// `disentangle.pca` and so on for controls. Only where factors are known.
    pub disentangled: Vec<(&'static str, Handle<Scores>)>,
    /// Projections of the representation that is looked at.
    pub layouts: Vec<(String, Handle<Layout>)>,
    /// Pictures.
    pub figures: Vec<Drawn>,
}

/// A trained model and what is known of it.
#[derive(Clone, Copy)]
pub struct Learned {
    /// Which tracks it learned from.
    pub split: Handle<Split>,
    /// What was to be feared of it before it was trained.
    pub prediction: Handle<Prediction>,
    /// Its weights.
    pub weights: Handle<Weights>,
    /// Whether it is healthy.
    pub diagnosis: Handle<Diagnosis>,
    /// Examples.
    pub reconstructions: Handle<Reconstructions>,
    /// Walks along dimensions of its code, and between tracks.
    pub walks: [Handle<Sheet>; 2],
}

/// A representation and its name in metric names.
#[derive(Clone)]
pub struct Representation {
    /// `latent`, `raw` or `pca`.
    pub name: &'static str,
    /// The points.
    pub points: Handle<Latents>,
}

/// Adds the stages of `experiment` (resolved) to `plan`.
pub fn lay(plan: &mut Plan, experiment: &Experiment, survey: Survey, init: Option<Init>, device: &Device) -> Outline {
    let known_factors = survey.has_independent_factors();
    let (corpus, features) = hear(plan, experiment, survey);
    let latent = learn(plan, experiment, (corpus, features), init, device);
    let baselines = baselines(plan, experiment, features);
    let learned = latent.iter().flat_map(|(_, representations)| representations.clone());
    let representations: Vec<Representation> = learned.chain(baselines).collect();
    let shown = representations[0].clone();
    let mut room = Room { plan: &mut *plan, experiment, corpus };
    let mut clusterings = room.cluster(&representations);
    if let (Some(model), Some((learned, _))) = (&experiment.model, &latent) {
        let read = OwnClusters { weights: learned.weights, model: model.clone(), features };
        clusterings.extend(room.own(&shown, read));
    }
    let chance = room.chance(&clusterings);
    let disentangled = match &experiment.model {
        Some(model) if known_factors => {
            let seed = experiment.seed.unwrap_or_default();
            let untrained = plan.add(Embed { features, via: Via::Untrained { model: model.clone(), seed } });
            disentangle(plan, seed, corpus, &representations, untrained)
        }
        _ => Vec::new(),
    };
    let layouts = project(plan, experiment, &shown);
    let learned = latent.map(|(learned, _)| learned);
    let bare =
        Outline { corpus, features, learned, shown, clusterings, chance, disentangled, layouts, figures: Vec::new() };
    Outline { figures: figures::draw(plan, experiment, &bare), ..bare }
}

/// The stages that every experiment begins with.
pub fn hear(plan: &mut Plan, experiment: &Experiment, survey: Survey) -> (Handle<Corpus>, Handle<FeatureTable>) {
    let (features, max_bad_share) = (features_of(experiment, &survey), experiment.checks.max_bad_share);
    let root = survey.root().to_owned();
    let corpus = plan.add(survey.load());
    (corpus, plan.add(Extract { corpus, features, max_bad_share, root }))
}

/// The synthetic set has no table: where it stands in for one, the same columns as GTZAN's are computed from its sound.
fn features_of(experiment: &Experiment, survey: &Survey) -> Features {
    match &experiment.features.table {
        Some(table) if survey.stands_in_for.is_some() => {
            let gtzan = Some(Gtzan { log_variance: table.log_variance });
            Features { audio: Some(AudioFeatures { gtzan, ..AudioFeatures::default() }), ..Features::default() }
        }
        _ => experiment.features.clone(),
    }
}

fn learn(
    plan: &mut Plan,
    experiment: &Experiment,
    (corpus, features): (Handle<Corpus>, Handle<FeatureTable>),
    init: Option<Init>,
    device: &Device,
) -> Option<(Learned, Vec<Representation>)> {
    let (model, device) = (experiment.model.clone()?, device.clone());
    // The earlier run counts by the content of its files, not by its path.
    let schedule = Schedule { init: None, ..experiment.train.clone().unwrap_or_default() };
    let split = plan.add(Divide { corpus, settings: experiment.split.clone().unwrap_or_default() });
    let seed = experiment.seed.unwrap_or_default();
    let prediction = plan.add(Foresee { model: model.clone(), features, split });
    let told = model.is_conditional().then_some(corpus);
    let weights = plan.add(Train { features, split, corpus: told, model: model.clone(), schedule, init, seed, device });
    let representations = represent(plan, &model, features, weights, corpus);
    let diagnosis = plan.add(Diagnose { weights, model: model.clone(), corpus: told, features, split, seed });
    let walks = WALKS.map(|route| plan.add(Traverse { weights, model: model.clone(), features, split, corpus, route }));
    let reconstructions = plan.add(Reconstruct { weights, model, corpus: told, features, split, examples: EXAMPLES });
    Some((Learned { split, prediction, weights, diagnosis, reconstructions, walks }, representations))
}

/// What a trained encoder makes of the tracks. One that listens to labels gives a second representation, which has heard them:
/// it is called `oracle` and says how much of a score is the label itself.
fn represent(
    plan: &mut Plan,
    model: &crate::model::Kind,
    features: Handle<FeatureTable>,
    weights: Handle<Weights>,
    corpus: Handle<Corpus>,
) -> Vec<Representation> {
    let mut embed = |name, oracle| {
        let via = Via::Encoder { weights, model: model.clone(), oracle };
        Representation { name, points: plan.add(Embed { features, via }) }
    };
    let mut representations = vec![embed("latent", None)];
    if model.encoder_is_told() {
        representations.push(embed("oracle", Some(corpus)));
    }
    representations
}

fn baselines(plan: &mut Plan, experiment: &Experiment, features: Handle<FeatureTable>) -> [Representation; 2] {
    let dims = experiment.model.as_ref().map_or(PCA_DIMS, |model| model.latent_dim());
    let raw = plan.add(Embed { features, via: Via::Raw });
    let pca = plan.add(Embed { features, via: Via::Pca { dims } });
    [Representation { name: "raw", points: raw }, Representation { name: "pca", points: pca }]
}

/// Scores of the latents, and of three controls: principal components, a network that has learned nothing, and the truth.
fn disentangle(
    plan: &mut Plan,
    seed: u64,
    corpus: Handle<Corpus>,
    representations: &[Representation],
    untrained: Handle<Latents>,
) -> Vec<(&'static str, Handle<Scores>)> {
    let of = |name: &str| representations.iter().find(|each| each.name == name).map(|each| each.points);
    let scored = [
        ("disentangle", of("latent")),
        ("disentangle.pca", of("pca")),
        ("disentangle.untrained", Some(untrained)),
        ("disentangle.truth", None),
    ];
    let mut score = |(name, points): (&'static str, Option<Handle<Latents>>)| {
        (name, plan.add(Disentangle { points, corpus, seed, name }))
    };
    scored.into_iter().map(&mut score).collect()
}

fn project(plan: &mut Plan, experiment: &Experiment, shown: &Representation) -> Vec<(String, Handle<Layout>)> {
    let seed = experiment.seed.unwrap_or_default();
    // A space of more dimensions is clustered, not looked at.
    let maps = experiment.project.0.iter().filter(|(_, projection)| projection.is_map());
    let mut lay = |(space, projection): (&String, &crate::stages::project::Projection)| {
        let name = format!("{}.{space}", shown.name);
        (space.clone(), plan.add(Project { points: shown.points, projection: projection.clone(), seed, name }))
    };
    maps.map(&mut lay).collect()
}

impl Outline {
    /// The keys of all results that go into the run folder.
    pub fn keys(&self) -> Vec<crate::engine::Key> {
        let learned = self.learned.iter().flat_map(|l| {
            [l.split.key(), l.prediction.key(), l.weights.key(), l.diagnosis.key(), l.reconstructions.key()]
        });
        let clusterings = self.clusterings.iter().flat_map(|c| {
            let chosen = c.chosen.as_ref().map(|chosen| chosen.key());
            [c.assignment.key(), c.scores.key()].into_iter().chain(chosen)
        });
        let disentangled = self.disentangled.iter().map(|(_, scores)| scores.key());
        let layouts = self.layouts.iter().map(|(_, layout)| layout.key());
        let figures = self.figures.iter().map(|drawn| drawn.figure.key());
        let always = [self.corpus.key(), self.features.key(), self.shown.points.key()];
        always
            .into_iter()
            .chain(learned)
            .chain(clusterings)
            .chain(self.chance.iter().map(|luck| luck.scores.key()))
            .chain(disentangled)
            .chain(layouts)
            .chain(figures)
            .collect()
    }
}
