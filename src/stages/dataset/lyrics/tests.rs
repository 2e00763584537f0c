//! Lyrics in the forms they are met in, and files that are broken.

use super::*;
use crate::engine::FailureKind;
use crate::stages::dataset::listing::tests::file;
use serde_json::{Value, json};

fn load(settings: Value, contents: &[(&str, &[u8])]) -> Result<Corpus, Failure> {
    let kind: Lyrics = serde_json::from_value(settings).unwrap();
    let files: Vec<InputFile> = contents.iter().map(|(path, bytes)| file(path, bytes)).collect();
    kind.load(&files, &|file| Ok(contents.iter().find(|(path, _)| *path == file.path).unwrap().1.to_vec()))
}

fn table(csv: &str) -> Corpus {
    load(json!({ "path": "x/songs.csv" }), &[("songs.csv", csv.as_bytes())]).unwrap()
}

fn told(settings: Value, contents: &[(&str, &[u8])]) -> String {
    let failure = load(settings, contents).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Data, "{failure}");
    failure.to_string()
}

#[test]
fn a_row_is_a_track_with_what_its_columns_say() {
    let corpus = table(
        "\u{FEFF}file,artist,title,lyrics,genre,year\r\nTR1.h5,Ann,One,\"love\r\nme\",Rock,1999\r\nTR2.h5,,Two,rain,Pop,2000\r\n",
    );
    let [first, second] = corpus.tracks.as_slice() else { panic!("two rows") };
    assert_eq!((first.id.as_str(), first.group.as_str(), second.group.as_str()), ("TR1", "Ann", "TR2"));
    assert_eq!((first.lyrics.as_deref(), first.language.as_deref()), (Some("love\r\nme"), Some("en")));
    assert_eq!((first.metadata["artist"].as_str(), first.metadata["title"].as_str()), ("Ann", "One"));
    assert!(first.metadata.len() == 2 && first.audio.is_none());
    assert_eq!((corpus.labels, second.label), (vec!["Pop".to_owned(), "Rock".to_owned()], Some(0)));
}

#[test]
fn rows_without_words_are_bad_and_copies_are_left_out_each_with_its_row() {
    let corpus = table("id,lyrics\na,love me\nb,\nc, love\tme \n");
    assert_eq!((corpus.tracks.len(), corpus.classes(), corpus.n_total()), (1, None, 3));
    assert_eq!(corpus.skipped[0].reason, "songs.csv row 2: no lyrics");
    assert_eq!(corpus.left_out[0].reason, "songs.csv row 3: the same words as songs.csv row 1");
}

#[test]
fn columns_and_the_way_of_writing_may_be_named() {
    let settings = json!({ "path": "raw.csv", "delimiter": ";", "quote": "'", "language": "bn", "artist": "who",
        "names": ["title", "words", "mood", "who", "album"], "text": "words" });
    let corpus = load(settings, &[("raw.csv", "'ক; খ';'গান\n গাও';'m';'লালন';''\n".as_bytes())]).unwrap();
    let track = &corpus.tracks[0];
    assert_eq!((track.id.as_str(), track.group.as_str(), track.language.as_deref()), ("row-000001", "লালন", Some("bn")));
    assert_eq!((track.lyrics.as_deref(), track.metadata["title"].as_str()), (Some("গান\n গাও"), "ক; খ"));
    assert_eq!(corpus.labels, ["m"]);
}

#[test]
fn several_files_stand_side_by_side_and_ids_are_told_apart() {
    let settings = json!({ "paths": ["d/en.csv", "d/bn.json"], "parts": [{ "path": "d/more", "language": "en" }] });
    let contents: [(&str, &[u8]); 4] = [
        ("en.csv", b"id,lyrics,genre\n1,love me,Rock\n1,love you,Rock\n"),
        ("bn.json", "{\"1\": \"ভালোবাসা\", \"2\": \"\"}".as_bytes()),
        ("more/pop/a.txt", b"oh oh"),
        ("more/b.txt", b"yeah"),
    ];
    let corpus = load(settings, &contents).unwrap();
    let ids: Vec<&str> = corpus.tracks.iter().map(|track| track.id.as_str()).collect();
    assert_eq!(ids, ["en/1", "en/1#2", "bn/1", "more/pop/a", "more/b"]);
    let languages: Vec<Option<&str>> = corpus.tracks.iter().map(|track| track.language.as_deref()).collect();
    assert_eq!(languages, [Some("en"), Some("en"), Some("bn"), Some("en"), Some("en")]);
    assert_eq!((corpus.labels, corpus.skipped[0].path.as_str()), (vec!["Rock".to_owned(), "pop".to_owned()], "bn/2"));
}

#[test]
fn the_base_is_the_deepest_folder_of_all_files() {
    let base = |settings: Value| {
        let kind: Lyrics = serde_json::from_value(settings).unwrap();
        kind.root().unwrap().to_owned()
    };
    assert_eq!(base(json!({ "path": "a.csv" })), Path::new("."));
    assert_eq!(base(json!({ "paths": ["x/y/a.csv", "x/b.csv"] })), Path::new("x"));
    assert_eq!(base(json!({ "paths": ["/x/a.csv", "y/b.csv"] })), Path::new("."));
    assert_eq!(base(json!({})), Path::new("data"));
}

#[test]
fn broken_files_are_refused_with_file_and_place() {
    let long = [b"id,lyrics\na,".as_slice(), &vec![b'x'; 100_000_000]].concat();
    let wide = ",".repeat(1_000_000);
    let cases: [(&str, &[u8], &str); 9] = [
        ("a.csv", b"id,lyrics\na,b\nc,d\0\n", "line 3 holds a zero byte"),
        ("a.csv", b"id,lyrics\na,\xE9t\xE9\n", "line 2 is not UTF-8"),
        ("a.csv", b"\xFF\xFEi\0d\0", "UTF-16"),
        ("a.csv", b"id,lyrics\na,b\nc,\"d\ne,f\n", "row 2 (line 3) is never closed"),
        ("a.csv", &long, "row 1 (line 2) is 100000001 bytes long"),
        ("a.csv", wide.as_bytes(), "1000001 columns"),
        ("a.csv", b"id,lyrics\na\n", "row 1 (line 2) has 1 fields"),
        ("a.csv", b"id,words\na,b\n", "no column of lyrics"),
        ("a.json", b"{\"a\": 1}", "row 1, column 7"),
    ];
    for (name, bytes, words) in cases {
        let told = told(json!({ "path": name }), &[(name, bytes)]);
        assert!(told.contains(name) && told.contains(words), "{told}");
    }
}

#[test]
fn settings_that_do_not_fit_the_table_are_told() {
    let csv: [(&str, &[u8]); 1] = [("a.csv", b"id,lyrics\na,b\n")];
    for (setting, value, words) in [
        ("text", "words", "no column \"words\""),
        ("label", "genre", "no column \"genre\""),
        ("language", "tongue", "no column \"tongue\""),
        ("delimiter", "।", "ASCII"),
        ("delimiter", "\"", "divide"),
    ] {
        let told = told(json!({ "path": "a.csv", setting: value }), &csv);
        assert!(told.contains(words), "{told}");
    }
}

mod any_bytes {
    use super::*;
    use proptest::prelude::{any, prop, proptest};

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), start in "(id,lyrics,genre\n)?[\"a,;\n]{0,9}") {
            let content = [start.as_bytes(), &bytes].concat();
            for name in ["a.csv", "a.json"] {
                let _ = load(json!({ "path": name }), &[(name, &content)]);
            }
            let _ = load(json!({ "path": "f" }), &[("f/a.txt", &content)]);
        }
    }
}
