//! Songs that sound alike: what is searched in an experiment, what is embedded into a store, what is found there, what is refused.

use crate::desk::{Desk, said};
use serde_json::Value;
use std::path::PathBuf;
use std::process::Stdio;

const EXPERIMENT: &str = r#"
name = "alike"
seed = 5
[dataset.folder]
root = "wav"
[features.audio.mfcc]
n_mfcc = 13
[model.vae]
latent_dim = 8
backbone.mlp = { hidden = [32] }
[train]
steps = 150
batch = 16
[retrieve]
k = 5
"#;

/// Forty short songs and a run on them.
fn desk(name: &str) -> Desk {
    let desk = Desk::new(name);
    desk.done(&["data", "synth", "wav", "tracks_per_genre=4", "seconds=2.0", "--quiet"]);
    desk.write("alike.toml", EXPERIMENT);
    desk.done(&["alike.toml", "--quiet"]);
    desk
}

fn songs(desk: &Desk, genre: &str) -> Vec<String> {
    let mut found: Vec<String> = std::fs::read_dir(desk.folder.join("wav").join(genre))
        .unwrap()
        .map(|entry| format!("wav/{genre}/{}", entry.unwrap().file_name().to_str().unwrap()))
        .filter(|path| path.ends_with(".wav"))
        .collect();
    found.sort();
    found
}

fn recommended(desk: &Desk, arguments: &[&str]) -> Value {
    let all = [&["recommend", "latest"], arguments, &["--json"]].concat();
    serde_json::from_slice(&desk.done(&all).stdout).unwrap()
}

fn paths(told: &Value) -> Vec<&str> {
    told["results"].as_array().unwrap().iter().map(|song| song["path"].as_str().unwrap()).collect()
}

#[test]
fn an_experiment_is_searched_and_its_run_recommends() {
    let desk = desk("alike");
    let metrics = desk.json("metrics.json");
    for name in
        ["retrieve.precision_at_5", "retrieve.recall_at_5", "retrieve.mrr", "retrieve.map", "retrieve.ndcg_at_5"]
    {
        let value = metrics["metrics"][name].as_f64().unwrap();
        let chance = metrics["metrics"][name.replace("retrieve.", "retrieve.chance.")].as_f64().unwrap();
        let [low, high] = [0, 1].map(|end| metrics["intervals"][name][end].as_f64().unwrap());
        assert!(chance < value && value <= 1.0 && low <= value && value <= high, "{name}: {value}, chance {chance}");
        assert!(metrics["metrics"][format!("raw.{name}")].is_f64() && metrics["cards"][name].is_object());
        assert!(metrics["intervals"][name.replace("retrieve.", "retrieve.over_raw.")].is_array());
    }
    let table = std::fs::read_to_string(desk.latest().join("artifacts/neighbours.csv")).unwrap();
    assert_eq!(table.lines().count(), 1 + 40 * 5);
    assert!(std::fs::read_to_string(desk.latest().join("report.html")).unwrap().contains("id=\"neighbours\""));

    let song = &songs(&desk, "jazz")[0];
    let told = recommended(&desk, &[song, "--top-k", "4"]);
    assert_eq!((paths(&told).len(), told["songs"].as_u64()), (4, Some(40)));
    assert!(!paths(&told).contains(&song.as_str()), "the query is left out");
    let kept = recommended(&desk, &[song, "--keep-query"]);
    assert_eq!((paths(&kept)[0], paths(&kept).len()), (song.as_str(), 10));
    assert!(kept["results"][0]["similarity"].as_f64().unwrap() > 0.9999);
    let pop = recommended(&desk, &[song, &songs(&desk, "jazz")[1], "--genre", "pop"]);
    assert!(paths(&pop).iter().all(|path| path.contains("/pop/")) && paths(&pop).len() == 4);
    let lines = said(&desk.done(&["recommend", "latest", song, "--top-k", "2"]));
    assert!(lines.lines().count() == 2 && lines.starts_with("  1  0.") || lines.starts_with("  1  1."), "{lines}");

    let near = desk.done(&["recommend", "latest", song, "--approximate", "--json"]);
    assert!(said(&near).contains("recall@10 is 1.0000 on 40 songs"), "{}", said(&near));
    let exact: Value = serde_json::from_slice(&desk.done(&["recommend", "latest", song, "--json"]).stdout).unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&near.stdout).unwrap()["results"], exact["results"]);

    let wrong = desk.run(&["recommend", "latest", song, "--genre", "jaz"]);
    assert!(wrong.status.code() == Some(2) && said(&wrong).contains("did you mean \"jazz\""), "{}", said(&wrong));
    let wrong = desk.run(&["recommend", "latest", "nowhere.wav"]);
    assert!(wrong.status.code() == Some(3) && said(&wrong).contains("no file and no song"), "{}", said(&wrong));
    desk.write("noise.wav", "no sound");
    let wrong = desk.run(&["recommend", "latest", "noise.wav"]);
    assert!(wrong.status.code() == Some(3) && said(&wrong).contains("cannot be used as a query"), "{}", said(&wrong));
}

