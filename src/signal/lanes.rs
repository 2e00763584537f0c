//! Loops over samples and bins that the compiler turns into vector instructions, in the widest form that is worth it.
//!
//! Such a loop keeps `LANES` sums side by side and no branch between them. `vectorised!` compiles it twice, for the
//! processors that every program must run on and for those with AVX2, and picks one at run time. Both give the same
//! bits: the order of summation is written in the source, and multiplication and addition are never fused.

use ndarray::ArrayView2;

/// Numbers that are worked on side by side: a 256-bit register of single precision.
pub(super) const LANES: usize = 8;

/// Declares functions whose bodies are also compiled for AVX2, which is used where the processor has it.
macro_rules! vectorised {
    ($(
        $(#[$attribute:meta])*
        $scope:vis fn $name:ident($($argument:ident: $kind:ty),* $(,)?) -> $result:ty $body:block
    )+) => {
        $($(#[$attribute])* $scope fn $name($($argument: $kind),*) -> $result {
            #[inline(always)]
            fn portable($($argument: $kind),*) -> $result $body

            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2")]
                fn wide($($argument: $kind),*) -> $result {
                    portable($($argument),*)
                }
                if std::arch::is_x86_feature_detected!("avx2") {
                    // SAFETY: the processor has just been asked for the one feature that `wide` needs.
                    #[expect(unsafe_code, reason = "the compiler cannot see that the feature was asked for")]
                    return unsafe { wide($($argument),*) };
                }
            }
            portable($($argument),*)
        })+
    };
}

pub(super) use vectorised;

/// What `reduce` makes of each frame `[bins]` of `spectra` `[frames, bins]`, in order.
pub(super) fn each_frame<R>(spectra: ArrayView2<f32>, mut reduce: impl FnMut(&[f32]) -> R) -> Vec<R> {
    let spectra = spectra.as_standard_layout();
    let bins = |row: ndarray::ArrayView1<f32>| reduce(row.to_slice().expect("rows of the standard layout are slices"));
    spectra.rows().into_iter().map(bins).collect()
}

vectorised! {
    /// The largest value, or 0 where none is above.
    pub(super) fn largest(values: &[f32]) -> f32 {
        let mut lanes = [0.0f32; 4 * LANES];
        let (blocks, rest) = values.as_chunks::<{ 4 * LANES }>();
        for block in blocks {
            for lane in 0..4 * LANES {
                lanes[lane] = if block[lane] > lanes[lane] { block[lane] } else { lanes[lane] };
            }
        }
        lanes.iter().chain(rest).fold(0.0, |top, value| if *value > top { *value } else { top })
    }
}

/// The sum of all lanes, halves first: the compiler keeps the lanes in one register where it may add them in pairs.
#[inline(always)]
pub(super) fn total(lanes: [f32; LANES]) -> f32 {
    ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;
    use proptest::prelude::{any, prop, prop_assert_eq, proptest};

    vectorised! {
        /// Rounds at every step: a fused multiplication or another order would show.
        fn sum_of_cubes(values: &[f32]) -> f32 {
            let mut lanes = [0.0f32; LANES];
            for block in values.as_chunks::<LANES>().0 {
                (0..LANES).for_each(|lane| lanes[lane] += block[lane] * block[lane] * block[lane]);
            }
            total(lanes)
        }
    }

    #[test]
    fn frames_are_visited_in_order_whatever_their_layout() {
        let spectra = Array2::from_shape_fn((3, 4), |(frame, bin)| (10 * frame + bin) as f32);
        let columns_first = spectra.t().as_standard_layout().into_owned();
        let firsts = |bins: &[f32]| (bins[0], bins[3]);
        let expected = [(0.0, 3.0), (10.0, 13.0), (20.0, 23.0)];
        assert_eq!(each_frame(spectra.view(), firsts), expected);
        assert_eq!(each_frame(columns_first.t(), firsts), expected);
        assert_eq!(each_frame(Array2::zeros((2, 0)).view(), <[f32]>::len), [0, 0]);
    }

    #[test]
    fn the_largest_of_nothing_and_of_what_is_not_a_number_is_zero() {
        assert_eq!([&[][..], &[-1.0], &[f32::NAN; 100]].map(largest), [0.0; 3]);
    }

    proptest! {
        #[test]
        fn the_largest_is_found_wherever_it_is(values in prop::collection::vec(0.0f32..1.0, 1..150)) {
            prop_assert_eq!(largest(&values), values.iter().copied().fold(0.0, f32::max));
        }

        #[test]
        fn both_forms_give_the_same_bits(seed in any::<u64>()) {
            let values = crate::random::Stream::new(seed, "lanes").normals(200);
            let mut plain = [0.0f32; LANES];
            for (at, value) in values.iter().enumerate() {
                plain[at % LANES] += value * value * value;
            }
            prop_assert_eq!(sum_of_cubes(&values).to_bits(), total(plain).to_bits());
        }
    }
}
