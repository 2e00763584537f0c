//! What a run says of the model it trained: disentanglement beside its controls, clusters that the model finds by itself, and
//! what a label would have been worth.

use crate::desk::{Desk, SMALL, read_json};
use serde_json::Value;

/// The metrics of `text`, run once.
fn metrics(name: &str, text: &str) -> Value {
    let desk = Desk::new(name);
    desk.write("e.toml", text);
    desk.done(&["e.toml", "--quiet"]);
    read_json(&desk.folder.join("runs/latest/metrics.json"))["metrics"].clone()
}

#[test]
fn disentanglement_is_measured_where_factors_are_known() {
    let independent = SMALL.replace("tracks_per_genre = 8", "tracks_per_genre = 16\nmode = \"independent\"");
    let metrics = metrics("factors", &independent);
    let of = |name: &str| metrics[format!("disentangle.{name}")].as_f64().unwrap();
    assert!(of("truth.mig") > 0.9 && of("truth.dci_d") > 0.8 && of("truth.sap") > 0.7, "{metrics}");
    assert!(of("untrained.mig") < 0.15 && of("pca.mig") < 0.3 && of("mig") < of("truth.mig"));
    let natural = self::metrics("factors-natural", SMALL);
    assert!(natural.as_object().unwrap().keys().all(|name| !name.starts_with("disentangle.")));
}

#[test]
fn a_model_that_clusters_is_scored_under_its_name() {
    for kind in ["vade", "dec"] {
        let text =
            SMALL.replace("[model.beta_vae]\nlatent_dim = 4\nbeta = 1.0", &format!("[model.{kind}]\nlatent_dim = 4"));
        let metrics = metrics(kind, &text);
        assert!(metrics[format!("latent.{kind}.ari")].is_f64() && metrics["latent.kmeans.ari"].is_f64(), "{metrics}");
    }
}

#[test]
fn latents_that_heard_the_label_are_called_oracle() {
    // Enough tracks that several genres are held out: else there is no other label to give them.
    let text = |more: &str| {
        let kind = format!("[model.beta_cvae]\nlatent_dim = 4\nbeta = 1.0{more}");
        let many = SMALL.replace("tracks_per_genre = 8", "tracks_per_genre = 24");
        many.replace("[model.beta_vae]\nlatent_dim = 4\nbeta = 1.0", &kind)
    };
    let deaf = metrics("cvae", &text(""));
    assert!(deaf["collapse.condition_gap"].is_f64() && deaf["oracle.kmeans.ari"].is_null());
    let told = metrics("cvae-told", &text("\ncondition_encoder = true"));
    assert!(told["oracle.kmeans.ari"].is_f64() && told["latent.kmeans.ari"].is_f64());
}

#[test]
fn what_tells_tracks_apart_is_scored_by_that_and_decodes_nothing() {
    for kind in ["simclr", "moco", "vicreg", "byol"] {
        let desk = Desk::new(kind);
        let text = SMALL
            .replace("[features.audio.mfcc]\nn_mfcc = 8", "[features.audio.log_mel]\nn_mels = 16\nframes = 16")
            .replace("tracks_per_genre = 8", "tracks_per_genre = 24")
            .replace("beta_vae", kind)
            .replace("latent_dim = 4\nbeta = 1.0", "embedding = 8\nprojection = 8")
            .replace("backbone.mlp = { hidden = [16] }", "encoder.conv = { channels = [4, 8] }")
            .replace("steps = 60", "steps = 12");
        desk.write("e.toml", &text);
        desk.done(&["e.toml", "--quiet"]);
        let run = desk.folder.join("runs/latest");
        let all = read_json(&run.join("metrics.json"));
        let metrics = all["metrics"].as_object().unwrap();
        for name in ["contrast.effective_rank", "contrast.alignment", "contrast.normalised_loss", "latent.kmeans.ari"] {
            assert!(
                metrics[name].is_f64() && (name.starts_with("latent") || all["cards"][name].is_object()),
                "{kind} {name}"
            );
        }
        assert!(metrics.keys().all(|name| !name.starts_with("collapse.r2") && name != "train.recon"), "{kind}");
        assert!(all["collapse"]["verdict"].is_string(), "{kind}");
        let history = std::fs::read_to_string(run.join("history.csv")).unwrap();
        assert!(history.lines().next().unwrap().ends_with("shuffle_gap,normalised_loss,knn,probe"), "{history}");
        assert!(run.join("plots/views.png").is_file() && !run.join("plots/reconstructions.png").exists(), "{kind}");
    }
}
