//! Which clusters may be nearest by Ward's criterion, in single precision with a bound on the error.
//!
//! Centroids lie in tiles of 16, dimension by dimension, so that 16 distances are summed side by side. Rounding the
//! centroids and the sum puts `|a - b|²` off by at most `(2 dims + 36) u (|a|² + |b|²)`, `u = 2⁻²⁴`.

use rayon::prelude::*;

use crate::wide::wide;

const LANES: usize = 16;
/// Tiles of one piece of parallel work.
const PIECE: usize = 512;

type Lanes = [f32; LANES];

/// Centroids in single precision, with what each adds to the error.
pub struct Sieve {
    dims: usize,
    /// `[tiles, dims]` of 16 slots each.
    tiles: Vec<Lanes>,
    /// `[tiles]`: error of each slot; minus infinity where it is to be left out.
    errors: Vec<Lanes>,
    /// `[tiles]`: one over the sizes.
    shares: Vec<Lanes>,
    /// `[tiles]`: lower bounds of squared distances from the last cluster asked about.
    lower: Vec<Lanes>,
}

/// The cluster whose nearest is looked for.
struct Tip<'a> {
    centroid: &'a [f32],
    error: f32,
    share: f32,
}

impl Sieve {
    /// One cluster for each row of `points`, `[points, dims]`, values about 1 at most, `dims` at least 1.
    pub fn new(points: &[f64], dims: usize) -> Sieve {
        let tiles = (points.len() / dims).div_ceil(LANES);
        let mut sieve = Sieve {
            dims,
            tiles: vec![[0.0; LANES]; tiles * dims],
            errors: vec![[f32::NEG_INFINITY; LANES]; tiles],
            shares: vec![[1.0; LANES]; tiles],
            lower: vec![[0.0; LANES]; tiles],
        };
        points.chunks_exact(dims).enumerate().for_each(|(slot, point)| sieve.replace(slot, point, 1.0));
        sieve
    }

    /// Puts a cluster into a slot.
    pub fn replace(&mut self, slot: usize, centroid: &[f64], size: f64) {
        let (tile, lane) = (slot / LANES, slot % LANES);
        for (lanes, x) in self.tiles[tile * self.dims..].iter_mut().zip(centroid) {
            lanes[lane] = *x as f32;
        }
        let norm: f64 = centroid.iter().map(|x| x * x).sum();
        let rounding = 1.1 * (2 * self.dims + 36) as f64 * f64::from(f32::EPSILON) / 2.0;
        self.errors[tile][lane] = (rounding * norm + self.dims as f64 * f64::from(f32::MIN_POSITIVE)) as f32;
        self.shares[tile][lane] = (1.0 / size) as f32;
    }

    /// Moves the cluster in the slot `last`, which is the last one, to `slot`.
    pub fn close(&mut self, slot: usize, last: usize) {
        let ((tile, lane), (last_tile, last_lane)) = ((slot / LANES, slot % LANES), (last / LANES, last % LANES));
        for dim in 0..self.dims {
            self.tiles[tile * self.dims + dim][lane] = self.tiles[last_tile * self.dims + dim][last_lane];
        }
        self.errors[tile][lane] = self.errors[last_tile][last_lane];
        self.shares[tile][lane] = self.shares[last_tile][last_lane];
        self.errors[last_tile][last_lane] = f32::NEG_INFINITY;
        let kept = last.div_ceil(LANES);
        self.tiles.truncate(kept * self.dims);
        for lanes in [&mut self.errors, &mut self.shares, &mut self.lower] {
            lanes.truncate(kept);
        }
    }

    /// The slots of all clusters that may be nearest to the one in `slot`.
    pub fn maybe_nearest(&mut self, slot: usize, maybe: &mut Vec<usize>) {
        maybe.clear();
        let (tile, lane) = (slot / LANES, slot % LANES);
        let centroid: Vec<f32> =
            self.tiles[tile * self.dims..(tile + 1) * self.dims].iter().map(|lanes| lanes[lane]).collect();
        let tip = Tip { centroid: &centroid, error: self.errors[tile][lane], share: self.shares[tile][lane] };
        self.errors[tile][lane] = f32::NEG_INFINITY;
        let least_upper = self.bound(&tip);
        self.errors[tile][lane] = tip.error;
        for (tile, lower) in self.lower.iter().enumerate() {
            if lower.iter().fold(false, |any, lower| any | (*lower <= least_upper)) {
                maybe.extend((0..LANES).filter(|lane| lower[*lane] <= least_upper).map(|lane| tile * LANES + lane));
            }
        }
    }

