//! Weights are PyTorch's: `tests/torch_loads.py` loads them into plain modules and finds the same codes.

use crate::desk::{Desk, SMALL, said};
use std::process::Command;

/// The interpreter: `PYTHON`, else `python3`.
fn python() -> String {
    std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned())
}

fn loads(name: &str, text: &str) {
    let desk = Desk::new(name);
    desk.write("e.toml", text);
    desk.done(&["e.toml", "--quiet"]);
    desk.done(&["data", "export", "e.toml", "out", "--quiet"]);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/torch_loads.py");
    let (run, out) = (desk.folder.join("runs/latest"), desk.folder.join("out"));
    let output = Command::new(python()).arg(script).args([run, out]).output().expect("Python starts");
    assert!(output.status.success(), "{}", said(&output));
}

#[test]
#[ignore = "needs Python with torch and safetensors; PYTHON names the interpreter"]
fn pytorch_gives_the_same_codes() {
    loads("torch-mlp", SMALL);
    let conv = SMALL.replace("[features.audio.mfcc]\nn_mfcc = 8", "[features.audio.log_mel]\nn_mels = 32\nframes = 64");
    loads("torch-conv", &conv.replace("backbone.mlp = { hidden = [16] }", "backbone.conv = { channels = [4, 8, 12] }"));
}
