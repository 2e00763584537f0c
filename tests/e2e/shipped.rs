//! What is shipped works: experiments, schema, kinds, templates.

use crate::desk::{Desk, files_below, said};
use std::path::{Path, PathBuf};

fn home() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn experiments() -> Vec<PathBuf> {
    files_below(&home().join("experiments"))
        .into_iter()
        .filter(|path| path.extension().is_some_and(|end| end == "toml"))
        .collect()
}

#[test]
fn every_shipped_experiment_plans() {
    let desk = Desk::new("shipped");
    assert!(experiments().len() >= 7);
    for path in experiments() {
        desk.done(&["plan", &path.display().to_string()]);
    }
}

#[test]
fn the_schema_beside_the_experiments_is_current() {
    let desk = Desk::new("schema");
    let schema = String::from_utf8(desk.done(&["schema"]).stdout).unwrap();
    let kept = std::fs::read_to_string(home().join("experiments/schema.json")).unwrap_or_default();
    assert!(schema.trim() == kept.trim(), "out of date: runner schema > experiments/schema.json");
}

#[test]
fn every_template_plans_at_once() {
    let listed = Desk::new("templates");
    let names =
        ["autoencoder", "beta-vae", "contrastive", "conv-vae", "feature-table", "fusion", "lyrics", "quickstart"];
    for name in names {
        let file = format!("{name}.toml");
        listed.done(&["init", "--template", name, &file]);
        let output = listed.run(&["plan", &file]);
        let planned = output.status.success() || (name == "feature-table" && output.status.code() == Some(3));
        assert!(planned, "{name}: {}", said(&output));
    }
}

#[test]
fn every_kind_is_told_with_its_example() {
    let desk = Desk::new("kinds");
    let told = said(&desk.done(&["kinds"]));
    for kind in [
        "folder", "features", "synth", "mfcc", "log_mel", "ae", "vae", "beta_vae", "mlp", "conv", "kmeans", "pca",
        "tsne",
    ] {
        assert!(told.contains(kind), "{kind} is missing in {told}");
    }
}

#[test]
fn completions_are_made_for_every_shell() {
    let desk = Desk::new("completions");
    for shell in ["bash", "zsh", "fish", "powershell"] {
        assert!(said(&desk.done(&["completions", shell])).contains("runner"));
    }
}
