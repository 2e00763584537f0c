//! Cepstral coefficients: the cosine transform of a frame's mel decibels.
//! Orthonormal DCT-II as `scipy.fft.dct`: `y[k] = s_k · Σ_m x[m]·cos(πk(2m + 1) / 2M)`, `s_0 = √(1/M)`, else `√(2/M)`.

use std::f64::consts::PI;

use ndarray::{Array2, ArrayView2};

/// The first `n_mfcc` cosines over `n_mels` bands, ready to be applied to many frames.
#[derive(Clone, Debug, PartialEq)]
pub struct Cepstrum {
    /// `[n_mels, n_mfcc]`, in double precision: the zeroth coefficient is a sum of up to 128 equal numbers.
    cosines: Array2<f64>,
}

impl Cepstrum {
    /// The table for `n_mfcc` coefficients, of which at most `n_mels` are independent.
    pub fn new(n_mfcc: usize, n_mels: usize) -> Cepstrum {
        let scale = |k: usize| ((if k == 0 { 1.0 } else { 2.0 }) / n_mels as f64).sqrt();
        let cosine = |m: usize, k: usize| (PI * (k * (2 * m + 1)) as f64 / (2 * n_mels) as f64).cos();
        Cepstrum { cosines: Array2::from_shape_fn((n_mels, n_mfcc), |(m, k)| scale(k) * cosine(m, k)) }
    }

    /// Coefficients `[frames, n_mfcc]` of mel decibels `[frames, n_mels]`.
    pub fn apply(&self, mel_db: ArrayView2<f32>) -> Array2<f32> {
        mel_db.mapv(f64::from).dot(&self.cosines).mapv(|c| c as f32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{prop, prop_assert, proptest};

    #[test]
    fn a_constant_has_only_the_zeroth_coefficient() {
        let coefficients = Cepstrum::new(20, 128).apply(Array2::from_elem((1, 128), -100.0).view());
        assert!((coefficients[(0, 0)] + 100.0 * 128f32.sqrt()).abs() < 2e-4);
        assert!(coefficients.iter().skip(1).all(|c| c.abs() < 1e-9));
    }

    #[test]
    fn all_cosines_are_orthonormal() {
        let table = Cepstrum::new(32, 32).cosines;
        let product = table.t().dot(&table) - Array2::<f64>::eye(32);
        assert!(product.iter().all(|x| x.abs() < 1e-12));
    }

    proptest! {
        #[test]
        fn fast_and_naive_transform_agree(x in prop::collection::vec(-80.0f32..20.0, 1..60)) {
            let frame = Array2::from_shape_vec((1, x.len()), x.clone()).expect("one row");
            let fast = Cepstrum::new(x.len(), x.len()).apply(frame.view());
            for (k, y) in fast.iter().enumerate() {
                let angle = |m: usize| PI * k as f64 * (m as f64 + 0.5) / x.len() as f64;
                let sum: f64 = x.iter().enumerate().map(|(m, x)| f64::from(*x) * angle(m).cos()).sum();
                let naive = sum * (f64::from(u8::from(k > 0) + 1) / x.len() as f64).sqrt();
                prop_assert!((f64::from(*y) - naive).abs() < 1e-4, "{k}: {y} {naive}");
            }
        }
    }
}
