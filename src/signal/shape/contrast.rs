//! Spectral contrast: per octave, how far the loudest bins stand above the softest.
//! Jiang, Lu, Zhang, Tao, Cai, "Music type classification by spectral contrast feature" (ICME 2002), as
//! `librosa.feature.spectral_contrast`: in each band the mean of the largest and of the smallest n = max(1, quantile ·
//! bins) magnitudes; `contrast = 10·log10(peak) − 10·log10(valley)`, each no lower than 10⁻¹⁰ and no lower than 80 dB
//! below the loudest of the whole array.

use ndarray::{Array2, ArrayView2};

use super::largest::Blocks;
use super::{ShapeError, bin_hz};
use crate::signal::decibel::{AMIN, TOP_DB};
use crate::signal::lanes::each_frame;

/// librosa's number of octaves. There is one more band, below the first octave.
pub const N_BANDS: usize = 6;

/// librosa's beginning of the first octave in Hz.
pub const FMIN_HZ: f64 = 200.0;

/// librosa's share of a band's bins that count as its peak, or its valley.
pub const QUANTILE: f64 = 0.02;

/// The bands for spectra of one size.
#[derive(Clone, Debug, PartialEq)]
pub struct ContrastBank {
    bins: usize,
    bands: Vec<Band>,
}

/// Neighbouring bins, and how many of them make a peak.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Band {
    start: usize,
    end: usize,
    extremes: usize,
}

impl ContrastBank {
    /// A band from 0 Hz to `fmin_hz` and `n_bands` octaves above; the last reaches to half of `rate_hz`. `quantile` is
    /// a share. Errors where a band holds no bins or a setting is out of range.
    pub fn new(
        rate_hz: u32,
        n_fft: usize,
        n_bands: usize,
        fmin_hz: f64,
        quantile: f64,
    ) -> Result<ContrastBank, ShapeError> {
        if !(quantile > 0.0 && quantile < 1.0) {
            return Err(ShapeError::Quantile { quantile });
        }
        let edges_hz = edges_hz(rate_hz, n_bands, fmin_hz)?;
        let (bins, bin_hz) = (n_fft / 2 + 1, bin_hz(rate_hz, n_fft));
        let band = |k: usize| {
            let (low_hz, high_hz) = (edges_hz[k], edges_hz[k + 1]);
            let first = (0..bins).find(|bin| *bin as f64 * bin_hz >= low_hz).unwrap_or(bins);
            let above = (first..bins).find(|bin| k < n_bands && *bin as f64 * bin_hz > high_hz).unwrap_or(bins);
            let start = first.saturating_sub(usize::from(k > 0));
            let extremes = (quantile * (above - start) as f64).round_ties_even() as usize;
            let end = above.saturating_sub(usize::from(k < n_bands));
            let extremes = extremes.min(end.saturating_sub(start)).max(1);
            if start < end {
                Ok(Band { start, end, extremes })
            } else {
                Err(ShapeError::EmptyBand { low_hz, high_hz, n_fft })
            }
        };
        Ok(ContrastBank { bins, bands: (0..=n_bands).map(band).collect::<Result<_, _>>()? })
    }

    /// Contrast in dB `[frames, n_bands + 1]`, from low to high, of magnitudes `[frames, bins]`.
    /// Errors where the number of bins is not the bank's.
    pub fn apply(&self, magnitude: ArrayView2<f32>) -> Result<Array2<f32>, ShapeError> {
        if magnitude.ncols() != self.bins {
            return Err(ShapeError::Bins { expected: self.bins, found: magnitude.ncols() });
        }
        let mut blocks = Blocks::default();
        let mut extremes = Vec::with_capacity(magnitude.nrows() * self.bands.len());
        each_frame(magnitude, |bins| {
            extremes.extend(self.bands.iter().map(|band| band.peak_and_valley(bins, &mut blocks)));
        });
        Ok(decibels(extremes, magnitude.nrows(), self.bands.len()))
    }
}

/// Edges of the bands: 0, then octaves from `fmin_hz`.
fn edges_hz(rate_hz: u32, n_bands: usize, fmin_hz: f64) -> Result<Vec<f64>, ShapeError> {
    let nyquist_hz = f64::from(rate_hz) / 2.0;
    if n_bands == 0 || !(fmin_hz > 0.0 && fmin_hz.is_finite()) {
        return Err(ShapeError::Octaves { n_bands, fmin_hz });
    }
    let mut edges_hz = vec![0.0];
    for octave in 0..n_bands {
        let low_hz = fmin_hz * (octave as f64).exp2();
        if low_hz >= nyquist_hz {
            return Err(ShapeError::AboveNyquist { low_hz, nyquist_hz });
        }
        edges_hz.push(low_hz);
    }
    edges_hz.push(fmin_hz * (n_bands as f64).exp2());
    Ok(edges_hz)
}

