//! The synthetic set is as hard as it says.

use crate::desk::Desk;

/// ARI of k-means on standardised MFCC statistics.
fn ari(settings: &[&str]) -> f64 {
    let desk = Desk::new("calibration");
    desk.write("set.toml", "name = \"set\"\nmetrics = [\"ari\"]\n[dataset.synth]\n[features.audio.mfcc]\n[[cluster]]\nalgorithm.kmeans = { k = \"classes\" }\n");
    desk.done(&[&["set.toml", "--quiet"], settings].concat());
    desk.json("metrics.json")["metrics"]["raw.kmeans.ari"].as_f64().unwrap()
}

#[test]
#[ignore = "minutes: run with `cargo test --release -- --ignored`"]
fn difficulties_are_calibrated_on_seeds_they_were_not_tuned_on() {
    for seed in ["dataset.synth.seed=11", "dataset.synth.seed=12"] {
        let of = |difficulty: &str| ari(&[&format!("dataset.synth.difficulty={difficulty}"), seed]);
        let (easy, medium, hard) = (of("easy"), of("medium"), of("hard"));
        assert!(easy > 0.75, "easy {easy}");
        assert!((0.30..0.50).contains(&medium), "medium {medium}");
        assert!((0.10..0.28).contains(&hard), "hard {hard}");
    }
}

#[test]
#[ignore = "minutes: run with `cargo test --release -- --ignored`"]
fn labels_that_mean_nothing_score_nothing() {
    let ari = ari(&["dataset.synth.control=true", "dataset.synth.tracks_per_genre=100"]);
    assert!(ari.abs() < 0.02, "{ari}");
}
