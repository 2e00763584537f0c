//! Greedy k-means++: each new centre is the best of a few points drawn in proportion to their squared distance.
//! Arthur, Vassilvitskii (SODA 2007), section 2.2 and its remark on trials; `2 + ln k` trials as in scikit-learn.

use super::lloyd::Cloud;
use crate::random::Stream;
use crate::stats::linalg::dot_products;

/// Points whose distances are computed together.
const CHUNK: usize = 256;

/// `k` of the points as first centres, `[k, dims]` row-major.
pub fn centres(cloud: &Cloud, k: usize, stream: &mut Stream) -> Vec<f64> {
    let trials = 2 + (k as f64).ln() as usize;
    let norms: Vec<f64> = cloud.rows().map(|point| point.iter().map(|x| x * x).sum()).collect();
    let first = stream.below(cloud.len());
    let mut centres = cloud.point(first).to_vec();
    let mut nearest = distances_within(cloud, &norms, &[first], &vec![f64::INFINITY; cloud.len()]);
    for _ in 1..k {
        let candidates = draw(&nearest, trials, stream);
        let within = distances_within(cloud, &norms, &candidates, &nearest);
        let (best, distances) = least_total(&within, cloud.len());
        centres.extend_from_slice(cloud.point(candidates[best]));
        nearest = distances.to_vec();
    }
    centres
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

/// For each candidate a row of squared distances to all points, none larger than in `nearest`; `[candidates, points]`.
fn distances_within(cloud: &Cloud, norms: &[f64], candidates: &[usize], nearest: &[f64]) -> Vec<f64> {
    let rows: Vec<f64> = candidates.iter().flat_map(|row| cloud.point(*row)).copied().collect();
    let mut within = nearest.repeat(candidates.len());
    let mut dots = vec![0.0; candidates.len() * CHUNK];
    for (index, chunk) in cloud.chunks(CHUNK).enumerate() {
        let (first, count) = (index * CHUNK, chunk.len() / cloud.dims());
        let dots = &mut dots[..candidates.len() * count];
        dot_products(&rows, chunk, cloud.dims(), dots);
        for (trial, dots) in dots.chunks_exact(count).enumerate() {
            let within = &mut within[trial * cloud.len() + first..][..count];
            shrink(within, norms[candidates[trial]], &norms[first..first + count], dots);
        }
    }
    candidates.iter().enumerate().for_each(|(trial, row)| within[trial * cloud.len() + row] = 0.0);
    within
}

fn shrink(within: &mut [f64], own: f64, norms: &[f64], dots: &[f64]) {
    for ((within, norm), dot) in within.iter_mut().zip(norms).zip(dots) {
        *within = within.min((own + norm - 2.0 * dot).max(0.0));
    }
}

/// The row with the least sum (the first of equals).
fn least_total(rows: &[f64], width: usize) -> (usize, &[f64]) {
    let totals = rows.chunks_exact(width).map(|row| row.iter().sum::<f64>());
    let best = totals.enumerate().min_by(|a, b| a.1.total_cmp(&b.1)).map_or(0, |(row, _)| row);
    (best, &rows[best * width..(best + 1) * width])
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