impl Band {
    /// Means of the largest and of the smallest magnitudes.
    fn peak_and_valley(self, bins: &[f32], blocks: &mut Blocks) -> [f32; 2] {
        let mut mean_of_largest = |sign| {
            blocks.fill(&bins[self.start..self.end], sign);
            blocks.sum_of_largest(self.extremes) / self.extremes as f32
        };
        [mean_of_largest(1.0), -mean_of_largest(-1.0)]
    }
}

/// Peak over valley in dB, each raised to [`TOP_DB`] below the loudest of its kind.
fn decibels(extremes: Vec<[f32; 2]>, frames: usize, bands: usize) -> Array2<f32> {
    let range = 10f64.powf(f64::from(TOP_DB) / 10.0);
    let floor = |side: usize| {
        let loudest = extremes.iter().map(|pair| pair[side]).fold(AMIN, f32::max);
        (f64::from(loudest) / range).max(f64::from(AMIN))
    };
    let floors = [floor(0), floor(1)];
    let raised = |pair: [f32; 2], side: usize| f64::from(pair[side]).max(floors[side]);
    let contrast = |pair: &[f32; 2]| (10.0 * (raised(*pair, 0) / raised(*pair, 1)).log10()) as f32;
    Array2::from_shape_vec((frames, bands), extremes.iter().map(contrast).collect())
        .expect("every frame gave all bands")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standard() -> ContrastBank {
        ContrastBank::new(22_050, 2048, N_BANDS, FMIN_HZ, QUANTILE).expect("librosa's own settings")
    }

    #[test]
    fn bands_are_those_of_librosa() {
        let bands: Vec<_> = standard().bands.iter().map(|band| (band.start, band.end, band.extremes)).collect();
        let of_librosa =
            [(0, 18, 1), (18, 37, 1), (37, 74, 1), (74, 148, 2), (148, 297, 3), (297, 594, 6), (594, 1025, 9)];
        assert_eq!(bands, of_librosa);
    }

    #[test]
    fn equal_bins_and_silence_have_no_contrast() {
        for level in [0.0, 1e-12, 0.5] {
            let contrast = standard().apply(Array2::from_elem((3, 1025), level).view()).expect("1025 bins");
            assert!(contrast.dim() == (3, 7) && contrast.iter().all(|db| db.abs() < 1e-5));
        }
    }

    #[test]
    fn a_peak_of_a_thousand_is_thirty_decibels_and_silence_at_most_eighty_below() {
        let mut magnitude = Array2::from_elem((2, 1025), 1.0);
        magnitude[(0, 5)] = 1000.0;
        let contrast = standard().apply(magnitude.view()).expect("1025 bins");
        assert!((contrast[(0, 0)] - 30.0).abs() < 1e-5 && contrast[(1, 0)] == 0.0);
        magnitude.row_mut(1).fill(0.0);
        let contrast = standard().apply(magnitude.view()).expect("1025 bins");
        assert!((contrast[(1, 3)] - (-50.0 + 80.0)).abs() < 1e-5, "{}", contrast[(1, 3)]);
    }

    #[test]
    fn settings_without_bands_are_refused() {
        let bank =
            |rate_hz, n_fft, n_bands, fmin_hz, quantile| ContrastBank::new(rate_hz, n_fft, n_bands, fmin_hz, quantile);
        assert_eq!(bank(22_050, 2048, 6, 200.0, 0.0), Err(ShapeError::Quantile { quantile: 0.0 }));
        assert_eq!(bank(22_050, 2048, 0, 200.0, 0.1), Err(ShapeError::Octaves { n_bands: 0, fmin_hz: 200.0 }));
        assert_eq!(
            bank(8_000, 2048, 6, 200.0, 0.1),
            Err(ShapeError::AboveNyquist { low_hz: 6400.0, nyquist_hz: 4000.0 })
        );
        let empty = ShapeError::EmptyBand { low_hz: 0.0, high_hz: 10.0, n_fft: 2048 };
        assert_eq!(bank(22_050, 2048, 6, 10.0, 0.02), Err(empty));
        assert!(bank(0, 0, 1, 200.0, 0.5).is_err() && bank(22_050, 0, 6, 200.0, 0.5).is_err());
        let found = standard().apply(Array2::zeros((1, 513)).view());
        assert_eq!(found, Err(ShapeError::Bins { expected: 1025, found: 513 }));
    }
}
