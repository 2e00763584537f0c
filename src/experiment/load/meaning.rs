//! What types cannot say: settings that contradict each other, and settings that no stage of this experiment reads.

mod models;

use crate::experiment::check::Problem;
use crate::experiment::document::Document;
use crate::experiment::{Cluster, Experiment, Modality};
use crate::stages::cluster::ClusterError;
use crate::stages::dataset::Gives;
use crate::stages::features::text::TextFeatures;
use crate::stages::features::{AudioFeatures, Features, Form};
use crate::stages::metrics::MetricName;
use std::collections::BTreeSet;

type Found = (String, String, Option<String>);

/// Everything wrong with the meaning of `experiment`, at its place in `document`.
pub(super) fn problems(document: &Document<Experiment>, experiment: &Experiment) -> Vec<Problem> {
    let rules = [
        name,
        seeds,
        unread,
        features,
        modality,
        models::backbone,
        models::words,
        models::adversarial,
        models::sounding,
        clusters,
        algorithms,
        metrics,
    ];
    let found = rules.iter().flat_map(|rule| rule(experiment));
    let written = |found: &Found| !found.1.starts_with(UNREAD) || document.locate(&found.0).is_some();
    found.filter(written).map(|(path, message, help)| document.problem_at(&path, message, help)).collect()
}

/// How messages begin that hold only if the user wrote the setting.
const UNREAD: &str = "no stage of this experiment reads";

fn told(path: &str, message: impl Into<String>, help: &str) -> Found {
    (path.to_owned(), message.into(), Some(help.to_owned()))
}

fn name(experiment: &Experiment) -> Vec<Found> {
    let fits = |c: char| c.is_alphanumeric() || "_-.".contains(c);
    let name = &experiment.name;
    let good =
        !name.is_empty() && name.chars().count() <= 100 && name.chars().all(fits) && !name.starts_with(['.', '-']);
    let help = "use letters, digits, _, - and . (it becomes part of a folder's name), at most 100 of them";
    if good { Vec::new() } else { vec![told("name", format!("{name:?} cannot be the name of an experiment"), help)] }
}

fn seeds(experiment: &Experiment) -> Vec<Found> {
    let Some(seeds) = &experiment.seeds else { return Vec::new() };
    let distinct: BTreeSet<u64> = seeds.iter().copied().collect();
    match () {
        () if seeds.is_empty() => vec![told("seeds", "seeds is empty", "name at least one seed, or leave it out")],
        () if distinct.len() < seeds.len() => vec![told(
            "seeds",
            "a seed stands in seeds twice",
            "each seed is one run; the same seed gives the same run",
        )],
        () => Vec::new(),
    }
}

fn unread(experiment: &Experiment) -> Vec<Found> {
    let mut found = Vec::new();
    if experiment.model.is_none() {
        let help = "add a [model.*] table, or take this out";
        found.extend(
            ["train", "split", "adversarial", "generate"]
                .map(|table| told(table, format!("{UNREAD} [{table}]: nothing is trained"), help)),
        );
    }
    if experiment.split.as_ref().is_some_and(|split| split.official) {
        let help = "official sides leave nothing to divide; take this out";
        let unread = |setting| told(&format!("split.{setting}"), format!("{UNREAD} split.{setting}"), help);
        found.extend(["train", "test", "seed"].map(unread));
    }
    // A run's own config.toml speaks the usual ones out.
    if experiment.cluster.is_empty() && experiment.metrics != MetricName::usual() {
        found.push(told(
            "metrics",
            format!("{UNREAD} metrics: nothing is clustered"),
            "add a [[cluster]] table, or take this out",
        ));
    }
    found
}

