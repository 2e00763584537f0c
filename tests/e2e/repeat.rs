//! Running again costs nothing, a change costs what it changes, and threads change nothing.

use crate::desk::{Desk, said};

#[test]
fn a_run_leaves_everything_that_is_promised() {
    let desk = Desk::with_small("promised");
    desk.done(&["small.toml"]);
    let run = desk.latest();
    let promised = [
        "status.json",
        "config.toml",
        "overrides.txt",
        "plan.json",
        "env.json",
        "log.jsonl",
        "metrics.json",
        "history.csv",
        "report.html",
        "artifacts/model.safetensors",
        "artifacts/latents.npy",
        "artifacts/tracks.csv",
        "artifacts/assignments.csv",
        "plots/latent_space_genre.png",
        "plots/latent_space_language.svg",
        "plots/latent_space_cluster.json",
        "plots/training_loss.png",
        "plots/reconstructions.png",
        "plots/contingency.png",
        "plots/composition.png",
        "plots/kl_per_dimension.png",
    ];
    for name in promised {
        assert!(run.join(name).is_file(), "no {name}");
    }
    assert_eq!(desk.json("status.json")["state"], "done");
    let metrics = desk.json("metrics.json");
    for name in [
        "latent.kmeans.ari",
        "raw.kmeans.ari",
        "pca.kmeans.ari",
        "chance.ari",
        "latent.kmeans.silhouette",
        "train.val_recon",
        "collapse.r2",
    ] {
        assert!(metrics["metrics"][name].is_number(), "no {name}: {}", metrics["metrics"]);
    }
    assert_eq!(
        (metrics["dataset"]["synthetic"].as_bool(), metrics["dataset"]["n_used"].as_u64()),
        (Some(true), Some(80))
    );
    assert!(
        metrics["intervals"]["latent.kmeans.ari"].is_array()
            && metrics["cards"]["raw.kmeans.nmi"]["definition"].is_string()
    );
}

#[test]
fn the_same_experiment_again_is_all_hits_and_the_same_bytes() {
    let desk = Desk::with_small("again");
    desk.done(&["small.toml"]);
    let (first, results) = (desk.latest(), desk.results());
    desk.done(&["small.toml"]);
    assert_ne!(desk.latest(), first);
    assert_eq!((desk.ran(), desk.results()), (Vec::new(), results));
}

#[test]
fn a_changed_clusterer_runs_only_what_stands_on_it_and_the_plan_had_said_so() {
    let desk = Desk::with_small("clusterer");
    desk.done(&["small.toml"]);
    let plan = desk.done(&["plan", "small.toml", "cluster.0.algorithm.kmeans.k=5"]);
    assert!(said(&plan).contains("k \"classes\" → 5"), "{}", said(&plan));
    desk.done(&["small.toml", "cluster.0.algorithm.kmeans.k=5"]);
    let rooms: std::collections::BTreeSet<String> =
        desk.ran().iter().map(|title| title.split(' ').next().unwrap().to_owned()).collect();
    let allowed = ["cluster", "metrics", "chance", "plot"].map(str::to_owned);
    assert!(rooms.iter().all(|room| allowed.contains(room)), "{:?}", desk.ran());
    assert!(desk.ran().iter().any(|title| title == "cluster latent.kmeans"));
}

#[test]
fn comments_order_and_spelled_out_defaults_change_nothing() {
    let desk = Desk::with_small("cosmetic");
    desk.done(&["small.toml"]);
    let config = std::fs::read_to_string(desk.latest().join("config.toml")).unwrap();
    desk.write("resolved.toml", format!("# the same, spelled out\n{config}"));
    desk.done(&["resolved.toml"]);
    assert_eq!(desk.ran(), Vec::<String>::new());
    desk.done(&["small.toml", "model.beta_vae.beta=1"]);
    assert_eq!(desk.ran(), Vec::<String>::new());
}

#[test]
fn one_thread_and_two_threads_give_the_same_bytes() {
    let of = |threads: &str| {
        let desk = Desk::with_small(threads);
        desk.done(&["small.toml", "--jobs", threads]);
        desk.results()
    };
    assert_eq!(of("1"), of("2"));
}

