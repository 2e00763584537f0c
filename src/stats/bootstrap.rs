//! Bootstrap over groups: how far a number moves when other groups had been sampled.
//! Efron (1979); whole groups (artists) are drawn, because tracks of one artist are not independent: Davison, Hinkley (1997), 3.8.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::random::Stream;

/// Bounds of a 95 % percentile interval.
const PERCENTILES: [f64; 2] = [2.5, 97.5];

/// `statistic(rows)` for each of `resamples` samples of groups with replacement, in order.
///
/// `groups[row]` is the group of a row; a sample draws as many groups as there are and takes all rows of each.
/// The same for any number of threads: sample `i` has a random stream of its own.
pub fn resample<T: Send>(
    groups: &[u32],
    resamples: usize,
    seed: u64,
    statistic: impl Fn(&[usize]) -> T + Sync,
) -> Vec<T> {
    let members = members(groups);
    (0..resamples).into_par_iter().map(|sample| statistic(&draw(&members, seed, sample))).collect()
}

/// The 2.5 and 97.5 percentiles (linear between order statistics, as numpy) of the values that are there.
/// None if more than one in twenty is not: what is left would be a choice of the samples that suit.
pub fn interval(values: &[Option<f64>]) -> Option<[f64; 2]> {
    let mut present: Vec<f64> = values.iter().copied().flatten().filter(|value| value.is_finite()).collect();
    present.sort_unstable_by(f64::total_cmp);
    let enough = !present.is_empty() && 20 * present.len() >= 19 * values.len();
    enough.then(|| PERCENTILES.map(|percent| percentile(&present, percent)))
}

/// Percentile of values in rising order, not empty; `percent` in `0..=100`.
pub fn percentile(sorted: &[f64], percent: f64) -> f64 {
    let position = percent / 100.0 * (sorted.len() - 1) as f64;
    let (low, high) = (position.floor() as usize, position.ceil() as usize);
    sorted[low] + (position - position.floor()) * (sorted[high] - sorted[low])
}

/// Rows of each group, by rising group.
fn members(groups: &[u32]) -> Vec<Vec<usize>> {
    let mut members: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    groups.iter().enumerate().for_each(|(row, group)| members.entry(*group).or_default().push(row));
    members.into_values().collect()
}

fn draw(members: &[Vec<usize>], seed: u64, sample: usize) -> Vec<usize> {
    let mut stream = Stream::at(seed, "stats.bootstrap", sample as u64);
    (0..members.len()).flat_map(|_| members[stream.below(members.len())].iter().copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_drawn_whole() {
        let groups = [4, 4, 9, 4, 9];
        for rows in resample(&groups, 50, 1, <[usize]>::to_vec) {
            let count = |row: usize| rows.iter().filter(|r| **r == row).count();
            assert!(count(0) == count(1) && count(1) == count(3) && count(2) == count(4), "{rows:?}");
            assert_eq!(count(0) + count(2), 2);
        }
    }

    #[test]
    fn the_interval_of_a_mean_is_that_of_theory() {
        let values = Stream::new(5, "test.values").normals(400);
        let groups: Vec<u32> = (0..400).collect();
        let mean = |rows: &[usize]| Some(rows.iter().map(|r| f64::from(values[*r])).sum::<f64>() / rows.len() as f64);
        let [low, high] = interval(&resample(&groups, 2000, 3, mean)).expect("all defined");
        // 95 % of the mean of 400 standard normal values: 2 * 1.96 / sqrt(400) wide.
        assert!((high - low - 0.196).abs() < 0.02, "{low} {high}");
    }

    #[test]
    fn percentiles_are_those_of_numpy() {
        assert_eq!(percentile(&[1.0, 2.0, 4.0], 50.0), 2.0);
        assert_eq!(percentile(&[1.0, 2.0, 4.0], 75.0), 3.0);
        assert_eq!(percentile(&[1.0, 2.0, 4.0], 100.0), 4.0);
    }

    #[test]
    fn a_statistic_that_is_often_undefined_has_no_interval() {
        let with = |undefined: usize| (0..40).map(|at| (at >= undefined).then_some(1.0)).collect::<Vec<_>>();
        assert_eq!(interval(&with(2)), Some([1.0, 1.0]));
        assert_eq!(interval(&with(3)), None);
        assert_eq!(interval(&[]), None);
    }

    #[test]
    fn threads_do_not_change_the_samples() {
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
            pool.install(|| resample(&[0, 1, 2, 3, 4], 40, 7, <[usize]>::to_vec))
        };
        assert_eq!(run(1), run(4));
    }
}
