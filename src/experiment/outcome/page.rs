//! From results to the one HTML page of a run.

use super::numbers::Numbers;
use super::{Ran, how};
use crate::artifact::{Audio, Corpus, Figure, Track};
use crate::engine::run_folder::RunFolder;
use crate::engine::{Failure, How};
use crate::report::page::{self, Dataset, Metric, Page, Point, Score, Stage, Verdict};
use std::path::{Component, Path, PathBuf};

/// The page.
pub(super) fn render(
    ran: &Ran,
    folder: &RunFolder,
    numbers: &Numbers,
    figures: &[(String, Figure)],
) -> Result<String, Failure> {
    let corpus = ran.walk.get(&ran.outline.corpus)?;
    Ok(page::html(&Page {
        experiment: ran.of.name.clone(),
        run_id: folder.id(),
        seed: ran.of.seed,
        dataset: dataset(ran, numbers),
        verdict: verdict(numbers),
        metrics: metrics(ran, numbers),
        warnings: numbers.warnings.clone(),
        stages: stages(ran),
        config: ran.of.config.clone(),
        figures: figures.iter().map(|(name, figure)| picture(name, figure)).collect(),
        points: points(ran, folder, &corpus)?,
    }))
}

fn dataset(ran: &Ran, numbers: &Numbers) -> Dataset {
    let count = |name: &str| numbers.dataset[name].as_u64().unwrap_or(0) as usize;
    let synthetic = numbers.dataset["synthetic"].as_bool().unwrap_or(false);
    let name = ran.survey.source.name().to_owned();
    Dataset {
        name,
        n_used: count("n_used"),
        n_total: count("n_total"),
        n_classes: count("n_classes"),
        n_groups: count("n_groups"),
        synthetic,
    }
}

fn verdict(numbers: &Numbers) -> Option<Verdict> {
    let diagnosis = numbers.diagnosis.as_ref()?;
    let kl = diagnosis.total_kl.map_or_else(String::new, |kl| format!(", {kl:.1} nats"));
    let told = diagnosis.condition_gap.map_or_else(String::new, |gap| format!(", condition gap {gap:.2}"));
    let detail = format!(
        "{} of {} dimensions active{kl}, held-out R² {:.2}, shuffle gap {:.2}{told}",
        diagnosis.active_units, diagnosis.latent_dim, diagnosis.r2, diagnosis.shuffle_gap
    );
    Some(Verdict { verdict: diagnosis.verdict.word().to_owned(), detail, remedy: diagnosis.remedies.join("; ") })
}

/// Columns in the order the experiment names them; rows in the order of the pipeline, chance last.
fn metrics(ran: &Ran, numbers: &Numbers) -> Vec<Metric> {
    let several = ran.outline.clusterings.iter().any(|clustering| clustering.name != ran.outline.clusterings[0].name);
    let score = |prefix: &str, shown: String, metric: &str| {
        let name = format!("{prefix}.{metric}");
        let value = numbers.metrics.get(&name).copied().flatten();
        Score { representation: shown, value, interval: numbers.intervals.get(&name).copied() }
    };
    let column = |metric: &crate::stages::metrics::MetricName| {
        let of = metric.metric();
        let rows = ran.outline.clusterings.iter().map(|clustering| {
            let shown = if several {
                format!("{} · {}", clustering.representation, clustering.name)
            } else {
                clustering.representation.to_owned()
            };
            score(&clustering.full_name(), shown, of.name())
        });
        // Where there are several, each has a line of its own; the first one's would stand there twice.
        let lucks = ran.outline.chance.iter().skip(usize::from(several));
        let luck = lucks.map(|luck| {
            let shown = if several { format!("chance · {}", luck.clusterer) } else { "chance".to_owned() };
            score(&luck.prefix, shown, of.name())
        });
        Metric {
            name: of.name().to_owned(),
            definition: of.definition().to_owned(),
            label_based: of.needs_labels(),
            scores: rows.chain(luck).chain(gains(ran, numbers, of.name())).collect(),
        }
    };
    if ran.outline.clusterings.is_empty() { Vec::new() } else { ran.of.experiment.metrics.iter().map(column).collect() }
}

/// How much better fused modalities are than the best single one, where modalities are fused.
fn gains(ran: &Ran, numbers: &Numbers, metric: &str) -> Vec<Score> {
    let prefixes = ran.outline.further.iter().map(|(prefix, _)| prefix).filter(|prefix| prefix.starts_with("gain."));
    let score = |prefix: &String| {
        let name = format!("{prefix}.{metric}");
        let (value, interval) = (numbers.metrics.get(&name).copied()?, numbers.intervals.get(&name).copied());
        Some(Score { representation: prefix.replacen('.', " · ", 1), value, interval })
    };
    prefixes.filter_map(score).collect()
}

fn stages(ran: &Ran) -> Vec<Stage> {
    let line = |place: &usize| {
        let seconds = match ran.walk.ended(*place) {
            Some(crate::engine::End::Done { seconds, .. }) => *seconds,
            _ => 0.0,
        };
        let hit = how(ran, *place) != Some(How::Ran);
        Stage { name: ran.plan.nodes()[*place].title.clone(), hit, seconds, why: ran.forecast[*place].why.join("; ") }
    };
    ran.places.iter().map(line).collect()
}

