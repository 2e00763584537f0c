//! Lyrics alone and with sound, from files to the numbers of a run.

use crate::desk::{Desk, said};
use runner::stages::features::text::TextFeatures;
use runner::stages::fuse::Fusion;
use serde_json::Value;

const FUSED: &str = r#"
name = "fused"
modality = "fusion"
seed = 3
metrics = ["ari", "nmi"]
[dataset.synth]
tracks_per_genre = 24
seconds = 1.5
[features.audio.mfcc]
n_mfcc = 12
[features.text.lsa]
dims = 32
FUSION
[train]
steps = 150
batch = 32
[[cluster]]
algorithm.kmeans = { k = "classes", restarts = 4 }
[project.pca]
"#;
const VAE: &str = "[model.vae]\nlatent_dim = 6\nbackbone.mlp = { hidden = [32] }";

fn experiment(fusion: &str) -> String {
    FUSED.replace("FUSION", &format!("{fusion}\n{VAE}"))
}

fn metrics(desk: &Desk) -> Value {
    let text = std::fs::read_to_string(desk.latest().join("metrics.json")).unwrap();
    serde_json::from_str::<Value>(&text).unwrap()["metrics"].clone()
}

fn value(metrics: &Value, name: &str) -> f64 {
    metrics[name].as_f64().unwrap_or_else(|| panic!("no {name} in {metrics}"))
}

#[test]
fn what_sound_and_words_share_beats_each_of_them_and_other_words_lose_it() {
    let desk = Desk::new("fused-cca");
    let bare = FUSED.replace(
        "FUSION",
        "[fusion.cca]\ndims = 8\nridge = 0.3\n[split]\n[model.ae]\nlatent_dim = 6\nbackbone.mlp = { hidden = [32] }",
    );
    desk.write("e.toml", bare.replace("steps = 150", "steps = 600"));
    let told = said(&desk.done(&["e.toml"]));
    assert!(told.contains("gain over the best single modality") && told.contains("100 %"), "{told}");
    let metrics = metrics(&desk);
    let of = |representation: &str| value(&metrics, &format!("{representation}.kmeans.ari"));
    assert!((value(&metrics, "gain.kmeans.ari") - (of("latent") - of("audio").max(of("text")))).abs() < 1e-12);
    assert!(of("latent") > of("text") + 0.1 && of("latent") > of("shuffled") + 0.1, "{metrics}");
    let missing = |percent: u32| value(&metrics, &format!("missing.lyrics_{percent}.accuracy"));
    let read = [value(&metrics, "probe.latent.accuracy"), missing(25), missing(50), missing(100)];
    assert!(read.iter().all(|accuracy| (0.2..=1.0).contains(accuracy)), "above chance: {read:?}");
    assert!(
        desk.latest().join("plots/top_words.svg").is_file() && desk.latest().join("plots/modalities.png").is_file()
    );
}

#[test]
fn late_fusion_has_a_model_for_each_modality() {
    let desk = Desk::new("fused-late");
    desk.write("e.toml", experiment("[fusion.late]"));
    desk.done(&["e.toml", "--quiet"]);
    let metrics = metrics(&desk);
    for name in ["train.audio.loss", "train.text.loss", "collapse.audio.r2", "collapse.text.r2", "latent.kmeans.ari"] {
        value(&metrics, name);
    }
    for file in ["artifacts/model_audio.safetensors", "artifacts/scale_text.json", "history_text.csv"] {
        assert!(desk.latest().join(file).is_file(), "{file}");
    }
}

#[test]
fn words_in_two_languages_are_scored_against_languages_too() {
    let desk = Desk::new("text");
    let text = FUSED.replace("fusion", "text").replace("[features.audio.mfcc]\nn_mfcc = 12\n", "");
    desk.write("e.toml", text.replace("FUSION", VAE));
    let told = said(&desk.done(&["e.toml"]));
    let metrics = metrics(&desk);
    assert!(value(&metrics, "latent.kmeans.language_ari") > 0.05, "{metrics}");
    assert!(told.contains("have no lyrics") || metrics["latent.kmeans.ari"].is_number(), "{told}");
}

#[test]
fn lyrics_from_a_table_make_a_run_and_the_song_of_six_words_stays_whole() {
    let desk = Desk::new("table");
    let genres = [
        ("folk", "আমার সোনার বাংলা আমি তোমায় ভালোবাসি"),
        ("rock", "steel thunder road and fire"),
        ("pop", "sugar summer heart tonight"),
    ];
    let rows =
        (0..30).map(|n| format!("{n},{},\"{} {}\"\n", genres[n % 3].0, genres[n % 3].1, ["la", "na", "da"][n % 2]));
    desk.write("songs.csv", format!("id,genre,lyrics\n{}", rows.collect::<String>()));
    let text =
        FUSED.replace("fusion", "text").replace("[features.audio.mfcc]\nn_mfcc = 12\n", "").replace("FUSION", "");
    let text =
        text.replace("[dataset.synth]\ntracks_per_genre = 24\nseconds = 1.5", "[dataset.lyrics]\npath = \"songs.csv\"");
    let text = text.replace("[train]\nsteps = 150\nbatch = 32\n", "");
    desk.write(
        "e.toml",
        text.replace(
            "[features.text.lsa]\ndims = 32",
            "[features.text]\nngrams = [1, 1]\nstop_words = \"none\"\n[features.text.tfidf]",
        ),
    );
    desk.done(&["e.toml", "--quiet"]);
    assert!((value(&metrics(&desk), "raw.kmeans.ari") - 1.0).abs() < 1e-12);
    desk.done(&["data", "export", "e.toml", "out", "--quiet"]);
    let info = std::fs::read_to_string(desk.folder.join("out/preprocessing_info.json")).unwrap();
    for word in "আমার সোনার বাংলা আমি তোমায় ভালোবাসি".split(' ')
    {
        let word = runner::text::clean::cleaned(word);
        assert!(info.contains(&format!("\"{word}\"")), "{word} in {info}");
    }
}

#[test]
fn a_modality_that_the_data_does_not_have_is_told_at_its_line() {
    let desk = Desk::new("no-words");
    desk.write("a/x.wav", b"");
    let text = experiment("")
        .replace("[dataset.synth]\ntracks_per_genre = 24\nseconds = 1.5", "[dataset.folder]\nroot = \"a\"");
    desk.write("e.toml", text);
    let output = desk.run(&["e.toml"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("has no lyrics") && said(&output).contains("e.toml:3"), "{}", said(&output));
}

#[test]
fn every_kind_of_text_and_of_fusion_comes_back() {
    for line in TextFeatures::TABLE {
        let text = format!("[{}]\n{}", line.name, line.example);
        let kind: TextFeatures = toml::from_str(&text).unwrap();
        assert_eq!(toml::from_str::<TextFeatures>(&toml::to_string(&kind).unwrap()).unwrap(), kind);
    }
    for line in Fusion::TABLE {
        let kind: Fusion = toml::from_str(&format!("[{}]\n{}", line.name, line.example)).unwrap();
        assert_eq!(toml::from_str::<Fusion>(&toml::to_string(&kind).unwrap()).unwrap(), kind);
    }
}
