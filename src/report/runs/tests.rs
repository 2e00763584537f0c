//! Sound, unfinished and damaged run folders.

use super::*;
use crate::engine::cache::random_name;
use crate::engine::run_folder::RunFolder;
use serde_json::json;

struct Folder(PathBuf);

impl Folder {
    fn new() -> Folder {
        let path = std::env::temp_dir().join(format!("runner-shelf-{}", random_name()));
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    /// A run that is done, with the given ARI.
    fn run(&self, name: &str, seed: u64, ari: f64) -> PathBuf {
        let config = format!("name = {name:?}\nseed = {seed}\n[model.beta_vae]\nbeta = 4.0\n");
        let mut run = RunFolder::open(&self.0, name, seed, Key::of_bytes(name.as_bytes())).unwrap();
        run.write("config.toml", config.as_bytes()).unwrap();
        let metrics = json!({
            "schema_version": 1, "experiment": name, "run_id": run.id(), "seed": seed,
            "dataset": { "kind": "synth", "digest": "0123456789abcdef", "synthetic": true, "n_total": 10, "n_used": 10 },
            "metrics": { "latent.kmeans.ari": ari, "latent.kmeans.nmi": null },
            "intervals": { "latent.kmeans.ari": [ari - 0.1, ari + 0.1], "latent.kmeans.nmi": null },
            "collapse": { "verdict": "healthy" }, "nonfinite": { "latent.kmeans.nmi": "NaN" }, "warnings": [],
        });
        run.write("metrics.json", metrics.to_string().as_bytes()).unwrap();
        run.finish(State::Done, 1.0, None).unwrap();
        run.path().to_owned()
    }

    fn read(&self) -> Shelf {
        Shelf::read(std::slice::from_ref(&self.0))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

#[test]
fn a_run_is_read_with_settings_figures_and_verdict() {
    let folder = Folder::new();
    folder.run("x", 7, 0.3);
    let [run] = &folder.read().runs[..] else { panic!("one run") };
    assert_eq!((run.experiment.as_str(), run.seed, run.verdict.as_deref()), ("x", 7, Some("healthy")));
    assert_eq!(run.settings["model.beta_vae.beta"], Setting::Number(4.0));
    assert_eq!(run.settings["data.digest"], Setting::Text("0123456789ab".to_owned()));
    assert!(!run.settings.contains_key("seed") && !run.settings.contains_key("name"));
    assert_eq!((run.metrics["latent.kmeans.ari"], run.metrics["latent.kmeans.nmi"]), (Some(0.3), None));
    assert!(run.intervals.contains_key("latent.kmeans.ari") && !run.intervals.contains_key("latent.kmeans.nmi"));
}

#[test]
fn latest_is_not_a_second_run_but_may_be_named() {
    let folder = Folder::new();
    let path = folder.run("x", 7, 0.3);
    assert_eq!(folder.read().runs.len(), 1);
    let latest = Shelf::read(&[folder.0.join("latest"), path.clone()]);
    assert_eq!(latest.runs.len(), 1);
    assert_eq!(latest.runs[0].id, path.file_name().unwrap().to_string_lossy());
}

#[test]
fn damaged_folders_are_listed_and_the_others_are_read() {
    let folder = Folder::new();
    folder.run("whole", 1, 0.3);
    let damage: [(&str, &str, &[u8]); 6] = [
        ("a", "status.json", b""),
        ("b", "status.json", &[0; 64]),
        ("c", "metrics.json", b"{\"schema_version\": 1, \"experim"),
        ("d", "metrics.json", b"{\"schema_version\": 99}"),
        ("e", "metrics.json", b"[]"),
        ("f", "config.toml", b"name = = 3"),
    ];
    for (name, file, bytes) in damage {
        fs::write(folder.run(name, 1, 0.1).join(file), bytes).unwrap();
    }
    ["metrics.json", "config.toml", "status.json"].iter().zip(["g", "h", "i"]).for_each(|(file, name)| {
        fs::remove_file(folder.run(name, 1, 0.1).join(file)).unwrap();
    });
    let shelf = folder.read();
    assert_eq!((shelf.runs.len(), shelf.damaged.len()), (1, 9), "{:?}", shelf.damaged);
    let newer = shelf.damaged.iter().filter(|each| each.reason.contains("newer version")).count();
    assert_eq!(newer, 1);
}

#[test]
fn unfinished_runs_and_other_folders_are_no_runs() {
    let folder = Folder::new();
    let open = RunFolder::open(&folder.0, "open", 1, Key::of_bytes(b"open")).unwrap();
    fs::create_dir(folder.0.join("notes")).unwrap();
    fs::write(folder.0.join(".gitkeep"), "").unwrap();
    let shelf = folder.read();
    assert!(shelf.runs.is_empty() && shelf.damaged.is_empty());
    assert_eq!(shelf.open, [(fs::canonicalize(open.path()).unwrap(), State::Running)]);
}

/// A copy of a run with another seed, in a folder of its own.
fn copy(run: &Path, seed: u64) {
    let name = run.file_name().unwrap().to_string_lossy().replace("_s0_", &format!("_s{seed}_"));
    let copy = run.with_file_name(name);
    fs::create_dir(&copy).unwrap();
    for file in ["status.json", "config.toml", "metrics.json"] {
        let text = fs::read_to_string(run.join(file)).unwrap();
        fs::write(copy.join(file), text.replace("\"seed\":0", &format!("\"seed\":{seed}"))).unwrap();
    }
}

#[test]
fn a_thousand_runs_are_read_and_tabled_within_a_second() {
    let folder = Folder::new();
    let first = folder.run("many", 0, 0.3);
    (1..1000).for_each(|seed| copy(&first, seed));
    let begun = std::time::Instant::now();
    let table = crate::report::table::Table::of(folder.read().runs, &Default::default()).unwrap();
    // Three times what is promised: tests share the machine, and this build may be a slow one.
    assert!(begun.elapsed().as_secs_f64() < 3.0, "{:?}", begun.elapsed());
    assert_eq!((table.rows.len(), table.rows[0].ids.len()), (1, 1000));
}