#[test]
fn songs_are_embedded_found_replaced_and_taken_out() {
    let desk = desk("store");
    let jazz = songs(&desk, "jazz");
    let embed = |arguments: &[&str]| {
        let all = [&["embed", "latest"], arguments, &["--out", "store", "--json"]].concat();
        serde_json::from_slice::<Value>(&desk.done(&all).stdout).unwrap()
    };
    let told = embed(&["wav/jazz", "--genre-of-folder", "--batch", "3"]);
    assert_eq!((told["added"].as_u64(), told["songs"].as_u64(), told["dims"].as_u64()), (Some(4), Some(4), Some(8)));
    let told = embed(&["wav/pop", &jazz[0], "--genre", "pop"]);
    assert_eq!((told["replaced"].as_u64(), told["songs"].as_u64()), (Some(1), Some(8)));
    let found = recommended(&desk, &[&jazz[1], "--store", "store", "--genre", "jazz"]);
    assert_eq!(paths(&found).len(), 2, "one of three is the query, one of four is pop now");
    let told = embed(&["--remove", &jazz[2], "--remove", "nothing"]);
    assert_eq!((told["removed"].as_u64(), told["songs"].as_u64()), (Some(1), Some(7)));
    let found = recommended(&desk, &[&jazz[1], "--store", "store"]);
    assert!(!paths(&found).contains(&jazz[2].as_str()) && paths(&found).len() == 6);

    // The same song is as similar through the store as through the run's own tracks.
    let told = embed(&[]);
    assert_eq!(told["added"].as_u64(), Some(40));
    let (own, stored) = (recommended(&desk, &[&jazz[1]]), recommended(&desk, &[&jazz[1], "--store", "store"]));
    assert_eq!(own["results"][0]["similarity"], stored["results"][0]["similarity"]);
}

#[test]
fn a_damaged_store_and_one_of_another_model_are_refused() {
    let desk = desk("refused");
    let song = &songs(&desk, "rock")[0];
    desk.done(&["embed", "latest", "wav/rock", "--out", "store"]);
    let refused = |code: i32, words: &str| {
        for arguments in
            [["recommend", "latest", song, "--store", "store"], ["embed", "latest", song, "--out", "store"]]
        {
            let output = desk.run(&arguments);
            assert!(output.status.code() == Some(code) && said(&output).contains(words), "{}", said(&output));
        }
    };
    let vectors = crate::desk::files_below(&desk.folder.join("store"))
        .into_iter()
        .find(|path| path.extension().is_some_and(|end| end == "npy"))
        .unwrap();
    let mut bytes = std::fs::read(&vectors).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 4;
    std::fs::write(&vectors, &bytes).unwrap();
    refused(3, "is damaged");
    bytes[middle] ^= 4;
    std::fs::write(&vectors, &bytes).unwrap();
    desk.done(&["recommend", "latest", song, "--store", "store"]);
    desk.done(&["alike.toml", "seed=6", "--quiet"]);
    refused(2, "was made by another model");
    let again = desk.done(&["embed", "latest", "--out", "store", "--again"]);
    assert!(said(&again).contains("4 songs embedded (4 known before)"), "{}", said(&again));
    assert_eq!(paths(&recommended(&desk, &[song, "--store", "store"])).len(), 3);
    let nowhere = desk.run(&["recommend", "latest", song, "--store", "nowhere"]);
    assert!(nowhere.status.code() == Some(2) && said(&nowhere).contains("runner embed"), "{}", said(&nowhere));
}

#[test]
fn a_store_survives_whoever_is_killed_while_adding() {
    let desk = desk("killed");
    desk.done(&["embed", "latest", "wav/rock", "--out", "store"]);
    let rock = songs(&desk, "rock");
    for milliseconds in [1, 5, 15, 40, 80, 160] {
        let arguments = ["embed", "latest", "wav", "--out", "store", "--batch", "1"];
        let mut child = desk.command(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(milliseconds));
        child.kill().unwrap();
        child.wait().unwrap();
        let found = recommended(&desk, &[&rock[0], "--store", "store", "--top-k", "100"]);
        assert!([3, 39].contains(&paths(&found).len()), "all of a change or nothing of it: {found}");
    }
    desk.done(&["embed", "latest", "wav", "--out", "store"]);
    assert_eq!(paths(&recommended(&desk, &[&rock[0], "--store", "store", "--top-k", "100"])).len(), 39);
    let files: Vec<PathBuf> = crate::desk::files_below(&desk.folder.join("store"));
    assert_eq!(files.len(), 4, "what was left behind is gone: {files:?}");
}

#[test]
fn what_is_stored_is_not_lost_by_adding_or_embedding_again() {
    let desk = desk("kept");
    let rock = songs(&desk, "rock");
    desk.done(&["embed", "latest", "wav/rock", "--genre-of-folder", "--out", "store"]);
    desk.done(&["embed", "latest", "./wav/rock", "--out", "store"]);
    let told = recommended(&desk, &[&rock[0], "--store", "store", "--genre", "rock"]);
    assert_eq!((paths(&told).len(), &told["songs"]), (3, &serde_json::json!(4)), "./wav is wav, and genres stay");
    std::fs::rename(desk.folder.join(&rock[1]), desk.folder.join("away.wav")).unwrap();
    let again = desk.run(&["embed", "latest", "--out", "store", "--again"]);
    assert!(again.status.code() == Some(3) && said(&again).contains("nothing was changed"), "{}", said(&again));
    assert_eq!(paths(&recommended(&desk, &[&rock[0], "--store", "store"])).len(), 3);
    let other = desk.run(&["embed", "latest", &rock[0], "--out", "wav"]);
    assert!(!other.status.success() && said(&other).contains("is of no store"), "{}", said(&other));
}
