//! Agglomerative clustering against scikit-learn, against its definition, and at the edges.

use super::*;
use crate::random::Stream;
use crate::stats::neighbours::squared;
use ndarray::{Array2, Axis, array};
use proptest::prelude::{any, prop_assert, proptest};
use std::num::NonZeroUsize;

const FILE: &str = include_str!("../../../../tests/golden/sklearn/clusterers.json");
const CRITERIA: [Between; 4] = [Between::Ward, Between::Complete, Between::Average, Between::Single];

#[derive(Deserialize)]
struct Golden {
    sets: Vec<Set>,
}

#[derive(Deserialize)]
struct Set {
    name: String,
    points: Vec<Vec<f64>>,
    k: usize,
    agglomerative: Vec<Fit>,
}

#[derive(Deserialize)]
struct Fit {
    linkage: Between,
    labels: Vec<i32>,
    heights: Vec<f64>,
    threshold: f64,
    cut: Vec<i32>,
}

fn matrix(rows: &[Vec<f64>]) -> Array2<f64> {
    Array2::from_shape_vec((rows.len(), rows[0].len()), rows.concat()).expect("rows of one length")
}

fn with(linkage: Between, k: usize) -> Agglomerative {
    let k = Some(Count::Fixed(NonZeroUsize::new(k).expect("not zero")));
    Agglomerative { k, linkage, distance_threshold: None }
}

/// Labels numbered by their first points.
fn renamed(labels: &[i32]) -> Vec<i32> {
    let mut seen = vec![];
    let mut number = |label| {
        seen.iter().position(|known| *known == label).unwrap_or_else(|| {
            seen.push(label);
            seen.len() - 1
        })
    };
    labels.iter().map(|label| number(*label) as i32).collect()
}

fn cloud(seed: u64, n: usize, dims: usize) -> Array2<f64> {
    let mut stream = Stream::new(seed, "test.agglomerative");
    Array2::from_shape_fn((n, dims), |_| 50.0 + stream.normal())
}

#[test]
fn trees_and_cuts_are_those_of_scikit_learn() {
    for set in serde_json::from_str::<Golden>(FILE).expect("made by make_clusterers.py").sets {
        for fit in &set.agglomerative {
            let (points, what) = (matrix(&set.points), format!("{} {:?}", set.name, fit.linkage));
            let heights = Agglomerative { linkage: fit.linkage, ..Default::default() }.tree(points.view()).heights;
            let close = |(ours, theirs): (&f64, &f64)| (ours - theirs).abs() <= 1e-9 * theirs.abs();
            assert!(heights.len() == fit.heights.len() && heights.iter().zip(&fit.heights).all(close), "{what}");
            let found = with(fit.linkage, set.k).assign(points.view(), None, 0).expect("valid");
            assert_eq!((found.labels, found.k), (renamed(&fit.labels), set.k), "{what}");
            let cut = Agglomerative { linkage: fit.linkage, distance_threshold: Some(fit.threshold), k: None };
            assert_eq!(cut.assign(points.view(), None, 0).expect("valid").labels, renamed(&fit.cut), "{what}");
        }
    }
}

/// How far apart two clusters are, by definition.
fn apart(points: &Array2<f64>, linkage: Between, a: &[usize], b: &[usize]) -> f64 {
    let distance = |x: &usize, y: &usize| squared(&points.row(*x).to_vec(), &points.row(*y).to_vec()).sqrt();
    let pairs = || a.iter().flat_map(|x| b.iter().map(|y| distance(x, y)));
    let (s, t) = (a.len() as f64, b.len() as f64);
    let mean = |rows: &[usize]| points.select(Axis(0), rows).mean_axis(Axis(0)).expect("not empty").to_vec();
    match linkage {
        Between::Ward => (2.0 * s * t / (s + t) * squared(&mean(a), &mean(b))).sqrt(),
        Between::Complete => pairs().fold(0.0, f64::max),
        Between::Average => pairs().sum::<f64>() / (s * t),
        Between::Single => pairs().fold(f64::INFINITY, f64::min),
    }
}

/// Merges the nearest two of all clusters, again and again.
fn naive(points: &Array2<f64>, linkage: Between, k: usize) -> (Vec<f64>, Vec<i32>) {
    let mut clusters: Vec<Vec<usize>> = (0..points.nrows()).map(|row| vec![row]).collect();
    let (mut heights, mut labels) = (vec![], vec![0; points.nrows()]);
    while clusters.len() > 1 {
        if clusters.len() == k {
            clusters.iter().enumerate().for_each(|(at, rows)| rows.iter().for_each(|row| labels[*row] = at as i32));
        }
        let pairs = (1..clusters.len()).flat_map(|b| (0..b).map(move |a| (a, b)));
        let apart = pairs.map(|(a, b)| (apart(points, linkage, &clusters[a], &clusters[b]), a, b));
        let (height, a, b) = apart.min_by(|x, y| x.0.total_cmp(&y.0)).expect("two clusters");
        let gone = clusters.remove(b);
        clusters[a].extend(gone);
        heights.push(height);
    }
    (heights, renamed(&labels))
}

proptest! {
    #[test]
    fn they_follow_their_definitions(seed in any::<u64>(), n in 3usize..28, dims in 1usize..20) {
        let points = cloud(seed, n, dims);
        for linkage in CRITERIA {
            let (heights, labels) = naive(&points, linkage, 3.min(n - 1));
            let tree = with(linkage, 3).tree(points.view());
            prop_assert!(tree.heights.iter().zip(&heights).all(|(a, b)| (a - b).abs() <= 1e-9 * b), "{:?}", linkage);
            prop_assert!(n == 3 || tree.cut(3) == labels, "{:?}", linkage);
        }
    }
}

