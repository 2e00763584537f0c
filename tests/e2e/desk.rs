//! A temporary folder with an experiment in it, and the binary.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};

static DESKS: AtomicUsize = AtomicUsize::new(0);

/// A small experiment that does everything once.
pub const SMALL: &str = r#"
name = "small"
seed = 3
[dataset.synth]
tracks_per_genre = 8
seconds = 1.5
[features.audio.mfcc]
n_mfcc = 8
[model.beta_vae]
latent_dim = 4
beta = 1.0
backbone.mlp = { hidden = [16] }
[train]
steps = 60
batch = 16
[[cluster]]
algorithm.kmeans = { k = "classes", restarts = 2 }
[project.pca]
"#;

/// A folder of its own that goes when the test ends.
pub struct Desk {
    pub folder: PathBuf,
}

impl Desk {
    /// An empty folder.
    pub fn new(name: &str) -> Desk {
        let number = DESKS.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("runner-e2e-{}-{number}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Desk { folder }
    }

    /// A folder with [`SMALL`] as `small.toml`.
    pub fn with_small(name: &str) -> Desk {
        let desk = Desk::new(name);
        desk.write("small.toml", SMALL);
        desk
    }

    /// Writes a file below the folder.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    /// The binary with `arguments`, not started.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_runner"));
        command.current_dir(&self.folder).args(arguments).env_remove("RAYON_NUM_THREADS");
        command
    }

    /// Runs the binary.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs the binary, which must end well.
    pub fn done(&self, arguments: &[&str]) -> Output {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}\n{}", output.status, said(&output));
        output
    }

    /// The newest run folder.
    pub fn latest(&self) -> PathBuf {
        self.folder.join("runs/latest").canonicalize().unwrap()
    }

    /// A JSON file of the newest run.
    pub fn json(&self, name: &str) -> Value {
        read_json(&self.latest().join(name))
    }

    /// Titles of the stages that ran in the newest run, in order.
    pub fn ran(&self) -> Vec<String> {
        let plan = self.json("plan.json");
        let stages = plan["stages"].as_array().unwrap();
        stages
            .iter()
            .filter(|stage| stage["how"] == "ran")
            .map(|stage| stage["title"].as_str().unwrap().to_owned())
            .collect()
    }

    /// What must be the same to the byte whenever the experiment is the same.
    pub fn results(&self) -> Vec<Vec<u8>> {
        let files = [
            "artifacts/latents.npy",
            "artifacts/model.safetensors",
            "artifacts/assignments.csv",
            "artifacts/tracks.csv",
            "history.csv",
        ];
        let mut all: Vec<Vec<u8>> = files.iter().map(|name| std::fs::read(self.latest().join(name)).unwrap()).collect();
        all.push(self.json("metrics.json")["metrics"].to_string().into_bytes());
        all
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// What a run said, on both streams.
pub fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Parses a JSON file.
pub fn read_json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))).unwrap()
}

/// Every file below a folder.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { found.extend(files_below(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}
