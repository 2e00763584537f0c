//! How good a ranking is: precision and recall of its first places, reciprocal rank, average precision, nDCG; and what luck gives.
//!
//! Manning, Raghavan, Schütze, "Introduction to information retrieval" (2008), section 8.4; nDCG with gains of 0 and 1 and
//! discounts `1 / log2(place + 1)`: Järvelin and Kekäläinen (2002). Chance levels are means over all orders, in closed form.

use std::f64::consts::LN_2;

/// The places of what is relevant in a ranking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ranking {
    /// Places from 1 on, rising; not empty.
    places: Vec<usize>,
    /// How many are ranked.
    candidates: usize,
}

/// Scores of one ranking, or their means over many.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RankScores {
    /// Share of the first `k` that are relevant.
    pub precision: f64,
    /// Share of what is relevant that is among the first `k`.
    pub recall: f64,
    /// One over the place of the first that is relevant.
    pub reciprocal_rank: f64,
    /// Mean over what is relevant of the precision at its place.
    pub average_precision: f64,
    /// Discounted gain of the first `k`, as a share of the best possible.
    pub ndcg: f64,
}

impl Ranking {
    /// Of candidates in order, each being relevant or not. None if nothing is relevant: then no order is better than another.
    pub fn of(relevant: impl IntoIterator<Item = bool>) -> Option<Ranking> {
        let (mut places, mut candidates) = (Vec::new(), 0);
        for relevant in relevant {
            candidates += 1;
            if relevant {
                places.push(candidates);
            }
        }
        (!places.is_empty()).then_some(Ranking { places, candidates })
    }

    /// Its scores, those of the first places at `k`, 1 or more.
    pub fn scores(&self, k: usize) -> RankScores {
        let relevant = self.places.len() as f64;
        let found = self.places.iter().take_while(|place| **place <= k).count();
        let gain: f64 = self.places[..found].iter().map(|place| discount(*place)).sum();
        let precisions = self.places.iter().enumerate().map(|(at, place)| (at + 1) as f64 / *place as f64);
        RankScores {
            precision: found as f64 / k.min(self.candidates) as f64,
            recall: found as f64 / relevant,
            reciprocal_rank: self.places.first().map_or(0.0, |first| 1.0 / *first as f64),
            average_precision: precisions.sum::<f64>() / relevant,
            ndcg: gain / ideal(k, self.places.len()),
        }
    }

    /// What [`Ranking::scores`] is in the mean over all orders of the same candidates.
    pub fn chance(&self, k: usize) -> RankScores {
        let (relevant, candidates) = (self.places.len(), self.candidates);
        let (share, first) = (relevant as f64 / candidates as f64, k.min(candidates));
        RankScores {
            precision: share,
            recall: first as f64 / candidates as f64,
            reciprocal_rank: mean_reciprocal_rank(relevant, candidates),
            average_precision: mean_average_precision(relevant, candidates),
            ndcg: share * (1..=first).map(discount).sum::<f64>() / ideal(k, relevant),
        }
    }
}

impl RankScores {
    /// Its numbers, in the order of the fields.
    pub fn each(&self) -> [f64; 5] {
        [self.precision, self.recall, self.reciprocal_rank, self.average_precision, self.ndcg]
    }

    /// The mean of some; None of none.
    pub fn mean(all: impl IntoIterator<Item = RankScores>) -> Option<RankScores> {
        let (mut sums, mut count) = ([0.0; 5], 0);
        for scores in all {
            count += 1;
            sums.iter_mut().zip(scores.each()).for_each(|(sum, value)| *sum += value);
        }
        let [precision, recall, reciprocal_rank, average_precision, ndcg] = sums.map(|sum| sum / f64::from(count));
        (count > 0).then_some(RankScores { precision, recall, reciprocal_rank, average_precision, ndcg })
    }
}

fn discount(place: usize) -> f64 {
    LN_2 / ((place + 1) as f64).ln()
}

fn ideal(k: usize, relevant: usize) -> f64 {
    (1..=k.min(relevant)).map(discount).sum()
}

/// `Σ P(the first relevant is at r) / r`; `P(none before r)` falls by `(N - r + 1 - R) / (N - r + 1)` a place.
fn mean_reciprocal_rank(relevant: usize, candidates: usize) -> f64 {
    let (mut mean, mut none_before) = (0.0, 1.0);
    for place in 1..=candidates - relevant + 1 {
        let left = (candidates - place + 1) as f64;
        mean += none_before * (relevant as f64 / left) / place as f64;
        none_before *= (left - relevant as f64) / left;
    }
    mean
}

/// `(H + (N - H) (R - 1) / (N - 1)) / N`, `H` being the harmonic number of `N`.
fn mean_average_precision(relevant: usize, candidates: usize) -> f64 {
    let n = candidates as f64;
    let harmonic: f64 = (1..=candidates).map(|place| 1.0 / place as f64).sum();
    let others = if candidates > 1 { (relevant - 1) as f64 / (n - 1.0) } else { 0.0 };
    (harmonic + (n - harmonic) * others) / n
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;

    fn close(a: RankScores, b: [f64; 5], tolerance: f64) {
        for (a, b) in a.each().into_iter().zip(b) {
            assert!((a - b).abs() <= tolerance, "{a} {b}");
        }
    }

    #[test]
    fn the_best_and_the_worst_order_have_known_scores() {
        let best = Ranking::of((0..20).map(|at| at < 5)).unwrap();
        close(best.scores(10), [0.5, 1.0, 1.0, 1.0, 1.0], 1e-12);
        let worst = Ranking::of((0..20).map(|at| at >= 15)).unwrap();
        let precision = (1..=5).map(|at| f64::from(at) / f64::from(15 + at)).sum::<f64>() / 5.0;
        close(worst.scores(10), [0.0, 0.0, 1.0 / 16.0, precision, 0.0], 1e-12);
    }

    #[test]
    fn scores_are_those_of_scikit_learn() {
        // average_precision_score and ndcg_score(k=5) of scikit-learn 1.9.1, scores falling with the place.
        let ranking = Ranking::of([0, 1, 0, 0, 1, 1, 0, 0, 0, 1].map(|relevant| relevant == 1)).unwrap();
        close(ranking.scores(5), [0.4, 0.5, 0.5, 0.45, 0.397_322_006_968_535_2], 1e-12);
    }

    #[test]
    fn nothing_relevant_is_no_ranking_and_few_candidates_are_enough() {
        assert_eq!(Ranking::of([false, false]), None);
        close(Ranking::of([true, false]).unwrap().scores(10), [0.5, 1.0, 1.0, 1.0, 1.0], 1e-12);
        close(Ranking::of([true]).unwrap().chance(10), [1.0; 5], 1e-12);
    }

    #[test]
    fn chance_is_the_mean_over_shuffles() {
        let mut stream = Stream::new(3, "test.chance");
        let mut order: Vec<bool> = (0..30).map(|at| at % 4 == 0).collect();
        let chance = Ranking::of(order.clone()).unwrap().chance(10);
        let shuffled = (0..40_000).map(|_| {
            stream.shuffle(&mut order);
            Ranking::of(order.iter().copied()).unwrap().scores(10)
        });
        close(RankScores::mean(shuffled).unwrap(), chance.each(), 0.004);
    }
}
