//! Clusters by the distances of all pairs, which mergers update (Lance, Williams, 1967). Memory: a square matrix, so that
//! the distances from one cluster lie side by side.

use ndarray::ArrayView2;
use rayon::prelude::*;

use super::chain::{self, Clusters};
use crate::stats::linkage::Merge;
use crate::wide::wide;

const LANES: usize = 8;
/// Columns that are written together: one after the other, each value would lie on another page of memory.
const PENDING: usize = 16;
/// The matrix is closed up when this share of its rows, numerator and denominator, is left in use.
const LEFT: [usize; 2] = [2, 3];

/// The distances of all clusters; a merged cluster takes the later slot of its parts, as in scipy: so equal
/// distances come in the same order.
struct Pairs<F> {
    /// `[slots, slots]`; up to date but for the columns in `pending`, which are up to date as rows.
    distances: Vec<f64>,
    /// Slots in the order of their last mergers.
    pending: Vec<usize>,
    /// Points of the cluster in each slot, and the point it is named by.
    sizes: Vec<f64>,
    names: Vec<usize>,
    /// 0 for a slot in use, infinity for an empty one.
    empty: Vec<f64>,
    /// The slot of each cluster by name.
    slots: Vec<usize>,
    left: usize,
    /// The distance of a merger from a third cluster, by those of its parts and their sizes.
    update: F,
}

/// The merges of `points` (`[points, dims]`), not sorted. `update` gives the distance of a merged cluster from a third one
/// by the distances of its two parts from it, and their sizes.
pub fn merges(points: ArrayView2<f64>, update: impl Fn([f64; 2], [f64; 2]) -> f64) -> Vec<Merge> {
    let n = points.nrows();
    let (sizes, empty) = (vec![1.0; n], vec![0.0; n]);
    let (names, slots): (Vec<usize>, Vec<usize>) = ((0..n).collect(), (0..n).collect());
    let (distances, pending) = (distances(points), vec![]);
    chain::merges(n, &mut Pairs { distances, pending, sizes, names, empty, slots, left: n, update })
}

/// Bytes that the distances of so many points take.
pub fn bytes(points: usize) -> usize {
    points.saturating_mul(points).saturating_mul(size_of::<f64>())
}

/// Euclidean distances, `[points, points]`, by differences.
fn distances(points: ArrayView2<f64>) -> Vec<f64> {
    let (n, dims) = points.dim();
    let mut tiles = vec![[0.0; LANES]; n.div_ceil(LANES) * dims];
    for ((point, dim), x) in points.indexed_iter() {
        tiles[point / LANES * dims + dim][point % LANES] = *x;
    }
    let mut distances = vec![0.0; n * n];
    distances.par_chunks_mut(n.max(1)).zip(points.outer_iter().into_par_iter()).for_each(|(row, point)| {
        distances_from(&point.to_vec(), &tiles, row);
    });
    distances
}

wide! {
    /// Distances from one point to all; `tiles` is `[tiles, dims]` of 8 points each.
    fn distances_from(point: &[f64], tiles: &[[f64; LANES]], distances: &mut [f64]) {
        if point.is_empty() {
            return distances.fill(0.0);
        }
        for (tile, out) in tiles.chunks_exact(point.len()).zip(distances.chunks_mut(LANES)) {
            let mut sums = [0.0f64; LANES];
            for (lanes, x) in tile.iter().zip(point) {
                (0..LANES).for_each(|lane| sums[lane] += (lanes[lane] - x) * (lanes[lane] - x));
            }
            out.iter_mut().zip(sums.map(f64::sqrt)).for_each(|(out, distance)| *out = distance);
        }
    }
}

wide! {
    /// The least `values + added`; infinity if there are none.
    fn least(values: &[f64], added: &[f64]) -> f64 {
        let ((blocks, rest), (more, more_rest)) = (values.as_chunks::<{ 2 * LANES }>(), added.as_chunks::<{ 2 * LANES }>());
        let mut lanes = [f64::INFINITY; 2 * LANES];
        for (block, more) in blocks.iter().zip(more) {
            for lane in 0..2 * LANES {
                let sum = block[lane] + more[lane];
                lanes[lane] = if sum < lanes[lane] { sum } else { lanes[lane] };
            }
        }
        let rest = rest.iter().zip(more_rest).map(|(value, more)| value + more);
        lanes.into_iter().chain(rest).fold(f64::INFINITY, f64::min)
    }
}

