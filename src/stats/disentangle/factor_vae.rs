//! FactorVAE score: Kim, Mnih, "Disentangling by factorising" (ICML 2018), section 4; as in disentanglement_lib.
//!
//! A vote: draw a factor, one of its levels, and a set of points of that level; the code that varies least in the set, each
//! against its variance over all points, votes for the factor. Each code stands for the factor that it voted for most, and
//! the score is the accuracy of that on new sets. Chance is one over the number of factors.
//!
//! There is no generator here, so sets come from the points at hand. Votes and new sets come from different halves, split
//! by group: sets that shared points would find the same code by chance. Levels with too few points in a half are left out.

use ndarray::Array2;
use rayon::prelude::*;

use super::held_out::by_group;
use super::{Absent, Given};
use crate::random::Stream;

/// Points in a set: the largest of these that every factor can fill at two levels. disentanglement_lib draws 64.
const SET_POINTS: [usize; 4] = [64, 32, 16, 8];
/// Sets from which codes learn what they stand for, and new ones.
const SETS: [usize; 2] = [10_000, 5_000];

/// Accuracy on new sets.
pub struct FactorVae {
    /// Share of the sets whose factor is guessed.
    pub accuracy: f64,
    /// Points in each set.
    pub set_points: usize,
}

/// Rows by level, for each factor: `[factor][level][row]`.
type Pools = Vec<Vec<Vec<usize>>>;

/// FactorVAE score of all live codes, or why there is none.
pub fn score(given: &Given) -> Result<FactorVae, Absent> {
    if given.codes.ncols() == 0 {
        return Err(Absent::NoLiveCode);
    }
    if given.factors.len() < 2 {
        return Err(Absent::OneFactor);
    }
    let halves = by_group(given.groups, 0.5, &mut Stream::new(given.seed, "stats.disentangle.halves"));
    let pools = [pools(given, &halves.train), pools(given, &halves.test)];
    let set_points = set_points(given, &pools)?;
    let [learned, new] = usable(pools, set_points);
    let scaled = scaled(&given.codes);
    let cast = |pools: &Pools, sets: usize, name: &str| votes(&scaled, pools, set_points, sets, given.seed, name);
    let votes = cast(&learned, SETS[0], "stats.disentangle.votes");
    let trials = cast(&new, SETS[1], "stats.disentangle.trials");
    let right: f64 = (0..votes.nrows()).map(|code| trials[[code, winner(&votes, code)]]).sum();
    Ok(FactorVae { accuracy: right / SETS[1] as f64, set_points })
}

fn pools(given: &Given, rows: &[usize]) -> Pools {
    let of_factor = |levels: &super::Levels| {
        let mut pool = vec![Vec::new(); levels.count];
        rows.iter().for_each(|row| pool[levels.of[*row] as usize].push(*row));
        pool
    };
    given.factors.iter().map(|known| of_factor(&known.levels)).collect()
}

/// The largest set that two levels of every factor can fill in both halves.
fn set_points(given: &Given, pools: &[Pools; 2]) -> Result<usize, Absent> {
    let full =
        |factor: usize, level: usize, points: usize| pools.iter().all(|half| half[factor][level].len() >= points);
    let fills = |factor: usize, points: usize| {
        (0..given.factors[factor].levels.count).filter(|level| full(factor, *level, points)).count() >= 2
    };
    let all_fill = |points: &usize| (0..given.factors.len()).all(|factor| fills(factor, *points));
    SET_POINTS.into_iter().find(all_fill).ok_or_else(|| {
        let needed = SET_POINTS[SET_POINTS.len() - 1];
        let short = (0..given.factors.len()).find(|factor| !fills(*factor, needed)).unwrap_or(0);
        Absent::FewPointsPerLevel { factor: given.factors[short].factor.name.clone(), needed }
    })
}

