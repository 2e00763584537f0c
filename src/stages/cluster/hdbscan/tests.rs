//! HDBSCAN against scikit-learn, and at the edges.

use super::*;
use crate::random::Stream;
use ndarray::{Array2, Axis, array};
use proptest::prelude::{any, prop_assert_eq, proptest};

const FILE: &str = include_str!("../../../../tests/golden/sklearn/clusterers.json");

#[derive(Deserialize)]
struct Golden {
    sets: Vec<Set>,
}

#[derive(Deserialize)]
struct Set {
    name: String,
    points: Vec<Vec<f64>>,
    hdbscan: Vec<Known>,
}

#[derive(Deserialize)]
struct Known {
    settings: Hdbscan,
    labels: Vec<i32>,
    probabilities: Vec<f64>,
}

fn with(min_cluster_size: usize, min_samples: usize) -> Hdbscan {
    let size = |n| NonZeroUsize::new(n).expect("not zero");
    Hdbscan { min_cluster_size: size(min_cluster_size), min_samples: Some(size(min_samples)), ..Default::default() }
}

/// Clusters numbered by their first points; noise stays noise.
fn renamed(labels: &[i32]) -> Vec<i32> {
    let mut seen = vec![];
    let mut number = |label| {
        seen.iter().position(|known| *known == label).unwrap_or_else(|| {
            seen.push(label);
            seen.len() - 1
        })
    };
    labels.iter().map(|label| if *label == NOISE { NOISE } else { number(*label) as i32 }).collect()
}

/// `groups` round clouds, far from each other.
fn clouds(seed: u64, n: usize, groups: usize) -> Array2<f64> {
    let mut stream = Stream::new(seed, "test.hdbscan");
    Array2::from_shape_fn((n, 3), |(row, _)| (row % groups) as f64 * 30.0 + stream.normal())
}

#[test]
fn labels_and_probabilities_are_those_of_scikit_learn() {
    let mut compared = 0;
    for set in serde_json::from_str::<Golden>(FILE).expect("made by make_clusterers.py").sets {
        let dims = set.points[0].len();
        let points = Array2::from_shape_vec((set.points.len(), dims), set.points.concat()).expect("rows of one length");
        for known in &set.hdbscan {
            let fit = known.settings.fit(points.view());
            assert_eq!(fit.labels, renamed(&known.labels), "{} {:?}", set.name, known.settings);
            let close = |(ours, theirs): (&f64, &f64)| (ours - theirs).abs() <= 1e-9;
            assert!(fit.probabilities.iter().zip(&known.probabilities).all(close), "{} {:?}", set.name, known.settings);
            compared += 1;
        }
    }
    assert!(compared >= 18, "{compared}");
}

#[test]
fn clouds_are_found_and_a_stray_point_is_noise() {
    let mut points = clouds(1, 120, 4);
    points.row_mut(9).fill(-400.0);
    let fit = with(5, 5).fit(points.view());
    assert_eq!((fit.k, fit.labels[9], fit.probabilities[9]), (4, NOISE, 0.0));
    assert!((0..120).filter(|row| *row != 9).all(|row| fit.labels[row] == (row % 4) as i32), "{:?}", fit.labels);
    assert!(fit.probabilities.iter().all(|p| (0.0..=1.0).contains(p)) && fit.linkage.points() == 120);
}