impl<F: Fn([f64; 2], [f64; 2]) -> f64> Pairs<F> {
    fn row(&self, slot: usize) -> std::ops::Range<usize> {
        slot * self.sizes.len()..(slot + 1) * self.sizes.len()
    }

    /// Brings a row up to date: what was merged after it is right in the rows of the mergers.
    fn refresh(&mut self, slot: usize) {
        let n = self.sizes.len();
        let later = self.pending.iter().position(|merged| *merged == slot).map_or(0, |at| at + 1);
        for merged in &self.pending[later..] {
            self.distances[slot * n + merged] = self.distances[merged * n + slot];
        }
    }

    /// Writes the pending columns.
    fn flush(&mut self) {
        for slot in 0..self.sizes.len() {
            if self.empty[slot] == 0.0 {
                self.refresh(slot);
            }
        }
        self.pending.clear();
    }

    /// Closes up the slots in use, in their order.
    fn close_up(&mut self) {
        let used: Vec<usize> = (0..self.sizes.len()).filter(|slot| self.empty[*slot] == 0.0).collect();
        for (to, from) in used.iter().copied().enumerate() {
            let row = self.row(from).start;
            for (to_column, from_column) in used.iter().enumerate() {
                self.distances[to * used.len() + to_column] = self.distances[row + from_column];
            }
        }
        self.distances.truncate(used.len() * used.len());
        self.sizes = used.iter().map(|slot| self.sizes[*slot]).collect();
        self.names = used.iter().map(|slot| self.names[*slot]).collect();
        self.empty = vec![0.0; used.len()];
        self.names.iter().enumerate().for_each(|(slot, name)| self.slots[*name] = slot);
    }

    /// Makes the row of the cluster made of those in two slots; its column waits.
    fn join(&mut self, kept: usize, gone: usize) {
        let (sizes, from) = ([self.sizes[kept], self.sizes[gone]], self.row(gone).start);
        for (other, at) in self.row(kept).enumerate() {
            self.distances[at] = (self.update)([self.distances[at], self.distances[from + other]], sizes);
        }
        self.pending.retain(|merged| *merged != kept);
        self.pending.push(kept);
    }
}

impl<F: Fn([f64; 2], [f64; 2]) -> f64> Clusters for Pairs<F> {
    fn any(&self) -> usize {
        let used = self.empty.iter().position(|empty| *empty == 0.0);
        self.names[used.expect("a chain is begun only while clusters are left")]
    }

    fn nearest(&mut self, cluster: usize, known: Option<(usize, f64)>) -> (usize, f64) {
        let slot = self.slots[cluster];
        self.refresh(slot);
        self.empty[slot] = f64::INFINITY;
        let row = &self.distances[self.row(slot)];
        let least = least(row, &self.empty);
        let at = || row.iter().zip(&self.empty).position(|(distance, empty)| distance + empty == least);
        let nearest = known.filter(|known| known.1 <= least).or_else(|| at().map(|at| (self.names[at], least)));
        self.empty[slot] = 0.0;
        nearest.unwrap_or((cluster, least))
    }

    fn merge(&mut self, a: usize, b: usize) {
        let (a_slot, b_slot) = (self.slots[a], self.slots[b]);
        let (kept, gone) = (a_slot.max(b_slot), a_slot.min(b_slot));
        self.refresh(kept);
        self.refresh(gone);
        self.empty[gone] = f64::INFINITY;
        self.join(kept, gone);
        self.sizes[kept] += self.sizes[gone];
        (self.names[kept], self.slots[a]) = (a, kept);
        self.left -= 1;
        if self.pending.len() == PENDING {
            self.flush();
        }
        if self.left * LEFT[1] < self.sizes.len() * LEFT[0] {
            self.flush();
            self.close_up();
        }
    }
}
