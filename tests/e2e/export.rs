//! Features and spectrograms as files for other programs.

use crate::desk::{Desk, files_below, read_json, said};
use serde_json::json;

/// The shape and the number type of a .npy file.
fn header(bytes: &[u8]) -> String {
    assert_eq!(&bytes[..6], b"\x93NUMPY");
    String::from_utf8_lossy(&bytes[10..10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]))]).into_owned()
}

fn small(features: &str) -> String {
    format!("name = \"e\"\n[dataset.synth]\ntracks_per_genre = 4\nseconds = 3.2\n{features}\n")
}

#[test]
fn vectors_are_exported_with_all_that_explains_them() {
    let desk = Desk::new("export");
    desk.write("e.toml", small("[features.audio.mfcc]\nn_mfcc = 5\n[features.audio.tempo]"));
    let told = desk.done(&["data", "export", "e.toml", "out", "--json"]);
    let report: serde_json::Value = serde_json::from_slice(&told.stdout).unwrap();
    assert_eq!((&report["rows"], &report["tracks"]), (&json!(40), &json!(40)));
    let read = |name: &str| std::fs::read(desk.folder.join("out").join(name)).unwrap();
    assert!(header(&read("audio_features.npy")).contains("'<f4', 'fortran_order': False, 'shape': (40, 13)"));
    assert!(header(&read("labels.npy")).contains("'<i8', 'fortran_order': False, 'shape': (40,)"));
    let info = read_json(&desk.folder.join("out/preprocessing_info.json"));
    assert_eq!((&info["columns"][0], &info["columns"][10]), (&json!("mfcc1_mean"), &json!("tempo")));
    assert_eq!(info["features"]["audio"]["rate_hz"], json!(22_050));
    let mapping = read_json(&desk.folder.join("out/genre_mapping.json"));
    assert_eq!((mapping.as_object().unwrap().len(), &mapping["blues"]), (10, &json!(0)));
    let (tracks, one_hot) = (read("tracks.csv"), read("labels_one_hot.csv"));
    assert!(String::from_utf8(tracks).unwrap().starts_with("row,id,clip,path,label,language,group,split\n0,"));
    let line = String::from_utf8(one_hot).unwrap().lines().nth(1).unwrap().to_owned();
    assert_eq!(line.split(',').skip(1).filter(|cell| *cell == "1").count(), 1);
}

#[test]
fn maps_are_exported_under_the_name_of_their_kind_and_nothing_is_overwritten() {
    let desk = Desk::new("export-maps");
    desk.write("e.toml", small("[features.audio.log_mel]\nn_mels = 32\nframes = 64"));
    desk.done(&["data", "export", "e.toml", "out", "--quiet"]);
    let maps = std::fs::read(desk.folder.join("out/mel_spectrograms.npy")).unwrap();
    assert!(header(&maps).contains("(80, 1, 32, 64)"), "{}", header(&maps));
    let again = desk.run(&["data", "export", "e.toml", "out"]);
    assert_eq!(again.status.code(), Some(2), "{}", said(&again));
    assert!(said(&again).contains("not empty"));
    assert_eq!(std::fs::read(desk.folder.join("out/mel_spectrograms.npy")).unwrap(), maps);
}

#[test]
fn a_sweep_over_features_has_no_one_export() {
    let desk = Desk::new("export-sweep");
    desk.write("e.toml", small("[features.audio.mfcc]"));
    let refused = desk.run(&["data", "export", "e.toml", "out", "features.audio.mfcc.n_mfcc=[5,6]"]);
    assert_eq!(refused.status.code(), Some(2), "{}", said(&refused));
    assert!(!desk.folder.join("out").exists());
    desk.done(&["data", "export", "e.toml", "out", "seeds=[1,2]", "--quiet"]);
}

#[test]
fn a_folder_becomes_pictures_and_arrays_and_bad_files_are_named() {
    let desk = Desk::new("spectrograms");
    desk.done(&["data", "synth", "music", "tracks_per_genre=4", "seconds=1.5", "--quiet"]);
    desk.write("music/blues/broken.wav", b"RIFF....WAVEjunk");
    for (out, more, shape) in
        [("mel", vec!["--n-mels", "40"], "(40, 65)"), ("stft", vec!["--kind", "stft"], "(1025, 65)")]
    {
        let told = desk.done(&[&["data", "spectrograms", "music", out], more.as_slice()].concat());
        assert!(said(&told).contains("blues/broken.wav"), "{}", said(&told));
        let array = std::fs::read(desk.folder.join(out).join("jazz/jazz.00000.npy")).unwrap();
        assert!(header(&array).contains(shape), "{}", header(&array));
        let picture = std::fs::read(desk.folder.join(out).join("jazz/jazz.00000.png")).unwrap();
        assert!(picture.starts_with(b"\x89PNG") && picture.len() > 10_000);
        assert_eq!(files_below(&desk.folder.join(out)).len(), 81);
    }
}

#[test]
fn a_folder_of_nothing_that_can_be_heard_is_wrong_data() {
    let desk = Desk::new("unheard");
    desk.write("music/a.wav", b"RIFF....WAVEjunk");
    let refused = desk.run(&["data", "spectrograms", "music", "out"]);
    assert_eq!(refused.status.code(), Some(3), "{}", said(&refused));
    let missing = desk.run(&["data", "spectrograms", "nowhere", "out"]);
    assert_eq!(missing.status.code(), Some(3), "{}", said(&missing));
}
