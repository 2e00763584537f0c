//! Lyrics: broken files are told with file and row, what is missing can be filled in, and sound is joined by a key only.

use crate::desk::{Desk, said};
use serde_json::Value;

const PAIRED: &str = r#"
name = "paired"
[dataset.paired]
audio.folder = { root = "music" }
key = "id"
missing = "allow"
[features.audio.mfcc]
[[cluster]]
algorithm.kmeans = { k = "classes" }
"#;

fn music(name: &str) -> Desk {
    let desk = Desk::new(name);
    desk.done(&["data", "synth", "music", "tracks_per_genre=4", "seconds=0.8", "missing_lyrics=0.3", "--quiet"]);
    desk.write("paired.toml", PAIRED);
    desk
}

fn checked(desk: &Desk, words: &[&str]) -> Value {
    let output = desk.done(&[&["data", "check", "paired.toml", "--json"], words].concat());
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn broken_lyrics_are_exit_3_with_file_and_row() {
    let desk = Desk::new("lyrics-broken");
    desk.write("lyrics.toml", "name = \"lyrics\"\nmodality = \"text\"\n[dataset.lyrics]\npath = \"songs.csv\"\n");
    for (bytes, words) in [
        (b"id,lyrics\na,\"b\nc,d\n".as_slice(), "row 1 (line 2)"),
        (b"id,lyrics\na,b\nc,\xFF\n", "line 3 is not UTF-8"),
        (b"id,lyrics\na,b\0\n", "line 2 holds a zero byte"),
        (b"id,lyrics\na,b,c\n", "row 1 (line 2) has 3 fields"),
    ] {
        desk.write("songs.csv", bytes);
        let output = desk.run(&["data", "check", "lyrics.toml"]);
        let told = said(&output);
        assert_eq!(output.status.code(), Some(3), "{told}");
        assert!(told.contains("songs.csv") && told.contains(words) && !told.contains("panicked"), "{told}");
    }
}

#[test]
fn missing_lyrics_are_counted_filled_in_and_read_back() {
    let desk = music("fill-in");
    let before = checked(&desk, &["--fill-in", "todo.csv"]);
    let without = before["lyrics"]["without"].as_u64().unwrap();
    assert!(without > 0 && before["to_fill_in"].as_u64() == Some(without), "{before}");
    let todo = std::fs::read_to_string(desk.folder.join("todo.csv")).unwrap();
    let filled: String = todo
        .lines()
        .map(|line| if line.ends_with(',') { format!("{line}oh oh\n") } else { format!("{line}\n") })
        .collect();
    desk.write("todo.csv", filled);
    let after = checked(&desk, &["dataset.paired.lyrics.paths=[\"music/lyrics.csv\", \"todo.csv\"]"]);
    assert_eq!((after["lyrics"]["with"].as_u64(), after["lyrics"]["without"].as_u64()), (Some(40), Some(0)), "{after}");
}

#[test]
fn sound_with_lyrics_is_an_experiment_and_a_join_without_a_key_is_none() {
    let desk = music("paired");
    desk.done(&["paired.toml"]);
    assert_eq!(desk.json("metrics.json")["dataset"]["n_used"].as_u64(), Some(40));
    desk.write("keyless.toml", PAIRED.replace("key = \"id\"", ""));
    let refused = desk.run(&["keyless.toml"]);
    assert_eq!(refused.status.code(), Some(2), "{}", said(&refused));
    assert!(said(&refused).contains("row i of the lyrics is not row i of the audio"), "{}", said(&refused));
}
