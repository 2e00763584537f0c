//! A finished run, opened again and used on sound files.

use crate::desk::Desk;
use ndarray::Array2;
use runner::experiment::{LoadError, Trained};
use std::path::PathBuf;

const TAIL: &str = "[train]\nsteps = 20\nbatch = 8\n[[cluster]]\nalgorithm.kmeans = { k = \"classes\" }\n";

/// A run on WAV files, the files in the order of its rows, and its latents `[tracks, dims]`.
fn ran(desk: &Desk, features_and_model: &str) -> (PathBuf, Vec<PathBuf>, Array2<f32>) {
    desk.done(&["data", "synth", "wav", "tracks_per_genre=4", "seconds=3.2", "--quiet"]);
    desk.write("t.toml", format!("name = \"t\"\n[dataset.folder]\nroot = \"wav\"\n{features_and_model}\n{TAIL}"));
    desk.done(&["t.toml", "--quiet"]);
    let run = desk.folder.join("runs/latest");
    let tracks = std::fs::read_to_string(run.join("artifacts/tracks.csv")).unwrap();
    let path = |line: &str| desk.folder.join("wav").join(line.split(',').nth(1).unwrap());
    let files = tracks.lines().skip(1).map(path).collect();
    let latents = ndarray_npy::read_npy(run.join("artifacts/latents.npy")).unwrap();
    (run, files, latents)
}

fn comes_back(name: &str, features_and_model: &str) {
    let desk = Desk::new(name);
    let (run, files, latents) = ran(&desk, features_and_model);
    let trained = Trained::open(&run).unwrap();
    let heard = trained.hear(&files).unwrap();
    assert!(heard.skipped.is_empty(), "{:?}", heard.skipped);
    assert_eq!(trained.embed(&heard).unwrap().values.mapv(|value| value as f32), latents);
    assert_eq!(trained.digest().unwrap(), Trained::open(&run).unwrap().digest().unwrap());
}

#[test]
fn vectors_are_embedded_as_in_the_run() {
    let model = "[features.audio.mfcc]\n[model.vae]\nlatent_dim = 4\nbackbone.mlp = { hidden = [16] }";
    comes_back("trained-mlp", model);
}

#[test]
fn maps_are_embedded_as_in_the_run_and_a_told_network_knows_its_classes() {
    let features = "[features.audio.log_mel]\nn_mels = 32\nframes = 32";
    let model = "[model.cvae]\nlatent_dim = 4\nbackbone.conv = { channels = [4, 8] }";
    comes_back("trained-conv", &format!("{features}\n{model}"));
}

#[test]
fn what_is_no_trained_run_is_refused_with_a_remedy() {
    let desk = Desk::new("trained-none");
    let said = |run: &str| match Trained::open(&desk.folder.join(run)) {
        Err(LoadError::Failure(failure)) => failure.to_string(),
        other => panic!("{other:?}"),
    };
    assert!(said("nowhere").contains("is no finished run"), "{}", said("nowhere"));
    desk.write("raw.toml", "name = \"raw\"\n[dataset.synth]\ntracks_per_genre = 4\nseconds = 1.0\n[features.audio.mfcc]\n[[cluster]]\nalgorithm.kmeans = { k = 3 }\n");
    desk.done(&["raw.toml", "--quiet"]);
    assert!(said("runs/latest").contains("trained no model"), "{}", said("runs/latest"));
}
