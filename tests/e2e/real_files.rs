//! Folders of audio files, good and bad, and tables.

use crate::desk::{Desk, said};

fn with_wavs(name: &str) -> Desk {
    let desk = Desk::new(name);
    desk.done(&["data", "synth", "music", "tracks_per_genre=6", "seconds=1.2", "--quiet"]);
    let experiment = crate::desk::SMALL
        .replace("[dataset.synth]\ntracks_per_genre = 8\nseconds = 1.5", "[dataset.folder]\nroot = \"music\"");
    desk.write("folder.toml", experiment);
    desk
}

#[test]
fn a_folder_of_wav_files_is_an_experiment() {
    let desk = with_wavs("wavs");
    desk.done(&["folder.toml"]);
    let dataset = desk.json("metrics.json")["dataset"].clone();
    assert_eq!(
        (dataset["n_used"].as_u64(), dataset["n_classes"].as_u64(), dataset["synthetic"].as_bool()),
        (Some(60), Some(10), Some(false))
    );
    let tracks = std::fs::read_to_string(desk.latest().join("artifacts/tracks.csv")).unwrap();
    assert!(tracks.contains("blues/blues.00000"), "{tracks}");
}

#[test]
fn a_new_file_costs_one_file_and_a_touched_one_nothing() {
    let desk = with_wavs("newfile");
    desk.done(&["folder.toml"]);
    let items = || crate::desk::files_below(&desk.folder.join("data/cache/items")).len();
    let before = items();
    let file = std::fs::read(desk.folder.join("music/jazz/jazz.00000.wav")).unwrap();
    desk.write("music/jazz/jazz.00000.wav", &file);
    desk.done(&["folder.toml"]);
    assert_eq!((items(), desk.ran()), (before, Vec::new()));
    let other: Vec<u8> = file[..44].iter().copied().chain(file[44..].chunks(2).rev().flatten().copied()).collect();
    desk.write("music/jazz/new.wav", other);
    desk.done(&["folder.toml"]);
    assert_eq!(items(), before + 1);
}

#[test]
fn bad_files_are_listed_and_too_many_of_them_are_refused() {
    let desk = with_wavs("bad");
    desk.write("music/pop/broken.wav", b"RIFF....WAVEjunk");
    desk.write("music/pop/silent.wav", silent());
    let refused = desk.run(&["folder.toml"]);
    assert_eq!(refused.status.code(), Some(3), "{}", said(&refused));
    assert!(said(&refused).contains("max_bad_share"), "{}", said(&refused));
    desk.done(&["folder.toml", "checks.max_bad_share=0.1"]);
    let skipped = std::fs::read_to_string(desk.latest().join("artifacts/skipped.csv")).unwrap();
    assert!(skipped.contains("broken.wav") && skipped.contains("silent.wav,silent"), "{skipped}");
    let dataset = desk.json("metrics.json")["dataset"].clone();
    assert_eq!((dataset["n_used"].as_u64(), dataset["n_total"].as_u64()), (Some(60), Some(62)));
}

/// Half a second of nothing.
fn silent() -> Vec<u8> {
    let data = 22_050u32;
    let mut wav = Vec::new();
    wav.extend(b"RIFF");
    wav.extend((36 + data).to_le_bytes());
    wav.extend(b"WAVEfmt ");
    wav.extend(16u32.to_le_bytes());
    wav.extend([1, 0, 1, 0]);
    wav.extend(22_050u32.to_le_bytes());
    wav.extend(44_100u32.to_le_bytes());
    wav.extend([2, 0, 16, 0]);
    wav.extend(b"data");
    wav.extend(data.to_le_bytes());
    wav.resize(44 + data as usize, 0);
    wav
}

#[test]
fn a_table_of_features_is_an_experiment() {
    let desk = Desk::new("table");
    let row = |n: usize| {
        format!(
            "track{n}.wav,{},{},{},{}\n",
            n % 3 * 10 + n % 2,
            1.0 + (n % 3) as f64 + 0.1 * (n % 4) as f64,
            n % 3 * 20 + n % 5,
            ["a", "b", "c"][n % 3]
        )
    };
    let table: String = std::iter::once("filename,x,y_var,z,label\n".to_owned()).chain((0..60).map(row)).collect();
    desk.write("table.csv", table);
    let experiment = "name = \"table\"\n[dataset.features]\npath = \"table.csv\"\n[features.table]\nlog_variance = true\n[[cluster]]\nalgorithm.kmeans = { k = \"classes\" }\n";
    desk.write("table.toml", experiment);
    desk.done(&["table.toml"]);
    let ari = desk.json("metrics.json")["metrics"]["raw.kmeans.ari"].as_f64().unwrap();
    assert!(ari > 0.9, "{ari}");
}

#[test]
fn a_missing_dataset_is_exit_3_or_a_loud_stand_in() {
    let desk = Desk::with_small("missing");
    let experiment = crate::desk::SMALL
        .replace("[dataset.synth]\ntracks_per_genre = 8\nseconds = 1.5", "[dataset.folder]\nroot = \"nowhere\"");
    desk.write("missing.toml", &experiment);
    let refused = desk.run(&["missing.toml"]);
    assert_eq!(refused.status.code(), Some(3));
    assert!(said(&refused).contains("nowhere") && said(&refused).contains("synthesize"), "{}", said(&refused));
    desk.write(
        "stand_in.toml",
        experiment.replace("root = \"nowhere\"", "root = \"nowhere\"\nwhen_missing = \"synthesize\""),
    );
    let loud = desk.done(&["stand_in.toml", "train.steps=20"]);
    assert!(said(&loud).contains("SYNTHETIC"), "{}", said(&loud));
    assert_eq!(desk.json("metrics.json")["dataset"]["synthetic"], true);
}