#[test]
fn a_sweep_is_one_plan_and_shares_what_it_can() {
    let desk = Desk::with_small("sweep");
    desk.done(&["small.toml", "model.beta_vae.beta=[0.5,1,2]"]);
    let runs: Vec<_> = std::fs::read_dir(desk.folder.join("runs"))
        .unwrap()
        .flatten()
        .filter(|entry| entry.file_name() != "latest")
        .collect();
    assert_eq!(runs.len(), 3);
    assert_eq!(std::fs::read_dir(desk.folder.join("data/cache/objects/features")).unwrap().count(), 1);
    assert_eq!(std::fs::read_dir(desk.folder.join("data/cache/objects/train")).unwrap().count(), 3);
    let table = String::from_utf8(desk.done(&["report", "--format", "csv"]).stdout).unwrap();
    assert_eq!(table.lines().count(), 4, "{table}");
    assert!(table.lines().next().unwrap().contains("beta"), "{table}");
}

#[test]
fn seeds_are_folded_in_the_report() {
    let desk = Desk::with_small("seeds");
    desk.write("seeds.toml", crate::desk::SMALL.replace("seed = 3", "seeds = [1, 2, 3]"));
    desk.done(&["seeds.toml"]);
    let table = String::from_utf8(desk.done(&["report", "--format", "md"]).stdout).unwrap();
    assert!(table.contains('±'), "{table}");
}

#[test]
fn runs_are_compared_by_what_they_do_not_share() {
    let desk = Desk::with_small("diff");
    let run = |beta: &str| {
        desk.done(&["small.toml", &format!("model.beta_vae.beta={beta}"), "--quiet"]);
        desk.latest().file_name().unwrap().to_string_lossy().into_owned()
    };
    let (first, second) = (run("0.5"), run("4"));
    let told: serde_json::Value =
        serde_json::from_slice(&desk.done(&["diff", &first, &second, "--json"]).stdout).unwrap();
    assert_eq!(told["config"][0]["name"], "model.beta_vae.beta");
    assert_eq!((told["config"].as_array().unwrap().len(), told["code"].as_array().unwrap().len()), (1, 0));
    let paired = told["paired"].as_array().unwrap();
    let raw = paired.iter().find(|each| each["name"] == "raw.kmeans.ari").unwrap();
    assert!(raw["difference"] == 0.0 && raw["tracks"] == 80, "{raw}");
    let text = said(&desk.done(&["diff", &first, &second]));
    assert!(text.contains("paired bootstrap") && text.contains("latent.kmeans.ari"), "{text}");
    let alone = desk.run(&["diff", "runs", &second]);
    assert!(alone.status.code() == Some(2) && said(&alone).contains("not one run folder"), "{}", said(&alone));
}

#[test]
fn the_status_tells_what_failed_and_where_the_log_is() {
    let desk = Desk::with_small("status");
    desk.done(&["small.toml", "--quiet"]);
    desk.write("bad/a/x.wav", b"no sound");
    desk.write(
        "bad.toml",
        crate::desk::SMALL
            .replace("[dataset.synth]\ntracks_per_genre = 8\nseconds = 1.5", "[dataset.folder]\nroot = \"bad\""),
    );
    desk.run(&["bad.toml", "--quiet"]);
    let told: Vec<serde_json::Value> = serde_json::from_slice(&desk.done(&["status", "--json"]).stdout).unwrap();
    let states: Vec<&str> = told.iter().map(|each| each["state"].as_str().unwrap()).collect();
    assert!(states.contains(&"done") && states.contains(&"failed"), "{states:?}");
    let text = said(&desk.done(&["status"]));
    assert!(text.contains("failed") && text.contains("x.wav") && text.contains("2 runs, 1 of them done"), "{text}");
    let one = said(&desk.done(&["status", &desk.latest().display().to_string()]));
    assert!(one.contains("finished"), "{one}");
}

#[test]
fn repro_says_bit_identical() {
    let desk = Desk::with_small("repro");
    desk.done(&["small.toml"]);
    let run = desk.latest().display().to_string();
    let answer = desk.done(&["repro", &run]);
    assert!(said(&answer).contains("bit-identical: yes"), "{}", said(&answer));
}

#[test]
fn a_run_that_is_forced_says_that_its_bytes_are_the_same() {
    let desk = Desk::with_small("force");
    desk.done(&["small.toml"]);
    let output = desk.done(&["small.toml", "--force", "cluster"]);
    assert!(said(&output).contains("the same bytes as cached"), "{}", said(&output));
}