/// The levels that have `points` rows in both halves.
fn usable(pools: [Pools; 2], points: usize) -> [Pools; 2] {
    let keep = |factor: usize, level: usize| pools.iter().all(|half| half[factor][level].len() >= points);
    let filtered = |half: &Pools| {
        let levels = |(factor, levels): (usize, &Vec<Vec<usize>>)| {
            (0..levels.len()).filter(|level| keep(factor, *level)).map(|level| levels[level].clone()).collect()
        };
        half.iter().enumerate().map(levels).collect()
    };
    [filtered(&pools[0]), filtered(&pools[1])]
}

/// Codes over their standard deviation, so that variances can be compared.
fn scaled(codes: &Array2<f64>) -> Array2<f64> {
    let deviation = codes.std_axis(ndarray::Axis(0), 0.0);
    codes / &deviation
}

/// How often each code varied least in a set of each factor, `[codes, factors]`.
fn votes(codes: &Array2<f64>, pools: &Pools, set_points: usize, sets: usize, seed: u64, name: &str) -> Array2<f64> {
    let vote = |set: usize| {
        let mut stream = Stream::at(seed, name, set as u64);
        let factor = stream.below(pools.len());
        let level = stream.below(pools[factor].len());
        (steadiest(codes, &draw(&pools[factor][level], set_points, &mut stream)), factor)
    };
    let cast: Vec<(usize, usize)> = (0..sets).into_par_iter().map(vote).collect();
    let mut votes = Array2::zeros((codes.ncols(), pools.len()));
    cast.into_iter().for_each(|at| votes[at] += 1.0);
    votes
}

/// `count` of the rows, none twice.
fn draw(rows: &[usize], count: usize, stream: &mut Stream) -> Vec<usize> {
    let mut rows = rows.to_vec();
    for at in 0..count {
        let other = at + stream.below(rows.len() - at);
        rows.swap(at, other);
    }
    rows.truncate(count);
    rows
}

/// The code that varies least over the rows, the first of equals.
fn steadiest(codes: &Array2<f64>, rows: &[usize]) -> usize {
    let mut means = vec![0.0; codes.ncols()];
    rows.iter().for_each(|row| add(&mut means, codes, *row, |_, x| x));
    means.iter_mut().for_each(|mean| *mean /= rows.len() as f64);
    let mut variances = vec![0.0; codes.ncols()];
    rows.iter().for_each(|row| add(&mut variances, codes, *row, |at, x| (x - means[at]) * (x - means[at])));
    (0..variances.len()).fold(0, |best, code| if variances[code] < variances[best] { code } else { best })
}

fn add(sums: &mut [f64], codes: &Array2<f64>, row: usize, term: impl Fn(usize, f64) -> f64) {
    sums.iter_mut().zip(codes.row(row)).enumerate().for_each(|(at, (sum, x))| *sum += term(at, *x));
}

/// The factor a code voted for most, the first of equals.
fn winner(votes: &Array2<f64>, code: usize) -> usize {
    (0..votes.ncols()).fold(0, |best, at| if votes[[code, at]] > votes[[code, best]] { at } else { best })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn the_code_that_does_not_move_is_found() {
        let codes = array![[0.0, 1.0, 3.0], [2.0, 1.1, 3.0], [1.0, 0.9, 3.0], [7.0, 1.0, 5.0]];
        assert_eq!(steadiest(&codes, &[0, 1, 2]), 2);
        assert_eq!(steadiest(&codes, &[0, 3]), 1);
    }

    #[test]
    fn sets_hold_no_point_twice_and_reach_all() {
        let (mut stream, mut seen) = (Stream::new(2, "test.draw"), [false; 9]);
        for _ in 0..100 {
            let mut set = draw(&[0, 1, 2, 3, 4, 5, 6, 7, 8], 4, &mut stream);
            set.iter().for_each(|row| seen[*row] = true);
            set.sort_unstable();
            set.dedup();
            assert_eq!(set.len(), 4);
        }
        assert_eq!(seen, [true; 9]);
    }

    #[test]
    fn ties_go_to_the_first_factor() {
        assert_eq!(winner(&array![[2.0, 5.0, 5.0]], 0), 1);
    }
}
