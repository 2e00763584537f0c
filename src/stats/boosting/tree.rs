//! One regression tree: at each node the split that takes most squared error away.
//! gain = Σl²/nl + Σr²/nr - Σ²/n, sums of gradients left and right; Breiman, Friedman, Olshen, Stone (1984), section 8.4.
//!
//! The rows of a node lie in one span of every dimension's order. A split parts that span in two and keeps the order, so
//! each level costs one pass over rows and dimensions.

use std::ops::Range;

use ndarray::ArrayViewMut1;

use super::sorted::Sorted;
use crate::random::Stream;

/// Splits between root and leaf.
const DEPTH: usize = 3;
/// Gains below this share of the sum of squares at the root are rounding.
const LEAST_GAIN: f64 = 1e-9;
/// Leaves of less curvature are left at 0: all their points are certain already.
const LEAST_CURVATURE: f64 = 1e-150;

/// What a tree is fitted to, for each row that is learned from, `[train]`.
pub struct Slope {
    /// Minus the derivative of the loss by the score.
    pub gradient: Vec<f64>,
    /// The second derivative.
    pub curvature: Vec<f64>,
    /// Leaves are worth `step * sum of gradient / sum of curvature`.
    pub step: f64,
}

/// A tree that is grown.
pub struct Tree {
    nodes: Vec<Node>,
    /// Squared error that splits by each dimension took away, over the number of rows, `[dims]`.
    pub gains: Vec<f64>,
}

#[derive(Clone, Copy)]
enum Node {
    Leaf(f64),
    Split { dim: usize, threshold: f64, left: usize, right: usize },
}

struct Split {
    dim: usize,
    /// Rows on the left side.
    left: usize,
    gain: f64,
}

/// What growing needs throughout.
struct Grower<'a> {
    points: &'a Sorted,
    slope: &'a Slope,
    least_gain: f64,
    stream: &'a mut Stream,
    /// `[dims, train]`: each node's rows lie in the same span of every dimension.
    order: Vec<u32>,
    /// `1 / count` for every count up to the number of rows.
    reciprocals: Vec<f64>,
    goes_left: Vec<bool>,
    spare: Vec<u32>,
    tree: Tree,
}

impl Tree {
    /// Fits a tree to `slope`. `stream` decides between dimensions whose gain is equal.
    pub fn grow(points: &Sorted, slope: &Slope, stream: &mut Stream) -> Tree {
        let n = points.train().len();
        let mut grower = Grower {
            points,
            slope,
            least_gain: LEAST_GAIN * slope.gradient.iter().map(|g| g * g).sum::<f64>(),
            stream,
            order: points.order().to_vec(),
            reciprocals: (0..=n).map(|count| 1.0 / count as f64).collect(),
            goes_left: vec![false; n],
            spare: vec![0; n],
            tree: Tree { nodes: Vec::new(), gains: vec![0.0; points.dims()] },
        };
        if n > 0 && points.dims() > 0 {
            grower.grow(0..n, 0, DEPTH);
        }
        grower.tree
    }

    /// Adds `rate` times the leaf of each row to `scores` `[rows]`.
    pub fn add_to(&self, points: &Sorted, rate: f64, scores: ArrayViewMut1<f64>) {
        if !self.nodes.is_empty() {
            scores.into_iter().enumerate().for_each(|(row, score)| *score += rate * self.value(points, row));
        }
    }

    fn value(&self, points: &Sorted, row: usize) -> f64 {
        let mut at = 0;
        loop {
            match self.nodes[at] {
                Node::Leaf(value) => return value,
                Node::Split { dim, threshold, left, right } => {
                    at = if points.value(row, dim) <= threshold { left } else { right };
                }
            }
        }
    }
}

