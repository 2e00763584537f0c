//! Spectral flatness, also Wiener entropy: 1 for noise, near 0 for tones.
//! `P_k = max(10⁻¹⁰, S_k²)`, geometric over arithmetic mean: `exp(mean_k ln P_k) / mean_k P_k`, as
//! `librosa.feature.spectral_flatness` with power 2.
//! The sum of logarithms is the logarithm of the product, and the product of floating-point numbers is that of their
//! mantissas times 2 to the sum of their exponents: a handful of logarithms a frame instead of one a bin.

use std::f64::consts::LN_2;

use ndarray::ArrayView2;

use crate::signal::lanes::{LANES, each_frame, vectorised};

/// Powers below this count as this.
const AMIN: f32 = 1e-10;

/// Lanes of one step, in registers that are multiplied and added side by side.
const WIDTH: usize = 2 * LANES;

/// Steps after which products and sums go over to double precision: mantissas are below 2, their product below 2⁶⁴.
const STEPS: usize = 64;

/// Flatness of each frame from 0 to 1, `[frames]`, of magnitudes (not powers) `[frames, bins]`. Silence is flat: 1.
pub fn flatness(magnitude: ArrayView2<f32>) -> Vec<f32> {
    each_frame(magnitude, |bins| {
        let (mut logs, mut sum) = (0.0, 0.0);
        for part in bins.chunks(WIDTH * STEPS) {
            let (part_logs, part_sum) = logs_and_sum(part);
            (logs, sum) = (logs + part_logs, sum + part_sum);
        }
        let n = bins.len().max(1) as f64;
        if bins.is_empty() { 1.0 } else { ((logs / n).exp() / (sum / n)) as f32 }
    })
}

vectorised! {
    /// Σ ln P and Σ P of at most `WIDTH · STEPS` magnitudes.
    fn logs_and_sum(magnitudes: &[f32]) -> (f64, f64) {
        let (mut products, mut exponents, mut sums) = ([1.0f32; WIDTH], [0i32; WIDTH], [0.0f32; WIDTH]);
        let (blocks, rest) = magnitudes.as_chunks::<WIDTH>();
        for block in blocks {
            for lane in 0..WIDTH {
                let power = power(block[lane]);
                let bits = power.to_bits();
                sums[lane] += power;
                exponents[lane] += (bits >> 23) as i32;
                products[lane] *= f32::from_bits(bits & 0x007F_FFFF | 0x3F80_0000);
            }
        }
        let exponent = i64::from(exponents.iter().sum::<i32>()) - 127 * (blocks.len() * WIDTH) as i64;
        let product = |part: &[f32]| part.iter().map(|mantissa| f64::from(*mantissa)).product::<f64>();
        let (low, high) = (product(&products[..LANES]), product(&products[LANES..]));
        let powers = rest.iter().map(|x| f64::from(power(*x)));
        let logs = exponent as f64 * LN_2 + low.ln() + high.ln() + powers.clone().map(f64::ln).sum::<f64>();
        (logs, sums.iter().map(|x| f64::from(*x)).sum::<f64>() + powers.sum::<f64>())
    }
}

/// From [`AMIN`] to the largest number, whatever the magnitude is.
#[inline(always)]
fn power(magnitude: f32) -> f32 {
    let square = magnitude * magnitude;
    let power = if square > AMIN { square } else { AMIN };
    if power < f32::MAX { power } else { f32::MAX }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;
    use proptest::prelude::{any, prop_assert, proptest};

    fn naive(bins: &[f32]) -> f64 {
        let powers: Vec<f64> = bins.iter().map(|s| f64::from(*s).powi(2).max(1e-10)).collect();
        let n = powers.len() as f64;
        (powers.iter().map(|p| p.ln()).sum::<f64>() / n).exp() / (powers.iter().sum::<f64>() / n)
    }

    #[test]
    fn equal_bins_and_silence_are_flat() {
        for level in [0.0, 1e-3, 0.3, 1e6] {
            let flat = flatness(Array2::from_elem((1, 1025), level).view())[0];
            assert!((flat - 1.0).abs() < 2e-6, "{level}: {flat}");
        }
        assert_eq!(flatness(Array2::zeros((2, 0)).view()), [1.0; 2]);
    }

    #[test]
    fn one_tone_is_not_flat() {
        let mut magnitude = Array2::zeros((1, 1025));
        magnitude[(0, 40)] = 100.0;
        let expected = naive(&magnitude.row(0).to_vec());
        let flat = f64::from(flatness(magnitude.view())[0]);
        assert!(flat < 1e-9 && (flat - expected).abs() < 1e-5 * expected, "{flat} {expected}");
    }

    #[test]
    fn overflow_and_what_is_not_a_number_do_no_harm() {
        for level in [f32::MAX, f32::INFINITY, f32::NAN] {
            assert!(flatness(Array2::from_elem((1, 1100), level).view())[0] <= 1.0 + 1e-6, "{level}");
        }
    }

    proptest! {
        #[test]
        fn products_and_logarithms_agree(seed in any::<u64>(), bins in 1usize..3000, steep in 0.0f64..0.02) {
            let draws = crate::random::Stream::new(seed, "flatness").uniforms(bins, 0.0, 50.0);
            let fall = |k: usize| (-steep * k as f64).exp() as f32;
            let magnitude = Array2::from_shape_fn((1, bins), |(_, k)| draws[k] * fall(k));
            let (fast, slow) = (f64::from(flatness(magnitude.view())[0]), naive(&magnitude.row(0).to_vec()));
            prop_assert!((fast - slow).abs() < 3e-6 * slow, "{fast} {slow}");
        }
    }
}