    /// Fills the lower bounds; gives the least upper bound.
    fn bound(&mut self, tip: &Tip) -> f32 {
        let (dims, errors, shares) = (self.dims, &self.errors, &self.shares);
        let piece = |(piece, (tiles, lower)): (usize, (&[Lanes], &mut [Lanes]))| {
            let part = piece * PIECE..piece * PIECE + lower.len();
            bounds(tip, tiles, &errors[part.clone()], &shares[part], lower)
        };
        if self.lower.len() <= PIECE {
            return piece((0, (&self.tiles, &mut self.lower)));
        }
        let pieces = self.tiles.par_chunks(PIECE * dims).zip(self.lower.par_chunks_mut(PIECE)).enumerate();
        pieces.map(piece).reduce(|| f32::INFINITY, f32::min)
    }
}

wide! {
    /// Fills `lower` with lower bounds of Ward's squared distances from the tip; gives the least upper bound.
    fn bounds(tip: &Tip, tiles: &[Lanes], errors: &[Lanes], shares: &[Lanes], lower: &mut [Lanes]) -> f32 {
        let mut least = [f32::INFINITY; LANES];
        let rows = tiles.chunks_exact(tip.centroid.len()).zip(errors.iter().zip(shares)).zip(lower);
        for ((tile, (errors, shares)), lower) in rows {
            let mut sums = [0.0f32; LANES];
            for (lanes, x) in tile.iter().zip(tip.centroid) {
                (0..LANES).for_each(|lane| sums[lane] += (lanes[lane] - x) * (lanes[lane] - x));
            }
            for lane in 0..LANES {
                let (factor, error) = (2.0 / (tip.share + shares[lane]), tip.error + errors[lane]);
                lower[lane] = factor * (sums[lane] - error);
                // Where a slot is left out the error is minus infinity: the lower bound is infinite, and so the upper must be.
                let upper = if error == f32::NEG_INFINITY { f32::INFINITY } else { factor * (sums[lane] + error) };
                least[lane] = if upper < least[lane] { upper } else { least[lane] };
            }
        }
        least.into_iter().fold(f32::INFINITY, f32::min)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;
    use crate::stats::neighbours::squared;
    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

    proptest! {
        #[test]
        fn the_nearest_is_never_sieved_out(
            seed in any::<u64>(), n in 2usize..60, dims in 1usize..40, decades in 0.0..9.0, closed in 0usize..20,
        ) {
            // Points of very different sizes, and clusters of different sizes: the worst for single precision.
            let mut stream = Stream::new(seed, "test.sieve");
            let mut size = || 10f64.powf(-stream.between(0.0, 1.0) * decades);
            let sizes: Vec<f64> = (0..n).map(|_| (1.0 / size()).ceil()).collect();
            let mut points: Vec<f64> = (0..n * dims).map(|_| size() - 0.3).collect();
            let mut sieve = Sieve::new(&points, dims);
            (0..n).for_each(|slot| sieve.replace(slot, &points[slot * dims..(slot + 1) * dims], sizes[slot]));
            let left = (n - closed.min(n - 2)).max(2);
            (left..n).rev().for_each(|last| sieve.close(last, last));
            points.truncate(left * dims);
            let point = |slot: usize| &points[slot * dims..(slot + 1) * dims];
            let distance = |a: usize, b: usize| {
                2.0 * sizes[a] * sizes[b] / (sizes[a] + sizes[b]) * squared(point(a), point(b))
            };
            let mut maybe = vec![];
            for slot in 0..left {
                sieve.maybe_nearest(slot, &mut maybe);
                prop_assert!(maybe.iter().all(|other| *other != slot && *other < left), "{slot}: {maybe:?}");
                let least = |slots: &mut dyn Iterator<Item = usize>| {
                    slots.map(|other| distance(slot, other)).fold(f64::INFINITY, f64::min)
                };
                let all = least(&mut (0..left).filter(|other| *other != slot));
                prop_assert_eq!(least(&mut maybe.iter().copied()), all);
            }
        }
    }

    #[test]
    fn few_are_left_to_be_measured() {
        let points: Vec<f64> =
            Stream::new(2, "test.sieve").uniforms(3200, -1.0, 1.0).into_iter().map(f64::from).collect();
        let (mut sieve, mut maybe) = (Sieve::new(&points, 16), vec![]);
        let mut seen = 0;
        for slot in 0..200 {
            sieve.maybe_nearest(slot, &mut maybe);
            seen += maybe.len();
        }
        assert!((200..210).contains(&seen), "{seen}");
    }
}
