//! One step of mini-batch k-means, and the rule that ends the steps.

use ndarray::ArrayView2;

use crate::random::Stream;
use crate::stats::kmeans::cloud::Cloud;
use crate::stats::kmeans::lloyd::{assign, distances};

/// A centre that has been given less than this share of the points of the largest is put elsewhere.
const TOO_FEW: f64 = 0.01;

/// Steps without improvement that end the iteration.
const PATIENCE: usize = 10;

/// Rows drawn with replacement, moved by `-mean`; all rows in order where there are no more than `count`.
pub fn sample(points: ArrayView2<f64>, mean: &[f64], count: usize, stream: &mut Stream) -> Cloud {
    if points.nrows() <= count {
        return Cloud::about(points, mean.to_vec());
    }
    draw(points, mean, count, stream)
}

/// Rows drawn with replacement, moved by `-mean`.
pub fn draw(points: ArrayView2<f64>, mean: &[f64], count: usize, stream: &mut Stream) -> Cloud {
    let rows: Vec<usize> = (0..count).map(|_| stream.below(points.nrows())).collect();
    Cloud::gathered(points, &rows, mean.to_vec())
}

/// Centres that follow the batches, each with the number of points it has been given so far.
pub struct Centres {
    /// `[k, dims]`, row-major.
    pub values: Vec<f64>,
    counts: Vec<f64>,
    since_moving: usize,
}

impl Centres {
    /// Centres that have been given no points yet.
    pub fn new(values: Vec<f64>, dims: usize) -> Centres {
        let counts = vec![0.0; values.len() / dims];
        Centres { values, counts, since_moving: 0 }
    }

    /// Moves each centre towards its points of the batch, in the proportion of old and new points; gives the mean
    /// squared distance of the batch before that.
    pub fn follow(&mut self, batch: &Cloud, stream: &mut Stream) -> f64 {
        let labels = assign(batch, &self.values);
        let inertia: f64 = distances(batch, &self.values, &labels).iter().sum();
        let looking = self.looks_for_idle(batch.len());
        self.pull(batch, &labels);
        if looking {
            self.move_idle(batch, stream);
        }
        inertia / batch.len() as f64
    }

    /// Whether this is a step that may move centres: every 10 k points, and while one has no point at all.
    fn looks_for_idle(&mut self, batch: usize) -> bool {
        self.since_moving += batch;
        let looks = self.counts.contains(&0.0) || self.since_moving >= 10 * self.counts.len();
        self.since_moving = if looks { 0 } else { self.since_moving };
        looks
    }

    fn pull(&mut self, batch: &Cloud, labels: &[usize]) {
        let dims = batch.dims();
        let (mut sums, mut sizes) = (vec![0.0; self.values.len()], vec![0.0; self.counts.len()]);
        for (row, label) in labels.iter().enumerate() {
            sizes[*label] += 1.0;
            let sum = &mut sums[label * dims..(label + 1) * dims];
            sum.iter_mut().zip(batch.tiles.point(row)).for_each(|(sum, x)| *sum += x);
        }
        for (centre, size) in sizes.into_iter().enumerate().filter(|(_, size)| *size > 0.0) {
            let (before, after) = (self.counts[centre], self.counts[centre] + size);
            let span = centre * dims..(centre + 1) * dims;
            let pairs = self.values[span.clone()].iter_mut().zip(&sums[span]);
            pairs.for_each(|(centre, sum)| *centre = (*centre * before + sum) / after);
            self.counts[centre] = after;
        }
    }

    /// Puts the centres with too few points (those with the fewest, and at most half a batch of them) onto points of
    /// the batch, with as many points to their name as the poorest of the others, so that they are not moved again at
    /// once.
    fn move_idle(&mut self, batch: &Cloud, stream: &mut Stream) {
        let most = self.counts.iter().copied().fold(0.0, f64::max);
        let mut idle: Vec<usize> = (0..self.counts.len()).filter(|at| self.counts[*at] < TOO_FEW * most).collect();
        idle.sort_by(|a, b| self.counts[*a].total_cmp(&self.counts[*b]));
        idle.truncate(batch.len() / 2);
        let mut rows: Vec<usize> = (0..batch.len()).collect();
        stream.shuffle(&mut rows);
        let busy = (0..self.counts.len()).filter(|at| !idle.contains(at)).map(|at| self.counts[at]);
        let least = busy.fold(most, f64::min);
        for (centre, row) in idle.into_iter().zip(rows) {
            self.values[centre * batch.dims()..(centre + 1) * batch.dims()].copy_from_slice(&batch.point(row));
            self.counts[centre] = least;
        }
    }
}

/// Ends the steps when the smoothed inertia has not fallen for a while.
pub struct Patience {
    share: f64,
    smoothed: Option<f64>,
    least: f64,
    waited: usize,
}

impl Patience {
    /// For batches of `batch` out of `points` points.
    pub fn new(batch: usize, points: usize) -> Patience {
        let share = (2.0 * batch as f64 / (points as f64 + 1.0)).min(1.0);
        Patience { share, smoothed: None, least: f64::INFINITY, waited: 0 }
    }

    /// Takes the mean squared distance of a batch; true if that is enough.
    pub fn is_over(&mut self, inertia: f64) -> bool {
        let smoothed = self.smoothed.map_or(inertia, |before| before * (1.0 - self.share) + inertia * self.share);
        self.smoothed = Some(smoothed);
        self.waited = if smoothed < self.least { 0 } else { self.waited + 1 };
        self.least = self.least.min(smoothed);
        self.waited >= PATIENCE
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn a_centre_is_the_mean_of_all_it_has_been_given() {
        let batch = |x: f64| Cloud::about(array![[x], [100.0]].view(), vec![0.0]);
        let mut centres = Centres::new(vec![1.0, 100.0], 1);
        let found = [2.0, 5.0, 11.0].map(|x| centres.follow(&batch(x), &mut Stream::new(0, "test")));
        assert_eq!(centres.values, [6.0, 100.0]);
        assert_eq!(found, [0.5, 4.5, (11.0f64 - 3.5).powi(2) / 2.0]);
    }

    #[test]
    fn a_centre_without_points_is_put_onto_a_point() {
        let batch = Cloud::about(array![[1.0], [2.0], [3.0], [4.0]].view(), vec![0.0]);
        let mut centres = Centres::new(vec![2.0, 900.0], 1);
        centres.follow(&batch, &mut Stream::new(0, "test"));
        assert!((1.0..=4.0).contains(&centres.values[1]), "{:?}", centres.values);
        assert_eq!(centres.counts, [4.0, 4.0]);
    }

    #[test]
    fn patience_ends_after_ten_steps_without_improvement() {
        let mut patience = Patience::new(8, 8);
        assert!([9.0, 5.0].into_iter().all(|inertia| !patience.is_over(inertia)));
        let over: Vec<bool> = (0..10).map(|_| patience.is_over(5.0)).collect();
        assert_eq!(over.iter().position(|over| *over), Some(9));
    }
}