#[test]
fn a_split_below_epsilon_is_not_made() {
    // Two pairs of groups: 3 apart within a pair, 100 between the pairs.
    let mut stream = Stream::new(6, "test.epsilon");
    let place = |row: usize| [0.0, 3.0, 100.0, 103.0][row % 4];
    let points = Array2::from_shape_fn((80, 2), |(row, _)| place(row) + 0.3 * stream.normal());
    let count = |cluster_selection_epsilon, cluster_selection_method| {
        let fit = Hdbscan { cluster_selection_epsilon, cluster_selection_method, ..with(8, 3) }.fit(points.view());
        (fit.k, fit.labels[0] == fit.labels[1])
    };
    for method in [Selection::Eom, Selection::Leaf] {
        assert_eq!((count(0.0, method), count(10.0, method)), ((4, false), (2, true)), "{method:?}");
    }
    // No cluster but the root lies above: the two stay, unless all may be one.
    assert_eq!(count(1e4, Selection::Leaf).0, 2);
    let all = Hdbscan { cluster_selection_epsilon: 1e4, allow_single_cluster: true, ..with(8, 3) };
    assert_eq!(all.fit(points.view()).labels, [0; 80]);
}

proptest! {
    #[test]
    fn the_order_of_the_points_does_not_matter(seed in any::<u64>(), n in 10usize..150, groups in 1usize..5) {
        let points = clouds(seed, n, groups);
        let mut order: Vec<usize> = (0..n).collect();
        Stream::new(seed, "test.order").shuffle(&mut order);
        let (fit, again) = (with(4, 3).fit(points.view()), with(4, 3).fit(points.select(Axis(0), &order).view()));
        let moved: Vec<i32> = order.iter().map(|row| fit.labels[*row]).collect();
        prop_assert_eq!(renamed(&moved), again.labels);
    }
}

#[test]
fn equal_points_few_points_and_constant_columns_are_answered() {
    let labels =
        |settings: Hdbscan, points: Array2<f64>| settings.assign(points.view(), None, 0).map(|found| found.labels);
    assert_eq!(labels(with(2, 1), array![[4.0]]), Ok(vec![NOISE]));
    assert_eq!(labels(with(2, 1), array![[4.0], [5.0]]), Ok(vec![NOISE; 2]));
    let equal = labels(with(5, 3), Array2::ones((30, 2))).expect("valid");
    assert!(equal.len() == 30 && equal.iter().all(|label| *label >= NOISE));
    let twice = Array2::from_shape_fn((40, 2), |(row, _)| (row % 2) as f64);
    assert_eq!(labels(with(5, 3), twice), Ok((0..40).map(|row| row % 2).collect()));
    assert!(labels(with(5, 3), Array2::zeros((9, 0))).is_ok());
    let mut points = clouds(2, 60, 3);
    let before = labels(with(5, 4), points.clone());
    points.push_column(ndarray::Array1::from_elem(60, 2.5).view()).expect("60 rows");
    assert_eq!(labels(with(5, 4), points), before);
}

#[test]
fn threads_do_not_change_a_bit() {
    let points = clouds(3, 800, 3);
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        pool.install(|| Hdbscan::default().fit(points.view()))
    };
    assert_eq!(run(1), run(4));
}

#[test]
fn what_does_not_fit_is_refused() {
    let points = clouds(1, 6, 2);
    let refused = |settings: Hdbscan| settings.assign(points.view(), None, 0);
    let few = ClusterError::TooFewNeighbours { min_samples: 7, points: 6 };
    assert_eq!(refused(with(2, 7)), Err(few));
    assert!(matches!(refused(with(1, 1)), Err(ClusterError::Setting { setting: "min_cluster_size", .. })));
    let below = Hdbscan { cluster_selection_epsilon: f64::NAN, ..with(2, 1) };
    assert!(matches!(refused(below), Err(ClusterError::Setting { setting: "cluster_selection_epsilon", .. })));
    let broken = with(2, 1).assign(array![[1.0], [f64::INFINITY]].view(), None, 0);
    assert_eq!(broken, Err(ClusterError::NotFinite { row: 1, column: 0 }));
}

#[test]
fn the_example_parses() {
    assert_eq!(toml::from_str::<Hdbscan>(Hdbscan::EXAMPLE).expect("parses"), Hdbscan::default());
    let leaf = toml::from_str::<Hdbscan>("cluster_selection_method = \"leaf\"").expect("parses");
    assert_eq!(leaf.cluster_selection_method, Selection::Leaf);
}
