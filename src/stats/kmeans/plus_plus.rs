//! Greedy k-means++: each new centre is the best of a few points drawn in proportion to their squared distance.
//! Arthur, Vassilvitskii (SODA 2007), section 2.2 and its remark on trials; `2 + ln k` trials as in scikit-learn.

use super::cloud::Cloud;
use crate::random::Stream;
use crate::stats::tiles::{LANES, products};
use crate::wide::wide;

/// `k` of the points as first centres, `[k, dims]` row-major.
pub fn centres(cloud: &Cloud, k: usize, stream: &mut Stream) -> Vec<f64> {
    let trials = 2 + (k as f64).ln() as usize;
    let first = stream.below(cloud.len());
    let mut centres = cloud.point(first);
    let mut nearest = distances_within(cloud, &[first], &unknown(cloud));
    for _ in 1..k {
        let candidates = draw(&nearest[..cloud.len()], trials, stream);
        let within = distances_within(cloud, &candidates, &nearest);
        let (best, distances) = least_total(&within, nearest.len());
        centres.extend(cloud.point(candidates[best]));
        nearest = distances.to_vec();
    }
    centres
}

/// Infinitely far for each point, and zero for the lanes behind the last, which add nothing to a sum.
fn unknown(cloud: &Cloud) -> Vec<f64> {
    (0..cloud.norms.len()).map(|lane| if lane < cloud.len() { f64::INFINITY } else { 0.0 }).collect()
}

/// Points drawn in proportion to `weights`; any point where all weights are zero.
fn draw(weights: &[f64], trials: usize, stream: &mut Stream) -> Vec<usize> {
    let mut sum = 0.0;
    let rising: Vec<f64> = weights.iter().map(|weight| (sum += weight, sum).1).collect();
    let one = |_| match sum > 0.0 {
        true => {
            let at = stream.uniform() * sum;
            rising.partition_point(|edge| *edge <= at).min(weights.len() - 1)
        }
        false => stream.below(weights.len()),
    };
    (0..trials).map(one).collect()
}

/// For each candidate a row of squared distances to all points, none larger than in `nearest`; `[candidates, lanes]`.
fn distances_within(cloud: &Cloud, candidates: &[usize], nearest: &[f64]) -> Vec<f64> {
    let rows: Vec<f64> = candidates.iter().flat_map(|row| cloud.tiles.point(*row)).collect();
    let own: Vec<f64> = candidates.iter().map(|row| cloud.norms[*row]).collect();
    let mut within = vec![0.0; candidates.len() * nearest.len()];
    shrink(cloud, &rows, &own, nearest, &mut within);
    candidates.iter().enumerate().for_each(|(trial, row)| within[trial * nearest.len() + row] = 0.0);
    within
}

wide! {
    fn shrink(cloud: &Cloud, rows: &[f64], own: &[f64], nearest: &[f64], within: &mut [f64]) -> () {
        let norms = cloud.norms.as_chunks::<LANES>().0;
        let mut dots = vec![[0.0; LANES]; own.len()];
        for (at, (norms, near)) in norms.iter().zip(nearest.as_chunks::<LANES>().0).enumerate() {
            products(cloud.tiles.tile(at), rows, &mut dots);
            for (trial, dots) in dots.iter().enumerate() {
                let within = &mut within[trial * nearest.len() + at * LANES..][..LANES];
                for lane in 0..LANES {
                    let squared = own[trial] + norms[lane] - 2.0 * dots[lane];
                    let squared = if squared > 0.0 { squared } else { 0.0 };
                    within[lane] = if squared < near[lane] { squared } else { near[lane] };
                }
            }
        }
    }
}

/// The row with the least sum (the first of equals).
fn least_total(rows: &[f64], width: usize) -> (usize, &[f64]) {
    let totals = rows.chunks_exact(width).map(total);
    let best = totals.enumerate().min_by(|a, b| a.1.total_cmp(&b.1)).map_or(0, |(row, _)| row);
    (best, &rows[best * width..(best + 1) * width])
}

/// In as many partial sums as a tile has lanes.
fn total(values: &[f64]) -> f64 {
    let mut sums = [0.0; LANES];
    values.as_chunks::<LANES>().0.iter().for_each(|lanes| sums.iter_mut().zip(lanes).for_each(|(sum, x)| *sum += x));
    sums.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn far_spots_get_a_centre_each() {
        let cloud = Cloud::new(array![[0.0], [0.0], [50.0], [50.0], [200.0], [200.0]].view());
        for seed in 0..20 {
            let mut found = centres(&cloud, 3, &mut Stream::new(seed, "test"));
            found.sort_by(f64::total_cmp);
            found.dedup();
            assert_eq!(found.len(), 3, "seed {seed}");
        }
    }

    #[test]
    fn points_that_are_all_equal_can_be_drawn() {
        let cloud = Cloud::new(array![[1.0], [1.0]].view());
        assert_eq!(centres(&cloud, 2, &mut Stream::new(0, "test")), [0.0, 0.0]);
    }

    #[test]
    fn points_are_drawn_in_proportion_to_their_weight() {
        let drawn = draw(&[1.0, 0.0, 3.0], 4000, &mut Stream::new(1, "test"));
        let count = |point: usize| drawn.iter().filter(|d| **d == point).count();
        assert!(count(1) == 0 && (900..1100).contains(&count(0)), "{} {}", count(0), count(1));
    }
}
