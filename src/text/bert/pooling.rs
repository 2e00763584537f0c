//! One row a window from one row a token: the mean, at unit length (Reimers, Gurevych, 2019).

/// `[windows, hidden]` from `[tokens, hidden]`, windows of `lengths` below each other. A row of zeros stays one.
pub(super) fn mean_at_unit_length(tokens: &[f32], lengths: &[usize], hidden: usize) -> Vec<f32> {
    let mut pooled = vec![0.0; lengths.len() * hidden];
    let mut tokens = tokens.chunks_exact(hidden);
    for (length, pooled) in lengths.iter().zip(pooled.chunks_exact_mut(hidden)) {
        for token in tokens.by_ref().take(*length) {
            pooled.iter_mut().zip(token).for_each(|(sum, value)| *sum += value);
        }
        to_unit_length(pooled);
    }
    pooled
}

/// Divides `x` by its Euclidean length.
pub(super) fn to_unit_length(x: &mut [f32]) {
    let length = x.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>().sqrt();
    if length > 0.0 {
        x.iter_mut().for_each(|value| *value = (f64::from(*value) / length) as f32);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;
    use proptest::prelude::{prop_assert, proptest};

    /// As it is written for padded batches: `Σ mask · token / Σ mask`, then `/ |·|`.
    fn masked_mean(padded: &[Vec<f32>], mask: &[f32]) -> Vec<f32> {
        let over = 1.0 / mask.iter().sum::<f32>();
        let column = |at: usize| padded.iter().zip(mask).map(|(token, mask)| token[at] * mask).sum::<f32>() * over;
        let mean: Vec<f32> = (0..padded[0].len()).map(column).collect();
        let length = mean.iter().map(|value| value * value).sum::<f32>().sqrt();
        mean.iter().map(|value| value / length).collect()
    }

    proptest! {
        #[test]
        fn windows_are_pooled_as_padded_rows_under_a_mask(lengths in proptest::collection::vec(1usize..9, 1..6)) {
            let hidden = 5;
            let tokens = Stream::new(7, "tokens").normals(lengths.iter().sum::<usize>() * hidden);
            let pooled = mean_at_unit_length(&tokens, &lengths, hidden);
            let mut rows = tokens.chunks(hidden).map(<[f32]>::to_vec);
            for (at, length) in lengths.iter().enumerate() {
                let mut padded: Vec<Vec<f32>> = rows.by_ref().take(*length).collect();
                padded.resize(9, vec![3.0; hidden]);
                let mask: Vec<f32> = (0..9).map(|token| f32::from(u8::from(token < *length))).collect();
                let expected = masked_mean(&padded, &mask);
                prop_assert!(pooled[at * hidden..].iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-5));
            }
        }
    }

    #[test]
    fn zeros_stay_zeros() {
        assert_eq!(mean_at_unit_length(&[0.0; 4], &[2], 2), [0.0, 0.0]);
    }
}
