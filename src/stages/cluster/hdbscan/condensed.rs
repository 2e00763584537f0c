//! The condensed tree: a single-linkage tree in which only splits into two large clusters count as splits; points in
//! smaller branches fall out of their cluster there. McInnes, Healy, Astels (2017). A cluster lives from the density
//! `lambda = 1 / height` at which it splits off to the one at which it splits or its last points fall out.

use crate::stats::linkage::Linkage;

/// A cluster of the condensed tree.
#[derive(Clone, Debug, PartialEq)]
pub struct Branch {
    /// The cluster it splits off from; None for the root, cluster 0. Parents have lower numbers.
    pub parent: Option<usize>,
    /// Density at which it splits off; 0 for the root.
    pub birth: f64,
    /// Largest density at which it loses points or splits.
    pub death: f64,
    /// Points at birth.
    pub size: usize,
    /// Sum over its points of how much denser it can get before they leave it.
    pub stability: f64,
    /// The two clusters it splits into, if it does.
    pub children: Option<[usize; 2]>,
}

/// Where a point falls out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fall {
    /// The cluster it falls out of.
    pub cluster: usize,
    /// At which density.
    pub lambda: f64,
}

/// The condensed tree of some points.
#[derive(Clone, Debug, PartialEq)]
pub struct Condensed {
    /// Clusters, the root first, parents before children.
    pub branches: Vec<Branch>,
    /// Of each point, where it falls out.
    pub falls: Vec<Fall>,
}

/// The state of a node on the way down: the cluster it is in, and the density at which it fell out, if it did.
type State = (usize, Option<f64>);

impl Condensed {
    /// `least` is the size that a cluster must have, 2 or more.
    pub fn new(linkage: &Linkage, least: usize) -> Condensed {
        let n = linkage.points();
        let root = Branch { parent: None, birth: 0.0, death: 0.0, size: n, stability: 0.0, children: None };
        let mut tree = Condensed { branches: vec![root], falls: vec![] };
        let mut states: Vec<State> = vec![(0, None); n + linkage.children.len()];
        for (merge, children) in linkage.children.iter().enumerate().rev() {
            let below = tree.descend(states[n + merge], *children, linkage, linkage.heights[merge], least);
            children.iter().zip(below).for_each(|(child, state)| states[*child as usize] = state);
        }
        let fall = |(cluster, lambda): State| Fall { cluster, lambda: lambda.unwrap_or(0.0) };
        tree.falls = states.into_iter().take(n).map(fall).collect();
        tree.weigh();
        tree
    }

    /// The states of the children of a node that is in `state` and splits at `height`.
    fn descend(
        &mut self,
        state: State,
        children: [u32; 2],
        linkage: &Linkage,
        height: f64,
        least: usize,
    ) -> [State; 2] {
        let (cluster, fallen) = state;
        if fallen.is_some() {
            return [state; 2];
        }
        let lambda = if height > 0.0 { 1.0 / height } else { f64::INFINITY };
        let sizes = children.map(|child| linkage.size(child as usize));
        if sizes.iter().all(|size| *size >= least) {
            return self.split(cluster, lambda, sizes).map(|child| (child, None));
        }
        sizes.map(|size| (cluster, (size < least).then_some(lambda)))
    }

    fn split(&mut self, cluster: usize, birth: f64, sizes: [usize; 2]) -> [usize; 2] {
        let first = self.branches.len();
        let child = |size| Branch { parent: Some(cluster), birth, death: 0.0, size, stability: 0.0, children: None };
        self.branches.extend(sizes.map(child));
        self.branches[cluster].children = Some([first, first + 1]);
        [first, first + 1]
    }

    /// Sums up stabilities and finds deaths.
    fn weigh(&mut self) {
        let points = self.falls.iter().map(|fall| (fall.cluster, fall.lambda, 1));
        let split = |child: &Branch| child.parent.map(|parent| (parent, child.birth, child.size));
        let losses: Vec<(usize, f64, usize)> = points.chain(self.branches.iter().filter_map(split)).collect();
        for (cluster, lambda, size) in losses {
            let branch = &mut self.branches[cluster];
            branch.stability += (lambda - branch.birth) * size as f64;
            branch.death = branch.death.max(lambda);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::linkage::Merge;

    /// Two groups of three, `{0, 1, 2}` and `{3, 4, 5}`, and a point far from both.
    fn tree() -> Condensed {
        let merges = [(0, 1, 0.5), (1, 2, 1.0), (3, 4, 0.25), (4, 5, 0.5), (2, 3, 2.0), (6, 0, 4.0)];
        let merges = merges.map(|(a, b, height)| Merge { a, b, height });
        Condensed::new(&Linkage::from_merges(merges.to_vec()), 3)
    }

    #[test]
    fn large_branches_are_clusters_and_small_ones_fall() {
        let tree = tree();
        assert_eq!(tree.branches.iter().map(|branch| branch.size).collect::<Vec<_>>(), [7, 3, 3]);
        assert_eq!(tree.branches[0].children, Some([1, 2]));
        assert_eq!(tree.falls[6], Fall { cluster: 0, lambda: 0.25 });
        assert!(tree.falls[0] == tree.falls[2] && tree.falls[3] == tree.falls[5] && tree.falls[0] != tree.falls[3]);
    }

    #[test]
    fn stability_is_the_sum_of_lives() {
        let stabilities: Vec<f64> = tree().branches.iter().map(|branch| branch.stability).collect();
        // The root loses one point at 1/4 and six at 1/2; the groups are born at 1/2 and fall apart at 1 and at 2.
        assert_eq!(stabilities[0], 0.25 + 6.0 * 0.5);
        let mut groups = stabilities[1..].to_vec();
        groups.sort_by(f64::total_cmp);
        assert_eq!(groups, [3.0 * 0.5, 3.0 * 1.5]);
    }

    #[test]
    fn one_point_is_a_root() {
        let tree = Condensed::new(&Linkage::from_merges(vec![]), 2);
        assert_eq!((tree.branches.len(), tree.falls.len(), tree.branches[0].stability), (1, 1, 0.0));
    }
}
