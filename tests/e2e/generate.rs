//! From an experiment file to WAV files and to numbers about them.

use crate::desk::{Desk, files_below, said};
use ndarray::Array3;
use runner::experiment::Trained;
use std::path::PathBuf;

const TINY: &str = r#"name = "tiny"
seed = 3
[dataset.synth]
tracks_per_genre = 4
seconds = 1.5
[features.audio]
n_fft = 1024
hop = 256
[features.audio.log_mel]
n_mels = 32
frames = 32
[model.cvae]
latent_dim = 4
backbone.conv = { channels = [4, 8] }
[train]
steps = 20
batch = 8
[generate]
per_class = 2
save = 1
vocoder = { iterations = 2 }
[[cluster]]
algorithm.kmeans = { k = "classes" }
"#;

/// Numbers that a conditional model has, each in `metrics.json` under `generate.`.
const NUMBERS: [&str; 17] = [
    "consistency",
    "consistency_real",
    "consistency_vocoded",
    "fad",
    "fad_floor",
    "fad_vocoded",
    "fad_noise",
    "kid",
    "density",
    "coverage",
    "diversity",
    "diversity_real",
    "nearest_train",
    "nearest_real",
    "copies",
    "condition_effect",
    "code_effect",
];

fn wavs(desk: &Desk) -> Vec<PathBuf> {
    files_below(&desk.latest().join("artifacts/audio"))
}

#[test]
fn clips_are_written_and_judged_and_nothing_is_made_twice() {
    let desk = Desk::new("generate");
    desk.write("tiny.toml", TINY);
    desk.done(&["tiny.toml"]);
    let metrics = desk.json("metrics.json");
    for name in NUMBERS.map(|name| format!("generate.{name}")) {
        assert!(metrics["metrics"][&name].is_number(), "no {name}: {} {}", metrics["metrics"], metrics["nonfinite"]);
        assert!(metrics["cards"][&name]["definition"].is_string(), "{name} has no card");
    }
    let files = wavs(&desk);
    let is_real = |path: &&PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("vocoded_"));
    let real = files.iter().filter(is_real).count();
    assert!(files.len() == 10 + real && real > 0, "one generated a class, and real ones: {files:?}");
    for path in &files {
        let mut reader = hound::WavReader::open(path).unwrap();
        let samples: Vec<i16> = reader.samples().map(Result::unwrap).collect();
        assert_eq!(
            (reader.spec().sample_rate, reader.spec().bits_per_sample, samples.len()),
            (22_050, 16, 31 * 256 + 1)
        );
        assert!(samples.iter().any(|sample| *sample != 0), "{} is silent", path.display());
    }
    let maps: Array3<f32> = ndarray_npy::read_npy(desk.latest().join("artifacts/generated.npy")).unwrap();
    assert_eq!(maps.dim(), (20, 32, 32));
    let listed = std::fs::read_to_string(desk.latest().join("artifacts/generated.csv")).unwrap();
    assert!(listed.lines().count() == 21 && listed.contains("audio/jazz_00.wav,jazz,fitted,3"), "{listed}");
    assert!(desk.latest().join("plots/generated_grid.png").is_file());
    let before: Vec<Vec<u8>> = files.iter().map(|path| std::fs::read(path).unwrap()).collect();
    desk.done(&["tiny.toml", "--force", "generate"]);
    desk.done(&["tiny.toml"]);
    assert_eq!(desk.ran(), Vec::<String>::new());
    let after: Vec<Vec<u8>> = wavs(&desk).iter().map(|path| std::fs::read(path).unwrap()).collect();
    assert!(before == after);
}

#[test]
fn one_thread_and_two_make_the_same_sound_and_the_same_numbers() {
    let made = |threads: &str| {
        let desk = Desk::new("generate-threads");
        desk.write("tiny.toml", TINY);
        let output = desk.command(&["tiny.toml"]).env("RAYON_NUM_THREADS", threads).output().unwrap();
        assert!(output.status.success(), "{}", said(&output));
        let sound: Vec<Vec<u8>> = wavs(&desk).iter().map(|path| std::fs::read(path).unwrap()).collect();
        (sound, desk.json("metrics.json")["metrics"].clone())
    };
    assert!(made("1") == made("2"));
}

#[test]
fn a_finished_run_draws_what_it_drew() {
    let desk = Desk::new("generate-again");
    desk.write("tiny.toml", TINY);
    desk.done(&["tiny.toml"]);
    let trained = Trained::open(&desk.latest()).unwrap();
    let sampler = trained.sampler(trained.generate_settings()).unwrap();
    let clips = sampler.draw(Some(2), 2, 3).unwrap();
    let maps: Array3<f32> = ndarray_npy::read_npy(desk.latest().join("artifacts/generated.npy")).unwrap();
    assert_eq!(clips[1].map, maps.index_axis(ndarray::Axis(0), 5));
}

#[test]
fn a_model_that_is_told_nothing_has_no_consistency_and_says_why() {
    let desk = Desk::new("generate-vae");
    desk.write("tiny.toml", TINY.replace("cvae", "vae"));
    desk.done(&["tiny.toml"]);
    let metrics = desk.json("metrics.json");
    for name in ["generate.consistency", "generate.condition_effect"] {
        assert!(metrics["metrics"][name].is_null(), "{name}: {}", metrics["metrics"]);
        assert!(metrics["nonfinite"][name].as_str().unwrap().contains("told no class"), "{}", metrics["nonfinite"]);
    }
    assert!(metrics["metrics"]["generate.fad"].is_number() && !wavs(&desk).is_empty());
}

#[test]
fn what_cannot_be_heard_is_refused_with_the_remedy() {
    let desk = Desk::new("generate-refused");
    let refused = |text: String, wanted: &str| {
        desk.write("tiny.toml", text);
        let output = desk.run(&["plan", "tiny.toml"]);
        assert!(output.status.code() == Some(2) && said(&output).contains(wanted), "{}", said(&output));
    };
    let mlp = "backbone.mlp = { hidden = [8] }";
    refused(
        TINY.replace("log_mel", "mfcc")
            .replace("n_mels = 32\nframes = 32", "")
            .replace("backbone.conv = { channels = [4, 8] }", mlp),
        "log_mel",
    );
    refused(TINY.replace("hop = 256", "hop = 600"), "lower hop to half");
    refused(TINY.replace("per_class", "per_clas"), "per_class");
    refused(TINY.replace("iterations = 2", "momentum = 3.0"), "momentum");
}
