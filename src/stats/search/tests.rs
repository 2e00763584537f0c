//! Exact search against the double loop.

use super::*;
use crate::random::Stream;
use crate::stats::golden;
use crate::stats::ranking::{RankScores, Ranking};
use ndarray::{Array2, array};
use proptest::prelude::{ProptestConfig, any, prop_assert_eq, proptest};

/// Points on a coarse grid, so that many directions are equal.
fn grid(seed: u64, n: usize, dims: usize, steps: usize) -> Directions {
    let mut stream = Stream::new(seed, "test.grid");
    Directions::of(Array2::from_shape_fn((n, dims), |_| stream.below(steps) as f64 - steps as f64 / 3.0).view())
}

fn naive(rows: &Directions, query: &[f32], k: usize, allowed: impl Fn(usize) -> bool) -> Vec<Hit> {
    let hit = |row: usize| Hit { row: row as u32, similarity: rows.similarity(row, query) };
    let mut all: Vec<Hit> = (0..rows.len()).filter(|row| allowed(*row)).map(hit).collect();
    all.sort_by(Hit::order);
    all.truncate(k);
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn it_is_that_of_a_double_loop(
        seed in any::<u64>(), n in 0usize..1500, dims in 1usize..40, steps in 2usize..9, k in 0usize..40, m in 1usize..30,
    ) {
        let (rows, queries) = (grid(seed, n, dims, steps), grid(!seed, m, dims, steps));
        let allowed = |query: usize, row: usize| !(row + query).is_multiple_of(3);
        let search = Search::new(rows.clone());
        let found = search.top_each(&queries, k, allowed);
        prop_assert_eq!(found.len(), m);
        for (query, found) in found.iter().enumerate() {
            let expected = naive(&rows, queries.row(query), k, |row| allowed(query, row));
            prop_assert_eq!(found, &expected);
            prop_assert_eq!(&top(&rows, queries.row(query), k, |row| allowed(query, row)), &expected);
            prop_assert_eq!(&search.top(queries.row(query), k, |row| allowed(query, row)), &expected);
        }
    }
}

#[test]
fn pieces_make_no_difference() {
    let mut stream = Stream::new(3, "test.pieces");
    let rows = Directions::of(Array2::from_shape_fn((20_000, 8), |_| stream.normal()).view());
    let query = rows.row(17).to_vec();
    let expected = naive(&rows, &query, 12, |row| row != 17);
    assert_eq!(top(&rows, &query, 12, |row| row != 17), expected);
    assert_eq!(Search::new(rows).top(&query, 12, |row| row != 17), expected);
}

#[test]
fn equal_directions_come_by_index_and_length_does_not_count() {
    let rows = Directions::of(array![[0.0, 2.0], [5.0, 5.0], [1.0, 1.0], [0.0, 0.0], [1e300, 1e300]].view());
    let found = top(&rows, rows.row(1), 5, |_| true);
    assert_eq!(found.iter().map(|hit| hit.row).collect::<Vec<_>>(), [1, 2, 4, 0, 3]);
    assert!((found[0].similarity - 1.0).abs() < 1e-6 && (found[3].similarity - 0.5f64.sqrt()).abs() < 1e-6);
    assert_eq!(found[4].similarity, 0.0);
}

#[test]
fn the_mean_direction_is_of_length_one() {
    let rows = Directions::of(array![[1.0, 0.0], [0.0, 3.0]].view());
    let mean = rows.mean();
    assert!(mean.iter().all(|x| (f64::from(*x) - 0.5f64.sqrt()).abs() < 1e-7), "{mean:?}");
    assert_eq!(Directions::of(array![[1.0, 0.0], [-2.0, 0.0]].view()).mean(), [0.0, 0.0]);
}

#[test]
fn threads_do_not_change_a_bit() {
    let rows = grid(9, 3000, 24, 5);
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        pool.install(|| Search::new(rows.clone()).top_each(&rows, 7, |query, row| query != row))
    };
    assert_eq!(run(1), run(4));
}

/// What scikit-learn says of the set `wine`; `tests/golden/make_retrieval.py` makes the file.
#[derive(serde::Deserialize)]
struct Golden {
    nearest: Vec<Vec<u32>>,
    means: [f64; 5],
}

#[test]
fn neighbours_and_scores_are_those_of_scikit_learn() {
    let golden: Golden =
        serde_json::from_str(include_str!("../../../tests/golden/sklearn/retrieval.json")).expect("made");
    let set = golden::sets().into_iter().find(|set| set.name == "wine").expect("it is there");
    let rows = Directions::of(set.points.view());
    let found = Search::new(rows.clone()).top_each(&rows, 5, |query, row| query != row);
    let ids: Vec<Vec<u32>> = found.iter().map(|hits| hits.iter().map(|hit| hit.row).collect()).collect();
    assert_eq!(ids, golden.nearest);
    let scores = (0..rows.len()).map(|query| {
        let ranked = top(&rows, rows.row(query), rows.len(), |row| row != query);
        let relevant = ranked.iter().map(|hit| set.truth[hit.row as usize] == set.truth[query]);
        Ranking::of(relevant).expect("each class has several").scores(10)
    });
    let means = RankScores::mean(scores).expect("there are rows").each();
    assert!(means.iter().zip(golden.means).all(|(a, b)| (a - b).abs() < 1e-9), "{means:?} {:?}", golden.means);
}
