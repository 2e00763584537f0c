//! A small archive, laid out as the real one is.

use super::*;
use crate::artifact::{Audio, Part};
use crate::stages::dataset::listing::tests::file;
use serde_json::json;

const TABLE: &str = "\
,artist,artist,set,set,track,track,track
,id,name,split,subset,genre_top,genres,title
track_id,,,,,,,
2,1,AWOL,training,small,Hip-Hop,[21],Food
3,1,AWOL,training,medium,Hip-Hop,\"[21, 4]\",\"Electric,
Ave\"
5,1,AWOL,validation,small,Hip-Hop,[21],This World
10,6,Kurt Vile,test,small,Pop,[10],Freeway
20,,,training,large,,\"[76, 103]\",Spiritual Level
99134,7,X,training,small,Pop,[10],silence
";

fn fma(settings: serde_json::Value) -> Fma {
    let mut all = json!({ "root": "" });
    let (all_fields, fields) = (all.as_object_mut().unwrap(), settings.as_object().unwrap());
    all_fields.extend(fields.clone());
    serde_json::from_value(all).unwrap()
}

fn load(settings: serde_json::Value, clips: &[(&str, &[u8])]) -> Result<Corpus, Failure> {
    let clips = clips.iter().map(|(path, bytes)| file(path, bytes));
    let files: Vec<InputFile> = std::iter::once(file(TRACKS, TABLE.as_bytes())).chain(clips).collect();
    fma(settings).load(&files, &|_| Ok(TABLE.as_bytes().to_vec()))
}

fn listed(skipped: &[Skipped]) -> Vec<&str> {
    skipped.iter().map(|skipped| skipped.path.as_str()).collect()
}

const CLIPS: [(&str, &[u8]); 3] =
    [("fma_small/000/000002.mp3", b"2"), ("fma_small/000/000005.mp3", b"5"), ("fma_small/099/099134.mp3", b"9")];

#[test]
fn tracks_of_the_subset_have_label_artist_and_side() {
    let corpus = load(json!({}), &CLIPS).unwrap();
    assert_eq!((corpus.labels.as_slice(), corpus.tracks.len()), (["Hip-Hop".to_owned()].as_slice(), 2));
    let track = &corpus.tracks[1];
    assert_eq!((track.id.as_str(), track.group.as_str(), track.part), ("000005", "artist 1", Some(Part::Validation)));
    assert_eq!(track.metadata["title"], "This World");
    assert_eq!(track.audio, Some(Audio::File(file("fma_small/000/000005.mp3", b"5"))));
}

#[test]
fn missing_and_faulty_clips_are_listed_by_id() {
    let corpus = load(json!({}), &CLIPS).unwrap();
    assert_eq!(listed(&corpus.skipped), ["000010", "099134"]);
    assert!(corpus.skipped[0].reason.contains("no clip") && corpus.skipped[1].reason.contains("known fault"));
    assert_eq!(corpus.n_total(), 4);
}

#[test]
fn a_subset_holds_the_smaller_ones_and_unlabelled_tracks_are_a_choice() {
    let clips = [("fma_large/000/000003.mp3", b"3".as_slice()), ("fma_large/000/000020.mp3", b"20")];
    let corpus = load(json!({ "subset": "large" }), &clips).unwrap();
    assert_eq!((listed(&corpus.left_out), corpus.tracks[0].id.as_str()), (vec!["000020"], "000003"));
    assert_eq!(corpus.tracks[0].metadata["title"], "Electric,\nAve");
    let kept = load(json!({ "subset": "large", "unlabelled": "keep" }), &clips).unwrap();
    assert_eq!((kept.tracks[1].label, kept.tracks[1].group.as_str()), (None, "000020"));
    assert_eq!(load(json!({ "subset": "medium" }), &clips).unwrap().left_out[0].path, "fma_large/000/000020.mp3");
}

