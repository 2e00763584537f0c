//! Layouts of tables as they are met in the wild, built small.

use super::*;
use crate::artifact::Part;
use proptest::prelude::{prop_assert_eq, proptest};

fn settings() -> Features {
    serde_json::from_value(serde_json::json!({ "path": "x.csv" })).unwrap()
}

fn read(csv: &str) -> Corpus {
    corpus(csv.as_bytes(), &settings()).unwrap()
}

fn told(csv: &str) -> String {
    corpus(csv.as_bytes(), &settings()).unwrap_err().to_string()
}

fn columns(corpus: &Corpus) -> Vec<&str> {
    corpus.table.as_ref().unwrap().columns.iter().map(String::as_str).collect()
}

fn groups(corpus: &Corpus) -> Vec<&str> {
    corpus.tracks.iter().map(|track| track.group.as_str()).collect()
}

#[test]
fn columns_are_found_by_name_in_any_order() {
    let corpus = read(
        "\u{FEFF}label,tempo,filename,length\r\nrock,120.5,rock.00001.wav,661794\r\nblues,99,blues.00000.wav,661794\r\n",
    );
    assert_eq!(corpus.labels, ["blues", "rock"]);
    assert_eq!(corpus.tracks[0].id, "rock.00001");
    assert!(!corpus.anonymous && corpus.warnings.is_empty());
    let expected = Table { columns: vec!["tempo".to_owned()], values: ndarray::array![[120.5], [99.0]] };
    assert_eq!(corpus.table.unwrap(), expected);
}

#[test]
fn segments_of_a_track_share_its_group_whether_numbered_or_not() {
    let numbered = read("filename,x,label\nblues.00000.0.wav,1,blues\nblues.00000.1.wav,2,blues\n");
    let repeated = read("filename,x,label\nblues.00000.wav,1,blues\nblues.00000.wav,2,blues\n");
    for corpus in [&numbered, &repeated] {
        assert_eq!(groups(corpus), ["blues.00000"; 2]);
        assert_ne!(corpus.tracks[0].id, corpus.tracks[1].id);
    }
}

#[test]
fn a_row_that_stands_twice_is_used_once() {
    let corpus = read("filename,x,label\na.wav,1,blues\na.wav,1,blues\n");
    assert_eq!((corpus.tracks.len(), corpus.skipped[0].reason.as_str()), (1, "line 3: the same as line 2"));
}

#[test]
fn a_table_without_names_is_marked() {
    let corpus = read("tempo,label\n1,blues\n1,blues\n");
    assert!(corpus.anonymous);
    assert_eq!((corpus.tracks.len(), corpus.tracks[1].id.as_str()), (2, "row-000002"));
    assert!(!read("tempo,artist\n1,X\n2,Y\n").anonymous, "an artist is enough to split by");
}

#[test]
fn the_bangla_layout_is_read() {
    let mfcc: Vec<String> = (0..20).map(|n| format!("mfcc{n}")).collect();
    let header = format!(
        "file_name,zero_crossing,spectral_centroid,spectral_rolloff,spectral_bandwidth,chroma_frequency,rmse,delta,melspectogram,tempo,{},label",
        mfcc.join(",")
    );
    let row = |name: &str, label: &str| format!("{name},{},{label}", vec!["0.5"; 29].join(","));
    let corpus = read(&format!("{header}\n{}\n{}\n", row("গান 1.wav", "রবীন্দ্র"), row("b.mp3", "বাউল")));
    assert_eq!(columns(&corpus).len(), 29);
    assert_eq!((corpus.tracks[0].id.as_str(), corpus.labels.len()), ("গান 1", 2));
}

#[test]
fn the_header_rows_of_the_free_music_archive_are_joined() {
    let corpus =
        read("feature,mfcc,mfcc,tonnetz\nstatistics,mean,std,max\nnumber,01,01,06\ntrack_id,,,\n2,1,2,3\n3,4,5,6\n");
    assert_eq!(columns(&corpus), ["mfcc_mean_01", "mfcc_std_01", "tonnetz_max_06"]);
    assert_eq!((corpus.tracks[1].id.as_str(), corpus.classes()), ("3", None));
}

