//! From artifacts to what the plot kinds take: names, counts and captions.

mod lyrics;
mod refinement;

use super::composition::Composition;
use super::contingency::Contingency;
use super::dendrogram::{Dendrogram, Merge};
use super::k_curve::KCurve;
use super::k_distance::KDistance;
use super::kl_dims::KlDims;
use super::loss_curves::{Loss, LossCurves};
use super::metric_bars::{Bar, Metric, MetricBars};
use super::reconstruction::{Example, Reconstruction};
use super::scatter::Scatter;
use super::sheet::Sheet;
use super::silhouettes::Silhouettes;
use crate::artifact::{
    Assignment, Corpus, Diagnosis, HistoryRow, KCurve as Curve, Latents, Layout, Reconstructions, Scores,
    Sheet as Walks, Side, Split, Structure, Weights,
};
use crate::plotting::caption::Caption;
use crate::plotting::{Drawing, PlotError};
use ndarray::{Array2, ArrayViewD, Axis, Ix2, s};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What all pictures of a run share.
pub(super) struct Frame<'a> {
    pub corpus: &'a Corpus,
    pub scores: Option<&'a Scores>,
    pub title: &'a str,
    pub seed: u64,
}

impl Frame<'_> {
    fn caption(&self, n: usize) -> Caption {
        let metric = self.scores.and_then(headline);
        Caption {
            title: self.title.to_owned(),
            n,
            seed: self.seed,
            metric,
            synthetic: self.corpus.synthetic,
            of_one: None,
        }
    }

    /// Points coloured by `labels`, one each; where nobody has one there is nothing to see.
    pub fn space(
        &self,
        layout: &Layout,
        points: &Latents,
        of: &str,
        labels: Vec<String>,
    ) -> Result<Drawing, PlotError> {
        if of == "language" && labels.iter().all(String::is_empty) {
            return Err(PlotError::Empty { plot: "scatter", why: "no track has a language" });
        }
        let plane = layout.points.slice(s![.., ..2.min(layout.points.ncols())]);
        Scatter { caption: &self.caption(points.tracks.len()), points: plane, labels: &labels, of }.draw()
    }

    pub fn genres(&self, points: &Latents) -> Vec<String> {
        points
            .tracks
            .iter()
            .map(|track| {
                self.corpus.tracks[*track as usize].label.map_or("", |_| self.corpus.label_name(*track)).to_owned()
            })
            .collect()
    }

    pub fn languages(&self, points: &Latents) -> Vec<String> {
        let name = |track: &u32| match self.corpus.tracks[*track as usize].language.as_deref() {
            Some("en") => "English",
            Some("bn") => "Bangla (বাংলা)",
            other => other.unwrap_or(""),
        };
        points.tracks.iter().map(|track| name(track).to_owned()).collect()
    }

    pub fn loss(&self, weights: &Weights) -> Result<Drawing, PlotError> {
        let curve = |name: &str, value: &dyn Fn(&HistoryRow) -> Option<f64>| {
            let side = |side: Side| {
                weights
                    .history
                    .iter()
                    .filter(|row| row.split == side)
                    .filter_map(|row| Some((row.step as f64, value(row)?)))
                    .collect()
            };
            Loss { name: name.to_owned(), train: side(Side::Train), val: side(Side::Val) }
        };
        let mut losses = vec![
            curve("total", &|row| Some(row.loss)),
            curve("reconstruction", &|row| row.recon),
            curve("KL", &|row| row.kl),
        ];
        if weights.history.iter().all(|row| row.recon.is_none()) {
            losses = vec![
                curve("total", &|row| Some(row.loss)),
                curve("0 best, 1 chance", &|row| row.normalised_loss),
                curve("kNN accuracy", &|row| row.knn),
                curve("probe accuracy", &|row| row.probe),
            ];
        }
        let steps = weights.history.last().map_or(0, |row| row.step);
        LossCurves {
            caption: &self.caption(steps),
            losses: &losses,
            x_name: "step",
            best: Some(weights.best_step as f64),
        }
        .draw()
    }

    pub fn reconstructions(&self, of: &Reconstructions) -> Result<Drawing, PlotError> {
        let example = |((input, output), track): ((ArrayViewD<f32>, ArrayViewD<f32>), &u32)| {
            let name = format!("{} · {}", self.corpus.tracks[*track as usize].id, self.corpus.label_name(*track));
            Example { name, input: plane(input), output: plane(output) }
        };
        let pairs = of.inputs.axis_iter(Axis(0)).zip(of.outputs.axis_iter(Axis(0)));
        let examples: Vec<Example> = pairs.zip(&of.tracks).map(example).collect();
        let unit = if of.inputs.ndim() == 4 { "dB" } else { "standard deviations" };
        Reconstruction { caption: &self.caption(examples.len()), examples: &examples, unit }.draw()
    }

    pub fn sheet(&self, of: &Walks) -> Result<Drawing, PlotError> {
        let cells: Vec<Array2<f64>> = of.values.axis_iter(Axis(0)).map(plane).collect();
        let unit = if of.values.ndim() == 4 { "dB" } else { "standard deviations" };
        let caption = self.caption(of.encoded);
        Sheet { caption: &caption, rows: &of.rows, columns: &of.columns, cells: &cells, unit }.draw()
    }

    pub fn silhouettes(&self, assignment: &Assignment, points: &Latents) -> Result<Drawing, PlotError> {
        let (clusters, values) = (&assignment.labels, points.in_use());
        let empty = PlotError::Empty { plot: "silhouettes", why: "there are not two clusters" };
        let values = crate::stats::silhouette::samples(values.view(), clusters).ok_or(empty)?;
        let mean = crate::stats::silhouette::mean_of(values.iter().copied());
        Silhouettes { caption: &self.caption(clusters.len()), values: &values, clusters, mean }.draw()
    }

    pub fn structure(&self, of: &Structure, points: &Latents) -> Result<Drawing, PlotError> {
        let caption = self.caption(points.tracks.len());
        match of {
            Structure::Tree { children, heights, sizes, k } => {
                let merge = |at: usize| Merge {
                    children: children[at].map(|node| node as usize),
                    height: heights[at],
                    size: sizes[at] as usize,
                };
                let merges: Vec<Merge> = (0..children.len()).map(merge).collect();
                let (labels, names) = (self.corpus.labels_of(&points.tracks), &self.corpus.labels);
                Dendrogram { caption: &caption, merges: &merges, labels: &labels, names, of: "genre", k: Some(*k) }
                    .draw()
            }
            Structure::Distances { distances, k, eps } => {
                KDistance { caption: &caption, distances, k: *k, eps: *eps }.draw()
            }
        }
    }

    pub fn k_curve(&self, of: &Curve, points: &Latents) -> Result<Drawing, PlotError> {
        let (caption, errors) = (self.caption(points.tracks.len()), of.errors.as_deref());
        KCurve { caption: &caption, criterion: &of.criterion, values: &of.values, errors, chosen: of.chosen }.draw()
    }

    pub fn contingency(&self, assignment: &Assignment, points: &Latents) -> Result<Drawing, PlotError> {
        let table = self.counts(assignment, points);
        let gain = table.counts.t().mapv(|count| count as f64);
        let matched = crate::stats::hungarian::maximise(gain.view());
        let first: Vec<usize> = matched.into_iter().flatten().collect();
        let rest = (0..table.clusters.len()).filter(|cluster| !first.contains(cluster));
        let order: Vec<usize> = first.iter().copied().chain(rest).collect();
        let caption = self.caption(points.tracks.len());
        Contingency {
            caption: &caption,
            counts: table.counts.view(),
            clusters: &table.clusters,
            labels: &self.corpus.labels,
            order: Some(&order),
        }
        .draw()
    }

    pub fn composition(&self, assignment: &Assignment, points: &Latents) -> Result<Drawing, PlotError> {
        let (table, caption) = (self.counts(assignment, points), self.caption(points.tracks.len()));
        Composition {
            caption: &caption,
            counts: table.counts.view(),
            clusters: &table.clusters,
            labels: &self.corpus.labels,
            of: "genre",
        }
        .draw()
    }

    fn counts(&self, assignment: &Assignment, points: &Latents) -> Counts {
        let mut names: Vec<i32> = assignment.labels.clone();
        names.sort_unstable();
        names.dedup();
        let place: BTreeMap<i32, usize> = names.iter().copied().zip(0..).collect();
        let mut counts = Array2::zeros((names.len(), self.corpus.labels.len()));
        for (cluster, track) in assignment.labels.iter().zip(&points.tracks) {
            if let Some(label) = self.corpus.tracks[*track as usize].label {
                counts[[place[cluster], label as usize]] += 1;
            }
        }
        Counts {
            counts,
            clusters: names.iter().map(|name| if *name < 0 { "noise".to_owned() } else { name.to_string() }).collect(),
        }
    }

    pub fn kl_dims(&self, diagnosis: &Diagnosis) -> Result<Drawing, PlotError> {
        KlDims { caption: &self.caption(diagnosis.rows), kl: &diagnosis.kl_per_dim }.draw()
    }

    pub fn metric_bars(&self, rows: &[(String, Arc<Scores>)]) -> Result<Drawing, PlotError> {
        let names: Vec<&String> = rows.first().map(|(_, scores)| scores.0.keys().collect()).unwrap_or_default();
        let bar = |metric: &str, (name, scores): &(String, Arc<Scores>)| {
            let score = scores.0.get(metric);
            Bar {
                name: name.clone(),
                value: score.and_then(|score| score.value),
                interval: score.and_then(|score| score.interval),
            }
        };
        let metrics: Vec<Metric> = names
            .into_iter()
            .map(|name| Metric { name: name.clone(), bars: rows.iter().map(|row| bar(name, row)).collect() })
            .collect();
        MetricBars { caption: &self.caption(self.corpus.tracks.len()), metrics: &metrics }.draw()
    }
}