fn features(experiment: &Experiment) -> Vec<Found> {
    let Features { audio, table, maps, .. } = &experiment.features;
    let (kind, gives) = (experiment.dataset.name(), experiment.dataset.gives());
    let given = [
        ("features.audio", audio.is_some(), Gives::Sound, "no sound to compute features of"),
        ("features.table", table.is_some(), Gives::Table, "no table of features"),
        ("features.maps", maps.is_some(), Gives::Maps, "no spectrograms"),
    ];
    let fitting = given.iter().find(|(_, _, of, _)| gives.contains(of)).map_or("features", |(path, ..)| path);
    let misfits = given.iter().filter(|(_, is_given, of, _)| *is_given && !gives.contains(of));
    let mut found: Vec<Found> = misfits
        .map(|(path, .., lack)| {
            told(path, format!("dataset.{kind} has {lack}"), &format!("use {fitting}, or another dataset"))
        })
        .collect();
    match audio {
        Some(audio) if audio.chosen().is_empty() => found.push(told(
            "features.audio",
            "features.audio names no kind of feature",
            "add [features.audio.mfcc] or [features.audio.log_mel]; `runner kinds` names all",
        )),
        Some(audio) if audio.hop > audio.n_fft => found.push(told(
            "features.audio.hop",
            format!(
                "a hop of {} samples over frames of {}: what lies between frames is never heard",
                audio.hop, audio.n_fft
            ),
            "lower hop, or raise n_fft",
        )),
        Some(audio) => found.extend(maps_alone(audio)),
        None => {}
    }
    found
}

/// What is asked for must be what the experiment says it learns from, and what the dataset has.
fn modality(experiment: &Experiment) -> Vec<Found> {
    let mut found = Vec::new();
    let modality = experiment.modality;
    match &experiment.features.text {
        Some(_) if modality == Modality::Audio => found.push(told(
            "features.text",
            format!("{UNREAD} [features.text]: modality is \"audio\" (the default)"),
            "set modality = \"text\", or \"fusion\" for sound and lyrics together",
        )),
        Some(text) if text.chosen().is_empty() => found.push(told(
            "features.text",
            "features.text names no kind of feature",
            "add [features.text.tfidf] or [features.text.lsa]; `runner kinds` names all",
        )),
        Some(text) => found.extend(bags_unread(experiment, text)),
        None => {}
    }
    let heard = ["audio", "table", "maps"].map(|kind| format!("features.{kind}"));
    if modality == Modality::Text {
        let help = "set modality = \"fusion\" for sound and lyrics together, or take this out";
        found.extend(heard.map(|path| told(&path, format!("{UNREAD} [{path}]: modality is \"text\""), help)));
    }
    match modality {
        Modality::Fusion => found.extend(maps_fused(experiment)),
        _ => {
            let help = "set modality = \"fusion\", or take this out";
            found.push(told("fusion", format!("{UNREAD} [fusion]: there is one modality"), help));
        }
    }
    found.extend(lacking(experiment));
    found
}

/// A modality that the dataset does not have.
fn lacking(experiment: &Experiment) -> Option<Found> {
    let (kind, gives) = (experiment.dataset.name(), experiment.dataset.gives());
    let sound = gives.iter().any(|of| matches!(of, Gives::Sound | Gives::Table | Gives::Maps));
    let lyrics = gives.iter().any(|of| matches!(of, Gives::Lyrics | Gives::Words));
    let (lack, help) = match experiment.modality {
        Modality::Audio | Modality::Fusion if !sound => {
            ("no sound", "set modality = \"text\", or name another dataset")
        }
        Modality::Text | Modality::Fusion if !lyrics => {
            ("no lyrics", "use dataset.lyrics, or dataset.paired for sound with lyrics; or set modality = \"audio\"")
        }
        _ => return None,
    };
    Some(told("modality", format!("dataset.{kind} has {lack}"), help))
}

/// What reads sentences cannot read words that were counted elsewhere.
fn bags_unread(experiment: &Experiment, text: &TextFeatures) -> Option<Found> {
    let only_bags = !experiment.dataset.gives().contains(&Gives::Lyrics);
    let (kind, _) = text.chosen().into_iter().find(|(_, kind)| kind.reads_sentences())?;
    let message = format!("dataset.{} counts words and has no sentences for {kind} to read", experiment.dataset.name());
    let help = "use [features.text.tfidf] or [features.text.lsa]";
    only_bags.then(|| told(&format!("features.text.{kind}"), message, help))
}

