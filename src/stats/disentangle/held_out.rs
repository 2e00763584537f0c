//! Points held out by whole groups, so that nothing is scored on an artist that was learned from.
//! Roberts et al., "Cross-validation strategies for data with temporal, spatial, hierarchical structure" (Ecography 2017).

use std::collections::BTreeMap;

use crate::random::Stream;

/// Rows on either side, rising. Neither is empty if there are two groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldOut {
    /// Rows to learn from.
    pub train: Vec<usize>,
    /// Rows to look at.
    pub test: Vec<usize>,
}

/// Holds out groups, in random order, while they fit into `share` of the rows; the smallest group if none fits.
pub fn by_group(groups: &[u32], share: f64, stream: &mut Stream) -> HeldOut {
    let mut members: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    groups.iter().enumerate().for_each(|(row, group)| members.entry(*group).or_default().push(row));
    let mut members: Vec<Vec<usize>> = members.into_values().collect();
    stream.shuffle(&mut members);
    let target = (share * groups.len() as f64).round() as usize;
    let mut test = Vec::new();
    for group in &members {
        if test.len() + group.len() <= target {
            test.extend(group);
        }
    }
    if test.is_empty() {
        test = members.into_iter().min_by_key(Vec::len).unwrap_or_default();
    }
    test.sort_unstable();
    let train = (0..groups.len()).filter(|row| test.binary_search(row).is_err()).collect();
    HeldOut { train, test }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{prop_assert, proptest};

    proptest! {
        #[test]
        fn no_group_stands_on_both_sides_and_none_is_lost(seed in 0u64..300, n in 2usize..60, kinds in 2u32..9) {
            let mut stream = Stream::new(seed, "test.groups");
            let mut groups: Vec<u32> = (0..n).map(|_| stream.below(kinds as usize) as u32).collect();
            (groups[0], groups[1]) = (0, 1);
            let sides = by_group(&groups, 0.25, &mut stream);
            let crosses = sides.test.iter().any(|a| sides.train.iter().any(|b| groups[*a] == groups[*b]));
            prop_assert!(!crosses && sides.test.len() + sides.train.len() == n);
            prop_assert!(!sides.test.is_empty() && !sides.train.is_empty());
        }
    }

    #[test]
    fn single_points_are_split_in_the_share_asked_for() {
        let groups: Vec<u32> = (0..400).collect();
        let split = |seed| by_group(&groups, 0.25, &mut Stream::new(seed, "test.share"));
        assert_eq!(split(0).test.len(), 100);
        assert!(split(0) == split(0) && split(0) != split(1));
    }

    #[test]
    fn a_large_group_is_learned_from() {
        let groups: Vec<u32> = (0..100).map(|row| u32::from(row < 5)).collect();
        assert_eq!(by_group(&groups, 0.01, &mut Stream::new(3, "test.large")).test, [0, 1, 2, 3, 4]);
    }
}
