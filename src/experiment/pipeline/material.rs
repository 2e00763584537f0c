//! What an experiment is made of: tracks, and tables of what is heard and read of them.

use super::Representation;
use crate::artifact::{Corpus, FeatureTable, Modality, Split};
use crate::engine::{Handle, Plan};
use crate::experiment::Experiment;
use crate::stages::dataset::Survey;
use crate::stages::embed::{Embed, Via};
use crate::stages::features::gtzan::Gtzan;
use crate::stages::features::text::ReadLyrics;
use crate::stages::features::text_inputs::TextInputs;
use crate::stages::features::{AudioFeatures, Extract, Features};
use crate::stages::fuse::{Join, Keep};
use crate::stages::split::Divide;
use crate::stages::train::{Init, Schedule, Train};
use candle_core::Device;

/// What a look at the file system gave.
#[derive(Clone)]
pub struct Found {
    /// The tracks.
    pub survey: Survey,
    /// Files that the settings of text features name.
    pub text: TextInputs,
    /// The run that training goes on from.
    pub init: Option<Init>,
}

/// Tracks and tables.
pub struct Material {
    /// The tracks.
    pub corpus: Handle<Corpus>,
    /// Which of them are learned from; None if nothing is learned.
    pub split: Option<Handle<Split>>,
    /// What networks and baselines see.
    pub features: Handle<FeatureTable>,
    /// What is heard and what is read, where both are.
    pub modalities: Vec<Handle<FeatureTable>>,
}

/// The stages that every experiment begins with.
pub(super) fn gather(plan: &mut Plan, experiment: &Experiment, found: Found) -> Material {
    let Found { survey, text, .. } = found;
    let (features, max_bad_share) = (features_of(experiment, &survey), experiment.checks.max_bad_share);
    let root = survey.root().to_owned();
    let corpus = plan.add(survey.load());
    let settings = experiment.split.clone().unwrap_or_default();
    let split = experiment.model.is_some().then(|| plan.add(Divide { corpus, settings }));
    let heard = features.hears().then(|| {
        let features = features.of_sound();
        plan.add(Extract { corpus, features, max_bad_share, root })
    });
    let read = features.text.map(|lyrics| plan.add(ReadLyrics { corpus, split, text: lyrics, inputs: text }));
    let tables: Vec<Handle<FeatureTable>> = heard.into_iter().chain(read).collect();
    match tables.as_slice() {
        [one] => Material { corpus, split, features: *one, modalities: Vec::new() },
        _ => {
            let features = plan.add(Join { tables: tables.clone(), keep: Keep::All });
            Material { corpus, split, features, modalities: tables }
        }
    }
}

/// The synthetic set has no table: where it stands in for one, the same columns as GTZAN's are computed from its sound.
fn features_of(experiment: &Experiment, survey: &Survey) -> Features {
    match &experiment.features.table {
        Some(table) if survey.stands_in_for.is_some() => {
            let gtzan = Some(Gtzan { log_variance: table.log_variance });
            let audio = Some(AudioFeatures { gtzan, ..AudioFeatures::default() });
            Features { audio, table: None, ..experiment.features.clone() }
        }
        _ => experiment.features.clone(),
    }
}

/// What fusion must beat: the same model on each modality alone, and on lyrics that belong to other tracks.
pub(super) fn ablate(
    plan: &mut Plan,
    experiment: &Experiment,
    material: &Material,
    device: &Device,
) -> Vec<Representation> {
    if material.modalities.is_empty() {
        return Vec::new();
    }
    let seed = experiment.seed.unwrap_or_default();
    let kept = [
        ("audio", Keep::Only(Modality::Audio)),
        ("text", Keep::Only(Modality::Text)),
        ("shuffled", Keep::Shuffled { seed }),
    ];
    let mut alone = |(name, keep): (&'static str, Keep)| {
        let features = plan.add(Join { tables: material.modalities.clone(), keep });
        Representation { name, points: learn_alone(plan, experiment, material, features, device) }
    };
    kept.into_iter().map(&mut alone).collect()
}

/// The latents of a model of its own, or the features where nothing is learned.
fn learn_alone(
    plan: &mut Plan,
    experiment: &Experiment,
    material: &Material,
    features: Handle<FeatureTable>,
    device: &Device,
) -> Handle<crate::artifact::Latents> {
    let (Some(model), Some(split)) = (experiment.model.clone(), material.split) else {
        return plan.add(Embed { features, via: Via::Raw });
    };
    let schedule = Schedule { init: None, ..experiment.train.clone().unwrap_or_default() };
    let corpus = model.is_conditional().then_some(material.corpus);
    let (seed, device) = (experiment.seed.unwrap_or_default(), device.clone());
    let weights = plan.add(Train { features, split, corpus, model: model.clone(), schedule, init: None, seed, device });
    plan.add(Embed { features, via: Via::Encoder { weights, model, oracle: None } })
}