#[test]
fn two_pairs_are_two_clusters_at_known_heights() {
    let points = array![[0.0, 0.0], [0.0, 3.0], [4.0, 0.0], [4.0, 3.0]];
    let top = [(2.0f64 * 16.0).sqrt(), 5.0, 4.5, 4.0];
    for (linkage, top) in CRITERIA.into_iter().zip(top) {
        let tree = with(linkage, 2).tree(points.view());
        assert!((tree.heights[2] - top).abs() < 1e-12 && tree.heights[..2] == [3.0, 3.0], "{linkage:?} {tree:?}");
        assert_eq!(tree.cut(2), [0, 0, 1, 1]);
    }
}

#[test]
fn points_of_very_different_sizes_keep_their_digits() {
    // Single precision cannot tell the near pairs apart: the exact step must.
    let points = array![[1e9], [1e9 + 1.0], [1e9 + 1.5], [0.0], [1e-6], [3e-6]];
    for linkage in CRITERIA {
        let tree = with(linkage, 2).tree(points.view());
        assert_eq!(tree.cut(2), [0, 0, 0, 1, 1, 1], "{linkage:?}");
        assert!(tree.heights[2] == 0.5 && tree.heights[0] < 2e-6 && tree.heights[4] > 9e8, "{linkage:?} {tree:?}");
    }
}

#[test]
fn huge_and_tiny_units_change_no_digit() {
    let points = cloud(7, 60, 4);
    for linkage in CRITERIA {
        let tree = with(linkage, 1).tree(points.view());
        for unit in [2f64.powi(900), 2f64.powi(-900)] {
            let scaled = with(linkage, 1).tree(points.mapv(|x| x * unit).view());
            assert_eq!(scaled.children, tree.children, "{linkage:?}");
            assert!(scaled.heights.iter().zip(&tree.heights).all(|(a, b)| *a == b * unit), "{linkage:?}");
        }
    }
}

#[test]
fn equal_points_constant_columns_and_one_point_have_trees() {
    for linkage in CRITERIA {
        for points in [Array2::ones((50, 3)), Array2::zeros((20, 0))] {
            assert!(with(linkage, 1).tree(points.view()).heights.iter().all(|height| *height == 0.0), "{linkage:?}");
            assert_eq!(with(linkage, 4).assign(points.view(), None, 0).map(|found| found.k), Ok(4));
        }
        let mut points = cloud(1, 40, 3);
        let before = with(linkage, 5).tree(points.view()).cut(5);
        points.push_column(ndarray::Array1::from_elem(40, 7.0).view()).expect("40 rows");
        assert_eq!(with(linkage, 5).tree(points.view()).cut(5), before);
        assert_eq!(with(linkage, 1).assign(array![[2.0]].view(), None, 0).map(|found| found.labels), Ok(vec![0]));
    }
}

#[test]
fn threads_do_not_change_a_bit() {
    let points = cloud(3, 9000, 2);
    let few = points.slice(ndarray::s![..600, ..]);
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        let tree = |linkage| with(linkage, 1).tree(if linkage == Between::Ward { points.view() } else { few });
        pool.install(|| CRITERIA.map(tree))
    };
    assert_eq!(run(1), run(4));
}

#[test]
fn settings_that_do_not_fit_are_refused() {
    let points = cloud(1, 4, 2);
    let both = Agglomerative { distance_threshold: Some(1.0), ..with(Between::Ward, 2) };
    assert_eq!(both.assign(points.view(), None, 0), Err(ClusterError::TwoCuts));
    let neither = Agglomerative::default();
    assert_eq!(neither.assign(points.view(), None, 0), Err(ClusterError::NeedsLabels));
    assert_eq!(neither.assign(points.view(), Some(2), 0).map(|found| found.k), Ok(2));
    let many = with(Between::Ward, 9).assign(points.view(), None, 0);
    assert_eq!(many, Err(ClusterError::TooFewPoints { k: 9, points: 4 }));
    let none = with(Between::Ward, 1).assign(Array2::zeros((0, 2)).view(), None, 0);
    assert_eq!(none, Err(ClusterError::TooFewPoints { k: 1, points: 0 }));
    let below = Agglomerative { distance_threshold: Some(-1.0), ..Default::default() };
    assert!(matches!(below.assign(points.view(), None, 0), Err(ClusterError::Setting { .. })));
    let broken = with(Between::Average, 1).assign(array![[1.0, f64::NAN]].view(), None, 0);
    assert_eq!(broken, Err(ClusterError::NotFinite { row: 0, column: 1 }));
}

#[test]
fn pairs_that_do_not_fit_into_memory_are_refused() {
    let many = Array2::zeros((30_000, 1));
    let refused = with(Between::Complete, 1).assign(many.view(), None, 0);
    let (linkage, points) = ("complete", 30_000);
    assert_eq!(refused, Err(ClusterError::TooManyPairs { linkage, points, gigabytes: 7 }));
}

#[test]
fn the_example_parses() {
    let parsed = toml::from_str::<Agglomerative>(Agglomerative::EXAMPLE).expect("parses");
    assert_eq!(parsed, Agglomerative { k: Some(Count::Classes), ..Default::default() });
    assert!(toml::from_str::<Agglomerative>("linkage = \"centroid\"").is_err());
}
