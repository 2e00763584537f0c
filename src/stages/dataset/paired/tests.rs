//! Sound and lyrics that fit, and such as do not.

use super::*;
use crate::artifact::Track;
use crate::engine::FailureKind;
use crate::stages::dataset::listing::tests::file;
use serde_json::{Value, json};

const SOUNDS: [&str; 4] = ["rock/a.wav", "rock/b.wav", "pop/c.wav", "pop/000004.wav"];

/// `settings` over a folder of four tracks, labelled by their folders, and a table of lyrics.
fn load(settings: Value, sounds: &[&str], contents: &[(&str, &str)]) -> Result<Corpus, Failure> {
    let mut all = json!({ "audio": { "folder": { "root": "/m" } }, "lyrics": { "path": "/w/lyrics.csv" } });
    settings.as_object().unwrap().iter().for_each(|(name, value)| all[name] = value.clone());
    let kind: Paired = serde_json::from_value(all).unwrap();
    let files = contents.iter().map(|(path, text)| file(path, text.as_bytes()));
    let files: Vec<InputFile> = files.chain(sounds.iter().map(|path| file(path, path.as_bytes()))).collect();
    let text = |file: &InputFile| contents.iter().find(|(path, _)| *path == file.path).unwrap().1;
    kind.load(&files, &|file| Ok(text(file).as_bytes().to_vec()))
}

fn paired(settings: Value, csv: &str) -> Result<Corpus, Failure> {
    load(settings, &SOUNDS, &[("/w/lyrics.csv", csv)])
}

fn told(result: Result<Corpus, Failure>) -> String {
    let failure = result.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Data, "{failure}");
    failure.to_string()
}

fn lyrics(corpus: &Corpus) -> Vec<Option<&str>> {
    corpus.tracks.iter().map(|track| track.lyrics.as_deref()).collect()
}

#[test]
fn lyrics_belong_to_the_track_of_their_file_name_in_any_order() {
    let csv = "audio,lyrics,artist,title\n4.mp3,vier,W,T\nx/c.mp3,drei,,\nb,zwei,,\na.wav,eins,X,\n";
    let corpus = paired(json!({ "key": "stem" }), csv).unwrap();
    assert_eq!(lyrics(&corpus), [Some("eins"), Some("zwei"), Some("drei"), Some("vier")]);
    assert_eq!(corpus.labels, ["pop", "rock"]);
    let Track { group, language, metadata, .. } = &corpus.tracks[3];
    assert_eq!((group.as_str(), language.as_deref(), metadata["title"].as_str()), ("W", Some("en"), "T"));
    assert_eq!((corpus.tracks[1].group.as_str(), corpus.warnings.len()), ("rock/b", 0));
}

#[test]
fn the_id_is_the_whole_path() {
    let csv = "id,lyrics\nrock/a,eins\nrock/b,zwei\npop/c,drei\npop/000004,vier\n";
    assert_eq!(lyrics(&paired(json!({ "key": "id" }), csv).unwrap())[3], Some("vier"));
    let told = told(paired(json!({ "key": "id" }), "id,lyrics\na,eins\nb,zwei\n"));
    assert!(told.contains("\"id\"") && told.contains("rock/a") && told.contains("a in lyrics.csv row 1"), "{told}");
}

#[test]
fn a_table_of_pairs_names_both_sides_and_a_song_may_have_two_recordings() {
    let map = "lyrics,audio\nS1,rock/a.wav\nS1,b\nS2,c\nS3,4\nS9,c9\n";
    let contents = [("/m/pairs.csv", map), ("/w/lyrics.csv", "id,lyrics\nS1,one\nS2,two\nS3,three\n")];
    let corpus = load(json!({ "key": { "map": "/m/pairs.csv" } }), &SOUNDS, &contents).unwrap();
    assert_eq!(lyrics(&corpus), [Some("one"), Some("one"), Some("two"), Some("three")]);
    assert!(corpus.left_out[0].path == "c9" && corpus.left_out[0].reason.contains("line 6"), "{:?}", corpus.left_out);
    let twice = [("/m/pairs.csv", "audio,lyrics\na,S1\na,S2\n"), contents[1]];
    let told = told(load(json!({ "key": { "map": "/m/pairs.csv" } }), &SOUNDS, &twice));
    assert!(told.contains("lines 2 and 3"), "{told}");
}

#[test]
fn a_key_that_stands_twice_is_told_with_its_rows() {
    let told_lyrics = told(paired(json!({ "key": "stem" }), "id,lyrics\na,x\nb,y\na.wav,z\nb,w\n"));
    for words in ["\"a\"", "lyrics.csv row 1, lyrics.csv row 3", "1 other keys"] {
        assert!(told_lyrics.contains(words), "{told_lyrics}");
    }
    let sounds = ["x/a.wav", "y/a.wav"];
    let told_sounds = told(load(json!({ "key": "stem" }), &sounds, &[("/w/lyrics.csv", "id,lyrics\na,x\n")]));
    assert!(told_sounds.contains("tracks") && told_sounds.contains("x/a, y/a"), "{told_sounds}");
}

#[test]
fn a_row_that_was_filled_in_elsewhere_takes_the_place_of_the_empty_one() {
    let (all, filled) = ("id,lyrics\na,x\nb,\nc,z\n4,v\n", "id,path,lyrics\nb,,y\n");
    let settings = json!({ "key": "stem", "lyrics": { "paths": ["/w/all.csv", "/w/filled.csv"] } });
    let corpus = load(settings, &SOUNDS, &[("/w/all.csv", all), ("/w/filled.csv", filled)]).unwrap();
    assert_eq!(lyrics(&corpus), [Some("x"), Some("y"), Some("z"), Some("v")]);
}