/// The cluster of each point.
pub(super) fn clusters(assignment: &Assignment) -> Vec<String> {
    assignment.labels.iter().map(i32::to_string).collect()
}

/// `train`, `val` or `test`, for each point.
pub(super) fn sides(split: &Split, points: &Latents) -> Vec<String> {
    points.tracks.iter().map(|track| split.parts[*track as usize].word().to_owned()).collect()
}

struct Counts {
    /// `[clusters, labels]`
    counts: Array2<u64>,
    clusters: Vec<String>,
}

/// `ARI 0.41 [0.35, 0.47]`, else the first score that has a value.
fn headline(scores: &Scores) -> Option<String> {
    let ari = scores.0.get_key_value("ari").filter(|(_, score)| score.value.is_some());
    let (name, score) = ari.or_else(|| scores.0.iter().find(|(_, score)| score.value.is_some()))?;
    let interval = score.interval.map_or_else(String::new, |[low, high]| format!(" [{low:.2}, {high:.2}]"));
    Some(format!("{} {:.2}{interval}", name.to_uppercase(), score.value?))
}

/// `[bins, frames]` of a map's first channel, or `[1, dims]` of a vector.
fn plane(row: ArrayViewD<f32>) -> Array2<f64> {
    let values = row.mapv(f64::from);
    let first = if values.ndim() == 3 { values.index_axis_move(Axis(0), 0) } else { values.insert_axis(Axis(0)) };
    first.into_dimensionality::<Ix2>().unwrap_or_else(|_| Array2::zeros((0, 0)))
}