fn picture(name: &str, figure: &Figure) -> page::Figure {
    let title = figure.data["caption"]["title"].as_str().unwrap_or(name).to_owned();
    page::Figure { id: name.to_owned(), title, how_to_read: how_to_read(name).to_owned(), svg: figure.svg.clone() }
}

/// What a good one looks like, and what to be alarmed by.
fn how_to_read(name: &str) -> &'static str {
    match name {
        _ if name.starts_with("latent_space_genre") => {
            "Good: islands of one genre with musical neighbours. Distances between islands mean nothing in t-SNE."
        }
        _ if name.starts_with("latent_space_language") => {
            "If the islands are languages, the model has learned the language and not the music."
        }
        _ if name.starts_with("latent_space_split") => {
            "Good: train, val and test lie among each other. Held-out tracks that lie apart were learned by heart or are other music."
        }
        _ if name.starts_with("latent_space_cluster") => {
            "The same points, coloured by what the clusterer found without labels."
        }
        "modalities" => {
            "Fusion is worth it if latent beats audio and text, and shuffled does not. Good: accuracy falls slowly as lyrics go missing."
        }
        _ if name.starts_with("top_words") => {
            "What each cluster is about. Good: words of one subject. Alarm: rows of one language each, or fillers."
        }
        "genre_distribution" | "language_distribution" => {
            "How many tracks there are of each. Classes of a handful are found by luck only."
        }
        "training_loss" => {
            "Good: reconstruction falls, KL rises and settles, validation stays close to training. KL falling to 0 is collapse."
        }
        "reconstructions" => {
            "Good: harmonics and onsets are kept and the difference looks like noise. The same blur for every input is collapse."
        }
        "latent_traversal" => {
            "Good: each row changes one thing, smoothly. A row that does not change is a dead dimension."
        }
        "latent_interpolation" => {
            "Good: the way from one track to the other is smooth, and its middle still looks like music."
        }
        "kl_per_dimension" => "Good: a knee, with several dimensions well above the line. All near 0 is collapse.",
        _ if name.starts_with("contingency") => {
            "Good: one strong cell in each row. One row that holds everything means the clusters are not genres."
        }
        _ if name.starts_with("composition") => {
            "Good: few colours in a bar. Bars that all look like the whole set are no better than chance."
        }
        _ if name.starts_with("silhouettes") => {
            "Good: broad blocks that reach beyond the line. Bars below 0 sit nearer another cluster. It does not rank representations."
        }
        _ if name.starts_with("structure") => {
            "Where the algorithm cut. A tree that joins one genre before others keeps it together; a curve with a clear bend has a natural radius."
        }
        _ if name.starts_with("number_of_clusters") => {
            "Chosen without labels. A flat curve means the data do not prefer a number."
        }
        _ if name.starts_with("metrics") => {
            "Believe a difference only where the whiskers are apart; the grey bars are what luck scores."
        }
        _ => "",
    }
}

fn points(ran: &Ran, folder: &RunFolder, corpus: &Corpus) -> Result<Vec<Point>, Failure> {
    let Some((_, layout)) = ran.outline.layouts.first() else { return Ok(Vec::new()) };
    let (layout, latents) = (ran.walk.get(layout)?, ran.walk.get(&ran.outline.shown.points)?);
    let clusters =
        ran.outline.clusterings.first().map(|clustering| ran.walk.get(&clustering.assignment)).transpose()?;
    let way = way(folder.path(), ran.survey.root());
    let point = |(row, place): (usize, &u32)| {
        let (track, at) = (&corpus.tracks[*place as usize], layout.points.row(row));
        let label = if track.label.is_some() { corpus.label_name(*place).to_owned() } else { String::new() };
        let cluster = clusters.as_ref().map_or_else(String::new, |clusters| clusters.labels[row].to_string());
        let (language, group) = (track.language.clone().unwrap_or_default(), track.group.clone());
        Point {
            x: at[0],
            y: at.get(1).copied().unwrap_or(0.0),
            id: track.id.clone(),
            label,
            language,
            cluster,
            group,
            audio: sound(track, way.as_deref()),
        }
    };
    Ok(latents.tracks.iter().enumerate().map(point).collect())
}

/// The path of a track's file as seen from the page: it plays as long as run and data stay where they are to each other.
fn sound(track: &Track, way: Option<&Path>) -> Option<String> {
    match &track.audio {
        Some(Audio::File(file)) => Some(way?.join(&file.path).to_string_lossy().replace('\\', "/")),
        _ => None,
    }
}

/// The relative path from one folder to another.
fn way(from: &Path, to: &Path) -> Option<PathBuf> {
    let (from, to) = (from.canonicalize().ok()?, to.canonicalize().ok()?);
    let shared = from.components().zip(to.components()).take_while(|(a, b)| a == b).count();
    let up = from.components().skip(shared).map(|_| Component::ParentDir);
    Some(up.chain(to.components().skip(shared)).collect())
}
