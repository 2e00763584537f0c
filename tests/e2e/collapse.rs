//! A collapsed model is told, with the remedy.

use crate::desk::{Desk, said};

#[test]
fn beta_of_a_million_is_collapsed_and_the_remedy_is_named() {
    let desk = Desk::with_small("collapse");
    let output = desk.done(&["small.toml", "model.beta_vae.beta=1e6", "train.steps=300"]);
    let metrics = desk.json("metrics.json");
    assert_eq!(metrics["collapse"]["verdict"], "collapsed");
    let warnings = metrics["warnings"].to_string();
    assert!(warnings.contains("beta") && warnings.contains("Remedy"), "{warnings}");
    assert!(said(&output).contains("collapsed"), "{}", said(&output));
}
