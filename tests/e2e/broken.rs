//! Broken experiment files: each gives one exact, kind message and exit 2 (3 where it is the data).

use crate::desk::{Desk, SMALL, said};

/// (what, the small experiment with this text for that, exit code, what must be said)
const BROKEN: [(&str, &str, &str, i32, &[&str]); 27] = [
    ("unknown top-level key", "seed = 3", "sed = 3", 2, &["sed", "seed"]),
    ("unknown nested key", "latent_dim = 4", "latent_dims = 4", 2, &["latent_dims", "latent_dim"]),
    ("unknown kind", "[model.beta_vae]", "[model.beta_vea]", 2, &["beta_vea", "beta_vae"]),
    ("unknown dataset kind", "[dataset.synth]", "[dataset.sinth]", 2, &["sinth", "synth"]),
    ("unknown algorithm", "algorithm.kmeans", "algorithm.kmean", 2, &["kmean", "kmeans"]),
    ("text for a number", "latent_dim = 4", "latent_dim = \"four\"", 2, &["latent_dim", "number"]),
    ("number for text", "name = \"small\"", "name = 5", 2, &["name"]),
    ("a float for a count", "steps = 60", "steps = 60.5", 2, &["steps"]),
    ("a negative count", "batch = 16", "batch = -1", 2, &["batch"]),
    ("k is zero", "k = \"classes\"", "k = 0", 2, &["k"]),
    ("k is a wrong word", "k = \"classes\"", "k = \"clases\"", 2, &["classes"]),
    ("beta below zero", "beta = 1.0", "beta = -1.0", 2, &["beta"]),
    ("a duplicate key", "seed = 3", "seed = 3\nseed = 4", 2, &["seed"]),
    ("no closing bracket", "[train]", "[train", 2, &["train"]),
    ("no closing quote", "name = \"small\"", "name = \"small", 2, &["name"]),
    ("no name", "name = \"small\"", "", 2, &["name"]),
    ("seed and seeds", "seed = 3", "seed = 3\nseeds = [1, 2]", 2, &["seeds", "exclude"]),
    ("an unknown metric", "seed = 3", "seed = 3\nmetrics = [\"arr\"]", 2, &["arr", "ari"]),
    ("a metric twice", "seed = 3", "seed = 3\nmetrics = [\"ari\", \"ari\"]", 2, &["twice"]),
    ("a name that is no folder name", "name = \"small\"", "name = \"a/b\"", 2, &["a/b"]),
    (
        "conv on vectors",
        "backbone.mlp = { hidden = [16] }",
        "backbone.conv = { channels = [8] }",
        2,
        &["conv", "log_mel"],
    ),
    (
        "two cuts of one tree",
        "algorithm.kmeans = { k = \"classes\", restarts = 2 }",
        "algorithm.agglomerative = { k = 3, distance_threshold = 2.0 }",
        2,
        &["distance_threshold", "keep one"],
    ),
    (
        "a radius of nothing",
        "algorithm.kmeans = { k = \"classes\", restarts = 2 }",
        "algorithm.dbscan = { eps = 0.0 }",
        2,
        &["eps", "above 0"],
    ),
    (
        "a code that cannot be cut into equal parts",
        "[model.beta_vae]\nlatent_dim = 4\nbeta = 1.0",
        "[model.vq_vae]\nlatent_dim = 4\nparts = 3",
        2,
        &["3 parts", "divisor"],
    ),
    ("two models", "[train]", "[model.vae]\nlatent_dim = 4\n[train]", 2, &["model"]),
    (
        "an unread table",
        "[model.beta_vae]\nlatent_dim = 4\nbeta = 1.0\nbackbone.mlp = { hidden = [16] }",
        "",
        2,
        &["train", "no stage"],
    ),
    (
        "a missing folder",
        "[dataset.synth]\ntracks_per_genre = 8\nseconds = 1.5",
        "[dataset.folder]\nroot = \"no/such/folder\"",
        3,
        &["no/such/folder"],
    ),
];

#[test]
fn every_broken_file_gets_one_exact_message() {
    let desk = Desk::new("broken");
    for (what, text, instead, code, words) in BROKEN {
        assert!(SMALL.contains(text), "{what}");
        desk.write("broken.toml", SMALL.replacen(text, instead, 1));
        let output = desk.run(&["broken.toml"]);
        let told = said(&output);
        assert_eq!(output.status.code(), Some(code), "{what}: {told}");
        assert!(words.iter().all(|word| told.contains(word)), "{what}: {told}");
        assert!(!told.contains("panicked"), "{what}: {told}");
        assert!(code == 3 || told.contains("broken.toml:"), "{what} has no place: {told}");
    }
}

#[test]
fn all_errors_of_a_file_are_told_at_once() {
    let desk = Desk::new("all-errors");
    desk.write(
        "broken.toml",
        SMALL
            .replace("latent_dim = 4", "latent_dims = 4")
            .replace("steps = 60", "steps = \"many\"")
            .replace("n_mfcc = 8", "n_mfc = 8"),
    );
    let told = said(&desk.run(&["broken.toml"]));
    for word in ["latent_dims", "steps", "n_mfc"] {
        assert!(told.contains(word), "{told}");
    }
    assert!(told.contains("3 problems"), "{told}");
}

#[test]
fn a_wrong_override_points_at_the_override() {
    let desk = Desk::with_small("override");
    let output = desk.run(&["small.toml", "model.beta_vae.beta=eight"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("model.beta_vae.beta=eight"), "{}", said(&output));
}

#[test]
fn a_glob_that_matches_nothing_and_a_misspelt_command_are_told() {
    let desk = Desk::with_small("words");
    assert_eq!(desk.run(&["nothing/*.toml"]).status.code(), Some(2));
    let misspelt = desk.run(&["reprot"]);
    assert_eq!(misspelt.status.code(), Some(2));
    assert!(said(&misspelt).contains("report"), "{}", said(&misspelt));
}
