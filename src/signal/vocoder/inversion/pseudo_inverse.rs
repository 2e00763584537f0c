//! Mel inversion by the pseudo-inverse of the bank, clipped at 0.
//! The spectrum of least energy with the bands m is `x = Mᵀ·z`, `M·Mᵀ·z = m` (Moore 1920, Penrose 1955). Only
//! neighbouring triangles overlap, so `M·Mᵀ` is tridiagonal and z costs three operations a band: its factors `L·D·Lᵀ`
//! are computed once. x has negative values between peaks; they are set to 0.

use super::Triangle;

/// Pivots below this share of their diagonal count as 0: the band follows from those before it, and is left out.
const DEPENDENT: f64 = 1e-9;

/// The triangles and the factors.
#[derive(Clone, Debug)]
pub(super) struct PseudoInverse {
    triangles: Vec<Triangle>,
    /// 1 / D, one a band; 0 where the band is left out.
    inverse_pivots: Vec<f64>,
    /// L beside its diagonal: how much of each band the next one holds.
    carries: Vec<f64>,
}

impl PseudoInverse {
    pub(super) fn new(triangles: Vec<Triangle>) -> PseudoInverse {
        let (mut inverse_pivots, mut carries) = (Vec::new(), Vec::new());
        let mut taken = 0.0;
        for (band, triangle) in triangles.iter().enumerate() {
            let diagonal = product(triangle, triangle);
            let pivot = diagonal - taken;
            let inverse = if pivot > DEPENDENT * diagonal { 1.0 / pivot } else { 0.0 };
            let shared = triangles.get(band + 1).map_or(0.0, |next| product(triangle, next));
            taken = shared * shared * inverse;
            inverse_pivots.push(inverse);
            carries.push(shared * inverse);
        }
        PseudoInverse { triangles, inverse_pivots, carries }
    }

    /// The power `[bins]` of `bands` `[n_mels]`.
    pub(super) fn solve(&self, bands: &[f32], power: &mut [f32]) {
        power.fill(0.0);
        let heights = self.heights(bands);
        self.triangles.iter().zip(heights).for_each(|(triangle, height)| triangle.add(height as f32, power));
        power.iter_mut().for_each(|x| *x = x.max(0.0));
    }

    /// z: how much of each triangle the spectrum holds.
    fn heights(&self, bands: &[f32]) -> Vec<f64> {
        let mut heights: Vec<f64> = bands.iter().map(|band| f64::from(*band)).collect();
        for band in 1..heights.len() {
            heights[band] -= self.carries[band - 1] * heights[band - 1];
        }
        heights.iter_mut().zip(&self.inverse_pivots).for_each(|(height, inverse)| *height *= inverse);
        for band in (1..heights.len()).rev() {
            heights[band - 1] -= self.carries[band - 1] * heights[band];
        }
        heights
    }
}

/// The scalar product of two triangles.
fn product(a: &Triangle, b: &Triangle) -> f64 {
    let weight = |triangle: &Triangle, bin: usize| {
        bin.checked_sub(triangle.first_bin).and_then(|at| triangle.weights.get(at)).copied().map_or(0.0, f64::from)
    };
    (a.first_bin..a.first_bin + a.weights.len()).map(|bin| weight(a, bin) * weight(b, bin)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;
    use crate::signal::mel::{MelBank, MelDefinition};
    use proptest::prelude::{any, prop_assert, proptest};

    fn unclipped(solver: &PseudoInverse, bands: &[f32], bins: usize) -> Vec<f32> {
        let mut power = vec![0.0; bins];
        let heights = solver.heights(bands);
        solver.triangles.iter().zip(heights).for_each(|(triangle, height)| triangle.add(height as f32, &mut power));
        power
    }

    proptest! {
        /// A sum of triangles has least energy among the spectra with its bands, so its bands are all there is to show.
        #[test]
        fn before_clipping_the_bands_are_those_given(seed in any::<u64>()) {
            for definition in [MelDefinition::Librosa, MelDefinition::Htk] {
                let bank = MelBank::new(definition, 22_050, 1024, 64);
                let bands = Stream::new(seed, "bands").uniforms(64, 0.0, 1.0);
                let mut found = Vec::new();
                bank.apply(&unclipped(&PseudoInverse::new(Triangle::all(&bank, 513)), &bands, 513), &mut found);
                prop_assert!(found.iter().zip(&bands).all(|(a, b)| (a - b).abs() < 1e-4), "{found:?} {bands:?}");
            }
        }
    }

    #[test]
    fn two_overlapping_bands_are_inverted_as_by_hand() {
        // M·Mᵀ = (1.25 0.25; 0.25 1.25), m = (2, 4): z = (1, 3), x = Mᵀ·z = (1, 2, 3).
        let triangles = [(0, [1.0, 0.5]), (1, [0.5, 1.0])];
        let triangles = triangles.map(|(first_bin, weights)| Triangle { first_bin, weights: weights.to_vec() });
        let solver = PseudoInverse::new(triangles.to_vec());
        let mut power = [0.0; 3];
        solver.solve(&[2.0, 4.0], &mut power);
        power.iter().zip([1.0, 2.0, 3.0]).for_each(|(a, b)| assert!((a - b).abs() < 1e-6, "{power:?}"));
        solver.solve(&[0.0, 5.0], &mut power);
        assert!(power[0] == 0.0 && power[2] > 0.0, "the first would be negative: {power:?}");
    }

    #[test]
    fn a_band_that_repeats_another_is_left_out() {
        let twice = [1.0f32, 2.0].map(|w| Triangle { first_bin: 0, weights: vec![w] });
        let mut power = [0.0; 2];
        PseudoInverse::new(twice.to_vec()).solve(&[3.0, 6.0], &mut power);
        assert_eq!(power, [3.0, 0.0]);
    }
}
