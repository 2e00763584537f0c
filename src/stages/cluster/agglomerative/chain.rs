//! The nearest-neighbour chain: from any cluster to its nearest, to the nearest of that, until two are nearest to each other.
//! Those two are merged. Murtagh (1983); Müllner (2011), figure 3. Right for criteria under which a merger comes no nearer
//! to any third cluster than its parts were: ward, average, complete.

use crate::stats::linkage::Merge;

/// Clusters that can be asked for their nearest ones. A cluster is named by one of its points.
pub trait Clusters {
    /// Any cluster that is left.
    fn any(&self) -> usize;

    /// The nearest other cluster and how far it is; `known`, the one before in the chain, if none is nearer than it.
    fn nearest(&mut self, cluster: usize, known: Option<(usize, f64)>) -> (usize, f64);

    /// Merges `b` into `a`.
    fn merge(&mut self, a: usize, b: usize);
}

/// The merges of `n` clusters, not sorted.
pub fn merges(n: usize, clusters: &mut impl Clusters) -> Vec<Merge> {
    let mut merges = Vec::with_capacity(n.saturating_sub(1));
    let mut chain: Vec<(usize, f64)> = vec![];
    while merges.len() + 1 < n {
        if chain.is_empty() {
            chain.push((clusters.any(), f64::INFINITY));
        }
        let (height, [a, b]) = reciprocal(clusters, &mut chain);
        clusters.merge(a, b);
        merges.push(Merge { a: a as u32, b: b as u32, height });
    }
    merges
}

/// Follows the chain to two clusters that are nearest to each other, and takes them off. Each entry of the chain is a
/// cluster and its distance from the one before.
fn reciprocal(clusters: &mut impl Clusters, chain: &mut Vec<(usize, f64)>) -> (f64, [usize; 2]) {
    loop {
        let (tip, distance) = chain[chain.len() - 1];
        let known = chain.len().checked_sub(2).map(|before| (chain[before].0, distance));
        let next = clusters.nearest(tip, known);
        if known.is_some_and(|known| known.0 == next.0) {
            chain.truncate(chain.len() - 2);
            return (distance, [next.0, tip]);
        }
        chain.push(next);
    }
}
