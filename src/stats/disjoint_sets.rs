//! Disjoint sets of the numbers `0..n`, merged two at a time (Tarjan 1975): by size, with path halving.

/// A partition of `0..n`.
#[derive(Clone, Debug)]
pub struct DisjointSets {
    parents: Vec<u32>,
    sizes: Vec<u32>,
}

impl DisjointSets {
    /// Every number in a set of its own.
    pub fn new(n: usize) -> DisjointSets {
        DisjointSets { parents: (0..n as u32).collect(), sizes: vec![1; n] }
    }

    /// The number that stands for the set of `item`.
    pub fn find(&mut self, item: usize) -> usize {
        let mut at = item;
        while self.parents[at] as usize != at {
            self.parents[at] = self.parents[self.parents[at] as usize];
            at = self.parents[at] as usize;
        }
        at
    }

    /// Merges the sets of `a` and `b`; None if they were one already, else the number that now stands for both.
    pub fn merge(&mut self, a: usize, b: usize) -> Option<usize> {
        let (a, b) = (self.find(a), self.find(b));
        if a == b {
            return None;
        }
        let (root, below) = if self.sizes[a] >= self.sizes[b] { (a, b) } else { (b, a) };
        self.parents[below] = root as u32;
        self.sizes[root] += self.sizes[below];
        Some(root)
    }

    /// How many are in the set of `item`.
    pub fn size(&mut self, item: usize) -> usize {
        let root = self.find(item);
        self.sizes[root] as usize
    }

    /// The set of every number, sets being numbered from 0 in the order of their lowest members; and how many there are.
    pub fn numbered(&mut self) -> (Vec<usize>, usize) {
        let n = self.parents.len();
        let (mut of_root, mut count) = (vec![usize::MAX; n], 0);
        let number = |item| {
            let root = self.find(item);
            if of_root[root] == usize::MAX {
                of_root[root] = count;
                count += 1;
            }
            of_root[root]
        };
        ((0..n).map(number).collect(), count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{prop, prop_assert_eq, proptest};

    #[test]
    fn merging_twice_changes_nothing() {
        let mut sets = DisjointSets::new(5);
        assert!(sets.merge(3, 4).is_some() && sets.merge(4, 3).is_none() && sets.merge(4, 1).is_some());
        assert_eq!((sets.size(1), sets.size(0), sets.numbered()), (3, 1, (vec![0, 1, 2, 1, 1], 3)));
        assert_eq!(DisjointSets::new(0).numbered(), (vec![], 0));
    }

    proptest! {
        #[test]
        fn they_are_those_of_relabelling_all(pairs in prop::collection::vec((0usize..30, 0usize..30), 0..60)) {
            let (mut sets, mut naive) = (DisjointSets::new(30), (0..30).collect::<Vec<usize>>());
            for (a, b) in pairs {
                let (low, high) = (naive[a].min(naive[b]), naive[a].max(naive[b]));
                prop_assert_eq!(sets.merge(a, b).is_some(), low != high);
                naive.iter_mut().filter(|label| **label == high).for_each(|label| *label = low);
            }
            let lowest: Vec<usize> = (0..30).filter(|item| naive[*item] == *item).collect();
            let numbers: Vec<usize> = naive.iter().map(|label| lowest.binary_search(label).expect("a lowest")).collect();
            prop_assert_eq!(sets.numbered(), (numbers, lowest.len()));
        }
    }
}
