//! A stratified split by group: each label's groups, shuffled, fill the sides in turn until each has its share.

use crate::artifact::Part;
use crate::random::Stream;
use std::collections::BTreeMap;

/// What the split looks at of a track.
pub(super) struct Member<'a> {
    pub group: &'a str,
    pub label: Option<u32>,
}

/// The side of each member. `shares` of test and train; validation gets the rest, and at least one group in all.
pub(super) fn divide(members: &[Member], shares: BTreeMap<Part, f64>, seed: u64) -> Vec<Part> {
    let mut sides = BTreeMap::<&str, Part>::new();
    for (label, groups) in groups_by_label(members) {
        let stream = Stream::at(seed, "split", label.map_or(0, |label| 1 + u64::from(label)));
        sides.extend(deal(groups, &shares, stream));
    }
    ensure(&mut sides, Part::Validation, Part::Train);
    ensure(&mut sides, Part::Train, Part::Validation);
    members.iter().map(|member| sides[member.group]).collect()
}

/// Groups with their sizes, under the label of their first track: a group is never torn apart, whatever its labels.
fn groups_by_label<'a>(members: &[Member<'a>]) -> BTreeMap<Option<u32>, Vec<(&'a str, usize)>> {
    let mut sizes = BTreeMap::<&str, (Option<u32>, usize)>::new();
    members.iter().for_each(|member| sizes.entry(member.group).or_insert((member.label, 0)).1 += 1);
    let mut by_label = BTreeMap::<_, Vec<_>>::new();
    sizes.into_iter().for_each(|(group, (label, size))| by_label.entry(label).or_default().push((group, size)));
    by_label
}

fn deal<'a>(
    mut groups: Vec<(&'a str, usize)>,
    shares: &BTreeMap<Part, f64>,
    mut stream: Stream,
) -> Vec<(&'a str, Part)> {
    stream.shuffle(&mut groups);
    let total: usize = groups.iter().map(|(_, size)| size).sum();
    let mut taken = BTreeMap::<Part, f64>::new();
    let mut side = |size: usize| {
        let half = size as f64 / 2.0;
        let room = |part: &Part| {
            taken.get(part).copied().unwrap_or(0.0) + half <= shares.get(part).copied().unwrap_or(0.0) * total as f64
        };
        let part = [Part::Train, Part::Test].into_iter().find(room).unwrap_or(Part::Validation);
        *taken.entry(part).or_default() += size as f64;
        part
    };
    groups.into_iter().map(|(group, size)| (group, side(size))).collect()
}

/// Neither learning nor stopping works on nothing: an empty side gets one group of the other.
fn ensure(sides: &mut BTreeMap<&str, Part>, wanted: Part, from: Part) {
    if !sides.values().any(|part| *part == wanted)
        && sides.values().filter(|part| **part == from).count() > 1
        && let Some(part) = sides.values_mut().rev().find(|part| **part == from)
    {
        *part = wanted;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

    fn shares() -> BTreeMap<Part, f64> {
        BTreeMap::from([(Part::Train, 0.7), (Part::Test, 0.1)])
    }

    #[test]
    fn every_label_gets_its_shares() {
        let names: Vec<String> = (0..200).map(|n| format!("artist{:03}", n / 2)).collect();
        let members: Vec<Member> =
            names.iter().enumerate().map(|(n, group)| Member { group, label: Some((n / 100) as u32) }).collect();
        let parts = divide(&members, shares(), 3);
        for label in [0..100, 100..200] {
            let count = |part| parts[label.clone()].iter().filter(|p| **p == part).count();
            assert_eq!((count(Part::Train), count(Part::Test), count(Part::Validation)), (70, 10, 20));
        }
    }

    #[test]
    fn two_groups_stand_on_two_sides() {
        let members = [Member { group: "a", label: None }, Member { group: "b", label: None }];
        let mut parts = divide(&members, shares(), 0);
        parts.sort_unstable();
        assert_eq!(parts, [Part::Train, Part::Validation]);
    }

    proptest! {
        #[test]
        fn no_group_stands_on_two_sides(groups in proptest::collection::vec(0u8..12, 2..80), seed in any::<u64>()) {
            let names: Vec<String> = groups.iter().map(|group| group.to_string()).collect();
            let members: Vec<Member> = names.iter().map(|group| Member { group, label: Some(u32::from(group.len() > 1)) }).collect();
            let parts = divide(&members, shares(), seed);
            for (a, part) in names.iter().zip(&parts) {
                names.iter().zip(&parts).filter(|(b, _)| a == *b).try_for_each(|(_, other)| { prop_assert_eq!(part, other); Ok(()) })?;
            }
            let distinct: std::collections::BTreeSet<_> = names.iter().collect();
            prop_assert!(distinct.len() < 2 || parts.contains(&Part::Train));
        }
    }
}
