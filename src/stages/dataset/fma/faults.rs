//! Clips that are known to be broken: no audio at all, or less than the 30 s of all others
//! (the wiki of github.com/mdeff/fma, "Excerpts shorter than 30s and erroneous audio length metadata"; issues 8, 36, 44).

/// Tracks of `fma_medium` (the first six of the wiki's list are in `fma_small` too) and the seconds their clips hold.
const SHORT_CLIPS: [(u32, f32); 21] = [
    (1486, 0.0),
    (5574, 0.0),
    (65753, 0.0),
    (80391, 0.0),
    (98558, 0.0),
    (98559, 0.0),
    (98560, 0.0),
    (98565, 1.6),
    (98566, 6.2),
    (98567, 0.5),
    (98568, 6.6),
    (98569, 1.5),
    (98571, 0.0),
    (99134, 0.0),
    (105247, 0.0),
    (108924, 27.4),
    (108925, 0.0),
    (126981, 0.0),
    (127336, 0.0),
    (133297, 0.0),
    (143992, 0.0),
];

/// What is wrong with the clip of a track; None if nothing is known against it.
pub(super) fn fault(id: u32) -> Option<String> {
    let place = SHORT_CLIPS.binary_search_by_key(&id, |(id, _)| *id).ok()?;
    let (_, seconds) = SHORT_CLIPS[place];
    Some(match seconds {
        0.0 => "a known fault of the set: the clip holds no audio".to_owned(),
        seconds => format!("a known fault of the set: the clip holds {seconds} s of 30"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_so_that_it_can_be_searched() {
        assert!(SHORT_CLIPS.is_sorted_by(|a, b| a.0 < b.0));
    }

    #[test]
    fn the_six_of_the_small_set_are_known_and_others_are_not() {
        for id in [98565, 98567, 98569, 99134, 108925, 133297] {
            assert!(fault(id).is_some(), "{id}");
        }
        assert!(fault(98567).is_some_and(|reason| reason.contains("0.5 s")));
        assert_eq!(fault(2), None);
    }
}
