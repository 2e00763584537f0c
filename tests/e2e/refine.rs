//! A decoder refined against a discriminator: only if the model is healthy, the latents stay, the record and the sound are there.

use crate::desk::{Desk, said};
use std::path::Path;

/// Maps small enough for a training of seconds.
fn file(train: &str, rest: &str) -> String {
    format!(
        "name = \"sharp\"\nseed = 3\nmetrics = [\"ari\"]\n[dataset.synth]\ntracks_per_genre = 8\nseconds = 1.5\n\
         [features.audio]\nn_fft = 1024\nhop = 256\n[features.audio.log_mel]\nn_mels = 32\nframes = 32\n\
         [model.cvae]\nlatent_dim = 8\nbackbone.conv = {{ channels = [8, 16] }}\n[train]\nbatch = 16\n{train}\n{rest}\n\
         [[cluster]]\nalgorithm.kmeans = {{ k = \"classes\", restarts = 2 }}\n"
    )
}

const ADVERSARIAL: &str = "[adversarial]\nsteps = 20\nbatch = 8\nchannels = [4, 8]\n";
const GENERATE: &str = "[generate]\nper_class = 2\nsave = 1\nvocoder = { iterations = 2 }\n";

fn bytes(run: &Path, name: &str) -> Vec<u8> {
    std::fs::read(run.join(name)).unwrap()
}

#[test]
fn a_healthy_model_gets_another_decoder_and_keeps_its_latents() {
    let desk = Desk::new("refine");
    desk.write("plain.toml", file("steps = 400", ""));
    desk.done(&["plain.toml"]);
    let plain = desk.latest();
    assert_eq!(desk.json("metrics.json")["collapse"]["verdict"], "healthy");
    desk.write("sharp.toml", file("steps = 400", ADVERSARIAL));
    desk.done(&["sharp.toml"]);
    let sharp = desk.latest();
    assert_eq!(bytes(&plain, "artifacts/latents.npy"), bytes(&sharp, "artifacts/latents.npy"));
    let weights = "artifacts/model.safetensors";
    assert_ne!(bytes(&plain, weights), bytes(&sharp, weights));
    assert_eq!(bytes(&plain, weights), bytes(&sharp, "artifacts/checkpoints/unrefined.safetensors"));
    let ran = desk.ran();
    assert!(!ran.iter().any(|title| title.starts_with("train") || title.starts_with("embed")), "{ran:?}");
    let metrics = &desk.json("metrics.json")["metrics"];
    assert_eq!(metrics["refine.steps"], 20.0);
    assert!(metrics["refine.val_sharpness"].as_f64().unwrap() > 0.0 && metrics["collapse.r2"].is_f64());
    let record = String::from_utf8(bytes(&sharp, "history_refine.csv")).unwrap();
    assert!(record.starts_with("step,discriminator,adversarial,") && record.lines().count() == 22, "{record}");
    assert!(sharp.join("plots/refinement.png").is_file());
}

#[test]
fn a_model_whose_code_is_not_used_is_left_alone_and_the_run_says_so() {
    let desk = Desk::new("unrefined");
    desk.write("sick.toml", file("steps = 1", ADVERSARIAL));
    desk.done(&["sick.toml"]);
    let metrics = desk.json("metrics.json");
    assert_ne!(metrics["collapse"]["verdict"], "healthy");
    let warnings = metrics["warnings"].to_string();
    assert!(warnings.contains("[adversarial] was not used") && warnings.contains("First: "), "{warnings}");
    assert_eq!(metrics["metrics"]["refine.steps"], 0.0);
    let run = desk.latest();
    assert_eq!(bytes(&run, "artifacts/model.safetensors"), bytes(&run, "artifacts/checkpoints/unrefined.safetensors"));
}

#[test]
fn what_a_discriminator_cannot_look_at_is_told_before_anything_runs() {
    let desk = Desk::with_small("vectors");
    let told = said(&desk.run(&["plan", "small.toml", "adversarial.steps=10"]));
    assert!(told.contains("compares maps") && told.contains("log_mel"), "{told}");
    let told = said(&desk.run(&["plan", "small.toml", "adversarial.step=10"]));
    assert!(told.contains("`steps`"), "{told}");
}

