//! A training that was killed or interrupted goes on as if it had not been; one that diverges says so and leaves its weights.

use crate::desk::{Desk, files_below, read_json, said};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

/// Kills of the ordinary run; `--ignored` does [`MANY_KILLS`].
const KILLS: usize = 4;
const MANY_KILLS: usize = 100;

/// Steps of a small training that takes some seconds; convolutions take eight times as long.
const SECONDS: usize = if cfg!(debug_assertions) { 1200 } else { 30_000 };
/// A kill comes within this many milliseconds of the start of an attempt.
const WITHIN_MS: u64 = if cfg!(debug_assertions) { 5000 } else { 1500 };

/// Models that differ in what a step draws and keeps.
const MODELS: [(&str, &str); 5] = [
    ("ae", "input_noise = 0.3\nbackbone.mlp = { hidden = [24] }"),
    ("vq_vae", "parts = 3\nbackbone.mlp = { hidden = [24] }"),
    ("vae", "backbone.conv = { channels = [2, 3] }"),
    ("beta_cvae", "beta = 4.0\ncondition_dropout = 0.3\nbackbone.mlp = { hidden = [24] }"),
    ("beta_vae", "beta = 0.5\nlikelihood.gaussian = { variance = 0.7 }\nbackbone.mlp = { hidden = [24] }"),
];

/// A desk with an experiment whose training takes some seconds, and little else does.
fn desk(name: &str, (kind, settings): (&str, &str), steps: usize) -> Desk {
    let maps = settings.contains("conv");
    let steps = if maps { steps / 8 } else { steps };
    let features = if maps { "log_mel]\nn_mels = 16\nframes = 32" } else { "mfcc]\nn_mfcc = 8" };
    let text = format!(
        "name = \"long\"\nseed = 3\nmetrics = [\"ari\"]\n[dataset.synth]\ntracks_per_genre = 6\nseconds = 1.0\n\
         [features.audio.{features}\n[model.{kind}]\nlatent_dim = 3\n{settings}\n\
         [train]\nsteps = {steps}\nbatch = 16\nschedule = \"cosine\"\nwarmup = 0.1\npatience = 40\n\
         [[cluster]]\nalgorithm.kmeans = {{ k = \"classes\", restarts = 2 }}\n"
    );
    let desk = Desk::new(name);
    desk.write("long.toml", text);
    desk
}

impl Desk {
    /// What lies aside of trainings that were not ended.
    fn put_aside(&self) -> Vec<PathBuf> {
        files_below(&self.folder.join("data/cache/partial"))
    }

    /// All run folders.
    fn run_folders(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.folder.join("runs")).into_iter().flatten().flatten();
        entries.filter(|entry| entry.file_name() != "latest").map(|entry| entry.path()).collect()
    }

    /// How often a training has begun, or begun again, in the first run folder.
    fn trainings_begun(&self) -> usize {
        let log = self.run_folders().first().map(|run| std::fs::read_to_string(run.join("log.jsonl")));
        let is_start = |line: &&str| line.contains("\"started\"") && line.contains("\"train ");
        log.and_then(Result::ok).map_or(0, |log| log.lines().filter(is_start).count())
    }

    /// As on a new machine.
    fn forget_everything(&self) {
        ["data", "runs"].iter().for_each(|name| std::fs::remove_dir_all(self.folder.join(name)).unwrap());
    }

    fn all_results(&self) -> Vec<Vec<u8>> {
        let mut all = self.results();
        let checkpoints = files_below(&self.latest().join("artifacts/checkpoints"));
        assert_eq!(checkpoints.len(), 2);
        all.extend(checkpoints.iter().map(|path| std::fs::read(path).unwrap()));
        all
    }
}

/// Waits until `what` is there; false if `child` ended before.
fn there(child: &mut Child, what: impl Fn() -> bool) -> bool {
    let begun = Instant::now();
    while !what() {
        if child.try_wait().unwrap().is_some() {
            return false;
        }
        assert!(begun.elapsed() < Duration::from_secs(120), "it never came");
        std::thread::sleep(Duration::from_millis(5));
    }
    true
}

/// A number below `limit` that differs from call to call and from run to run of the test.
fn some(limit: u64) -> u64 {
    use std::hash::{BuildHasher, Hasher};
    std::collections::hash_map::RandomState::new().build_hasher().finish() % limit
}

/// Kills at random moments after the first checkpoint; the last attempt of each model runs to its end.
fn killed(name: &str, kills: usize, steps: usize) {
    for (index, model) in MODELS.into_iter().enumerate().take(kills) {
        let whole = desk(&format!("{name}-whole"), model, steps);
        whole.done(&["long.toml"]);
        let expected = whole.all_results();
        let desk = desk(name, model, steps);
        let mut left = kills / MODELS.len() + usize::from(index < kills % MODELS.len());
        while left > 0 {
            if kill(&desk) {
                left -= 1;
            } else {
                assert_eq!(desk.all_results(), expected, "{model:?} with {left} kills to go");
                desk.forget_everything();
            }
        }
        let again = desk.done(&["long.toml"]);
        assert!(!said(&again).contains("quarantine"), "{}", said(&again));
        assert_eq!(desk.all_results(), expected, "{model:?}");
        assert!(desk.put_aside().is_empty(), "a checkpoint is removed when the result is published");
    }
}

/// One attempt, killed; false if it came to its end before. The first kill waits for a checkpoint, most of the time: those
/// after it come at any moment.
fn kill(desk: &Desk) -> bool {
    let mut child = desk.command(&["long.toml", "--quiet"]).spawn().unwrap();
    let waits = desk.put_aside().is_empty() && some(4) > 0;
    if !waits || there(&mut child, || !desk.put_aside().is_empty()) {
        std::thread::sleep(Duration::from_millis(some(if waits { 900 } else { WITHIN_MS })));
    }
    let alive = child.try_wait().unwrap().is_none();
    child.kill().unwrap();
    child.wait().unwrap();
    alive
}

