//! DBSCAN against scikit-learn, against the algorithm as published, and at the edges.

use super::*;
use crate::random::Stream;
use crate::stats::neighbours::within;
use ndarray::{Array2, array};
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
    dbscan: Known,
}

#[derive(Deserialize)]
struct Known {
    eps: f64,
    labels: Vec<i32>,
    core: Vec<usize>,
}

fn with(eps: f64, min_samples: usize) -> Dbscan {
    Dbscan { eps: Radius::Fixed(eps), min_samples: NonZeroUsize::new(min_samples).expect("not zero") }
}

#[test]
fn labels_and_core_points_are_those_of_scikit_learn() {
    for set in serde_json::from_str::<Golden>(FILE).expect("made by make_clusterers.py").sets {
        let dims = set.points[0].len();
        let points = Array2::from_shape_vec((set.points.len(), dims), set.points.concat()).expect("rows of one length");
        let fit = with(set.dbscan.eps, 5).fit(points.view());
        let core: Vec<usize> = (0..points.nrows()).filter(|row| fit.core[*row]).collect();
        assert_eq!((fit.labels, core), (set.dbscan.labels, set.dbscan.core), "{}", set.name);
    }
}

/// Ester et al. (1996), figure 4: from every core point not yet in a cluster, all that can be reached.
fn naive(points: &Array2<f64>, eps: f64, min_samples: usize) -> Vec<i32> {
    let near = within(points.view(), eps);
    let of = |row: usize| &near.rows[near.offsets[row]..near.offsets[row + 1]];
    let (mut labels, mut next) = (vec![NOISE; points.nrows()], 0);
    for row in 0..points.nrows() {
        let mut seeds = vec![row];
        if labels[row] != NOISE || of(row).len() < min_samples {
            continue;
        }
        while let Some(seed) = seeds.pop() {
            if labels[seed] == NOISE {
                labels[seed] = next;
                seeds.extend(of(seed).iter().filter(|_| of(seed).len() >= min_samples).map(|other| *other as usize));
            }
        }
        next += 1;
    }
    labels
}

proptest! {
    #[test]
    fn they_are_those_of_the_published_algorithm(
        seed in any::<u64>(), n in 1usize..260, dims in 1usize..4, eps in 0.1..3.0, min_samples in 1usize..9,
    ) {
        let mut stream = Stream::new(seed, "test.dbscan");
        let points = Array2::from_shape_fn((n, dims), |_| stream.below(25) as f64 / 2.0);
        let fit = with(eps, min_samples).fit(points.view());
        prop_assert_eq!(&fit.labels, &naive(&points, eps, min_samples));
        prop_assert_eq!(fit.k as i32, fit.labels.iter().max().map_or(0, |top| top + 1));
    }
}

#[test]
fn stripes_are_joined() {
    // A chain longer than a stripe, each point near the next, in an order that mixes the stripes; and a second chain.
    let n = 3 * STRIPE_ROWS;
    let mut places: Vec<f64> = (0..n).map(|at| at as f64 + if at < n / 2 { 0.0 } else { 10.0 }).collect();
    Stream::new(1, "test.stripes").shuffle(&mut places);
    let fit = with(1.0, 2).fit(Array2::from_shape_fn((n, 1), |(row, _)| places[row]).view());
    assert_eq!(fit.k, 2);
    let first = fit.labels[0];
    let side = |row: usize| (places[row] < n as f64 / 2.0) == (places[0] < n as f64 / 2.0);
    assert!((0..n).all(|row| (fit.labels[row] == first) == side(row)));
}

#[test]
fn a_border_point_joins_the_first_cluster_that_reaches_it() {
    // 1.9 is within 0.95 of the core points 1.0 and 2.8, and no core point itself.
    let points = array![[0.0], [0.1], [0.2], [1.0], [1.9], [2.8], [3.6], [3.7], [3.8]];
    let fit = with(0.95, 4).fit(points.view());
    assert_eq!((fit.labels, fit.core[4]), (vec![0, 0, 0, 0, 0, 1, 1, 1, 1], false));
    let backwards = with(0.95, 4).fit(points.slice(ndarray::s![..;-1, ..]));
    assert_eq!(backwards.labels, [0, 0, 0, 0, 0, 1, 1, 1, 1]);
}

#[test]
fn the_knee_separates_groups_from_strays() {
    let mut stream = Stream::new(4, "test.knee");
    let mut points = Array2::from_shape_fn((200, 2), |(row, _)| (row % 2) as f64 * 20.0 + stream.normal());
    points.row_mut(7).fill(-60.0);
    points.row_mut(8).fill(90.0);
    let fit = Dbscan::default().fit(points.view());
    assert_eq!((fit.k, fit.labels[7], fit.labels[8]), (2, NOISE, NOISE));
    let curve = fit.curve.expect("read from the curve");
    assert!(fit.eps == curve.knee && curve.distances.contains(&fit.eps) && fit.eps < 5.0, "{}", fit.eps);
}

#[test]
fn no_points_one_point_and_equal_points_are_answered() {
    let assign = |points: Array2<f64>| Dbscan::default().assign(points.view(), None, 0).expect("valid");
    assert_eq!(assign(Array2::zeros((0, 2))), Assignment { labels: vec![], k: 0, inertia: None });
    assert_eq!(assign(array![[3.0]]).labels, [NOISE]);
    assert_eq!(assign(Array2::ones((9, 2))).labels, [0; 9]);
    assert_eq!(assign(Array2::zeros((6, 0))).labels, [0; 6]);
    assert_eq!(with(0.5, 1).fit(array![[0.0], [9.0]].view()).labels, [0, 1]);
}

#[test]
fn threads_do_not_change_the_labels() {
    let mut stream = Stream::new(2, "test.threads");
    let points = Array2::from_shape_fn((900, 3), |_| stream.normal());
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        pool.install(|| Dbscan::default().fit(points.view()))
    };
    assert_eq!(run(1), run(4));
}

#[test]
fn what_does_not_fit_is_refused() {
    let refused = |settings: Dbscan| settings.assign(array![[1.0, f64::NAN]].view(), None, 0);
    assert!(matches!(refused(with(0.0, 5)), Err(ClusterError::Setting { setting: "eps", .. })));
    assert_eq!(refused(Dbscan::default()), Err(ClusterError::NotFinite { row: 0, column: 1 }));
}

#[test]
fn the_example_parses() {
    assert_eq!(toml::from_str::<Dbscan>(Dbscan::EXAMPLE).expect("parses"), Dbscan::default());
    assert!(toml::from_str::<Dbscan>("min_samples = 0").is_err());
}
