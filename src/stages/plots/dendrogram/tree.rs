//! A tree of merges laid out: which place each leaf has, where each merge stands, what a cut leaves.
//! Nodes are numbered as in scipy.cluster.hierarchy: points are `0..n`, merge `i` makes node `n + i`.

use std::ops::Range;

use crate::plotting::{PlotError, same_size};

/// Heights beyond it overflow an axis, and so does what is divided by less than its inverse.
const LARGEST: f64 = 1e300;

/// Two clusters that became one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Merge {
    /// The nodes: a point below `n`, or `n` and the number of an earlier merge.
    pub children: [usize; 2],
    /// How far apart they were.
    pub height: f64,
    /// Points below it.
    pub size: usize,
}

/// What is left of the tree below a cut: one node and the places of its leaves.
#[derive(Clone, Debug, PartialEq)]
pub struct Branch {
    /// A point or a merge.
    pub node: usize,
    /// Its leaves lie side by side.
    pub places: Range<usize>,
}

/// Merges with their places from left to right.
pub struct Tree<'a> {
    merges: &'a [Merge],
    /// The number of the first merge that is drawn.
    pub first: usize,
    /// The points from left to right.
    pub order: Vec<usize>,
    /// Where each node stands, in leaves from the left, `[2 points - 1]`.
    pub x: Vec<f64>,
    starts: Vec<usize>,
}

/// Fails unless `merges` is one tree over `points` points with finite, rising heights.
pub fn check(plot: &'static str, merges: &[Merge], points: usize) -> Result<(), PlotError> {
    same_size(plot, "merges", points - 1, merges.len())?;
    let rises =
        |at: usize| merges[at].height.abs() <= LARGEST && (at == 0 || merges[at].height >= merges[at - 1].height);
    let rising = (0..merges.len()).filter(|&at| rises(at)).count();
    same_size(plot, "merges of finite height, each as high as the one before or higher", merges.len(), rising)?;
    let mut used = vec![false; points + merges.len()];
    let mut joins = |(at, merge): &(usize, &Merge)| {
        let whole =
            merge.children.iter().all(|&child| child < points + at && !std::mem::replace(&mut used[child], true));
        whole && merge.children.iter().map(|&child| size_of(merges, child)).fold(0, usize::saturating_add) == merge.size
    };
    let whole = merges.iter().enumerate().filter(|merge| joins(merge)).count();
    same_size(plot, "merges of two earlier nodes, with the sum of their sizes", merges.len(), whole)
}

fn size_of(merges: &[Merge], node: usize) -> usize {
    node.checked_sub(merges.len() + 1).map_or(1, |merge| merges[merge].size)
}

