//! Which words of its codebooks a quantising network uses: few of them is the collapse of a VQ-VAE.
//! van den Oord, Vinyals, Kavukcuoglu (NeurIPS 2017), appendix A.1: perplexity is the exponential of the words' entropy.

use ndarray::{Array2, ArrayView2, Axis};
use std::collections::BTreeMap;

/// Use of the words, over some rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WordUse {
    /// Words used at least once, over all parts.
    pub used: usize,
    /// Words there are, over all parts.
    pub words: usize,
    /// `exp(entropy)` of the words of a part, mean over parts: between 1 and the words of a part.
    pub perplexity: f64,
}

impl WordUse {
    /// Of codes `[rows, latent]` that are made of words, one for each of `parts` parts with `words` words each.
    /// None without rows.
    pub fn of(codes: &Array2<f32>, (parts, words): (usize, usize)) -> Option<WordUse> {
        let width = codes.ncols() / parts.max(1);
        if width == 0 || codes.nrows() == 0 {
            return None;
        }
        let counts: Vec<Vec<usize>> = codes.axis_chunks_iter(Axis(1), width).map(counts).collect();
        let perplexity = counts.iter().map(|counts| entropy(counts).exp()).sum::<f64>() / counts.len() as f64;
        Some(WordUse { used: counts.iter().map(Vec::len).sum(), words: parts * words, perplexity })
    }
}

/// How often each different row occurs, `part` being `[rows, width]`. Words are told apart by their bits.
fn counts(part: ArrayView2<f32>) -> Vec<usize> {
    let mut seen: BTreeMap<Vec<u32>, usize> = BTreeMap::new();
    part.rows()
        .into_iter()
        .for_each(|row| *seen.entry(row.iter().map(|value| value.to_bits()).collect()).or_default() += 1);
    seen.into_values().collect()
}

/// In nats.
fn entropy(counts: &[usize]) -> f64 {
    let total = counts.iter().sum::<usize>() as f64;
    counts.iter().map(|count| *count as f64 / total).map(|share| -share * share.ln()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn words_are_counted_by_part() {
        // The first part says two words equally often, the second one always the same.
        let codes = array![[1.0f32, 2.0, 5.0, 5.0], [0.0, 2.0, 5.0, 5.0], [1.0, 2.0, 5.0, 5.0], [0.0, 2.0, 5.0, 5.0]];
        let used = WordUse::of(&codes, (2, 64)).expect("rows");
        assert_eq!((used.used, used.words), (3, 128));
        assert!((used.perplexity - 1.5).abs() < 1e-12, "{used:?}");
    }

    #[test]
    fn without_rows_there_is_no_use() {
        assert_eq!(WordUse::of(&Array2::zeros((0, 4)), (2, 8)), None);
    }
}
