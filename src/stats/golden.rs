//! What scikit-learn says about three small point sets, for tests; `tests/golden/make_sklearn.py` makes the file.

use std::collections::BTreeMap;

use ndarray::Array2;
use serde::{Deserialize, Deserializer};

const FILE: &str = include_str!("../../tests/golden/sklearn/golden.json");

/// Points with true classes, and what was computed from them.
#[derive(Deserialize)]
pub struct Set {
    pub name: String,
    #[serde(deserialize_with = "matrix")]
    pub points: Array2<f64>,
    pub truth: Vec<u32>,
    pub pca: Pca,
    pub kmeans: KMeans,
    pub labellings: Vec<Labelling>,
}

/// Principal components, all without randomness.
#[derive(Deserialize)]
pub struct Pca {
    #[serde(deserialize_with = "matrix")]
    pub components: Array2<f64>,
    pub explained_variance: Vec<f64>,
}

/// k-means from the given rows as centres, without randomness; and the worst inertia of five seeded fits.
#[derive(Deserialize)]
pub struct KMeans {
    pub rows: Vec<usize>,
    #[serde(deserialize_with = "matrix")]
    pub centres: Array2<f64>,
    pub labels: Vec<i32>,
    pub inertia: f64,
    pub iterations: usize,
    pub seeded_inertia: f64,
}

/// A clustering and its scores by metric name; None where scikit-learn refuses.
#[derive(Deserialize)]
pub struct Labelling {
    pub name: String,
    pub assigned: Vec<i32>,
    pub scores: BTreeMap<String, Option<f64>>,
}

/// t-SNE of the set `blobs`, the layout being its first two columns.
#[derive(Deserialize)]
pub struct Tsne {
    pub perplexity: f64,
    pub first_row: Vec<f64>,
    pub divergence: f64,
    #[serde(deserialize_with = "matrix")]
    pub gradient: Array2<f64>,
    pub final_divergence: f64,
    pub final_trustworthiness: f64,
}

#[derive(Deserialize)]
struct Golden {
    sets: Vec<Set>,
    tsne: Tsne,
}

fn golden() -> Golden {
    serde_json::from_str(FILE).expect("made by make_sklearn.py")
}

/// `wine` (178 x 13, standardised), `blobs` (90 x 5) and `wide` (14 x 20).
pub fn sets() -> Vec<Set> {
    golden().sets
}

/// The t-SNE values.
pub fn tsne() -> Tsne {
    golden().tsne
}

/// Checks a score on every labelling of every set: equal to 1e-9, relative where it is above one, or None on both sides.
pub fn check_metric(name: &str, score: impl Fn(&Set, &Labelling) -> Option<f64>) {
    for set in sets() {
        for labelling in &set.labellings {
            let (ours, theirs) = (score(&set, labelling), labelling.scores[name]);
            let close = ours.zip(theirs).map_or(ours == theirs, |(a, b)| (a - b).abs() <= 1e-9 * b.abs().max(1.0));
            assert!(close, "{name} of {} on {}: {ours:?}, expected {theirs:?}", labelling.name, set.name);
        }
    }
}

/// Checks that two sequences are equally long and differ by at most `tolerance` times the largest value.
pub fn assert_close<'a>(
    what: &str,
    ours: impl IntoIterator<Item = &'a f64>,
    theirs: impl IntoIterator<Item = &'a f64>,
    tolerance: f64,
) {
    let (ours, theirs): (Vec<f64>, Vec<f64>) =
        (ours.into_iter().copied().collect(), theirs.into_iter().copied().collect());
    assert_eq!(ours.len(), theirs.len(), "{what}: lengths");
    let peak = theirs.iter().fold(0.0f64, |peak, x| peak.max(x.abs()));
    for (at, (a, b)) in ours.iter().zip(&theirs).enumerate() {
        assert!((a - b).abs() <= tolerance * peak, "{what}: value {at} is {a}, expected {b}");
    }
}

fn matrix<'de, D: Deserializer<'de>>(from: D) -> Result<Array2<f64>, D::Error> {
    let rows = Vec::<Vec<f64>>::deserialize(from)?;
    let columns = rows.first().map_or(0, Vec::len);
    Array2::from_shape_vec((rows.len(), columns), rows.concat()).map_err(serde::de::Error::custom)
}