/// Fusion joins one vector a track.
fn maps_fused(experiment: &Experiment) -> Option<Found> {
    let audio = experiment.features.audio.as_ref()?;
    let kind = *audio.of_form(Form::Maps).first()?;
    let message = format!("{kind} makes maps, and fusion joins one vector a track");
    Some(told(&format!("features.audio.{kind}"), message, "use kinds of vectors, such as mfcc"))
}

/// Maps cannot stand beside vectors, nor beside maps of another size.
fn maps_alone(audio: &AudioFeatures) -> Vec<Found> {
    match audio.of_form(Form::Maps).as_slice() {
        [kind, ..] if audio.chosen().len() > 1 => vec![told(
            &format!("features.audio.{kind}"),
            format!("{kind} makes maps, which stand alone"),
            "keep one kind of map, or the other kinds without it",
        )],
        _ => Vec::new(),
    }
}

/// Settings of one clusterer that contradict each other, or that no points could fit.
fn algorithms(experiment: &Experiment) -> Vec<Found> {
    let wrong = |(index, cluster): (usize, &Cluster)| {
        let path = |setting: &str| format!("cluster.{index}.algorithm.{}.{setting}", cluster.algorithm.name());
        match cluster.algorithm.check_settings().err()? {
            ClusterError::Setting { setting, value, wanted } => {
                Some(told(&path(setting), format!("{setting} = {value} is out of range"), &format!("give {wanted}")))
            }
            ClusterError::TwoCuts => Some(told(
                &path("distance_threshold"),
                "k and distance_threshold both say where the tree is cut",
                "keep one of them",
            )),
            other => Some(told(&format!("cluster.{index}.algorithm"), other.to_string(), "change this clusterer")),
        }
    };
    experiment.cluster.iter().enumerate().filter_map(wrong).collect()
}

fn clusters(experiment: &Experiment) -> Vec<Found> {
    let mut seen = BTreeSet::new();
    let twice = |(_, cluster): &(usize, &Cluster)| !seen.insert(cluster.name().to_owned());
    let double: Vec<(usize, &Cluster)> = experiment.cluster.iter().enumerate().filter(twice).collect();
    let say = |(index, cluster): &(usize, &Cluster)| {
        let message =
            format!("two clusterings are named {:?}, so their metrics would have the same names", cluster.name());
        told(&format!("cluster.{index}"), message, "give one of them a name of its own: name = \"...\"")
    };
    let shapely = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "_-".contains(c));
    let odd = experiment.cluster.iter().enumerate().filter(|(_, cluster)| !shapely(cluster.name()));
    let refuse = |(index, cluster): (usize, &Cluster)| {
        told(
            &format!("cluster.{index}.name"),
            format!("{:?} cannot be the name of a clustering", cluster.name()),
            "use letters, digits, _ and -: it becomes part of metric names",
        )
    };
    let nowhere = experiment.cluster.iter().enumerate().filter_map(|(index, cluster)| {
        let on = cluster.on.as_deref().filter(|on| !experiment.project.0.contains_key(*on))?;
        let spaces: Vec<&str> = experiment.project.0.keys().map(String::as_str).collect();
        let help = match spaces.as_slice() {
            [] => format!("add the space: [project.{on}] with a projection in it"),
            known => format!("one of {}, or add [project.{on}]", known.join(", ")),
        };
        Some(told(&format!("cluster.{index}.on"), format!("no space is called {on:?}"), &help))
    });
    double.iter().map(say).chain(odd.map(refuse)).chain(nowhere).collect()
}

fn metrics(experiment: &Experiment) -> Vec<Found> {
    let distinct: BTreeSet<&str> = experiment.metrics.iter().map(|metric| metric.name()).collect();
    let twice = distinct.len() < experiment.metrics.len();
    if twice { vec![told("metrics", "a metric stands in metrics twice", "name each once")] } else { Vec::new() }
}