#[test]
fn a_finished_run_makes_sound_of_genres_tracks_and_ways_between_them() {
    let desk = Desk::new("sound");
    desk.write("sound.toml", file("steps = 60", GENERATE));
    desk.done(&["sound.toml"]);
    let page = String::from_utf8(bytes(&desk.latest(), "report.html")).unwrap();
    assert!(page.contains("id=\"listen\"") && page.matches("data:audio/wav;base64,").count() >= 11);
    assert!(page.len() < 10_000_000);
    let names = |folder: &str| {
        let entries = std::fs::read_dir(desk.folder.join(folder)).unwrap();
        let mut names: Vec<String> = entries.map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    };
    let tracks = String::from_utf8(bytes(&desk.latest(), "artifacts/tracks.csv")).unwrap();
    let id = |row: usize| tracks.lines().nth(row).unwrap().split(',').next().unwrap().to_owned();
    let genre = tracks.lines().nth(1).unwrap().split(',').nth(2).unwrap().to_owned();
    desk.done(&["generate", "runs/latest", "--genre", &genre, "--n", "2", "--out", "a", "--seed", "3"]);
    let files = [format!("{genre}_00.wav"), format!("{genre}_01.wav"), "generated.csv".into(), "generated.json".into()];
    assert_eq!(names("a").len(), 4);
    assert!(files.iter().all(|file| names("a").contains(file)), "{:?}", names("a"));
    desk.done(&["generate", "runs/latest", "--genre", &genre, "--n", "2", "--out", "b", "--seed", "3", "--quiet"]);
    assert_eq!(bytes(&desk.folder, &format!("a/{genre}_01.wav")), bytes(&desk.folder, &format!("b/{genre}_01.wav")));
    let wav = hound::WavReader::open(desk.folder.join(format!("a/{genre}_00.wav"))).unwrap();
    assert_eq!((wav.spec().channels, wav.spec().bits_per_sample), (1, 16));
    assert!(wav.duration() > 1000);
    desk.done(&["generate", "runs/latest", "--track", &id(1), "--out", "c", "--seconds", "1"]);
    desk.done(&["generate", "runs/latest", "--from", &id(1), "--to", &id(9), "--n", "3", "--out", "d"]);
    desk.done(&["generate", "runs/latest", "--track", &format!("a/{genre}_00.wav"), "--out", "e"]);
    assert_eq!((names("c").len(), names("d").len(), names("e").len()), (3, 5, 3));
    assert_eq!(names("d").iter().filter(|name| name.ends_with("_050.wav")).count(), 1);
}

#[test]
fn what_cannot_be_made_is_told_with_the_nearest_name() {
    let desk = Desk::with_small("silent");
    desk.done(&["small.toml"]);
    let told = |arguments: &[&str]| {
        let output = desk.run(&[&["generate"], arguments].concat());
        (output.status.code(), said(&output))
    };
    let (code, said_of_vectors) = told(&["runs/latest"]);
    assert!(code == Some(2) && said_of_vectors.contains("log_mel"), "{said_of_vectors}");
    let (code, said_of_nothing) = told(&["nowhere"]);
    assert!(code == Some(2) && said_of_nothing.contains("no finished run"), "{said_of_nothing}");
    desk.write("sound.toml", file("steps = 5", ""));
    desk.done(&["sound.toml"]);
    for (arguments, words) in [
        (vec!["--genre", "jaz"], "\"jazz\""),
        (vec!["--track", "no_such_track"], "tracks.csv"),
        (vec!["--from", "a"], "--to"),
        (vec!["--seconds", "0"], "from 0.1"),
        (vec!["--n", "0"], "1..=1000"),
    ] {
        let (code, told) = told(&[&["runs/latest"], arguments.as_slice()].concat());
        assert!(code == Some(2) && told.contains(words), "{arguments:?}: {told}");
    }
    desk.write("generated/mine.txt", "kept");
    let (code, taken) = told(&["runs/latest"]);
    assert!(code == Some(2) && taken.contains("not empty"), "{taken}");
    assert_eq!(std::fs::read_dir(desk.folder.join("generated")).unwrap().count(), 1);
}
