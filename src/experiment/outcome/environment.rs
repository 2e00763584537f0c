//! `env.json`: what made the run.

use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Version, code, machine, threads. No environment variables: they hold secrets.
pub(super) fn describe(source: &str) -> Value {
    json!({
        "runner": env!("CARGO_PKG_VERSION"),
        "features": { "cuda": cfg!(feature = "cuda") },
        "experiment": source,
        "arguments": std::env::args().skip(1).collect::<Vec<_>>(),
        "git": commit(Path::new(".")),
        "os": std::env::consts::OS,
        "architecture": std::env::consts::ARCH,
        "cpu": cpu(),
        "cores": std::thread::available_parallelism().map(usize::from).unwrap_or(1),
        "memory_bytes": memory(),
        "threads": rayon::current_num_threads(),
    })
}

/// The commit that is checked out in the working directory or above it, if it lies in a repository.
fn commit(from: &Path) -> Option<String> {
    let start = from.canonicalize().ok()?;
    let git: PathBuf = start.ancestors().map(|folder| folder.join(".git")).find(|git| git.join("HEAD").is_file())?;
    let head = std::fs::read_to_string(git.join("HEAD")).ok()?;
    match head.trim().strip_prefix("ref: ") {
        None => Some(head.trim().to_owned()),
        Some(name) => std::fs::read_to_string(git.join(name)).ok().map(|sha| sha.trim().to_owned()),
    }
}

fn cpu() -> Option<String> {
    line_of("/proc/cpuinfo", "model name")
}

fn memory() -> Option<u64> {
    let kilobytes = line_of("/proc/meminfo", "MemTotal")?;
    Some(1024 * kilobytes.split_whitespace().next()?.parse::<u64>().ok()?)
}

fn line_of(file: &str, field: &str) -> Option<String> {
    let text = std::fs::read_to_string(file).ok()?;
    let line = text.lines().find(|line| line.starts_with(field))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}
