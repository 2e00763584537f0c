//! What a model can be given, and what can be made with it.

use super::{Found, told};
use crate::experiment::{Experiment, Modality};
use crate::model::Kind;
use crate::stages::dataset::Gives;
use crate::stages::features::{AudioFeatures, Form};

pub(super) fn backbone(experiment: &Experiment) -> Vec<Found> {
    let Some(model) = experiment.model.as_ref() else { return Vec::new() };
    let no_maps = experiment.features.audio.as_ref().is_some_and(|audio| audio.of_form(Form::Maps).is_empty());
    let no_sound = experiment.modality != Modality::Audio;
    let vectors = no_maps || no_sound || experiment.dataset.gives().first() == Some(&Gives::Table);
    let path = format!("model.{}", model.name());
    let (path, what, help) = match model.backbone() {
        Some(_) => (format!("{path}.backbone.conv"), "a conv backbone", ", or backbone.mlp"),
        None => (path, "this kind of model", ""),
    };
    let message = || format!("{what} needs maps, and these features are vectors");
    let wrong = vectors && model.needs_maps();
    wrong.then(|| told(&path, message(), &format!("use [features.audio.log_mel]{help}"))).into_iter().collect()
}

/// A discriminator compares pieces of maps.
pub(super) fn adversarial(experiment: &Experiment) -> Vec<Found> {
    let (Some(model), Some(_)) = (&experiment.model, &experiment.adversarial) else { return Vec::new() };
    if !model.decodes() {
        let help = "take [adversarial] out, or use a model that decodes, such as model.cvae";
        return vec![told("adversarial", "a discriminator refines a decoder, and this kind of model has none", help)];
    }
    let given = &experiment.features;
    let usual = model.needs_maps() || experiment.dataset.gives().first() == Some(&Gives::Maps);
    let heard = given.audio.as_ref().map(|audio| !audio.of_form(Form::Maps).is_empty());
    let maps = given.maps.is_some() || heard.unwrap_or(usual && given.table.is_none());
    let message = "a discriminator compares maps, and these features are vectors";
    let help = "use [features.audio.log_mel], or take [adversarial] out";
    let fits = maps && experiment.modality == Modality::Audio;
    if fits { Vec::new() } else { vec![told("adversarial", message, help)] }
}

/// Sound can be made of log-mel maps alone.
pub(super) fn sounding(experiment: &Experiment) -> Vec<Found> {
    let (Some(_), Some(model)) = (&experiment.generate, &experiment.model) else { return Vec::new() };
    if !model.decodes() {
        let help = "take [generate] out, or use a model that decodes, such as model.cvae";
        return vec![told("generate", "a decoder generates, and this kind of model has none", help)];
    }
    // Where no features are named, such a model gets log-mel maps.
    let usual = !experiment.features.hears() && model.needs_maps();
    let audio = experiment.features.audio.as_ref();
    let alone = audio.is_some_and(|audio| audio.log_mel.is_some() && audio.chosen().len() == 1);
    if experiment.modality != Modality::Audio || !(alone || usual) {
        let help = "use [features.audio.log_mel] and nothing beside it (with backbone.conv), or take [generate] out";
        return vec![told(
            "generate",
            "sound can be made of log-mel maps only: this model learns something else",
            help,
        )];
    }
    let far = audio.filter(|audio| audio.hop > audio.n_fft / 2 && audio.hop <= audio.n_fft);
    let message = |audio: &AudioFeatures| {
        format!("frames of {} samples, {} apart, overlap too little to become sound again", audio.n_fft, audio.hop)
    };
    let help = "lower hop to half of n_fft or less, or take [generate] out";
    far.map(|audio| told("features.audio.hop", message(audio), help)).into_iter().collect()
}

/// The parts of a code are of equal length.
pub(super) fn words(experiment: &Experiment) -> Vec<Found> {
    match &experiment.model {
        Some(Kind::VqVae(vq)) if vq.parts > 0 && !vq.latent_dim.is_multiple_of(vq.parts) => vec![told(
            "model.vq_vae.parts",
            format!("a code of {} numbers cannot be cut into {} parts of equal length", vq.latent_dim, vq.parts),
            "take a divisor of latent_dim (16 has 1, 2, 4, 8 and 16)",
        )],
        _ => Vec::new(),
    }
}
