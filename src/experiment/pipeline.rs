//! The whole pipeline on one page: which stages an experiment is, and what each reads.

mod clusters;
mod factors;
mod figures;
mod fusion;
mod generation;
mod material;
mod search;

use super::Experiment;
use crate::artifact::{
    Corpus, Diagnosis, FeatureTable, Latents, Layout, Modality, Prediction, Reconstructions, Retrieval, Scores,
    Separation, Sheet, Split, Weights,
};
use crate::engine::{Handle, Plan};
use crate::stages::diagnose::{Diagnose, Foresee, Separate};
use crate::stages::embed::{Embed, OwnClusters, Reconstruct, Route, ShowViews, Traverse, Via};
use crate::stages::fuse::Keep;
use crate::stages::project::Project;
use crate::stages::train::{Init, Refine};
use candle_core::Device;
use clusters::Room;
use fusion::Fusing;
use material::Material;

pub use clusters::{Clustering, Luck};
pub use figures::Drawn;
pub use generation::Generated;
pub(super) use generation::acoustics;
pub use material::Found;

/// Examples in the reconstruction grid.
const EXAMPLES: usize = 6;
/// Examples in the picture of views.
const VIEWED: usize = 5;
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
    /// What was learned, if anything: one model, or one for each modality.
    pub learned: Vec<Learned>,
    /// The representation that is looked at: the latents, else the raw features.
    pub shown: Representation,
    /// Every clustering of every representation.
    pub clusterings: Vec<Clustering>,
    /// What luck scores: first by the sizes of the first clustering, then, where there are several, by those of each.
    pub chance: Vec<Luck>,
    /// Further scores, by the first part of their names: how far factors stand apart in the code where they are known
    /// (`disentangle`), what fusion gains (`gain.kmeans`), what a probe reads (`text.probe`).
    pub further: Vec<(String, Handle<Scores>)>,
    /// What was generated, where the experiment asks for it.
    pub generated: Option<Generated>,
    /// What is found when tracks are searched, by the first part of metric names: `retrieve`, `raw.retrieve`.
    pub searches: Vec<(&'static str, Handle<Retrieval>)>,
    /// Projections of the representation that is looked at.
    pub layouts: Vec<(String, Handle<Layout>)>,
    /// Words that are left out of lyrics, sorted.
    pub stop_words: Vec<String>,
    /// Pictures.
    pub figures: Vec<Drawn>,
}

/// A trained model and what is known of it.
#[derive(Clone, Copy)]
pub struct Learned {
    /// The modality that it learned from, where each has a model of its own.
    pub of: Option<Modality>,
    /// What it learned from.
    pub features: Handle<FeatureTable>,
    /// Which tracks of it.
    pub split: Handle<Split>,
    /// What was to be feared of it before it was trained; this and the others that are optional are of models that decode.
    pub prediction: Option<Handle<Prediction>>,
    /// Its weights as they were trained.
    pub trained: Handle<Weights>,
    /// Its weights in the end: the same, or with a decoder that was refined.
    pub weights: Handle<Weights>,
    /// Whether it is healthy.
    pub diagnosis: Option<Handle<Diagnosis>>,
    /// Examples.
    pub reconstructions: Option<Handle<Reconstructions>>,
    /// Walks along dimensions of its code, and between tracks.
    pub walks: Option<[Handle<Sheet>; 2]>,
    /// How far it tells tracks apart, where it learned that.
    pub separation: Option<Handle<Separation>>,
    /// What it was shown.
    pub views: Option<Handle<Sheet>>,
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
pub fn lay(plan: &mut Plan, experiment: &Experiment, found: Found, device: &Device) -> Outline {
    let (known_factors, init) = (found.survey.has_independent_factors(), found.init.clone());
    let (stop_words, root) = (material::stop_words(experiment, &found), found.survey.root().to_owned());
    let material = material::gather(plan, experiment, found);
    let Material { corpus, features, .. } = material;
    let (learned, latents) = learn(plan, experiment, &material, init.clone(), device);
    let baselines = baselines(plan, experiment, features);
    let mut fusing = Fusing { plan: &mut *plan, experiment, material: &material, init: init.clone(), device };
    let alone = fusing.ablated();
    let representations: Vec<Representation> =
        latents.into_iter().chain(alone.iter().cloned()).chain(baselines).collect();
    let shown = representations[0].clone();
    let mut room = Room { plan: &mut *plan, experiment, corpus };
    let mut clusterings = room.cluster(&representations);
    if let (Some(model), [Learned { trained, .. }]) = (&experiment.model, learned.as_slice()) {
        let read = OwnClusters { weights: *trained, model: model.clone(), features };
        clusterings.extend(room.own(&shown, read));
    }
    let chance = room.chance(&clusterings);
    let mut fusing = Fusing { plan: &mut *plan, experiment, material: &material, init, device };
    let mut further = fusing.probed(&alone);
    further.extend(fusing.gains(&clusterings, shown.name));
    further.extend(fusing.languages(&clusterings, shown.name));
    if known_factors {
        further.extend(factors::disentangle(plan, experiment, &material, &representations));
    }
    let generated = generation::generate(plan, experiment, &material, &learned, root);
    further.extend(generated.map(|generated| ("generate".to_owned(), generated.scores)));
    let searches = search::lay(plan, experiment, corpus, &representations);
    let layouts = project(plan, experiment, &shown);
    let figures = Vec::new();
    let bare = Outline {
        corpus,
        features,
        learned,
        shown,
        clusterings,
        chance,
        further,
        generated,
        searches,
        layouts,
        stop_words,
        figures,
    };
    Outline { figures: figures::draw(plan, experiment, &bare), ..bare }
}

/// The stages that every experiment begins with.
pub fn hear(plan: &mut Plan, experiment: &Experiment, found: Found) -> (Handle<Corpus>, Handle<FeatureTable>) {
    let material = material::gather(plan, experiment, found);
    (material.corpus, material.features)
}

/// The models, and what they make of the tracks.
fn learn(
    plan: &mut Plan,
    experiment: &Experiment,
    material: &Material,
    init: Option<Init>,
    device: &Device,
) -> (Vec<Learned>, Vec<Representation>) {
    if experiment.model.is_none() {
        return (Vec::new(), Vec::new());
    }
    let mut school = School { plan, experiment, material, init: init.clone(), device };
    if experiment.fusion.as_ref().is_none_or(|fusion| !fusion.is_late()) {
        return school.learn(material.features, None).map_or_else(Default::default, |(one, of)| (vec![one], of));
    }
    let mut of = |modality| {
        let features = material.fused(school.plan, experiment, Keep { only: Some(modality), ..Keep::default() });
        school.learn(features, Some(modality)).map(|(learned, _)| learned)
    };
    let learned = [Modality::Audio, Modality::Text].into_iter().filter_map(&mut of).collect();
    let points = Fusing { plan, experiment, material, init, device }.latents(Keep::default());
    (learned, vec![Representation { name: "latent", points }])
}

/// Where models are trained and looked at.
struct School<'a> {
    plan: &'a mut Plan,
    experiment: &'a Experiment,
    material: &'a Material,
    init: Option<Init>,
    device: &'a Device,
}

