//! From results to the one HTML page of a run.

use super::numbers::Numbers;
use super::pictures::{self, Shown};
use super::{Ran, how, listen, separation};
use crate::artifact::{Audio, Corpus, Track};
use crate::engine::run_folder::RunFolder;
use crate::engine::{Failure, How};
use crate::report::page::{self, Dataset, Metric, Page, Point, Score, Stage, Verdict};
use std::path::{Component, Path, PathBuf};

/// The page.
pub(super) fn render(ran: &Ran, folder: &RunFolder, numbers: &Numbers, figures: &[Shown]) -> Result<String, Failure> {
    let corpus = ran.walk.get(&ran.outline.corpus)?;
    let way = way(folder.path(), ran.survey.root());
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
        figures: pictures::on_page(ran, numbers, figures),
        neighbours: super::searches::on_page(ran, way.as_deref(), &corpus)?,
        sounds: listen::sounds(ran, &corpus, way.as_deref())?,
        points: points(ran, way.as_deref(), &corpus)?,
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
    if let Some(found) = &numbers.separation {
        let (verdict, detail) = (found.verdict.word().to_owned(), separation::detail(found));
        return Some(Verdict { verdict, detail, remedy: found.remedies.join("; ") });
    }
    let diagnosis = numbers.diagnosis.as_ref()?;
    let kl = diagnosis.total_kl.map_or_else(String::new, |kl| format!(", {kl:.1} nats"));
    let told = diagnosis.condition_gap.map_or_else(String::new, |gap| format!(", condition gap {gap:.2}"));
    let detail = format!(
        "{} of {} dimensions active{kl}, held-out R² {:.2}, shuffle gap {:.2}{told}",
        diagnosis.active_units, diagnosis.latent_dim, diagnosis.r2, diagnosis.shuffle_gap
    );
    Some(Verdict { verdict: diagnosis.verdict.word().to_owned(), detail, remedy: diagnosis.remedies.join("; ") })
}

/// Columns in the order the experiment names them; rows in the order of the pipeline, chance last. Where there are several
/// clusterers, each has its rows together.
fn metrics(ran: &Ran, numbers: &Numbers) -> Vec<Metric> {
    let rows = rows(ran);
    let column = |metric: &crate::stages::metrics::MetricName| {
        let of = metric.metric();
        let score = |(prefix, representation): &(String, String)| {
            let name = format!("{prefix}.{}", of.name());
            let value = numbers.metrics.get(&name).copied().flatten();
            Score { representation: representation.clone(), value, interval: numbers.intervals.get(&name).copied() }
        };
        Metric {
            name: of.name().to_owned(),
            definition: of.definition().to_owned(),
            label_based: of.needs_labels(),
            scores: rows.iter().map(score).chain(gains(ran, numbers, of.name())).collect(),
        }
    };
    if rows.is_empty() { Vec::new() } else { ran.of.experiment.metrics.iter().map(column).collect() }
}

/// The first parts of metric names, and what the page calls them.
fn rows(ran: &Ran) -> Vec<(String, String)> {
    let (clusterings, lucks) = (&ran.outline.clusterings, &ran.outline.chance);
    let mut clusterers: Vec<&str> = Vec::new();
    for clustering in clusterings {
        if !clusterers.contains(&clustering.name.as_str()) {
            clusterers.push(&clustering.name);
        }
    }
    let shown = |what: &str, of: &str| if clusterers.len() > 1 { format!("{what} · {of}") } else { what.to_owned() };
    let of = |clusterer: &&str| {
        let name = *clusterer;
        let same = clusterings.iter().filter(move |clustering| clustering.name == name);
        let rows: Vec<_> = same.map(|each| (each.full_name(), shown(each.representation, name))).collect();
        // The plain `chance` and that of the first clusterer are the same numbers.
        let luck = lucks.iter().rfind(|luck| luck.clusterer == name);
        rows.into_iter().chain(luck.map(|luck| (luck.prefix.clone(), shown("chance", name)))).collect::<Vec<_>>()
    };
    clusterers.iter().flat_map(of).collect()
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

fn points(ran: &Ran, way: Option<&Path>, corpus: &Corpus) -> Result<Vec<Point>, Failure> {
    let Some((_, layout)) = ran.outline.layouts.first() else { return Ok(Vec::new()) };
    let (layout, latents) = (ran.walk.get(layout)?, ran.walk.get(&ran.outline.shown.points)?);
    let clusters =
        ran.outline.clusterings.first().map(|clustering| ran.walk.get(&clustering.assignment)).transpose()?;
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
            audio: sound(track, way),
        }
    };
    Ok(latents.tracks.iter().enumerate().map(point).collect())
}

/// The path of a track's file as seen from the page: it plays as long as run and data stay where they are to each other.
pub(super) fn sound(track: &Track, way: Option<&Path>) -> Option<String> {
    match &track.audio {
        Some(Audio::File(file)) => Some(way?.join(&file.path).to_string_lossy().replace('\\', "/")),
        _ => None,
    }
}

/// The relative path from one folder to another.
pub(super) fn way(from: &Path, to: &Path) -> Option<PathBuf> {
    let (from, to) = (from.canonicalize().ok()?, to.canonicalize().ok()?);
    let shared = from.components().zip(to.components()).take_while(|(a, b)| a == b).count();
    let up = from.components().skip(shared).map(|_| Component::ParentDir);
    Some(up.chain(to.components().skip(shared)).collect())
}
