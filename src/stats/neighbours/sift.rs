//! Finds the few values of many that are not above a limit, in the widest vectors that the processor has.

/// Values that are looked at together; one bit each.
const RUN: usize = 32;

/// Calls `found(index, value, limit)` for every value that is not above the limit, by rising index; it may lower the limit.
#[expect(clippy::neg_cmp_op_on_partial_ord, reason = "what is not a number must be found too")]
pub fn sift(values: &[f32], limit: &mut f32, mut found: impl FnMut(usize, f32, &mut f32)) {
    let mut each = |at: usize, limit: &mut f32| {
        let value = values[at];
        if !(value > *limit) {
            found(at, value, limit);
        }
    };
    let (runs, rest) = values.as_chunks::<RUN>();
    let mut next = 0;
    while let Some((run, mut marks)) = next_marked(runs, next, *limit) {
        while marks != 0 {
            each(run * RUN + marks.trailing_zeros() as usize, limit);
            marks &= marks - 1;
        }
        next = run + 1;
    }
    (values.len() - rest.len()..values.len()).for_each(|at| each(at, limit));
}

/// The next run from `first` on that has a value not above the limit, and which of its values are so.
fn next_marked(runs: &[[f32; RUN]], first: usize, limit: f32) -> Option<(usize, u32)> {
    #[cfg(target_arch = "x86_64")]
    {
        #[target_feature(enable = "avx512f")]
        fn avx512(runs: &[[f32; RUN]], first: usize, limit: f32) -> Option<(usize, u32)> {
            next_marked_plain(runs, first, limit)
        }
        #[target_feature(enable = "avx2")]
        fn avx2(runs: &[[f32; RUN]], first: usize, limit: f32) -> Option<(usize, u32)> {
            next_marked_plain(runs, first, limit)
        }
        if is_x86_feature_detected!("avx512f") {
            // SAFETY: the processor has just been asked for these instructions.
            #[expect(unsafe_code, reason = "the compiler cannot see that the feature was asked for")]
            return unsafe { avx512(runs, first, limit) };
        }
        if is_x86_feature_detected!("avx2") {
            // SAFETY: the processor has just been asked for these instructions.
            #[expect(unsafe_code, reason = "the compiler cannot see that the feature was asked for")]
            return unsafe { avx2(runs, first, limit) };
        }
    }
    next_marked_plain(runs, first, limit)
}

#[expect(clippy::neg_cmp_op_on_partial_ord, reason = "what is not a number must be found too")]
#[inline(always)]
fn next_marked_plain(runs: &[[f32; RUN]], first: usize, limit: f32) -> Option<(usize, u32)> {
    for (at, run) in runs.iter().enumerate().skip(first) {
        let mut any = false;
        for value in run {
            any |= !(*value > limit);
        }
        if any {
            let mut marks = 0;
            for (lane, value) in run.iter().enumerate() {
                marks |= u32::from(!(*value > limit)) << lane;
            }
            return Some((at, marks));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{prop, prop_assert_eq, proptest};

    proptest! {
        #[test]
        fn a_fixed_limit_finds_what_a_filter_finds(values in prop::collection::vec(-1.0f32..1.0, 0..200), limit in -1.5f32..1.5) {
            let mut found = vec![];
            sift(&values, &mut limit.clone(), |at, value, _| found.push((at, value)));
            let all = values.iter().copied().enumerate();
            prop_assert_eq!(found, all.filter(|(_, value)| *value <= limit).collect::<Vec<_>>());
        }

        #[test]
        fn a_falling_limit_finds_all_records(values in prop::collection::vec(-1.0f32..1.0, 0..200)) {
            let (mut found, mut limit) = (vec![], f32::INFINITY);
            sift(&values, &mut limit, |at, value, limit| {
                *limit = value;
                found.push(at);
            });
            let record = |at: &usize| values[..*at].iter().all(|before| *before >= values[*at]);
            prop_assert_eq!(found, (0..values.len()).filter(record).collect::<Vec<_>>());
        }
    }

    #[test]
    fn what_is_not_a_number_is_never_left_out() {
        let mut found = vec![];
        sift(&[f32::NAN; 40], &mut f32::NEG_INFINITY.clone(), |at, _, _| found.push(at));
        assert_eq!(found, (0..40).collect::<Vec<_>>());
    }
}
