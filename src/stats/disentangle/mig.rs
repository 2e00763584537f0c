//! Mutual information gap: Chen, Li, Grosse, Duvenaud, "Isolating sources of disentanglement in VAEs" (NeurIPS 2018), eq. 6.
//! mean over factors of (I(best code; v) - I(second best; v)) / H(v), codes in 20 bins as in disentanglement_lib.
//!
//! Estimates from few points are too high, by about (bins - 1)(levels - 1) / 2n nats for a code that knows nothing and by 0
//! for one that knows all. The correction is that of adjusted mutual information (Vinh, Epps, Bailey, JMLR 2010, eq. 24a):
//! (I - E) / (H(v) - E), E the exact mean of I over all permutations of the points.
//! Clips of one track are not apart from each other, and chance is then more than E: give one point a track.

use ndarray::{Array2, ArrayView1};
use rayon::prelude::*;

use super::levels::{Levels, bins};
use super::{Given, gap, mean};
use crate::stats::contingency::{Contingency, entropy, expected_information};

/// Below this share of its entropy a factor cannot be told from chance: every point has a level or a bin of its own.
const LEAST_ROOM: f64 = 1e-6;

/// Both gaps, and what they are gaps of, `[live codes, factors]`.
pub struct Mig {
    /// Corrected for chance.
    pub adjusted: f64,
    /// As published.
    pub plain: f64,
    /// Mutual information, nats.
    pub nats: Array2<f64>,
    /// Mutual information corrected for chance as a share of entropy, 0 to 1.
    pub shares: Array2<f64>,
}

struct Information {
    nats: f64,
    share: f64,
}

/// MIG of all live codes.
pub fn score(given: &Given) -> Mig {
    let codes: Vec<ArrayView1<f64>> = given.codes.columns().into_iter().collect();
    let shape = (codes.len(), given.factors.len());
    let row = |code: &ArrayView1<f64>| {
        let binned: Vec<i32> = bins(&code.to_vec()).into_iter().map(|bin| bin as i32).collect();
        given.factors.iter().map(|known| information(&known.levels, &binned)).collect::<Vec<_>>()
    };
    let rows: Vec<Vec<Information>> = codes.par_iter().map(row).collect();
    let nats = Array2::from_shape_fn(shape, |(code, factor)| rows[code][factor].nats);
    let shares = Array2::from_shape_fn(shape, |(code, factor)| rows[code][factor].share);
    let plain = given.factors.iter().zip(nats.columns()).map(|(known, nats)| gap(nats, 0.0) / known.levels.entropy());
    Mig {
        adjusted: mean(shares.columns().into_iter().map(|shares| gap(shares, 0.0))),
        plain: mean(plain),
        nats,
        shares,
    }
}

fn information(levels: &Levels, binned: &[i32]) -> Information {
    let table = Contingency::new(&levels.of, binned);
    let (nats, by_chance, all) = (table.mutual_information(), expected_information(&table), entropy(&table.classes));
    let room = all - by_chance;
    let share = if room > LEAST_ROOM * all { ((nats - by_chance) / room).clamp(0.0, 1.0) } else { 0.0 };
    Information { nats, share }
}

impl Levels {
    /// Entropy in nats.
    fn entropy(&self) -> f64 {
        entropy(&self.members().iter().map(|members| members.len() as u64).collect::<Vec<_>>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;

    #[test]
    fn all_or_nothing() {
        let levels = Levels { of: (0..300).map(|row| row % 10).collect(), count: 10 };
        let same: Vec<i32> = levels.of.iter().map(|level| 9 - *level as i32).collect();
        assert!((information(&levels, &same).share - 1.0).abs() < 1e-9);
        assert!((levels.entropy() - 10f64.ln()).abs() < 1e-12);
        let mut stream = Stream::new(4, "test.nothing");
        let random: Vec<i32> = (0..300).map(|_| stream.below(20) as i32).collect();
        let found = information(&levels, &random);
        // Far above 0 before the correction: 9 · 19 / 600 nats by the rule of thumb.
        assert!(found.nats > 0.2 && found.share < 0.05, "{} {}", found.nats, found.share);
    }

    #[test]
    fn a_bin_for_each_point_tells_nothing() {
        let levels = Levels { of: vec![0, 1, 0, 1, 1], count: 2 };
        let found = information(&levels, &[0, 1, 2, 3, 4]);
        assert!(found.share == 0.0 && (found.nats - levels.entropy()).abs() < 1e-12);
    }
}
