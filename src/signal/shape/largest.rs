//! The largest of a few hundred values, without sorting them.
//!
//! Each pass over the values finds the next below the last. A pass has no branches and is done side by side; as long as
//! few values are wanted, that takes less time than to sort, or to keep a list and branch on each value.

use crate::signal::lanes::{LANES, vectorised};

/// Most extremes that are found one by one; librosa's settings ask for up to 9.
const FEW: usize = 16;

/// Values that are compared side by side.
const WIDTH: usize = 2 * LANES;

/// Values in whole blocks: the last is filled up with what is never among the largest. Kept from use to use.
#[derive(Clone, Debug, Default)]
pub(super) struct Blocks(Vec<[f32; WIDTH]>);

impl Blocks {
    /// Takes in `sign · values`. With sign −1 the smallest become the largest.
    pub fn fill(&mut self, values: &[f32], sign: f32) {
        self.0.clear();
        self.0.resize(values.len().div_ceil(WIDTH), [f32::NEG_INFINITY; WIDTH]);
        values.iter().zip(self.0.as_flattened_mut()).for_each(|(value, slot)| *slot = sign * value);
    }

    /// Sum of the `wanted` largest values, from 1 to as many as there are. Reorders them.
    pub fn sum_of_largest(&mut self, wanted: usize) -> f32 {
        if wanted > FEW { sum_of_many(&mut self.0, wanted) } else { sum_of_few(&self.0, wanted) }
    }
}

vectorised! {
    /// Sum of the `wanted` largest values, pass by pass.
    fn sum_of_few(blocks: &[[f32; WIDTH]], wanted: usize) -> f32 {
        let (mut sum, mut taken, mut bound) = (0.0, 0, f32::INFINITY);
        loop {
            let (next, not_below) = next_below(blocks, bound);
            let not_below = not_below.min(wanted);
            if not_below > taken {
                sum += bound * (not_below - taken) as f32;
                taken = not_below;
            }
            if taken == wanted || next == f32::NEG_INFINITY {
                return sum;
            }
            if taken + 1 == wanted {
                return sum + next;
            }
            bound = next;
        }
    }
}

/// Sum of the `wanted` largest values, at least 1, of which there must be as many. Reorders the values.
fn sum_of_many(blocks: &mut [[f32; WIDTH]], wanted: usize) -> f32 {
    let values = blocks.as_flattened_mut();
    values.select_nth_unstable_by(wanted - 1, |a, b| b.total_cmp(a));
    values[..wanted].iter().map(|value| f64::from(*value)).sum::<f64>() as f32
}

/// The largest value below `bound`, and how many values are not below.
#[inline(always)]
fn next_below(blocks: &[[f32; WIDTH]], bound: f32) -> (f32, usize) {
    let (mut largest, mut counts) = ([f32::NEG_INFINITY; WIDTH], [0u32; WIDTH]);
    for block in blocks {
        for lane in 0..WIDTH {
            let below = if block[lane] < bound { block[lane] } else { f32::NEG_INFINITY };
            largest[lane] = greater(below, largest[lane]);
            counts[lane] += u32::from(block[lane] >= bound);
        }
    }
    for half in [8, 4, 2, 1] {
        (0..half).for_each(|lane| largest[lane] = greater(largest[lane], largest[lane + half]));
    }
    (largest[0], counts.iter().sum::<u32>() as usize)
}

/// One comparison, unlike `f32::max`, which takes care of what is not a number.
#[inline(always)]
fn greater(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{prop, prop_assert_eq, proptest};

    fn sum_of_largest(values: &[f32], wanted: usize) -> f32 {
        let mut blocks = Blocks::default();
        blocks.fill(values, 1.0);
        blocks.sum_of_largest(wanted)
    }

    #[test]
    fn equal_values_count_as_often_as_they_are_there() {
        assert_eq!(
            [1, 2, 3, 5].map(|wanted| sum_of_largest(&[4.0, 1.0, 4.0, 4.0, 0.5], wanted)),
            [4.0, 8.0, 12.0, 13.5]
        );
        assert_eq!(sum_of_largest(&[0.0; 40], 20), 0.0);
    }

    #[test]
    fn what_is_not_a_number_ends_the_search() {
        assert_eq!(sum_of_largest(&[f32::NAN; 5], 3), 0.0);
    }

    proptest! {
        #[test]
        fn passes_and_sorting_agree(values in prop::collection::vec(0u16..60, 1..120), wanted in 1usize..40) {
            let mut values: Vec<f32> = values.into_iter().map(f32::from).collect();
            let wanted = wanted.min(values.len());
            let fast = sum_of_largest(&values, wanted);
            values.sort_by(|a, b| b.total_cmp(a));
            prop_assert_eq!(fast, values[..wanted].iter().sum::<f32>());
        }
    }
}