#[test]
fn a_killed_training_goes_on_to_the_same_bytes() {
    killed("killed", KILLS, SECONDS);
}

#[test]
#[ignore = "minutes: run with `cargo test --release -- --ignored`"]
fn a_hundred_kills_over_five_models_change_no_byte() {
    killed("killed100", MANY_KILLS, 8 * SECONDS);
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args([name, &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

fn state(run: &Path) -> String {
    read_json(&run.join("status.json"))["state"].as_str().unwrap().to_owned()
}

#[test]
fn a_training_told_to_stop_is_put_aside_and_continued_in_its_folder() {
    // Long enough that three interruptions find it at work.
    let whole = desk("told-whole", MODELS[1], 3 * SECONDS);
    whole.done(&["long.toml"]);
    let desk = desk("told", MODELS[1], 3 * SECONDS);
    for (attempt, (name, code)) in [("-TERM", 75), ("-INT", 130), ("-USR1", 75)].into_iter().enumerate() {
        let mut child = desk.command(&["long.toml", "--quiet"]).spawn().unwrap();
        let before: Vec<_> = desk.put_aside().iter().map(|path| std::fs::read(path).unwrap()).collect();
        assert!(there(&mut child, || desk.trainings_begun() > attempt), "{name}");
        std::thread::sleep(Duration::from_millis(100 + some(300)));
        let begun = Instant::now();
        signal(&child, name);
        assert_eq!(child.wait().unwrap().code(), Some(code), "{name}");
        assert!(begun.elapsed() < Duration::from_secs(10), "{name} took {:?}", begun.elapsed());
        let after: Vec<_> = desk.put_aside().iter().map(|path| std::fs::read(path).unwrap()).collect();
        assert!(!after.is_empty() && after != before, "{name}: the training was not put aside");
        assert_eq!(state(&desk.run_folders()[0]), "interrupted", "{name}");
    }
    desk.done(&["long.toml"]);
    assert_eq!(desk.run_folders().len(), 1, "an interrupted run is continued in its folder");
    assert_eq!(desk.all_results(), whole.all_results());
}

#[test]
fn threads_make_no_difference_to_a_training_that_was_continued() {
    let results = ["1", "2", "4"].map(|threads| {
        let desk = desk(&format!("threads{threads}"), MODELS[3], SECONDS);
        let start = |threads: &str| {
            let mut command = desk.command(&["long.toml", "--quiet"]);
            command.env("RAYON_NUM_THREADS", threads);
            command
        };
        let mut child = start(threads).spawn().unwrap();
        if there(&mut child, || desk.trainings_begun() > 0) {
            std::thread::sleep(Duration::from_millis(200));
            signal(&child, "-TERM");
        }
        child.wait().unwrap();
        assert!(start("2").status().unwrap().success());
        desk.all_results()
    });
    assert_eq!(results[0], results[1]);
    assert_eq!(results[0], results[2]);
}

#[test]
fn a_training_that_diverges_ends_with_4_and_leaves_healthy_weights() {
    let desk = desk(
        "diverges",
        ("ae", "likelihood.gaussian = { variance = 1e-6 }\nbackbone.mlp = { hidden = [64, 64, 64, 64, 64, 64] }"),
        400,
    );
    let output = desk.run(&["long.toml", "train.learning_rate=1.0", "train.warmup=0.0", "train.schedule=constant"]);
    assert_eq!(output.status.code(), Some(4), "{}", said(&output));
    assert!(said(&output).contains("train.learning_rate"), "{}", said(&output));
    let run = desk.run_folders().remove(0);
    assert_eq!(state(&run), "diverged");
    let weights = std::fs::read(run.join("artifacts/checkpoints/last.safetensors")).unwrap();
    assert!(runner::neural::archive::from_bytes(&weights).is_ok(), "the weights left are finite");
    assert!(run.join("history.csv").is_file());
    let again = desk.run(&["long.toml", "train.learning_rate=1.0", "train.warmup=0.0", "train.schedule=constant"]);
    assert_eq!(again.status.code(), Some(4));
}

#[test]
fn a_training_goes_on_from_an_earlier_run() {
    let desk = desk("init", MODELS[1], 300);
    desk.done(&["long.toml"]);
    let first = desk.latest();
    let init = format!("train.init={}", first.display());
    desk.done(&["long.toml", &init, "train.steps=60", "dataset.synth.tracks_per_genre=7"]);
    let (before, after) = (read_json(&first.join("metrics.json")), desk.json("metrics.json"));
    let loss = |metrics: &serde_json::Value| metrics["metrics"]["train.val_loss"].as_f64().unwrap();
    desk.done(&["long.toml", "train.steps=60", "dataset.synth.tracks_per_genre=7"]);
    let fresh = desk.json("metrics.json");
    assert!(loss(&after) < loss(&fresh), "{} against {} without it", loss(&after), loss(&fresh));
    assert!(before["metrics"]["train.last_step"].as_f64().unwrap() <= 300.0);
    let misfit = desk.run(&["long.toml", &init, "model.vae.latent_dim=5"]);
    assert_eq!(misfit.status.code(), Some(2), "{}", said(&misfit));
    assert!(said(&misfit).contains("train.init"), "{}", said(&misfit));
    let missing = desk.run(&["long.toml", "train.init=runs/nowhere"]);
    assert_eq!(missing.status.code(), Some(3), "{}", said(&missing));
}
