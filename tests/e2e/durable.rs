//! Nothing that happens to the process or to the disk gives a wrong result.

use crate::desk::{Desk, files_below, said};
use std::time::Duration;

/// Kills of the ordinary run; `--ignored` runs many more.
const KILLS: u64 = 8;

fn killed_and_run_again(name: &str, kills: u64) {
    let whole = Desk::with_small(&format!("{name}-whole"));
    let begun = std::time::Instant::now();
    whole.done(&["small.toml"]);
    let (time, expected) = (begun.elapsed(), whole.results());
    for kill in 0..kills {
        let desk = Desk::with_small(name);
        let mut child = desk.command(&["small.toml", "--quiet"]).spawn().unwrap();
        std::thread::sleep(time.mul_f64((kill as f64 + 0.5) / kills as f64));
        child.kill().unwrap();
        child.wait().unwrap();
        let again = desk.done(&["small.toml"]);
        assert!(!said(&again).contains("quarantine"), "{}", said(&again));
        assert_eq!(desk.results(), expected, "killed after {kill} of {kills} parts");
        let runs = std::fs::read_dir(desk.folder.join("runs"))
            .unwrap()
            .flatten()
            .filter(|entry| entry.file_name() != "latest")
            .count();
        assert!(runs <= 2, "an interrupted run is continued in its folder");
    }
}

#[test]
fn a_killed_run_is_run_again_without_a_manual_step() {
    killed_and_run_again("kill", KILLS);
}

#[test]
#[ignore = "minutes: run with `cargo test --release -- --ignored`"]
fn fifty_killed_runs_are_run_again_without_a_manual_step() {
    killed_and_run_again("kill50", 50);
}

/// Flips one bit of `path`.
fn flip(path: &std::path::Path, at: usize) {
    let mut bytes = std::fs::read(path).unwrap();
    let place = at % bytes.len().max(1);
    bytes[place] ^= 1 << (at % 8);
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn one_flipped_bit_in_any_cached_result_is_found_and_computed_again() {
    let desk = Desk::with_small("flip");
    desk.done(&["small.toml"]);
    let expected = desk.results();
    let objects: Vec<_> = files_below(&desk.folder.join("data/cache/objects"))
        .into_iter()
        .filter(|path| path.metadata().unwrap().len() > 0)
        .collect();
    assert!(objects.len() > 40);
    for (index, path) in objects.iter().enumerate().step_by(7) {
        flip(path, 7919 * (index + 1));
        let again = desk.done(&["small.toml"]);
        assert!(said(&again).contains("quarantine"), "{}: {}", path.display(), said(&again));
        assert_eq!(desk.results(), expected, "{}", path.display());
    }
}

#[test]
fn an_interrupted_run_says_so_and_can_be_continued() {
    let desk = Desk::with_small("interrupt");
    let mut child = desk.command(&["small.toml", "train.steps=200000", "--quiet"]).spawn().unwrap();
    let runs = desk.folder.join("runs");
    while std::fs::read_dir(&runs).map_or(0, |entries| entries.count()) == 0 {
        std::thread::sleep(Duration::from_millis(20));
    }
    std::thread::sleep(Duration::from_millis(500));
    let status = std::process::Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(status.success());
    assert_eq!(child.wait().unwrap().code(), Some(75));
    let run = std::fs::read_dir(&runs).unwrap().next().unwrap().unwrap().path();
    assert_eq!(crate::desk::read_json(&run.join("status.json"))["state"], "interrupted");
}

#[test]
fn verify_finds_a_damaged_result_and_goes_on() {
    let desk = Desk::with_small("verify");
    desk.done(&["small.toml"]);
    let sound = desk.done(&["cache", "verify"]);
    assert!(sound.status.success());
    flip(&files_below(&desk.folder.join("data/cache/objects/features"))[0], 12345);
    let found = desk.run(&["cache", "verify"]);
    assert!(!found.status.success() && said(&found).contains("features"), "{}", said(&found));
}
