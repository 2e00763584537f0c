//! Gradient-boosted regression trees: classes or values from points, and how much each dimension told.
//! Friedman, "Greedy function approximation: a gradient boosting machine" (Annals of Statistics 2001), algorithms 3 and 6.
//!
//! As scikit-learn's `GradientBoostingClassifier` and `Regressor` by default: 100 rounds, depth 3, rate 0.1, log-loss with
//! one Newton step a leaf, or squared error; every distinct value can be a split.

mod sorted;
mod tree;

use ndarray::Array2;
use rayon::prelude::*;

use crate::random::Stream;
use tree::{Slope, Tree};

pub use sorted::Sorted;

/// Trees a class.
const ROUNDS: usize = 100;
/// What each tree's leaves are multiplied by.
const RATE: f64 = 0.1;

/// What boosted trees learned.
#[derive(Clone, Debug, PartialEq)]
pub struct Boosted<T> {
    /// Share of each dimension in the reduction of squared error by all splits, `[dims]`: their sum is 1, or all are 0
    /// where no split helped. Equal dimensions share by chance.
    pub importances: Vec<f64>,
    /// What is predicted for every row of the points, learned from or not.
    pub predictions: Vec<T>,
}

/// Learns `classes` (`classes[row]` below `levels`). Log-loss, one tree a class and round.
pub fn classify(points: &Sorted, classes: &[u32], levels: usize, seed: u64) -> Boosted<u32> {
    let mut scores = log_priors(points, classes, levels);
    let mut importances = vec![0.0; points.dims()];
    for round in 0..ROUNDS {
        let chances = softmax(&scores);
        let grow = |class: usize| {
            let slope = log_loss(points.train(), classes, class, &chances);
            Tree::grow(points, &slope, &mut Stream::at(seed, "stats.boosting", (round * levels + class) as u64))
        };
        let trees: Vec<Tree> = (0..levels).into_par_iter().map(grow).collect();
        for (class, tree) in trees.iter().enumerate() {
            tree.add_to(points, RATE, scores.column_mut(class));
            add(&mut importances, &tree.gains);
        }
    }
    Boosted { importances: shares(importances), predictions: scores.rows().into_iter().map(likeliest).collect() }
}

/// Learns `values` (`values[row]`). Squared error, one tree a round.
pub fn regress(points: &Sorted, values: &[f64], seed: u64) -> Boosted<f64> {
    let train = points.train();
    let mean = train.iter().map(|row| values[*row]).sum::<f64>() / train.len().max(1) as f64;
    let mut scores = Array2::from_elem((points.rows(), 1), mean);
    let mut importances = vec![0.0; points.dims()];
    for round in 0..ROUNDS {
        let gradient = train.iter().map(|row| values[*row] - scores[[*row, 0]]).collect();
        let slope = Slope { gradient, curvature: vec![1.0; train.len()], step: 1.0 };
        let tree = Tree::grow(points, &slope, &mut Stream::at(seed, "stats.boosting", round as u64));
        tree.add_to(points, RATE, scores.column_mut(0));
        add(&mut importances, &tree.gains);
    }
    Boosted { importances: shares(importances), predictions: scores.into_iter().collect() }
}

/// Slope of the log-loss by the score of one class: `is the class - its chance`.
fn log_loss(train: &[usize], classes: &[u32], class: usize, chances: &Array2<f64>) -> Slope {
    let levels = chances.ncols() as f64;
    let chance = |row: &usize| chances[[*row, class]];
    let truth = |row: &usize| if classes[*row] as usize == class { 1.0 } else { 0.0 };
    Slope {
        gradient: train.iter().map(|row| truth(row) - chance(row)).collect(),
        curvature: train.iter().map(|row| chance(row) * (1.0 - chance(row))).collect(),
        step: (levels - 1.0) / levels,
    }
}

/// Where log-loss begins: the logarithm of each class's share in training, `[rows, levels]`.
fn log_priors(points: &Sorted, classes: &[u32], levels: usize) -> Array2<f64> {
    let mut counts = vec![0.0f64; levels];
    points.train().iter().for_each(|row| counts[classes[*row] as usize] += 1.0);
    let share = |count: f64| (count / points.train().len().max(1) as f64).max(f64::EPSILON);
    Array2::from_shape_fn((points.rows(), levels), |(_, class)| share(counts[class]).ln())
}

