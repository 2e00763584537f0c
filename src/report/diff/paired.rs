//! Two runs that clustered the same tracks: how far their scores lie apart, by a bootstrap that both see the same samples of.
//! Efron and Tibshirani, "An introduction to the bootstrap" (1993), chapter 16; whole groups (artists) are drawn.

use crate::report::runs::Run;
use crate::stages::metrics::{Evaluation, METRICS, Metric};
use crate::stats::bootstrap::{interval, resample};
use ndarray::Array2;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;

/// Resamples behind an interval.
const RESAMPLES: usize = 1000;
/// Scores that are compared; all look at labels.
const SCORES: [&str; 3] = ["ari", "nmi", "accuracy"];

/// A score of one run less that of the first, on the tracks that both have.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Paired {
    /// The run that is compared with the first.
    pub run: String,
    /// `latent.kmeans.ari`
    pub name: String,
    /// Its score less the first run's.
    pub difference: f64,
    /// 95 % interval of the difference.
    pub interval: Option<[f64; 2]>,
    /// Tracks that both runs have.
    pub tracks: usize,
}

impl Paired {
    /// Whether the two clusterings score the same whatever tracks are drawn.
    pub fn is_same(&self) -> bool {
        self.difference == 0.0 && self.interval == Some([0.0, 0.0])
    }
}

/// Tracks of a run, by id, and their clusters.
struct Clustered {
    tracks: BTreeMap<String, (String, String)>,
    clusterings: BTreeMap<String, BTreeMap<String, i32>>,
}

/// Each run but the first against the first, and what could not be compared.
pub(super) fn against_first(runs: &[Run]) -> (Vec<Paired>, Vec<String>) {
    let read: Vec<Option<Clustered>> = runs.iter().map(|run| Clustered::read(&run.folder)).collect();
    let unread = runs.iter().zip(&read).filter(|(_, read)| read.is_none());
    let notes = unread.map(|(run, _)| {
        format!("{}: artifacts/tracks.csv or assignments.csv cannot be read, so nothing is paired", run.id)
    });
    let notes = notes.collect();
    let Some(Some(first)) = read.first() else { return (Vec::new(), notes) };
    let others = runs.iter().zip(&read).skip(1).filter_map(|(run, read)| Some((run, read.as_ref()?)));
    (others.flat_map(|(run, other)| compare(&run.id, first, other)).collect(), notes)
}

fn compare(run: &str, first: &Clustered, other: &Clustered) -> Vec<Paired> {
    let both = first.clusterings.iter().filter_map(|(name, a)| Some((name, a, other.clusterings.get(name)?)));
    both.flat_map(|(name, a, b)| {
        let shared = Shared::of(first, other, a, b);
        let scores = METRICS.iter().filter(|metric| SCORES.contains(&metric.name()));
        scores.filter_map(|metric| shared.difference(*metric, run, name)).collect::<Vec<_>>()
    })
    .collect()
}

/// Labels, groups and clusters of the tracks that two runs share, in order of id.
struct Shared {
    truth: Vec<u32>,
    groups: Vec<u32>,
    clusters: [Vec<i32>; 2],
}

impl Shared {
    /// Tracks whose label both runs know as the same.
    fn of(first: &Clustered, other: &Clustered, a: &BTreeMap<String, i32>, b: &BTreeMap<String, i32>) -> Shared {
        let (mut labels, mut groups) = (BTreeMap::new(), BTreeMap::new());
        let mut shared = Shared { truth: Vec::new(), groups: Vec::new(), clusters: [Vec::new(), Vec::new()] };
        for (id, known) in &first.tracks {
            let (label, group) = known;
            let (Some(cluster), Some(others), Some(same)) = (a.get(id), b.get(id), other.tracks.get(id)) else {
                continue;
            };
            if label.is_empty() || same.0 != *label {
                continue;
            }
            shared.truth.push(number(&mut labels, label));
            shared.groups.push(number(&mut groups, group));
            shared.clusters[0].push(*cluster);
            shared.clusters[1].push(*others);
        }
        shared
    }