#[test]
fn tracks_without_lyrics_are_refused_or_kept_as_such() {
    let csv = "id,lyrics\na,x\nb,y\nc,\nz,v\n";
    let told = told(paired(json!({ "key": "stem" }), csv));
    for words in
        ["2 of 4 tracks", "(pop/c, pop/000004)", "1 of 4 lyrics", "z in lyrics.csv row 4", "missing = \"allow\""]
    {
        assert!(told.contains(words), "{words}: {told}");
    }
    for settings in [json!({ "key": "stem", "missing": "allow" }), json!({ "key": "stem", "max_unmatched_share": 0.5 })]
    {
        let corpus = paired(settings, csv).unwrap();
        assert_eq!(lyrics(&corpus), [Some("x"), Some("y"), None, None]);
        assert_eq!(corpus.warnings, ["2 of 4 tracks have no lyrics"]);
        assert_eq!(corpus.left_out[0].reason, "lyrics.csv row 4: lyrics of no track");
    }
}

#[test]
fn a_join_needs_a_key_and_lyrics_need_names() {
    let keyless = json!({ "audio": { "folder": { "root": "m" } } });
    assert!(serde_json::from_value::<Paired>(keyless).unwrap_err().to_string().contains("key"));
    let told = told(paired(json!({ "key": "stem" }), "lyrics,mood\nx,sad\n"));
    assert!(told.contains("row i is not audio row i") && told.contains("mood"), "{told}");
}

#[test]
fn labels_come_from_the_lyrics_where_the_audio_has_none() {
    let csv = "id,lyrics,mood\na,x,sad\nb,y,happy\n";
    let corpus = load(json!({ "key": "stem" }), &["a.wav", "b.wav"], &[("/w/lyrics.csv", csv)]).unwrap();
    assert_eq!(corpus.labels, ["happy", "sad"]);
    assert_eq!(corpus.tracks.iter().map(|track| track.label).collect::<Vec<_>>(), [Some(1), Some(0)]);
}

#[test]
fn columns_of_either_side_become_metadata_and_never_the_label() {
    let csv = "id,lyrics,mood,tempo,key,speed\na,x,sad,120,C,slow\nb,y,sad,90.5,D,slow\nc,z,sad,100,C,fast\n4,w,sad,80,,fast\n";
    let with = |metadata: Value| paired(json!({ "key": "stem", "metadata": metadata }), csv);
    let corpus = with(json!({ "numeric": ["tempo"], "categorical": ["key"] })).unwrap();
    assert_eq!((corpus.covariates.numeric[0].as_str(), corpus.tracks[1].metadata["tempo"].as_str()), ("tempo", "90.5"));
    assert_eq!(corpus.tracks[3].metadata.get("key"), None);
    for (metadata, words) in [
        (json!({ "categorical": ["genre"] }), "tells the label"),
        (json!({ "categorical": ["speed"] }), "tells the label"),
        (json!({ "numeric": ["key"] }), "of track rock/a it is \"C\""),
        (json!({ "numeric": ["bpm"] }), "there are id, key, lyrics, speed, tempo"),
    ] {
        let told = told(with(metadata));
        assert!(told.contains(words), "{told}");
    }
}

#[test]
fn a_mood_is_metadata_where_it_is_not_the_label() {
    let csv = "id,lyrics,mood\na,x,sad\nb,y,sad\nc,z,happy\n4,w,sad\n";
    let settings = json!({ "key": "stem", "metadata": { "categorical": ["mood"] } });
    assert_eq!(paired(settings.clone(), csv).unwrap().tracks[2].metadata["mood"], "happy");
    let unlabelled = ["a.wav", "b.wav", "c.wav", "4.wav"];
    let told = told(load(settings, &unlabelled, &[("/w/lyrics.csv", csv)]));
    assert!(told.contains("tells the label"), "{told}");
}

#[test]
fn a_column_of_the_features_that_is_metadata_is_no_feature() {
    let table = "filename,x,tempo,label\na.wav,1,120,rock\nb.wav,2,90,pop\n";
    let settings =
        json!({ "key": "stem", "audio": { "features": { "path": "/m/f.csv" } }, "metadata": { "numeric": ["tempo"] } });
    let contents = [("/w/lyrics.csv", "id,lyrics\na,one\nb,two\n"), ("f.csv", table)];
    let corpus = load(settings, &[], &contents).unwrap();
    assert_eq!(corpus.table.unwrap().columns, ["x"]);
    assert_eq!((corpus.tracks[0].metadata["tempo"].as_str(), corpus.tracks[1].lyrics.as_deref()), ("120", Some("two")));
}

#[test]
fn one_table_may_hold_lyrics_and_labels() {
    let csv = "file,lyrics,genre\na.wav,x,Folk\nb.wav,y,Rock\n";
    let settings = json!({ "key": "stem", "audio": { "folder": { "root": "/m", "labels": "/w/lyrics.csv" } } });
    let contents = [("/w/lyrics.csv", csv), ("/w/lyrics.csv", csv)];
    let corpus = load(settings, &["a.wav", "b.wav"], &contents).unwrap();
    assert_eq!((corpus.labels.len(), lyrics(&corpus)), (2, vec![Some("x"), Some("y")]));
}
