//! The files of an export.

use super::ExportReport;
use crate::artifact::{Audio, Corpus, FeatureTable, Part, Track, write_npy};
use crate::engine::{Failure, Files};
use crate::experiment::Experiment;
use crate::experiment::outcome::cells::{csv_of, safe, skipped_csv};
use crate::stages::features::{AudioFeatures, Form};
use ndarray::Array1;
use serde_json::{Map, Value, json};

/// Rows without a label have this one.
const NO_LABEL: i64 = -1;

/// What was written, for people.
pub(super) fn report(corpus: &Corpus, features: &FeatureTable, files: &Files) -> ExportReport {
    ExportReport {
        tracks: features.used_tracks().len(),
        rows: features.rows(),
        skipped: features.unused(corpus).count(),
        files: files.iter().map(|(name, _)| name.to_owned()).collect(),
        synthetic_in_place_of: None,
    }
}

/// All files, in memory.
pub(super) fn of(
    experiment: &Experiment,
    corpus: &Corpus,
    features: &FeatureTable,
    stands_in: bool,
) -> Result<Files, Failure> {
    let name = array_name(experiment);
    let mut files = Files::new();
    files.insert(name, write_npy(&features.values).map_err(Failure::classify)?);
    files.insert("labels.npy", write_npy(&labels(corpus, features)).map_err(Failure::classify)?);
    files.insert("tracks.csv", tracks(corpus, features)?);
    files.insert("skipped.csv", skipped_csv(features.unused(corpus))?);
    if !corpus.labels.is_empty() {
        files.insert("genre_mapping.json", pretty(&mapping(corpus))?);
        files.insert("labels_one_hot.csv", one_hot(corpus, features)?);
    }
    files.insert("preprocessing_info.json", pretty(&info(experiment, corpus, features, name, stands_in))?);
    Ok(files)
}

/// One name for each form of features, whatever the experiment is called.
fn array_name(experiment: &Experiment) -> &'static str {
    let maps = experiment.features.audio.as_ref().map(|audio: &AudioFeatures| audio.of_form(Form::Maps));
    match maps.unwrap_or_default().first() {
        Some(&"log_mel") => "mel_spectrograms.npy",
        Some(&"stft") => "stft_spectrograms.npy",
        Some(&"complex_stft") => "complex_spectrograms.npy",
        Some(_) => "spectrograms.npy",
        None => "audio_features.npy",
    }
}

fn pretty(value: &Value) -> Result<Vec<u8>, Failure> {
    Ok(serde_json::to_vec_pretty(value)?)
}

fn track<'a>(corpus: &'a Corpus, place: &u32) -> &'a Track {
    &corpus.tracks[*place as usize]
}

/// `[rows]`, the place of each row's label in `genre_mapping.json`.
fn labels(corpus: &Corpus, features: &FeatureTable) -> Array1<i64> {
    features.tracks.iter().map(|place| track(corpus, place).label.map_or(NO_LABEL, i64::from)).collect()
}

fn label_name<'a>(corpus: &'a Corpus, track: &Track) -> &'a str {
    track.label.and_then(|label| corpus.labels.get(label as usize)).map_or("", String::as_str)
}

/// One line a row of the arrays; `clip` counts the rows of a track, `split` is the side that the makers of the data chose.
fn tracks(corpus: &Corpus, features: &FeatureTable) -> Result<Vec<u8>, Failure> {
    let header = ["row", "id", "clip", "path", "label", "language", "group", "split"];
    let mut before = None;
    let rows = features.tracks.iter().enumerate().map(|(row, place)| {
        let clip = before.filter(|(last, _)| last == place).map_or(0, |(_, clip): (u32, usize)| clip + 1);
        before = Some((*place, clip));
        let track = track(corpus, place);
        let path = track.audio.as_ref().and_then(Audio::path).unwrap_or("");
        let language = track.language.as_deref().unwrap_or("");
        let side = track.part.map_or("", Part::word);
        let texts = [path, label_name(corpus, track), language, &track.group, side].map(safe);
        [row.to_string(), safe(&track.id), clip.to_string()].into_iter().chain(texts).collect()
    });
    csv_of(&header, rows)
}

fn mapping(corpus: &Corpus) -> Value {
    Value::Object(
        corpus.labels.iter().enumerate().map(|(number, name)| (name.clone(), json!(number))).collect::<Map<_, _>>(),
    )
}

/// One line a track: its id, and 1 in the column of its label.
fn one_hot(corpus: &Corpus, features: &FeatureTable) -> Result<Vec<u8>, Failure> {
    let names: Vec<String> = corpus.labels.iter().map(|name| safe(name)).collect();
    let header: Vec<&str> = std::iter::once("id").chain(names.iter().map(String::as_str)).collect();
    let row = |place: u32| {
        let track = track(corpus, &place);
        let digit = |label: usize| if track.label == Some(label as u32) { "1" } else { "0" };
        std::iter::once(safe(&track.id)).chain((0..names.len()).map(|label| digit(label).to_owned())).collect()
    };
    csv_of(&header, features.used_tracks().into_iter().map(row))
}

fn info(experiment: &Experiment, corpus: &Corpus, features: &FeatureTable, array: &str, stands_in: bool) -> Value {
    json!({
        "runner_version": env!("CARGO_PKG_VERSION"),
        "experiment": experiment.name,
        "dataset": experiment.dataset,
        "features": experiment.features,
        "array": array,
        "shape": features.values.shape(),
        "axes": if features.has_maps() { json!(["clip", "channel", "bin", "frame"]) } else { json!(["track", "column"]) },
        "columns": features.columns,
        "labels": corpus.labels,
        "synthetic": corpus.synthetic,
        "stands_in_for_missing_data": stands_in,
        "n_total": corpus.n_total(),
        "n_used": features.used_tracks().len(),
        "skipped": features.unused(corpus).collect::<Vec<_>>(),
    })
}