    fn difference(&self, metric: &dyn Metric, run: &str, name: &str) -> Option<Paired> {
        let all: Vec<usize> = (0..self.truth.len()).collect();
        let of = |rows: &[usize]| Some(self.score(metric, 1, rows)? - self.score(metric, 0, rows)?);
        let difference = of(&all).filter(|_| !all.is_empty())?;
        let interval = interval(&resample(&self.groups, RESAMPLES, 0, of));
        let name = format!("{name}.{}", metric.name());
        Some(Paired { run: run.to_owned(), name, difference, interval, tracks: all.len() })
    }

    fn score(&self, metric: &dyn Metric, side: usize, rows: &[usize]) -> Option<f64> {
        let truth: Vec<u32> = rows.iter().map(|row| self.truth[*row]).collect();
        let assigned: Vec<i32> = rows.iter().map(|row| self.clusters[side][*row]).collect();
        let none = Array2::zeros((0, 0));
        metric.score(&Evaluation { truth: Some(&truth), assigned: &assigned, points: none.view(), refits: None })
    }
}

/// Names as numbers, in the order in which they are met.
fn number(known: &mut BTreeMap<String, u32>, name: &str) -> u32 {
    let next = known.len() as u32;
    *known.entry(name.to_owned()).or_insert(next)
}

impl Clustered {
    fn read(run: &Path) -> Option<Clustered> {
        let rows = table(&run.join("artifacts/tracks.csv"))?;
        let track = |row: &BTreeMap<String, String>| {
            Some((row.get("id")?.clone(), (row.get("label")?.clone(), row.get("group")?.clone())))
        };
        let tracks = rows.iter().map(track).collect::<Option<_>>()?;
        let mut clusterings: BTreeMap<String, BTreeMap<String, i32>> = BTreeMap::new();
        for row in table(&run.join("artifacts/assignments.csv"))? {
            let id = row.get("id")?;
            for (name, cluster) in row.iter().filter(|(name, _)| *name != "id") {
                clusterings.entry(name.clone()).or_default().insert(id.clone(), cluster.parse().ok()?);
            }
        }
        Some(Clustered { tracks, clusterings })
    }
}

fn table(path: &Path) -> Option<Vec<BTreeMap<String, String>>> {
    csv::Reader::from_path(path).ok()?.deserialize().collect::<Result<_, _>>().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clustered(clusters: impl Fn(usize) -> i32) -> Clustered {
        let track = |n: usize| (format!("t{n}"), ((n % 3).to_string(), (n / 3).to_string()));
        let clusters = (0..60).map(|n| (format!("t{n}"), clusters(n))).collect();
        Clustered {
            tracks: (0..60).map(track).collect(),
            clusterings: BTreeMap::from([("latent.kmeans".to_owned(), clusters)]),
        }
    }

    #[test]
    fn the_same_clusters_under_other_names_are_no_difference() {
        let (a, b) = (clustered(|n| (n % 3) as i32), clustered(|n| 7 - (n % 3) as i32));
        let found = compare("b", &a, &b);
        assert_eq!(found.iter().map(|each| each.difference).collect::<Vec<_>>(), [0.0; 3]);
        assert!(found.iter().all(|each| each.interval == Some([0.0, 0.0]) && each.tracks == 60));
    }

    #[test]
    fn a_worse_run_lies_below_with_its_interval() {
        let (good, bad) = (clustered(|n| (n % 3) as i32), clustered(|n| (n / 30) as i32));
        let found = compare("bad", &good, &bad);
        let ari = found.iter().find(|each| each.name == "latent.kmeans.ari").unwrap();
        let [_, high] = ari.interval.unwrap();
        assert!(ari.difference < -0.9 && high < -0.5, "{ari:?}");
    }

    #[test]
    fn tracks_that_only_one_run_has_do_not_count() {
        let (a, mut b) = (clustered(|n| (n % 3) as i32), clustered(|n| (n % 3) as i32));
        b.tracks.remove("t5");
        assert!(compare("b", &a, &b).iter().all(|each| each.tracks == 59));
    }
}
