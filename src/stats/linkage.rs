//! Trees of merges: which two clusters became one, at what height, and the clusters that a cut leaves.
//! The layout is that of scipy.cluster.hierarchy: points are nodes `0..n`, merge `i` makes node `n + i`.

use crate::stats::disjoint_sets::DisjointSets;

/// A merge of the clusters that two points are in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Merge {
    /// Any point of the one cluster.
    pub a: u32,
    /// Any point of the other.
    pub b: u32,
    /// How far apart they are.
    pub height: f64,
}

/// A binary tree of merges, for dendrograms and for cutting; heights rise.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Linkage {
    /// The nodes that each merge joins, the lower number first: a point below `n`, or `n` and the number of a merge.
    pub children: Vec<[u32; 2]>,
    /// Height of each merge, rising.
    pub heights: Vec<f64>,
    /// Points below each merge.
    pub sizes: Vec<u32>,
}

impl Linkage {
    /// The tree of `n - 1` merges that join `n` points, in any order; of equal heights the first given is the first made.
    pub fn from_merges(mut merges: Vec<Merge>) -> Linkage {
        merges.sort_by(|a, b| a.height.total_cmp(&b.height));
        let n = merges.len() + 1;
        let (mut sets, mut nodes) = (DisjointSets::new(n), (0..n as u32).collect::<Vec<u32>>());
        let mut tree = Linkage::default();
        for merge in &merges {
            let [a, b] = [merge.a, merge.b].map(|point| nodes[sets.find(point as usize)]);
            let Some(root) = sets.merge(merge.a as usize, merge.b as usize) else { continue };
            nodes[root] = (n + tree.heights.len()) as u32;
            tree.children.push([a.min(b), a.max(b)]);
            tree.heights.push(merge.height);
            tree.sizes.push(sets.size(root) as u32);
        }
        tree
    }

    /// Number of points.
    pub fn points(&self) -> usize {
        self.children.len() + 1
    }

    /// Points below a node.
    pub fn size(&self, node: usize) -> usize {
        node.checked_sub(self.points()).map_or(1, |merge| self.sizes[merge] as usize)
    }

    /// How many clusters are left if only merges below `threshold` are made, as in scikit-learn.
    pub fn clusters_below(&self, threshold: f64) -> usize {
        self.heights.iter().filter(|height| **height >= threshold).count() + 1
    }

    /// Cluster of each point after the lowest merges, down to `k` clusters, numbered by their lowest points.
    pub fn cut(&self, k: usize) -> Vec<i32> {
        let n = self.points();
        let (mut sets, mut members) = (DisjointSets::new(n), (0..n).collect::<Vec<usize>>());
        for [a, b] in &self.children[..n - k.clamp(1, n)] {
            sets.merge(members[*a as usize], members[*b as usize]);
            members.push(members[*a as usize]);
        }
        sets.numbered().0.into_iter().map(|label| label as i32).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> Linkage {
        let merge = |(a, b, height)| Merge { a, b, height };
        Linkage::from_merges([(0, 3, 9.0), (4, 3, 1.0), (1, 0, 2.0), (2, 4, 1.0)].map(merge).to_vec())
    }

    #[test]
    fn merges_are_sorted_and_numbered() {
        let tree = tree();
        assert_eq!(tree.children, [[3, 4], [2, 5], [0, 1], [6, 7]]);
        assert_eq!((tree.heights, tree.sizes), (vec![1.0, 1.0, 2.0, 9.0], vec![2, 3, 2, 5]));
    }

    #[test]
    fn a_cut_leaves_as_many_clusters_as_asked_for() {
        let tree = tree();
        assert_eq!(tree.cut(1), [0; 5]);
        assert_eq!(tree.cut(2), [0, 0, 1, 1, 1]);
        assert_eq!(tree.cut(3), [0, 1, 2, 2, 2]);
        assert_eq!(tree.cut(5), [0, 1, 2, 3, 4]);
        assert_eq!([0.5, 1.0, 1.5, 9.0, 9.5].map(|threshold| tree.clusters_below(threshold)), [5, 5, 3, 2, 1]);
        assert_eq!([0, 4, 6, 8].map(|node| tree.size(node)), [1, 1, 3, 5]);
    }

    #[test]
    fn one_point_is_a_tree_without_merges() {
        let tree = Linkage::from_merges(vec![]);
        assert_eq!((tree.points(), tree.cut(1), tree.cut(3)), (1, vec![0], vec![0]));
    }
}
