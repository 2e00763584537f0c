//! What a decoder leaves out: it gives the mean of what a code may stand for, and a mean is smooth. The likelihood that it was
//! trained with is normal around that mean (Rybkin et al., "σ-VAE", ICML 2021); clips are drawn from it, not its mean alone.
//!
//! Residuals of training maps, dB, are told by a deviation for each band and a correlation from frame to frame, and drawn as
//! `r[t] = ρ·r[t−1] + sqrt(1 − ρ²)·e[t]`, e normal with the band's deviation: cells that were independent would be a hiss.

use ndarray::{Array2, ArrayView1, ArrayView3, Axis};

use crate::random::Stream;
use crate::signal::decibel::TOP_DB;

/// A correlation of 1 would never move.
const MOST: f64 = 0.99;

/// Residuals by band.
#[derive(Clone, Debug, PartialEq)]
pub struct Texture {
    /// `[2, bins]`: deviations in dB, and correlations from a frame to the next.
    pub bands: Array2<f32>,
}

impl Texture {
    /// Fitted to maps `[clips, bins, frames]` in dB and what the decoder makes of their codes.
    pub fn fit(real: ArrayView3<f32>, decoded: ArrayView3<f32>) -> Texture {
        let residuals = &real - &decoded;
        let mut bands = Array2::zeros((2, residuals.len_of(Axis(1))));
        for (residuals, mut slot) in residuals.axis_iter(Axis(1)).zip(bands.columns_mut()) {
            let (mut square, mut product, mut cells, mut pairs) = (0.0, 0.0, 0usize, 0usize);
            for clip in residuals.rows() {
                square += clip.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>();
                product += clip.windows(2).into_iter().map(|pair| f64::from(pair[0]) * f64::from(pair[1])).sum::<f64>();
                (cells, pairs) = (cells + clip.len(), pairs + clip.len().saturating_sub(1));
            }
            let variance = square / cells.max(1) as f64;
            let correlation = if variance > 0.0 { product / pairs.max(1) as f64 / variance } else { 0.0 };
            slot[0] = variance.sqrt() as f32;
            slot[1] = correlation.clamp(-MOST, MOST) as f32;
        }
        Texture { bands }
    }

    /// Adds `amount` times a draw to a map `[bins, frames]`, which stays dB below its loudest band, −80 to 0.
    pub fn add(&self, map: &mut Array2<f32>, amount: f64, stream: &mut Stream) {
        for (mut row, band) in map.rows_mut().into_iter().zip(self.bands.columns()) {
            let draw = drawn(band, row.len(), stream);
            row.iter_mut().zip(draw).for_each(|(db, residual)| *db += amount as f32 * residual);
        }
        let loudest = map.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        map.mapv_inplace(|db| (db - loudest).max(-TOP_DB));
    }
}

/// Residuals of one band over `frames`.
fn drawn(band: ArrayView1<f32>, frames: usize, stream: &mut Stream) -> Vec<f32> {
    let (deviation, correlation) = (band[0], band[1]);
    let fresh = (1.0 - correlation * correlation).sqrt();
    let mut last = None;
    let step = |noise: f32| {
        let next = last.map_or(noise, |last: f32| correlation * last + fresh * noise);
        last = Some(next);
        deviation * next
    };
    stream.normals(frames).into_iter().map(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array3;

    #[test]
    fn what_was_drawn_is_fitted_again() {
        let texture = Texture { bands: ndarray::array![[4.0f32, 2.0], [0.6, 0.0]] };
        let mut stream = Stream::new(1, "texture");
        let mut real = Array3::zeros((60, 2, 100));
        for mut clip in real.outer_iter_mut() {
            for (mut row, band) in clip.rows_mut().into_iter().zip(texture.bands.columns()) {
                row.assign(&ndarray::Array1::from(drawn(band, 100, &mut stream)));
            }
        }
        let found = Texture::fit(real.view(), Array3::zeros(real.dim()).view());
        found.bands.iter().zip(&texture.bands).for_each(|(a, b)| assert!((a - b).abs() < 0.1, "{found:?}"));
    }

    #[test]
    fn a_decoder_that_misses_nothing_has_none_and_maps_stay_maps() {
        let real = Array3::from_elem((2, 3, 4), -7.0);
        let none = Texture::fit(real.view(), real.view());
        assert!(none.bands.iter().all(|value| *value == 0.0));
        let mut map = Array2::from_shape_fn((3, 4), |(b, t)| -((b * 4 + t) as f32));
        let before = map.clone();
        none.add(&mut map, 1.0, &mut Stream::new(1, "x"));
        assert_eq!(map, before);
        Texture { bands: Array2::from_elem((2, 3), 0.9) }.add(&mut map, 50.0, &mut Stream::new(1, "x"));
        assert!(map.iter().all(|db| (-TOP_DB..=0.0).contains(db)) && map.iter().any(|db| *db == 0.0));
    }
}
