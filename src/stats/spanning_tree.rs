//! Minimum spanning tree of points under mutual reachability distance, without the matrix of distances.
//!
//! `d(a, b) = max(|a - b|, core a, core b)`, where the core distance of a point is that of its m-th neighbour (Campello,
//! Moulavi, Sander, "Density-based clustering based on hierarchical density estimates", 2013); with core distances of 0
//! the tree is that of single linkage. Borůvka (1926): every component takes its shortest edge to another one, and again.
//! Nearest-neighbour lists give most of these edges; what they cannot settle is searched for in blocks ([`Screen`]).
//! Equal edges are ordered by distance, then by their points, so there is one tree whatever the search.

mod search;

use std::cmp::Ordering;

use crate::stats::disjoint_sets::DisjointSets;
use crate::stats::linkage::Merge;
use crate::stats::neighbours::{Neighbours, Screen};
use search::Search;

/// An edge, ordered by length and, of equal lengths, by distance and by its points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Edge {
    /// Squared mutual reachability distance.
    pub reach: f64,
    /// Squared distance.
    pub squared: f64,
    /// The point of lower index.
    pub a: u32,
    /// The point of higher index.
    pub b: u32,
}

impl Eq for Edge {}

impl PartialOrd for Edge {
    fn partial_cmp(&self, other: &Edge) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Edge {
    fn cmp(&self, other: &Edge) -> Ordering {
        let lengths = self.reach.total_cmp(&other.reach).then(self.squared.total_cmp(&other.squared));
        lengths.then((self.a, self.b).cmp(&(other.a, other.b)))
    }
}

impl Edge {
    /// The edge between two points; `core` is squared core distances.
    fn between(a: usize, b: usize, squared: f64, core: &[f64]) -> Edge {
        let reach = squared.max(core[a]).max(core[b]);
        Edge { reach, squared, a: a.min(b) as u32, b: a.max(b) as u32 }
    }
}

/// The merges of the minimum spanning tree, shortest first; heights are mutual reachability distances.
///
/// `core` is the squared core distance of each point; `near` are neighbours of the same points, any number of them.
pub fn spanning_tree(screen: &Screen, near: &Neighbours, core: &[f64]) -> Vec<Merge> {
    let mut edges = Vec::with_capacity(screen.len());
    let mut sets = DisjointSets::new(screen.len());
    while edges.len() + 1 < screen.len() {
        let (component, count) = sets.numbered();
        let shortest = Search::new(screen, near, core, component, count).shortest();
        edges.extend(shortest.into_iter().filter(|edge| sets.merge(edge.a as usize, edge.b as usize).is_some()));
    }
    edges.sort_unstable();
    edges.iter().map(|edge| Merge { a: edge.a, b: edge.b, height: edge.reach.sqrt() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;
    use crate::stats::neighbours::nearest_of;
    use ndarray::{Array2, array};
    use proptest::prelude::{any, prop_assert_eq, proptest};

    fn core_of(near: &Neighbours, n: usize, order: usize) -> Vec<f64> {
        (0..n).map(|row| if order == 0 { 0.0 } else { near.squared[row * near.k + order.min(near.k) - 1] }).collect()
    }

    /// Kruskal (1956) over all pairs.
    fn naive(screen: &Screen, core: &[f64]) -> Vec<Merge> {
        let n = screen.len();
        let pairs = (0..n).flat_map(|a| (a + 1..n).map(move |b| (a, b)));
        let mut edges: Vec<Edge> = pairs.map(|(a, b)| Edge::between(a, b, screen.squared(a, b), core)).collect();
        edges.sort_unstable();
        let mut sets = DisjointSets::new(n);
        edges.retain(|edge| sets.merge(edge.a as usize, edge.b as usize).is_some());
        edges.iter().map(|edge| Merge { a: edge.a, b: edge.b, height: edge.reach.sqrt() }).collect()
    }

    proptest! {
        #[test]
        fn it_is_that_of_kruskal(
            seed in any::<u64>(), n in 2usize..160, dims in 1usize..5, steps in 2usize..300, k in 1usize..8, order in 0usize..5,
        ) {
            let mut stream = Stream::new(seed, "test.tree");
            let points = Array2::from_shape_fn((n, dims), |_| stream.below(steps) as f64 + stream.below(3) as f64 * 1e3);
            let screen = Screen::new(points.view());
            let near = nearest_of(&screen, k);
            let core = core_of(&near, n, order.min(k));
            prop_assert_eq!(spanning_tree(&screen, &near, &core), naive(&screen, &core));
        }
    }

    #[test]
    fn far_apart_groups_are_joined_by_their_nearest_points() {
        let points = array![[0.0], [1.0], [2.0], [100.0], [101.0], [350.0]];
        let screen = Screen::new(points.view());
        let tree = spanning_tree(&screen, &nearest_of(&screen, 1), &[0.0; 6]);
        assert_eq!(tree.iter().map(|merge| merge.height).collect::<Vec<_>>(), [1.0, 1.0, 1.0, 98.0, 249.0]);
        assert_eq!((tree[3].a, tree[3].b, tree[4].a), (2, 3, 4));
    }

    #[test]
    fn equal_points_and_single_points_have_trees() {
        let equal = Array2::<f64>::ones((40, 2));
        let screen = Screen::new(equal.view());
        let tree = spanning_tree(&screen, &nearest_of(&screen, 3), &[0.0; 40]);
        assert!(tree.len() == 39 && tree.iter().all(|merge| merge.height == 0.0));
        let one = Screen::new(array![[1.0]].view());
        assert_eq!(spanning_tree(&one, &nearest_of(&one, 3), &[0.0]), []);
    }

    #[test]
    fn threads_do_not_change_the_tree() {
        let mut stream = Stream::new(9, "test.tree");
        let points = Array2::from_shape_fn((900, 6), |(row, _)| (row % 4) as f64 * 40.0 + stream.normal());
        let run = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
            pool.install(|| {
                let screen = Screen::new(points.view());
                let near = nearest_of(&screen, 5);
                spanning_tree(&screen, &near, &core_of(&near, 900, 4))
            })
        };
        assert_eq!(run(1), run(4));
    }
}