impl Grower<'_> {
    /// Grows the node of the rows in `span`, below which `depth` splits are allowed, and gives its index. Where no split is
    /// allowed only the order of dimension `dim` needs to be parted.
    fn grow(&mut self, span: Range<usize>, dim: usize, depth: usize) -> usize {
        let at = self.tree.nodes.len();
        self.tree.nodes.push(Node::Leaf(self.leaf(span.clone(), dim)));
        let split = if depth > 0 { self.best_split(span.clone()) } else { None };
        if let Some(Split { dim, left, gain }) = split {
            let middle = span.start + left;
            self.tree.gains[dim] += gain / self.points.train().len() as f64;
            let threshold = self.threshold(middle, dim);
            if depth > 1 {
                self.part(span.clone(), middle, dim);
            }
            let left = self.grow(span.start..middle, dim, depth - 1);
            let right = self.grow(middle..span.end, dim, depth - 1);
            self.tree.nodes[at] = Node::Split { dim, threshold, left, right };
        }
        at
    }

    /// The rows in a span of the order of a dimension.
    fn rows(&self, span: Range<usize>, dim: usize) -> &[u32] {
        let first = dim * self.goes_left.len();
        &self.order[first + span.start..first + span.end]
    }

    fn leaf(&self, span: Range<usize>, dim: usize) -> f64 {
        let sums = self.rows(span, dim).iter().fold((0.0, 0.0), |(gradient, curvature), row| {
            (gradient + self.slope.gradient[*row as usize], curvature + self.slope.curvature[*row as usize])
        });
        if sums.1 < LEAST_CURVATURE { 0.0 } else { self.slope.step * sums.0 / sums.1 }
    }

    /// Half-way between the last value on the left and the first on the right.
    fn threshold(&self, middle: usize, dim: usize) -> f64 {
        let [low, high] = [middle - 1, middle].map(|at| self.points.trained(self.rows(at..at + 1, dim)[0], dim));
        let between = low / 2.0 + high / 2.0;
        if between < high { between } else { low }
    }

    /// Puts the rows that are left of `middle` in the order of `dim` first in every other order, too.
    fn part(&mut self, span: Range<usize>, middle: usize, dim: usize) {
        let n = self.goes_left.len();
        for at in span.clone() {
            self.goes_left[self.order[dim * n + at] as usize] = at < middle;
        }
        for other in (0..self.points.dims()).filter(|other| *other != dim) {
            let rows = &mut self.order[other * n + span.start..other * n + span.end];
            let (mut kept, mut moved) = (0, 0);
            for at in 0..rows.len() {
                let row = rows[at];
                let left = self.goes_left[row as usize];
                (rows[kept], self.spare[moved]) = (row, row);
                (kept, moved) = (kept + usize::from(left), moved + usize::from(!left));
            }
            rows[kept..].copy_from_slice(&self.spare[..moved]);
        }
    }

    /// The split of the largest gain; dimensions are tried in random order, and the first of equals is taken.
    fn best_split(&mut self, span: Range<usize>) -> Option<Split> {
        let mut dims: Vec<usize> = (0..self.points.dims()).collect();
        self.stream.shuffle(&mut dims);
        let sum: f64 = self.rows(span.clone(), 0).iter().map(|row| self.slope.gradient[*row as usize]).sum();
        let mut best: Option<Split> = None;
        for dim in dims {
            let least = best.as_ref().map_or(self.least_gain, |best| best.gain);
            if let Some((left, gain)) = self.best_cut(span.clone(), dim, sum, least) {
                best = Some(Split { dim, left, gain });
            }
        }
        best
    }

    /// Rows on the left side and the gain, for the best cut of one dimension, if it gains more than `least`.
    fn best_cut(&self, span: Range<usize>, dim: usize, sum: f64, least: f64) -> Option<(usize, f64)> {
        let rows = self.rows(span, dim);
        let (whole, gradient) = (sum * sum * self.reciprocals[rows.len()], &self.slope.gradient);
        let (mut left, mut best, mut cut) = (0.0, least, None);
        for (at, row) in rows[..rows.len() - 1].iter().enumerate() {
            left += gradient[*row as usize];
            let right = sum - left;
            let [before, after] = [self.reciprocals[at + 1], self.reciprocals[rows.len() - at - 1]];
            let gain = left * left * before + right * right * after - whole;
            // Equal values cannot be parted; few cuts are good enough to have to ask.
            if gain > best && self.points.trained(*row, dim) < self.points.trained(rows[at + 1], dim) {
                (best, cut) = (gain, Some(at + 1));
            }
        }
        cut.map(|left| (left, best))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array1, Array2};
    use proptest::prelude::{prop_assert, proptest};

    fn squared(targets: &[f64]) -> Slope {
        Slope { gradient: targets.to_vec(), curvature: vec![1.0; targets.len()], step: 1.0 }
    }

    fn grow(points: &Array2<f64>, targets: &[f64]) -> (Tree, Vec<f64>) {
        let sorted = Sorted::new(points.view(), &(0..targets.len()).collect::<Vec<_>>());
        let tree = Tree::grow(&sorted, &squared(targets), &mut Stream::new(0, "test.tree"));
        let mut scores = Array1::zeros(targets.len());
        tree.add_to(&sorted, 1.0, scores.view_mut());
        (tree, scores.to_vec())
    }

    #[test]
    fn eight_steps_are_learned_by_three_splits() {
        let points = Array2::from_shape_fn((8, 1), |(row, _)| row as f64);
        let targets: Vec<f64> = (0..8).map(f64::from).collect();
        let (tree, scores) = grow(&points, &targets);
        assert_eq!(scores, targets);
        assert_eq!(tree.nodes.iter().filter(|node| matches!(node, Node::Leaf(_))).count(), 8);
    }

    #[test]
    fn equal_targets_or_points_are_not_split() {
        let (tree, scores) = grow(&Array2::from_shape_fn((50, 2), |(row, _)| row as f64), &[0.7; 50]);
        assert!(tree.gains == [0.0, 0.0] && tree.nodes.len() == 1 && (scores[0] - 0.7).abs() < 1e-15);
        assert_eq!(grow(&Array2::ones((4, 2)), &[1.0, 2.0, 3.0, 4.0]).1, [2.5; 4]);
    }

    #[test]
    fn neighbouring_numbers_can_be_parted() {
        let low = 1.0f64;
        let points = Array2::from_shape_vec((2, 1), vec![low, low.next_up()]).expect("two rows");
        assert_eq!(grow(&points, &[5.0, 6.0]).1, [5.0, 6.0]);
    }

    proptest! {
        #[test]
        fn the_gains_are_the_squared_error_that_is_gone(seed in 0u64..200, n in 2usize..120) {
            let mut stream = Stream::new(seed, "test.gains");
            let points = Array2::from_shape_fn((n, 3), |_| (stream.normal() * 4.0).round());
            let targets: Vec<f64> = (0..n).map(|_| stream.normal()).collect();
            let (tree, scores) = grow(&points, &targets);
            let mean = targets.iter().sum::<f64>() / n as f64;
            let before: f64 = targets.iter().map(|t| (t - mean).powi(2)).sum();
            let after: f64 = targets.iter().zip(&scores).map(|(t, s)| (t - s).powi(2)).sum();
            let gone = tree.gains.iter().sum::<f64>() * n as f64;
            prop_assert!((before - after - gone).abs() < 1e-9 * before, "{before} {after} {gone}");
        }

        #[test]
        fn every_split_is_the_best_of_all(seed in 0u64..200, n in 2usize..60) {
            let mut stream = Stream::new(seed, "test.best");
            let points = Array2::from_shape_fn((n, 2), |_| (stream.normal() * 3.0).round());
            let targets: Vec<f64> = (0..n).map(|_| stream.normal()).collect();
            let (tree, _) = grow(&points, &targets);
            let naive = naive(&points, &targets, (0..n).collect(), 3);
            prop_assert!((tree.gains.iter().sum::<f64>() * n as f64 - naive).abs() < 1e-9 * n as f64, "{naive}");
        }
    }

    /// Squared error taken away by the greedy splits of `rows`, by trying all.
    fn naive(points: &Array2<f64>, targets: &[f64], rows: Vec<usize>, depth: usize) -> f64 {
        let error = |rows: &[usize]| {
            let mean = rows.iter().map(|row| targets[*row]).sum::<f64>() / rows.len().max(1) as f64;
            rows.iter().map(|row| (targets[*row] - mean).powi(2)).sum::<f64>()
        };
        let mut best = (1e-9 * error(&rows), Vec::new(), Vec::new());
        for (dim, at) in (0..2).flat_map(|dim| rows.iter().map(move |at| (dim, *at))) {
            let (left, right): (Vec<usize>, Vec<usize>) =
                rows.iter().partition(|row| points[[**row, dim]] <= points[[at, dim]]);
            let gain = error(&rows) - error(&left) - error(&right);
            if !right.is_empty() && gain > best.0 + 1e-12 {
                best = (gain, left, right);
            }
        }
        let (gain, left, right) = best;
        if depth == 0 || left.is_empty() {
            return 0.0;
        }
        gain + naive(points, targets, left, depth - 1) + naive(points, targets, right, depth - 1)
    }
}
