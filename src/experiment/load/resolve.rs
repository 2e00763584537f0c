//! Speaking out what an experiment leaves to defaults that depend on its other parts.

use crate::experiment::{Experiment, Modality};
use crate::stages::dataset::Gives;
use crate::stages::features::text::TextFeatures;
use crate::stages::features::text::lsa::Lsa;
use crate::stages::features::{AudioFeatures, Features, log_mel, maps, mfcc, table};

/// The complete experiment of one seed.
pub(super) fn resolve(experiment: &Experiment, seed: u64) -> Experiment {
    let mut complete = experiment.clone();
    (complete.seed, complete.seeds) = (Some(seed), None);
    let (reads, hears) = (experiment.modality != Modality::Audio, experiment.modality != Modality::Text);
    if hears && !complete.features.hears() {
        let Features { text, metadata, .. } = complete.features;
        complete.features = Features { text, metadata, ..usual_features(experiment) };
    }
    if reads && complete.features.text.is_none() {
        complete.features.text = Some(TextFeatures { lsa: Some(Lsa::default()), ..TextFeatures::default() });
    }
    if hears && reads {
        complete.fusion.get_or_insert_default();
    }
    if complete.model.is_some() {
        let schedule = complete.train.take().unwrap_or_default();
        // The length is written out, so that a length given and the same by default have one key.
        complete.train = Some(schedule.resolved().unwrap_or(schedule));
        complete.split.get_or_insert_default();
    }
    complete
}

/// A table's own columns, or its own maps; log-mel maps for what reads maps; MFCC statistics for all else.
fn usual_features(experiment: &Experiment) -> Features {
    let maps = experiment.model.as_ref().is_some_and(|model| model.needs_maps());
    match (experiment.dataset.gives().first(), maps) {
        (Some(Gives::Table), _) => Features { table: Some(table::Columns::default()), ..Features::default() },
        (Some(Gives::Maps), _) => Features { maps: Some(maps::Maps::default()), ..Features::default() },
        (Some(Gives::Sound), true) => {
            sound(AudioFeatures { log_mel: Some(log_mel::LogMel::default()), ..AudioFeatures::default() })
        }
        (Some(Gives::Sound), false) => {
            sound(AudioFeatures { mfcc: Some(mfcc::Mfcc::default()), ..AudioFeatures::default() })
        }
        (Some(Gives::Lyrics | Gives::Words) | None, _) => Features::default(),
    }
}

fn sound(audio: AudioFeatures) -> Features {
    Features { audio: Some(audio), ..Features::default() }
}
