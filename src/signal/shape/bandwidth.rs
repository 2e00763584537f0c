//! Spectral bandwidth: how far the energy spreads around the centroid.
//! `√(Σ_k S_k · (f_k − centroid)² / Σ_k S_k)`, as `librosa.feature.spectral_bandwidth` with p = 2 and norm.
//! Two passes: the difference of moments `Σ f²S / ΣS − centroid²` loses the narrow spread of a pure tone.

use ndarray::ArrayView2;

use super::bin_hz;
use super::centroid::moments;
use crate::signal::lanes::{LANES, each_frame, vectorised};

/// Standard deviation of frequency of each frame in Hz, `[frames]`, of magnitudes `[frames, bins]`. Silence has 0 Hz.
pub fn bandwidth(magnitude: ArrayView2<f32>, rate_hz: u32, n_fft: usize) -> Vec<f32> {
    let bin_hz = bin_hz(rate_hz, n_fft);
    each_frame(magnitude, |bins| {
        let moments = moments(bins);
        ((scatter(bins, moments.mean_bin()) / moments.norm()).sqrt() * bin_hz) as f32
    })
}

vectorised! {
    /// Σ S_k · (k − centre)² over the bins of one frame.
    fn scatter(bins: &[f32], centre: f64) -> f64 {
        let mut sums = [0.0f64; LANES];
        let mut offset: [f64; LANES] = std::array::from_fn(|lane| lane as f64 - centre);
        let (blocks, rest) = bins.as_chunks::<LANES>();
        for block in blocks {
            for lane in 0..LANES {
                sums[lane] += f64::from(block[lane]) * (offset[lane] * offset[lane]);
                offset[lane] += LANES as f64;
            }
        }
        for lane in 0..rest.len() {
            sums[lane] += f64::from(rest[lane]) * (offset[lane] * offset[lane]);
        }
        sums.iter().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;
    use proptest::prelude::{prop, prop_assert, proptest};

    #[test]
    fn one_bin_has_no_width_and_two_have_half_their_distance() {
        let mut magnitude = Array2::zeros((2, 1025));
        magnitude[(0, 700)] = 5.0;
        (magnitude[(1, 100)], magnitude[(1, 300)]) = (2.0, 2.0);
        assert_eq!(bandwidth(magnitude.view(), 2048, 2048), [0.0, 100.0]);
    }

    #[test]
    fn a_small_bin_far_away_is_not_lost() {
        let mut magnitude = Array2::zeros((1, 1025));
        (magnitude[(0, 1000)], magnitude[(0, 1001)]) = (1.0, 1e-7);
        let width = bandwidth(magnitude.view(), 2048, 2048)[0];
        assert!((width - 1e-7f32.sqrt()).abs() < 1e-9, "{width}");
    }

    #[test]
    fn silence_has_no_width() {
        assert_eq!(bandwidth(Array2::zeros((2, 1025)).view(), 22_050, 2048), [0.0; 2]);
        assert_eq!(bandwidth(Array2::zeros((1, 0)).view(), 0, 0), [0.0]);
    }

    proptest! {
        #[test]
        fn lanes_and_plain_sums_agree(bins in prop::collection::vec(0.01f32..10.0, 1..100)) {
            let terms = || bins.iter().map(|s| f64::from(*s)).enumerate();
            let sum: f64 = terms().map(|(_, s)| s).sum();
            let mean = terms().map(|(k, s)| k as f64 * s).sum::<f64>() / sum;
            let naive = (terms().map(|(k, s)| s * (k as f64 - mean).powi(2)).sum::<f64>() / sum).sqrt() * 4.0;
            let magnitude = ArrayView2::from_shape((1, bins.len()), &bins).expect("one frame");
            let fast = f64::from(bandwidth(magnitude, 8_000, 2_000)[0]);
            prop_assert!((fast - naive).abs() <= 1e-6 * naive, "{fast} {naive}");
        }
    }
}