#[test]
fn stray_indices_and_numbers_of_catalogues_are_no_features() {
    let corpus = read(
        ",Unnamed: 0,Unnamed: 0.1,index,artist_id,id,filename,x,label\n0,0,0,0,7,9,a.wav,1,r\n1,1,1,1,7,8,b.wav,2,s\n",
    );
    assert_eq!(columns(&corpus), ["x"]);
    assert_eq!(groups(&corpus), ["7", "7"]);
}

#[test]
fn what_tells_the_label_again_is_left_out_and_said() {
    let corpus = read(
        "id,genre_id,label_encoded,blues,genre_energy,x,genre,label\n1,0,0,1,3,5,0,blues\n2,1,1,0,4,5,1,rock\n3,1,1,0,5,6,1,rock\n",
    );
    assert_eq!(columns(&corpus), ["genre_energy", "x"]);
    let named = corpus.warnings.iter().filter(|text| text.contains("label_encoded") || text.contains("blues")).count();
    assert_eq!((corpus.warnings.len(), named), (2, 2), "{:?}", corpus.warnings);
}

#[test]
fn any_column_may_be_the_label_and_never_a_feature() {
    let csv = "id,genre,mood,year,x\n1,rock,sad,1999,5\n2,pop,happy,2001,6\n";
    let with = |label: &str| corpus(csv.as_bytes(), &Features { label: Some(label.to_owned()), ..settings() }).unwrap();
    assert_eq!((with("mood").labels, columns(&with("mood"))), (vec!["happy".into(), "sad".into()], vec!["year", "x"]));
    assert_eq!((with("year").labels, columns(&with("year"))), (vec!["1999".into(), "2001".into()], vec!["x"]));
    assert_eq!(with("mood").tracks[0].metadata["genre"], "rock");
}

#[test]
fn a_cell_that_is_missing_costs_its_row_and_a_word_is_refused() {
    let corpus = read("id,x,y\na,1,2\nb,,2\nc,nan,1\nd,inf,1\n\n , , \n");
    assert_eq!((corpus.tracks.len(), corpus.skipped.len()), (1, 3));
    assert_eq!(corpus.skipped[0].reason, "line 3: x is missing or not finite");
    assert!(told("id,x\na,1\nb,oops\nc,3\n").contains("line 3, column \"x\": \"oops\" is not a number"));
}

#[test]
fn wrong_names_are_told_with_the_columns_there_are() {
    let wrong = Features { label: Some("gerne".to_owned()), ..settings() };
    assert_eq!(
        corpus(b"genre,x\nrock,1\n", &wrong).unwrap_err().to_string(),
        "no column \"gerne\" (did you mean \"genre\"?); there are genre, x"
    );
    let wrong = Features { drop: vec!["z".to_owned()], ..settings() };
    assert!(corpus(b"genre,x\nrock,1\n", &wrong).is_err());
    assert!(told("genre,artist\nrock,X\n").contains("no column of numbers"));
}

#[test]
fn a_side_that_was_chosen_is_kept() {
    let corpus = read("id,x,split\na,1,training\nb,2,test\nc,3,\n");
    let parts: Vec<_> = corpus.tracks.iter().map(|track| track.part).collect();
    assert_eq!(parts, [Some(Part::Train), Some(Part::Test), None]);
}

proptest! {
    #[test]
    fn the_order_of_columns_changes_nothing(rows in proptest::collection::vec((-9i32..9, -9i32..9, 0usize..3), 1..20)) {
        let (mut plain, mut turned) = ("filename,a,b,label\n".to_owned(), "label;b;filename;a\n".to_owned());
        for (n, (a, b, label)) in rows.iter().enumerate() {
            plain += &format!("t{n}.wav,{a},{b},c{label}\n");
            turned += &format!("c{label};{b};t{n}.wav;{a}\n");
        }
        let (plain, turned) = (read(&plain), read(&turned));
        prop_assert_eq!(&plain.tracks, &turned.tracks);
        let column = |corpus: &Corpus, name: &str| {
            let table = corpus.table.as_ref().unwrap();
            table.values.column(table.columns.iter().position(|column| column == name).unwrap()).to_vec()
        };
        prop_assert_eq!(column(&plain, "a"), column(&turned, "a"));
    }
}
