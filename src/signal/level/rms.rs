//! Root mean square of each frame. `rms[t] = √(Σ_n x[n]² / frame_length)`, with zeros beyond the ends, as
//! `librosa.feature.rms(y=...)`.

use super::centred_frames;
use crate::signal::lanes::{LANES, vectorised};

/// Samples that are added up in single precision before double takes over.
const BLOCK: usize = 16 * LANES;

/// Level of each centred frame, `[frames]`, in the unit of the samples.
pub fn rms(samples: &[f32], frame_length: usize, hop_samples: usize) -> Vec<f32> {
    let level = |inside| (sum_of_squares(&samples[inside]) / frame_length.max(1) as f64).sqrt() as f32;
    centred_frames(samples.len(), frame_length, hop_samples).map(level).collect()
}

vectorised! {
    fn sum_of_squares(samples: &[f32]) -> f64 {
        let (blocks, rest) = samples.as_chunks::<BLOCK>();
        let mut total: f64 = rest.iter().map(|x| f64::from(*x) * f64::from(*x)).sum();
        for block in blocks {
            let mut lanes = [0.0f32; 2 * LANES];
            for step in block.as_chunks::<{ 2 * LANES }>().0 {
                (0..2 * LANES).for_each(|lane| lanes[lane] += step[lane] * step[lane]);
            }
            total += lanes.iter().map(|sum| f64::from(*sum)).sum::<f64>();
        }
        total
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{prop, prop_assert, prop_assert_eq, proptest};

    #[test]
    fn a_constant_is_its_own_level_and_half_a_frame_is_missing_at_the_ends() {
        let levels = rms(&[0.5; 10_240], 2048, 512);
        assert_eq!(levels.len(), 21);
        assert!(levels[2..19].iter().all(|level| (level - 0.5).abs() < 1e-7));
        assert!((levels[0] - 0.5f32.sqrt() / 2.0).abs() < 1e-7 && (levels[20] - levels[0]).abs() < 1e-7);
    }

    #[test]
    fn silence_one_sample_and_none() {
        assert_eq!(rms(&[0.0; 1000], 2048, 512), [0.0; 2]);
        assert_eq!(rms(&[1.0], 4, 512), [0.5]);
        assert_eq!(rms(&[], 2048, 512), [0.0]);
    }

    proptest! {
        #[test]
        fn lanes_and_plain_sums_agree(
            samples in prop::collection::vec(-1.0f32..1.0, 0..700),
            frame_length in 1usize..300,
            hop in 1usize..200,
        ) {
            let half = frame_length / 2;
            let padded: Vec<f64> = std::iter::repeat_n(0.0, half)
                .chain(samples.iter().map(|x| f64::from(*x)))
                .chain(std::iter::repeat_n(0.0, half))
                .collect();
            let naive = padded.windows(frame_length).step_by(hop);
            let naive = naive.map(|frame| (frame.iter().map(|x| x * x).sum::<f64>() / frame_length as f64).sqrt());
            let naive: Vec<f64> = naive.collect();
            let fast = rms(&samples, frame_length, hop);
            prop_assert_eq!(fast.len(), naive.len());
            prop_assert!(fast.iter().zip(&naive).all(|(a, b)| (f64::from(*a) - b).abs() < 1e-6));
        }
    }
}
