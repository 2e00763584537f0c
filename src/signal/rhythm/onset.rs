//! Onset strength: how much louder the mel bands grow from one frame to the next.
//! Spectral flux `o[t] = 1/M · Σ_m max(0, S[t, m] − S[t − 1, m])` of decibels S (Böck and Widmer, "Maximum filter vibrato
//! suppression for onset detection", DAFX 2013, without the maximum filter); `librosa.onset.onset_strength(S=...)`.

use ndarray::ArrayView2;

/// Bands that are summed side by side.
const LANES: usize = 8;

/// Onset strength `[frames]`, mean dB a band and never negative, of decibels `[frames, n_mels]`.
/// It is moved later by `n_fft / (2 · hop_samples)` frames, as librosa does: a frame hears a note before its centre
/// reaches it. The first values are therefore 0. `hop_samples` 0 counts as 1.
pub fn onset_strength(mel_db: ArrayView2<f32>, n_fft: usize, hop_samples: usize) -> Vec<f32> {
    let mel_db = mel_db.as_standard_layout();
    let (frames, n_mels) = mel_db.dim();
    let delay = (1 + n_fft / (2 * hop_samples.max(1))).min(frames);
    let values = mel_db.as_slice().unwrap_or(&[]);
    let (before, after) = (values.chunks_exact(n_mels.max(1)), values.chunks_exact(n_mels.max(1)).skip(1));
    let rises = before.zip(after).map(|(before, after)| rise(before, after) / n_mels as f32);
    std::iter::repeat_n(0.0, delay).chain(rises).chain(std::iter::repeat(0.0)).take(frames).collect()
}

/// The same with the median of the bands in place of their mean: what `librosa.beat.beat_track(y=...)` follows. A drum
/// moves most bands at once, a voice a few.
pub fn median_onset_strength(mel_db: ArrayView2<f32>, n_fft: usize, hop_samples: usize) -> Vec<f32> {
    let frames = mel_db.nrows();
    let delay = (1 + n_fft / (2 * hop_samples.max(1))).min(frames);
    let pairs = mel_db.rows().into_iter().zip(mel_db.rows().into_iter().skip(1));
    let mut grown = Vec::with_capacity(mel_db.ncols());
    let rises = pairs.map(|(before, after)| {
        grown.clear();
        grown.extend(before.iter().zip(after).map(|(b, a)| if a > b { a - b } else { 0.0 }));
        median(&mut grown)
    });
    std::iter::repeat_n(0.0, delay).chain(rises).chain(std::iter::repeat(0.0)).take(frames).collect()
}

/// Of values that are not negative: 0 of nothing, the mean of the two in the middle of an even number. Where more than
/// half are 0, which half of all frames of music are, nothing is sorted.
fn median(values: &mut [f32]) -> f32 {
    let half = values.len() / 2;
    let positive = values.iter().filter(|value| **value > 0.0).count();
    if values.is_empty() || positive < values.len().div_ceil(2) {
        return 0.0;
    }
    let even = values.len().is_multiple_of(2);
    let (below, middle, _) = values.select_nth_unstable_by(half, f32::total_cmp);
    match below.iter().copied().max_by(f32::total_cmp).filter(|_| even) {
        Some(neighbour) => f32::midpoint(neighbour, *middle),
        None => *middle,
    }
}

/// Sum of what grew. A difference that is not a number counts as 0.
fn rise(before: &[f32], after: &[f32]) -> f32 {
    let grown = |(b, a): (&f32, &f32)| if a > b { a - b } else { 0.0 };
    let (before, after) = (before.chunks_exact(LANES), after.chunks_exact(LANES));
    let rest: f32 = before.remainder().iter().zip(after.remainder()).map(grown).sum();
    let mut sums = [0.0; LANES];
    for (before, after) in before.zip(after) {
        sums.iter_mut().zip(before.iter().zip(after)).for_each(|(sum, pair)| *sum += grown(pair));
    }
    sums.iter().sum::<f32>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;
    use ndarray::Array2;
    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

    proptest! {
        #[test]
        fn fast_and_naive_strength_agree(seed in any::<u64>(), frames in 0usize..30, n_mels in 0usize..40) {
            let values = Stream::new(seed, "onset").uniforms(frames * n_mels, -80.0, 0.0);
            let mel_db = Array2::from_shape_vec((frames, n_mels), values).expect("as many values");
            let strength = onset_strength(mel_db.view(), 2048, 512);
            prop_assert_eq!(strength.len(), frames);
            for (at, ours) in strength.iter().enumerate() {
                let rise = |m: usize| (mel_db[(at - 2, m)] - mel_db[(at - 3, m)]).max(0.0) / n_mels as f32;
                let naive: f32 = if at < 3 { 0.0 } else { (0..n_mels).map(rise).sum() };
                prop_assert!((ours - naive).abs() < 1e-4, "{at}: {ours} {naive}");
            }
        }
    }

    proptest! {
        #[test]
        fn the_median_is_the_middle_of_the_sorted_values(seed in any::<u64>(), len in 1usize..40) {
            let drawn = Stream::new(seed, "median").uniforms(len, -1.0, 1.0);
            let mut values: Vec<f32> = drawn.iter().map(|value| value.max(0.0)).collect();
            let mut sorted = values.clone();
            sorted.sort_unstable_by(f32::total_cmp);
            let expected = f32::midpoint(sorted[(len - 1) / 2], sorted[len / 2]);
            prop_assert_eq!(median(&mut values), expected);
        }
    }

    #[test]
    fn the_median_is_that_of_numpy() {
        let cases: [(&[f32], f32); 4] =
            [(&[], 0.0), (&[3.0], 3.0), (&[4.0, 1.0, 9.0], 4.0), (&[4.0, 1.0, 9.0, 2.0], 3.0)];
        cases.into_iter().for_each(|(values, expected)| assert_eq!(median(&mut values.to_vec()), expected));
    }

    #[test]
    fn the_median_hears_what_moves_most_bands() {
        let loud = |t: usize, bands: usize, m: usize| if t >= 10 && m < bands { -20.0 } else { -80.0 };
        let of =
            |bands| median_onset_strength(Array2::from_shape_fn((30, 8), |(t, m)| loud(t, bands, m)).view(), 2048, 512);
        assert_eq!((of(8)[12], of(3)[12], of(4)[12]), (60.0, 0.0, 30.0));
        assert_eq!(of(8).len(), 30);
    }

    #[test]
    fn a_step_up_is_an_onset_and_a_step_down_is_none() {
        let db = |t: usize| if (10..20).contains(&t) { -20.0 } else { -80.0 };
        let strength = onset_strength(Array2::from_shape_fn((30, 128), |(t, _)| db(t)).view(), 2048, 512);
        assert!(strength.iter().enumerate().all(|(t, o)| *o == if t == 12 { 60.0 } else { 0.0 }));
    }

    #[test]
    fn no_bands_and_a_single_frame_have_no_onsets() {
        assert_eq!(onset_strength(Array2::zeros((5, 0)).view(), 2048, 512), vec![0.0; 5]);
        assert_eq!(onset_strength(Array2::zeros((1, 128)).view(), 2048, 512), vec![0.0]);
        assert!(onset_strength(Array2::zeros((0, 128)).view(), 2048, 0).is_empty());
    }
}