impl<'a> Tree<'a> {
    /// Lays out a tree that [`check`] lets pass, the larger cluster of two to the left; the last `top` merges are drawn.
    pub fn new(merges: &'a [Merge], top: usize) -> Tree<'a> {
        let (points, first) = (merges.len() + 1, merges.len() - top);
        let mut starts = vec![0; points + merges.len()];
        for (at, merge) in merges.iter().enumerate().rev() {
            let [mut left, mut right] = merge.children;
            if size_of(merges, left) < size_of(merges, right) {
                (left, right) = (right, left);
            }
            starts[left] = starts[points + at];
            starts[right] = starts[left] + size_of(merges, left);
        }
        let mut order = vec![0; points];
        (0..points).for_each(|point| order[starts[point]] = point);
        let mut x: Vec<f64> =
            starts.iter().zip(0..).map(|(&start, node)| middle(start, size_of(merges, node))).collect();
        for (at, merge) in merges.iter().enumerate().skip(first) {
            x[points + at] = (x[merge.children[0]] + x[merge.children[1]]) / 2.0;
        }
        Tree { merges, first, order, x, starts }
    }

    /// (node, merge) of all merges that are drawn.
    pub fn drawn(&self) -> impl Iterator<Item = (usize, &Merge)> {
        (self.order.len()..).zip(self.merges).skip(self.first)
    }

    /// The lowest and highest value of the axis of heights.
    pub fn heights(&self) -> (f64, f64) {
        let (low, root) = (self.merges[0].height.min(0.0), self.root());
        if root - low > 1.0 / LARGEST { (low, root + 0.06 * (root - low)) } else { (low, low + 1.0) }
    }

    /// The height of a node; points lie at 0.
    pub fn foot(&self, node: usize) -> f64 {
        node.checked_sub(self.order.len()).map_or(0.0, |merge| self.merges[merge].height)
    }

    /// The height of a line that cuts the tree into `k` clusters: half way between two merges, or just above the root.
    pub fn cut(&self, k: usize) -> f64 {
        let made = self.order.len() - k;
        let height = |merge: usize| self.merges.get(merge).map(|merge| merge.height);
        let below = made.checked_sub(1).and_then(height).unwrap_or(self.heights().0);
        let above = height(made).unwrap_or(self.heights().1);
        (below + above) / 2.0
    }

    /// The branches that are left of `k` clusters, from left to right.
    pub fn branches(&self, k: usize) -> Vec<Branch> {
        let made = self.order.len() - k;
        let end = self.order.len() + made;
        let children = self.merges[made..].iter().flat_map(|merge| merge.children);
        let mut nodes: Vec<usize> = children.filter(|&child| child < end).collect();
        if k == 1 {
            nodes.push(end - 1);
        }
        nodes.sort_by_key(|&node| self.starts[node]);
        let branch = |node| Branch { node, places: self.starts[node]..self.starts[node] + size_of(self.merges, node) };
        nodes.into_iter().map(branch).collect()
    }

    /// What the drawn merges stand on: points, or the branches that are not drawn.
    pub fn leaves(&self) -> Vec<Branch> {
        self.branches(self.order.len() - self.first)
    }

    fn root(&self) -> f64 {
        self.merges[self.merges.len() - 1].height
    }
}

fn middle(start: usize, size: usize) -> f64 {
    start as f64 + size as f64 / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merge(a: usize, b: usize, height: f64, size: usize) -> Merge {
        Merge { children: [a, b], height, size }
    }

    /// Points 1 and 3, then 0 with them, then 2 and 4, then all.
    fn merges() -> [Merge; 4] {
        [merge(1, 3, 1.0, 2), merge(0, 5, 2.0, 3), merge(2, 4, 3.0, 2), merge(6, 7, 8.0, 5)]
    }

    #[test]
    fn leaves_lie_side_by_side_and_merges_in_the_middle_of_their_children() {
        let merges = merges();
        let tree = Tree::new(&merges, 4);
        assert_eq!(tree.order, [1, 3, 0, 2, 4]);
        assert_eq!(tree.x[5..], [1.0, 1.75, 4.0, 2.875]);
        assert_eq!((tree.drawn().count(), tree.leaves().len()), (4, 5));
        assert_eq!((tree.foot(3), tree.foot(7)), (0.0, 3.0));
    }

    #[test]
    fn a_cut_lies_between_the_merges_and_leaves_k_branches() {
        let merges = merges();
        let tree = Tree::new(&merges, 2);
        let places = |k| tree.branches(k).into_iter().map(|branch| branch.places).collect::<Vec<_>>();
        assert_eq!(
            (places(1), places(2), places(3)),
            (std::iter::once(0..5).collect(), vec![0..3, 3..5], vec![0..3, 3..4, 4..5])
        );
        assert_eq!((tree.cut(5), tree.cut(3), tree.cut(2)), (0.5, 2.5, 5.5));
        assert!(tree.cut(1) > 8.0 && tree.cut(1) < tree.heights().1);
        let leaf = |node, places| Branch { node, places };
        assert_eq!(tree.leaves(), [leaf(6, 0..3), leaf(2, 3..4), leaf(4, 4..5)]);
    }

    #[test]
    fn what_is_no_tree_is_refused() {
        assert!(check("tree", &merges(), 5).is_ok());
        let bad = [
            merge(6, 7, f64::NAN, 5),
            merge(6, 7, f64::INFINITY, 5),
            merge(6, 7, 2.9, 5),
            merge(6, 6, 8.0, 6),
            merge(6, 8, 8.0, 5),
            merge(6, 5, 8.0, 5),
            merge(6, usize::MAX, 8.0, 5),
            merge(6, 7, 8.0, 4),
        ];
        for last in bad {
            let mut merges = merges();
            merges[3] = last;
            assert!(matches!(check("tree", &merges, 5), Err(PlotError::Shape { expected: 4, got: 3, .. })), "{last:?}");
        }
        assert!(matches!(check("tree", &merges(), 4), Err(PlotError::Shape { expected: 3, got: 4, .. })));
    }
}
