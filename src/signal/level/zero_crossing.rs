//! Zero-crossing rate: the share of samples whose sign is not that of the one before; high for noise and hiss.
//! As `librosa.feature.zero_crossing_rate`: what is within 10⁻¹⁰ of zero counts as positive, the first sample of a
//! frame never crosses, and beyond the ends the signal stays at its last value, where nothing crosses.

use super::centred_frames;
use crate::signal::lanes::vectorised;

/// What is no further from zero than this counts as zero.
const THRESHOLD: f32 = 1e-10;

/// Share of crossings in each centred frame, from 0 to (frame_length − 1) / frame_length, `[frames]`.
pub fn zero_crossing_rate(samples: &[f32], frame_length: usize, hop_samples: usize) -> Vec<f32> {
    let rate = |inside| (f64::from(crossings(&samples[inside])) / frame_length.max(1) as f64) as f32;
    centred_frames(samples.len(), frame_length, hop_samples).map(rate).collect()
}

vectorised! {
    /// Number of neighbours of unlike sign.
    fn crossings(samples: &[f32]) -> u32 {
        let is_negative = |sample: f32| sample < -THRESHOLD;
        let after = samples.get(1..).unwrap_or_default();
        samples.iter().zip(after).map(|(x, y)| u32::from(is_negative(*x) != is_negative(*y))).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{prop, prop_assert_eq, proptest};

    #[test]
    fn alternating_samples_cross_all_the_time() {
        let samples: Vec<f32> = (0..64).map(|n| if n % 2 == 0 { 0.1 } else { -0.1 }).collect();
        assert_eq!(
            zero_crossing_rate(&samples, 16, 16),
            [7.0 / 16.0, 15.0 / 16.0, 15.0 / 16.0, 15.0 / 16.0, 7.0 / 16.0]
        );
    }

    #[test]
    fn silence_constants_one_sample_and_none_never_cross() {
        assert_eq!(zero_crossing_rate(&[0.0; 1000], 2048, 512), [0.0; 2]);
        assert_eq!(zero_crossing_rate(&[-0.5; 1000], 2048, 512), [0.0; 2]);
        assert_eq!(zero_crossing_rate(&[-0.5], 2048, 512), [0.0]);
        assert_eq!(zero_crossing_rate(&[], 2048, 512), [0.0]);
    }

    #[test]
    fn next_to_zero_is_positive() {
        assert_eq!(crossings(&[1.0, -1e-10, 0.0, -0.0, 1e-11]), 0);
        assert_eq!(crossings(&[1.0, -1.1e-10, 1.0]), 2);
    }

    proptest! {
        // Padded with the values at the ends, frame by frame, as librosa has it.
        #[test]
        fn cut_and_padded_frames_agree(
            samples in prop::collection::vec(-3i8..3, 1..300),
            frame_length in 1usize..100,
            hop in 1usize..70,
        ) {
            let samples: Vec<f32> = samples.into_iter().map(f32::from).collect();
            let half = frame_length / 2;
            let mut padded = vec![samples[0]; half];
            padded.extend(&samples);
            padded.resize(samples.len() + 2 * half, samples[samples.len() - 1]);
            let count = |frame: &[f32]| frame.windows(2).filter(|pair| (pair[0] < 0.0) != (pair[1] < 0.0)).count();
            let rate = |frame: &[f32]| count(frame) as f32 / frame_length as f32;
            let naive = padded.windows(frame_length).step_by(hop).map(rate);
            prop_assert_eq!(zero_crossing_rate(&samples, frame_length, hop), naive.collect::<Vec<_>>());
        }
    }
}