impl School<'_> {
    fn learn(
        &mut self,
        features: Handle<FeatureTable>,
        of: Option<Modality>,
    ) -> Option<(Learned, Vec<Representation>)> {
        let School { plan, experiment, material, init, device } = self;
        let (model, split, corpus) = (experiment.model.clone()?, material.split?, material.corpus);
        let seed = experiment.seed.unwrap_or_default();
        let decodes = model.decodes();
        let prediction = decodes.then(|| plan.add(Foresee { model: model.clone(), features, split }));
        let told = model.is_conditional().then_some(corpus);
        let trained = material.train(plan, experiment, features, init.clone(), device)?;
        // A refinement leaves the encoder alone: what is clustered is what was trained.
        let representations = represent(plan, &model, features, trained, corpus);
        let bare = Learned {
            of,
            features,
            split,
            prediction,
            trained,
            weights: trained,
            diagnosis: None,
            reconstructions: None,
            walks: None,
            separation: None,
            views: None,
        };
        if !decodes {
            let weights = trained;
            let separation = plan.add(Separate { weights, model: model.clone(), corpus, features, split });
            let views = plan.add(ShowViews { weights, model, features, split, corpus, examples: VIEWED, seed });
            let (separation, views) = (Some(separation), Some(views));
            return Some((Learned { separation, views, ..bare }, representations));
        }
        let diagnose = |weights| Diagnose { weights, model: model.clone(), corpus: told, features, split, seed };
        let gate = plan.add(diagnose(trained));
        let wanted = experiment.adversarial.as_ref().filter(|settings| settings.steps > 0);
        let (weights, diagnosis) = wanted.map_or((trained, gate), |settings| {
            let (settings, device, model) = (settings.clone(), device.clone(), model.clone());
            let refine = Refine {
                weights: trained,
                diagnosis: gate,
                features,
                split,
                corpus: told,
                model,
                settings,
                seed,
                device,
            };
            let refined = plan.add(refine);
            (refined, plan.add(diagnose(refined)))
        });
        let walks =
            WALKS.map(|route| plan.add(Traverse { weights, model: model.clone(), features, split, corpus, route }));
        let reconstructions =
            plan.add(Reconstruct { weights, model, corpus: told, features, split, examples: EXAMPLES });
        let (diagnosis, reconstructions, walks) = (Some(diagnosis), Some(reconstructions), Some(walks));
        Some((Learned { weights, diagnosis, reconstructions, walks, ..bare }, representations))
    }
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
            let always = [Some(l.split.key()), l.prediction.map(|of| of.key()), Some(l.weights.key())];
            let decoded = [l.diagnosis.map(|of| of.key()), l.reconstructions.map(|of| of.key())];
            always.into_iter().chain(decoded).chain([l.separation.map(|of| of.key())]).flatten()
        });
        let clusterings = self.clusterings.iter().flat_map(|c| {
            let chosen = c.chosen.as_ref().map(|chosen| chosen.key());
            [c.assignment.key(), c.scores.key()].into_iter().chain(chosen)
        });
        let further = self.further.iter().map(|(_, scores)| scores.key());
        let searches = self.searches.iter().map(|(_, found)| found.key());
        let layouts = self.layouts.iter().map(|(_, layout)| layout.key());
        let generated = self.generated.iter().flat_map(Generated::keys);
        let figures = self.figures.iter().map(|drawn| drawn.figure.key());
        let always = [self.corpus.key(), self.features.key(), self.shown.points.key()];
        always
            .into_iter()
            .chain(learned)
            .chain(clusterings)
            .chain(self.chance.iter().map(|luck| luck.scores.key()))
            .chain(further)
            .chain(generated)
            .chain(searches)
            .chain(layouts)
            .chain(figures)
            .collect()
    }
}
