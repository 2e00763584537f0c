//! Spectral roll-off: the frequency below which a given share of the magnitude lies.
//! The least `f_k` with `Σ_{j ≤ k} S_j ≥ roll_percent · Σ_j S_j`, as `librosa.feature.spectral_rolloff`.
//! librosa adds up in single precision, this in double: where the sum meets the share almost exactly they may differ by
//! one bin.

use ndarray::ArrayView2;

use super::{ShapeError, bin_hz};
use crate::signal::lanes::{LANES, each_frame, vectorised};

/// librosa's share.
pub const ROLL_PERCENT: f64 = 0.85;

/// Bins that are first added up together; only the block where the share is met is looked into.
const BLOCK: usize = 4 * LANES;

/// Roll-off of each frame in Hz, `[frames]`, of magnitudes `[frames, bins]`. Silence is at 0 Hz.
/// Errors where `roll_percent`, a share, is not between 0 and 1.
pub fn rolloff(
    magnitude: ArrayView2<f32>,
    rate_hz: u32,
    n_fft: usize,
    roll_percent: f64,
) -> Result<Vec<f32>, ShapeError> {
    if !(roll_percent > 0.0 && roll_percent < 1.0) {
        return Err(ShapeError::RollPercent { roll_percent });
    }
    let bin_hz = bin_hz(rate_hz, n_fft);
    let mut sums = vec![0.0; magnitude.ncols().div_ceil(BLOCK)];
    Ok(each_frame(magnitude, |bins| {
        let total = running_sums(bins, &mut sums);
        (first_bin(bins, &sums, roll_percent * total) as f64 * bin_hz) as f32
    }))
}

/// The first bin up to which the magnitudes sum to `share`.
fn first_bin(bins: &[f32], sums: &[f64], share: f64) -> usize {
    let block = sums.partition_point(|sum| *sum < share);
    let mut sum = if block == 0 { 0.0 } else { sums[block - 1] };
    let start = block * BLOCK;
    let reached = bins.iter().skip(start).take(BLOCK).position(|bin| {
        sum += f64::from(*bin);
        sum >= share
    });
    // Adding one by one can end a rounding error below the block's sum.
    let last = (start + BLOCK).min(bins.len()).saturating_sub(1);
    reached.map_or(last, |offset| start + offset)
}

vectorised! {
    /// Writes the sum up to the end of each block into `sums` and gives the last.
    fn running_sums(bins: &[f32], sums: &mut [f64]) -> f64 {
        let mut total = 0.0;
        let (blocks, rest) = bins.as_chunks::<BLOCK>();
        for (block, sum) in blocks.iter().zip(sums.iter_mut()) {
            let lanes: [f64; LANES] = std::array::from_fn(|lane| {
                let value = |quarter: usize| f64::from(block[quarter * LANES + lane]);
                (value(0) + value(1)) + (value(2) + value(3))
            });
            total += ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
            *sum = total;
        }
        if !rest.is_empty() && let Some(sum) = sums.last_mut() {
            total += rest.iter().map(|value| f64::from(*value)).sum::<f64>();
            *sum = total;
        }
        total
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;
    use proptest::prelude::{prop, prop_assert_eq, proptest};

    #[test]
    fn equal_bins_roll_off_at_the_share() {
        let magnitude = Array2::from_elem((1, 1000), 1.0);
        assert_eq!(rolloff(magnitude.view(), 2000, 2000, 0.85), Ok(vec![849.0]));
        assert_eq!(rolloff(magnitude.view(), 2000, 2000, 0.001), Ok(vec![0.0]));
        assert_eq!(rolloff(magnitude.view(), 2000, 2000, 0.9999), Ok(vec![999.0]));
    }

    #[test]
    fn silence_rolls_off_at_zero() {
        assert_eq!(rolloff(Array2::zeros((2, 1025)).view(), 22_050, 2048, 0.85), Ok(vec![0.0; 2]));
        assert_eq!(rolloff(Array2::zeros((1, 0)).view(), 22_050, 2048, 0.85), Ok(vec![0.0]));
    }

    #[test]
    fn shares_outside_are_refused() {
        for roll_percent in [0.0, 1.0, -1.0, f64::INFINITY] {
            let error = rolloff(Array2::zeros((1, 9)).view(), 22_050, 16, roll_percent).expect_err("no share");
            assert_eq!(error, ShapeError::RollPercent { roll_percent });
        }
        assert!(rolloff(Array2::zeros((1, 9)).view(), 22_050, 16, f64::NAN).is_err());
    }

    #[test]
    fn numbers_that_are_not_numbers_do_no_harm() {
        let magnitude = Array2::from_shape_vec((1, 40), vec![f32::NAN; 40]).expect("forty bins");
        assert_eq!(rolloff(magnitude.view(), 40, 40, 0.5).map(|hz| hz.len()), Ok(1));
    }

    proptest! {
        // Whole numbers: their sums are exact in any order.
        #[test]
        fn blocks_and_plain_sums_agree(bins in prop::collection::vec(0u16..200, 1..150), percent in 1u32..100) {
            let share = f64::from(percent) / 100.0 * bins.iter().map(|x| f64::from(*x)).sum::<f64>();
            let mut sum = 0.0;
            let naive = bins.iter().position(|x| { sum += f64::from(*x); sum >= share });
            let magnitude = Array2::from_shape_fn((1, bins.len()), |(_, k)| f32::from(bins[k]));
            let fast = rolloff(magnitude.view(), 1, 1, f64::from(percent) / 100.0).expect("a share");
            prop_assert_eq!(Some(fast[0] as usize), naive);
        }
    }
}