fn softmax(scores: &Array2<f64>) -> Array2<f64> {
    let mut chances = scores.clone();
    for mut row in chances.rows_mut() {
        let peak = row.fold(f64::NEG_INFINITY, |peak, score| peak.max(*score));
        row.mapv_inplace(|score| (score - peak).exp());
        let sum = row.sum();
        row.mapv_inplace(|chance| chance / sum);
    }
    chances
}

/// Index of the largest value, the first of equals.
fn likeliest(scores: ndarray::ArrayView1<f64>) -> u32 {
    let better = |best: usize, at: usize| if scores[at] > scores[best] { at } else { best };
    (0..scores.len()).fold(0, better) as u32
}

fn add(sums: &mut [f64], terms: &[f64]) {
    sums.iter_mut().zip(terms).for_each(|(sum, term)| *sum += term);
}

fn shares(gains: Vec<f64>) -> Vec<f64> {
    let total: f64 = gains.iter().sum();
    if total > 0.0 { gains.iter().map(|gain| gain / total).collect() } else { gains }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(n: usize, dims: usize) -> Array2<f64> {
        let mut stream = Stream::new(5, "test.boosting");
        Array2::from_shape_fn((n, dims), |_| stream.normal())
    }

    fn right<T: PartialEq>(ours: &[T], truth: &[T], rows: &[usize]) -> f64 {
        rows.iter().filter(|row| ours[**row] == truth[**row]).count() as f64 / rows.len() as f64
    }

    /// A fixed number between 0 and 1 for each index.
    fn hashed(index: u64) -> f64 {
        let mut hash = index * 2_654_435_761 % (1 << 32);
        hash = (hash ^ hash >> 16) * 2_246_822_519 % (1 << 32);
        (hash ^ hash >> 13) as f64 / 4_294_967_296.0
    }

    fn assert_near(ours: &[f64], theirs: &[f64], tolerance: f64) {
        let close = ours.iter().zip(theirs).all(|(a, b)| (a - b).abs() <= tolerance);
        assert!(close && ours.len() == theirs.len(), "{ours:?}, expected {theirs:?}");
    }

    #[test]
    fn agrees_with_scikit_learn() {
        // GradientBoostingClassifier and Regressor of scikit-learn 1.9.1 on these 160 rows; the rest of the 240 is new.
        // Their importances move by .005 with random_state.
        let points = Array2::from_shape_fn((240, 4), |(row, dim)| hashed((4 * row + dim + 1) as u64));
        let both = |x: &[f64; 4]| u32::from(x[1] > 0.6 && x[2] > 0.3);
        let rows: Vec<[f64; 4]> = points.rows().into_iter().map(|x| [x[0], x[1], x[2], x[3]]).collect();
        let level = |(row, x): (usize, &[f64; 4])| (0.9 * hashed(5_000 + row as u64) + 2.2 * x[0]) as u32 + both(x);
        let value = |(row, x): (usize, &[f64; 4])| x[0] * x[1] + 0.3 * x[3] + 0.2 * hashed(9_000 + row as u64);
        let classes: Vec<u32> = rows.iter().enumerate().map(level).collect();
        let values: Vec<f64> = rows.iter().enumerate().map(value).collect();
        let sorted = Sorted::new(points.view(), &(0..160).collect::<Vec<_>>());
        let (classified, regressed) = (classify(&sorted, &classes, 4, 0), regress(&sorted, &values, 0));
        assert_near(&classified.importances, &[0.4795, 0.3048, 0.1276, 0.0882], 0.008);
        assert_near(&regressed.importances, &[0.4145, 0.4007, 0.0078, 0.1769], 0.002);
        assert_near(&regressed.predictions[160..164], &[0.97018, 0.23255, 0.47312, 0.42711], 1e-4);
        let theirs = [3, 0, 2, 1, 0, 0, 1, 1, 2, 1, 1, 3, 1, 1, 1, 2, 0, 1, 1, 1, 2, 2, 3, 0, 1, 0, 2, 2, 1, 1];
        assert!(right(&classified.predictions[160..190], &theirs, &(0..30).collect::<Vec<_>>()) > 0.95);
    }

    #[test]
    fn a_threshold_on_one_dimension_is_found_and_holds_for_new_rows() {
        let points = noise(400, 5);
        let classes: Vec<u32> = points.column(3).iter().map(|x| u32::from(*x > 0.2) + u32::from(*x > 0.9)).collect();
        let (train, test): (Vec<usize>, Vec<usize>) = ((0..300).collect(), (300..400).collect());
        let learned = classify(&Sorted::new(points.view(), &train), &classes, 3, 1);
        assert!(learned.importances[3] > 0.98, "{:?}", learned.importances);
        assert!(right(&learned.predictions, &classes, &test) > 0.96);
    }

    #[test]
    fn exclusive_or_needs_both_dimensions() {
        let points = noise(600, 4);
        let classes: Vec<u32> = points.rows().into_iter().map(|p| u32::from((p[0] > 0.0) != (p[2] > 0.0))).collect();
        let (train, test): (Vec<usize>, Vec<usize>) = ((0..450).collect(), (450..600).collect());
        let learned = classify(&Sorted::new(points.view(), &train), &classes, 2, 1);
        assert!(learned.importances[0] > 0.2 && learned.importances[2] > 0.2, "{:?}", learned.importances);
        assert!(right(&learned.predictions, &classes, &test) > 0.9);
    }

    #[test]
    fn a_smooth_function_is_followed() {
        let points = noise(800, 3);
        let values: Vec<f64> = points.column(1).iter().map(|x| x.sin()).collect();
        let train: Vec<usize> = (0..600).collect();
        let learned = regress(&Sorted::new(points.view(), &train), &values, 1);
        let error = (600..800).map(|row| (learned.predictions[row] - values[row]).powi(2)).sum::<f64>() / 200.0;
        assert!(error < 0.004 && learned.importances[1] > 0.99, "{error} {:?}", learned.importances);
    }

    #[test]
    fn equal_dimensions_share_what_they_tell() {
        let mut points = noise(300, 3);
        let copy = points.column(0).to_owned();
        points.column_mut(2).assign(&copy);
        let classes: Vec<u32> = copy.iter().map(|x| u32::from(*x > 0.0) + u32::from(*x > 1.0)).collect();
        let train: Vec<usize> = (0..300).collect();
        let told = classify(&Sorted::new(points.view(), &train), &classes, 3, 1).importances;
        assert!(told[0] > 0.25 && told[2] > 0.25 && told[1] < 0.02, "{told:?}");
    }

    #[test]
    fn what_does_not_vary_tells_nothing() {
        let points = Sorted::new(Array2::ones((20, 2)).view(), &[0, 1, 2, 3, 4, 5, 6, 7]);
        let classes: Vec<u32> = (0..20).map(|row| u32::from(row >= 3)).collect();
        let learned = classify(&points, &classes, 2, 0);
        assert_eq!((learned.importances, learned.predictions), (vec![0.0; 2], vec![1; 20]));
        assert_eq!(regress(&points, &[2.0; 20], 0).predictions, [2.0; 20]);
    }

    #[test]
    fn without_dimensions_or_rows_the_guess_is_constant() {
        let nothing = Sorted::new(Array2::zeros((3, 0)).view(), &[0, 1]);
        assert_eq!(classify(&nothing, &[1, 1, 0], 2, 0).predictions, [1, 1, 1]);
        assert_eq!(regress(&Sorted::new(noise(3, 2).view(), &[]), &[1.0, 2.0, 3.0], 0).predictions, [0.0; 3]);
    }

    #[test]
    fn threads_and_repetition_change_nothing() {
        let points = noise(200, 4);
        let classes: Vec<u32> = (0..200).map(|row| row % 3).collect();
        let train: Vec<usize> = (0..150).collect();
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
            pool.install(|| classify(&Sorted::new(points.view(), &train), &classes, 3, 9))
        };
        assert_eq!(run(1), run(3));
    }
}
