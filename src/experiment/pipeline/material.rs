//! What an experiment is made of: tracks, and tables of what is heard and read of them.

use crate::artifact::{Corpus, FeatureTable, Split, Weights};
use crate::engine::{Handle, Plan};
use crate::experiment::Experiment;
use crate::stages::dataset::Survey;
use crate::stages::features::gtzan::Gtzan;
use crate::stages::features::metadata::ReadFacts;
use crate::stages::features::text::ReadLyrics;
use crate::stages::features::text_inputs::TextInputs;
use crate::stages::features::{AudioFeatures, Extract, Features};
use crate::stages::fuse::{Fuse, Join, Keep};
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

/// The words that are left out of lyrics; a list that cannot be read is told by the stage that needs it.
pub(super) fn stop_words(experiment: &Experiment, found: &Found) -> Vec<String> {
    let text = experiment.features.text.as_ref();
    let listed = text.and_then(|text| text.stop_words.listed(&found.text).ok());
    listed.into_iter().flatten().collect()
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
    let read =
        features.text.map(|lyrics| plan.add(ReadLyrics { corpus, split, text: lyrics, inputs: text, max_bad_share }));
    let facts = features.metadata.map(|metadata| plan.add(ReadFacts { corpus, split, metadata }));
    let tables: Vec<Handle<FeatureTable>> = heard.into_iter().chain(facts).chain(read).collect();
    match tables.as_slice() {
        [one] => Material { corpus, split, features: *one, modalities: Vec::new() },
        _ => {
            let bare = Material { corpus, split, features: tables[0], modalities: tables };
            Material { features: bare.fused(plan, experiment, Keep::default()), ..bare }
        }
    }
}

impl Material {
    /// The training of the experiment's model on `features`; None where nothing is learned. Equal ones are one stage.
    pub fn train(
        &self,
        plan: &mut Plan,
        experiment: &Experiment,
        features: Handle<FeatureTable>,
        init: Option<Init>,
        device: &Device,
    ) -> Option<Handle<Weights>> {
        let (model, split) = (experiment.model.clone()?, self.split?);
        // The earlier run counts by the content of its files, not by its path.
        let schedule = Schedule { init: None, ..experiment.train.clone().unwrap_or_default() };
        let corpus = (model.is_conditional() || !model.decodes()).then_some(self.corpus);
        let (seed, device) = (experiment.seed.unwrap_or_default(), device.clone());
        Some(plan.add(Train { features, split, corpus, model, schedule, init, seed, device }))
    }

    /// What is heard and read as one table, as far as it is kept. A fusion that is fitted is fitted where no lyrics are taken
    /// away.
    pub fn fused(&self, plan: &mut Plan, experiment: &Experiment, keep: Keep) -> Handle<FeatureTable> {
        let mut join = |keep| plan.add(Join { tables: self.modalities.clone(), keep });
        let (table, fitted) = (join(keep), join(Keep { lacking: 0, ..keep }));
        match &experiment.fusion {
            Some(fusion) if keep.only.is_none() && fusion.is_fitted() => {
                plan.add(Fuse { table, fitted, split: self.split, fusion: fusion.clone() })
            }
            _ => table,
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
