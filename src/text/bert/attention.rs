//! Attention of tokens to the tokens of their own window (Vaswani et al., NeurIPS 2017):
//! `softmax(Q Kᵀ / sqrt(head dims)) V` for each head.

use super::rows::softmax;
use crate::product::{Matrix, multiply};

/// Sizes of the heads.
#[derive(Clone, Copy)]
pub(super) struct Heads {
    pub count: usize,
    pub dims: usize,
}

/// What the tokens of windows of `lengths` gather: `mixed` is `[tokens, hidden]`, `projected` `[tokens, 3 hidden]` holds
/// queries, keys and values side by side. `scores` is scratch.
pub(super) fn attend(mixed: &mut [f32], projected: &[f32], lengths: &[usize], heads: Heads, scores: &mut Vec<f32>) {
    let hidden = heads.count * heads.dims;
    let mut from = 0;
    for length in lengths.iter().copied() {
        let projected = &projected[from * 3 * hidden..];
        let part = |start: usize| Matrix::new(&projected[start..], (length, heads.dims), 3 * hidden);
        scores.resize(length * length, 0.0);
        for start in (0..hidden).step_by(heads.dims) {
            let (queries, keys, values) = (part(start), part(hidden + start), part(2 * hidden + start));
            multiply(scores, length, queries, keys.t(), false);
            softmax(scores, length, 1.0 / (heads.dims as f32).sqrt());
            let shares = Matrix::new(scores, (length, length), length);
            multiply(&mut mixed[from * hidden + start..], hidden, shares, values, false);
        }
        from += length;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;

    /// By definition, in double precision, with a mask instead of windows.
    fn naive(projected: &[f32], lengths: &[usize], heads: Heads) -> Vec<f64> {
        let hidden = heads.count * heads.dims;
        let window: Vec<usize> = lengths.iter().enumerate().flat_map(|(at, length)| vec![at; *length]).collect();
        let at = |token: usize, column: usize| f64::from(projected[token * 3 * hidden + column]);
        let mut mixed = vec![0.0; window.len() * hidden];
        for (token, head) in (0..window.len() * heads.count).map(|at| (at / heads.count, at % heads.count)) {
            let columns = head * heads.dims..(head + 1) * heads.dims;
            let score = |other: usize| -> f64 {
                let dot: f64 = columns.clone().map(|c| at(token, c) * at(other, hidden + c)).sum();
                let open = f64::from(u8::from(window[token] == window[other]));
                open * (dot / (heads.dims as f64).sqrt()).exp()
            };
            let total: f64 = (0..window.len()).map(score).sum();
            for column in columns.clone() {
                let sum: f64 = (0..window.len()).map(|other| score(other) * at(other, 2 * hidden + column)).sum();
                mixed[token * hidden + column] = sum / total;
            }
        }
        mixed
    }

    #[test]
    fn windows_attend_to_themselves_only() {
        let (lengths, heads) = ([3, 1, 18], Heads { count: 2, dims: 4 });
        let projected = Stream::new(1, "projected").normals(22 * 24);
        let mut mixed = vec![0.0; 22 * 8];
        attend(&mut mixed, &projected, &lengths, heads, &mut Vec::new());
        for (mixed, exact) in mixed.iter().zip(naive(&projected, &lengths, heads)) {
            assert!((f64::from(*mixed) - exact).abs() < 1e-5);
        }
    }
}