#[test]
fn a_copy_and_a_clip_that_nobody_asks_for_are_listed() {
    let clips = [
        ("fma_small/000/000002.mp3", b"2".as_slice()),
        ("fma_small/000/000005.mp3", b"2"),
        ("fma_small/000/000007.mp3", b"7"),
        ("fma_small/000/2.wav", b"8"),
        ("fma_small/cover.wav", b"9"),
    ];
    let corpus = load(json!({}), &clips).unwrap();
    assert!(corpus.skipped.iter().any(|skipped| skipped.reason == "the same bytes as fma_small/000/000002.mp3"));
    let strays = ["fma_small/000/2.wav", "fma_small/cover.wav", "fma_small/000/000007.mp3"];
    assert_eq!(listed(&corpus.left_out), strays);
}

#[test]
fn any_column_of_single_values_may_be_the_label() {
    let corpus = load(json!({ "label": "artist_name" }), &CLIPS).unwrap();
    assert_eq!(corpus.labels, ["AWOL"]);
    let told = |label: &str| load(json!({ "label": label }), &CLIPS).unwrap_err().to_string();
    assert!(told("genres").contains("is a list") && told("genres").contains("genre_top"), "{}", told("genres"));
    assert!(told("gerne_top").contains("track_genre_top") && told("gerne_top").contains("artist_name"));
}

#[test]
fn statistics_join_their_tracks_by_id() {
    let statistics = "feature,mfcc,mfcc\nstatistics,mean,std\nnumber,01,01\ntrack_id,,\n5,5,50\n2,2,20\n10,nan,1\n";
    let files = [file(TRACKS, b"1"), file(STATISTICS, b"2")];
    let read = |file: &InputFile| {
        let text = if file.path == TRACKS { TABLE } else { statistics };
        Ok(text.as_bytes().to_vec())
    };
    let kind = fma(json!({ "statistics": true }));
    let corpus = kind.load(&files, &read).unwrap();
    let table = corpus.table.unwrap();
    assert_eq!(
        (kind.gives(), table.columns.as_slice()),
        (vec![Gives::Table], ["mfcc_mean_01", "mfcc_std_01"].map(String::from).as_slice())
    );
    assert_eq!(corpus.tracks.iter().map(|track| track.id.as_str()).collect::<Vec<_>>(), ["000002", "000005"]);
    assert_eq!(table.values, ndarray::array![[2.0, 20.0], [5.0, 50.0]]);
    assert_eq!(listed(&corpus.skipped), ["000010", "099134"]);
}

/// An archive on disk, removed at the end.
struct Archive(PathBuf);

impl Archive {
    fn new(name: &str, files: &[&str]) -> Archive {
        let root = std::env::temp_dir().join(format!("runner-fma-{name}-{}", std::process::id()));
        for path in files {
            std::fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
            std::fs::write(root.join(path), if *path == TRACKS { TABLE } else { path }).unwrap();
        }
        Archive(root)
    }

    fn files(&self, subset: &str) -> Result<Vec<String>, DatasetError> {
        fma(json!({ "root": self.0, "subset": subset })).files()
    }
}

impl Drop for Archive {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn clips_of_a_larger_folder_serve_and_no_others_are_hashed() {
    let archive = Archive::new("larger", &[TRACKS, "fma_large/000/000003.mp3", "fma_large/000/000002.mp3"]);
    assert_eq!(archive.files("small").unwrap(), [TRACKS, "fma_large/000/000002.mp3"]);
    assert_eq!(archive.files("large").unwrap().len(), 3);
}

#[test]
fn what_is_not_unzipped_is_told() {
    let archive = Archive::new("metadata", &["fma_small/000/000002.mp3"]);
    assert!(archive.files("small").unwrap_err().to_string().contains("fma_metadata.zip"));
    let archive = Archive::new("clips", &[TRACKS]);
    let told = archive.files("medium").unwrap_err().to_string();
    assert!(told.contains("fma_medium or fma_large") && told.contains("fma_medium.zip"), "{told}");
    assert!(!fma(json!({ "root": "/no such place" })).is_there());
}
