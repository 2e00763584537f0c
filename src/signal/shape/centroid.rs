//! Spectral centroid: the mean frequency, weighted by magnitude; it tells how bright a sound is.
//! `f_k = k · rate / n_fft`, `centroid = Σ_k f_k · S_k / Σ_k S_k`, as `librosa.feature.spectral_centroid`.

use ndarray::ArrayView2;

use super::bin_hz;
use crate::signal::lanes::{LANES, each_frame, vectorised};

/// Mean frequency of each frame in Hz, `[frames]`, of magnitudes `[frames, bins]`. Silence is at 0 Hz.
pub fn centroid(magnitude: ArrayView2<f32>, rate_hz: u32, n_fft: usize) -> Vec<f32> {
    let bin_hz = bin_hz(rate_hz, n_fft);
    each_frame(magnitude, |bins| (moments(bins).mean_bin() * bin_hz) as f32)
}

/// Sums over the bins of a frame, in double precision: of tonal sound the small bins count for little one by one, but
/// there are many.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Moments {
    /// Σ S_k.
    pub sum: f64,
    /// Σ k · S_k.
    pub weighted: f64,
}

impl Moments {
    /// Σ S_k as a divisor: as in librosa, what is next to nothing is not scaled up.
    pub fn norm(self) -> f64 {
        if self.sum < f64::from(f32::MIN_POSITIVE) { 1.0 } else { self.sum }
    }

    /// The centroid, counted in bins.
    pub fn mean_bin(self) -> f64 {
        self.weighted / self.norm()
    }
}

vectorised! {
    /// Both sums over the bins of one frame.
    pub(super) fn moments(bins: &[f32]) -> Moments {
        let (mut sums, mut weighted) = ([0.0f64; LANES], [0.0f64; LANES]);
        let mut position: [f64; LANES] = std::array::from_fn(|lane| lane as f64);
        let (blocks, rest) = bins.as_chunks::<LANES>();
        for block in blocks {
            for lane in 0..LANES {
                let value = f64::from(block[lane]);
                sums[lane] += value;
                weighted[lane] += value * position[lane];
                position[lane] += LANES as f64;
            }
        }
        for lane in 0..rest.len() {
            let value = f64::from(rest[lane]);
            sums[lane] += value;
            weighted[lane] += value * position[lane];
        }
        Moments { sum: sums.iter().sum(), weighted: weighted.iter().sum() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;
    use proptest::prelude::{prop, prop_assert, proptest};

    #[test]
    fn one_bin_is_its_own_centroid() {
        let mut magnitude = Array2::zeros((2, 1025));
        (magnitude[(0, 100)], magnitude[(1, 1024)]) = (3.0, 1e-3);
        assert_eq!(centroid(magnitude.view(), 2048, 2048), [100.0, 1024.0]);
    }

    #[test]
    fn equal_bins_have_the_middle_and_silence_is_at_zero() {
        assert_eq!(centroid(Array2::from_elem((1, 1025), 0.3).view(), 22_050, 2048), [5512.5]);
        assert_eq!(centroid(Array2::zeros((3, 1025)).view(), 22_050, 2048), [0.0; 3]);
        assert_eq!(centroid(Array2::zeros((2, 0)).view(), 22_050, 0), [0.0; 2]);
        assert!(centroid(Array2::zeros((0, 1025)).view(), 22_050, 2048).is_empty());
    }

    #[test]
    fn the_layout_does_not_matter() {
        let magnitude = Array2::from_shape_fn((3, 50), |(frame, bin)| (frame * 7 + bin * 3 % 11) as f32);
        let columns_first = magnitude.t().as_standard_layout().into_owned();
        assert_eq!(centroid(magnitude.view(), 8_000, 98), centroid(columns_first.t(), 8_000, 98));
    }

    proptest! {
        #[test]
        fn lanes_and_plain_sums_agree(bins in prop::collection::vec(0.0f32..10.0, 1..100)) {
            let terms = || bins.iter().map(|s| f64::from(*s)).enumerate();
            let sum: f64 = terms().map(|(_, s)| s).sum();
            let weighted: f64 = terms().map(|(k, s)| k as f64 * s).sum();
            let fast = moments(&bins);
            prop_assert!((fast.sum - sum).abs() <= 1e-12 * sum);
            prop_assert!((fast.weighted - weighted).abs() <= 1e-12 * weighted);
        }
    }
}
