//! Ward's criterion by centroids: `d² = 2 s t / (s + t) |a - b|²` for clusters of `s` and `t` points around `a` and `b`
//! (Ward, 1963; the factor 2 as in scipy). No distances are kept: the nearest cluster is looked for anew, first by single
//! precision with a bound on its error ([`sieve`]), then exactly among those that may be nearest.

mod sieve;

use ndarray::{ArrayView2, Axis};

use super::chain::{self, Clusters};
use crate::stats::linkage::Merge;
use crate::stats::neighbours::squared;
use sieve::Sieve;

struct Centroids {
    dims: usize,
    /// `[slots, dims]`
    centroids: Vec<f64>,
    sizes: Vec<f64>,
    /// The point that the cluster in each slot is named by, and the slot of each cluster by name.
    names: Vec<usize>,
    slots: Vec<usize>,
    sieve: Sieve,
    maybe: Vec<usize>,
}

/// The merges of `points` (`[points, dims]`, values about 1 at most), not sorted.
pub fn merges(points: ArrayView2<f64>) -> Vec<Merge> {
    let (n, dims) = (points.nrows(), points.ncols().max(1));
    let centroids = centred(points);
    let sieve = Sieve::new(&centroids, dims);
    let (names, slots): (Vec<usize>, Vec<usize>) = ((0..n).collect(), (0..n).collect());
    let mut clusters = Centroids { dims, centroids, sizes: vec![1.0; n], names, slots, sieve, maybe: vec![] };
    // Inside the pool: else each of the many short searches would wake it up.
    let merges = rayon::scope(|_| chain::merges(n, &mut clusters));
    merges.into_iter().map(|merge| Merge { height: merge.height.sqrt(), ..merge }).collect()
}

/// The points with their mean at the origin, where single precision tells them best apart. Points without columns get one
/// of zeros.
fn centred(points: ArrayView2<f64>) -> Vec<f64> {
    if points.ncols() == 0 {
        return vec![0.0; points.nrows()];
    }
    let mean = points.mean_axis(Axis(0)).unwrap_or_default();
    let mut moved: Vec<f64> = points.rows().into_iter().flatten().copied().collect();
    moved.chunks_exact_mut(mean.len()).for_each(|row| row.iter_mut().zip(&mean).for_each(|(x, m)| *x -= m));
    moved
}

impl Centroids {
    fn centroid(&self, slot: usize) -> &[f64] {
        &self.centroids[slot * self.dims..(slot + 1) * self.dims]
    }

    fn distance(&self, a: usize, b: usize) -> f64 {
        let (s, t) = (self.sizes[a], self.sizes[b]);
        2.0 * (s * t) / (s + t) * squared(self.centroid(a), self.centroid(b))
    }

    /// The nearest of some slots to one, of equals the first; looks no further than distance 0.
    fn nearest_of(&self, slot: usize, others: &[usize]) -> Option<(usize, f64)> {
        let mut best: Option<(usize, f64)> = None;
        for other in others {
            let distance = self.distance(slot, *other);
            if best.is_none_or(|best| distance < best.1) {
                best = Some((self.names[*other], distance));
            }
            if distance == 0.0 {
                break;
            }
        }
        best
    }

    /// Puts the last slot into `slot`.
    fn close(&mut self, slot: usize) {
        let last = self.sizes.len() - 1;
        self.centroids.copy_within(last * self.dims..(last + 1) * self.dims, slot * self.dims);
        self.centroids.truncate(last * self.dims);
        self.sizes.swap_remove(slot);
        self.names.swap_remove(slot);
        self.sieve.close(slot, last);
        if slot < last {
            self.slots[self.names[slot]] = slot;
        }
    }
}

impl Clusters for Centroids {
    fn any(&self) -> usize {
        self.names[0]
    }

    fn nearest(&mut self, cluster: usize, known: Option<(usize, f64)>) -> (usize, f64) {
        if let Some(known) = known.filter(|known| known.1 == 0.0) {
            return known;
        }
        let slot = self.slots[cluster];
        let mut maybe = std::mem::take(&mut self.maybe);
        self.sieve.maybe_nearest(slot, &mut maybe);
        let best = self.nearest_of(slot, &maybe).unwrap_or((cluster, f64::INFINITY));
        self.maybe = maybe;
        known.filter(|known| known.1 <= best.1).unwrap_or(best)
    }

    fn merge(&mut self, a: usize, b: usize) {
        let (into, from) = (self.slots[a], self.slots[b]);
        let (s, t) = (self.sizes[into], self.sizes[from]);
        for dim in 0..self.dims {
            let [x, y] = [into, from].map(|slot| self.centroids[slot * self.dims + dim]);
            self.centroids[into * self.dims + dim] = (s * x + t * y) / (s + t);
        }
        self.sizes[into] = s + t;
        let centroid = &self.centroids[into * self.dims..(into + 1) * self.dims];
        self.sieve.replace(into, centroid, s + t);
        self.close(from);
    }
}
