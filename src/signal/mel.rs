//! Mel filter bank: triangles of equal area, evenly spaced in pitch as the ear has it.
//! Slaney, "Auditory Toolbox" (1998), as `librosa.filters.mel`: weights min(rise, fall) · 2 / (upper − lower edge).

use std::ops::Range;

use ndarray::{Array2, ArrayView2};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::lanes::{LANES, vectorised};
use super::stft::{Pad, Stft};

/// From frequency to mel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum MelScale {
    /// Linear to 1 kHz (15 mel), then logarithmic, 27 mel for a factor of 6.4. librosa's default.
    #[default]
    Slaney,
    /// 2595 · log10(1 + f / 700). HTK's and torchaudio's default.
    Htk,
}

const SLANEY_KNEE_HZ: f64 = 1000.0;
const SLANEY_KNEE_MEL: f64 = 15.0;

impl MelScale {
    /// Mel of a frequency in Hz.
    pub fn mel(self, hz: f64) -> f64 {
        match self {
            MelScale::Slaney if hz < SLANEY_KNEE_HZ => hz * SLANEY_KNEE_MEL / SLANEY_KNEE_HZ,
            MelScale::Slaney => SLANEY_KNEE_MEL + (hz / SLANEY_KNEE_HZ).ln() * 27.0 / 6.4f64.ln(),
            MelScale::Htk => 2595.0 * (1.0 + hz / 700.0).log10(),
        }
    }

    /// Frequency in Hz of a mel.
    pub fn hz(self, mel: f64) -> f64 {
        match self {
            MelScale::Slaney if mel < SLANEY_KNEE_MEL => mel * SLANEY_KNEE_HZ / SLANEY_KNEE_MEL,
            MelScale::Slaney => SLANEY_KNEE_HZ * ((mel - SLANEY_KNEE_MEL) * 6.4f64.ln() / 27.0).exp(),
            MelScale::Htk => 700.0 * (10f64.powf(mel / 2595.0) - 1.0),
        }
    }

    /// `n` frequencies in Hz, evenly spaced in mel over `band_hz`, both ends included.
    pub fn frequencies(self, n: usize, band_hz: Range<f64>) -> Vec<f64> {
        let (low, high) = (self.mel(band_hz.start), self.mel(band_hz.end));
        (0..n).map(|i| self.hz(low + (high - low) * i as f64 / (n - 1) as f64)).collect()
    }
}

/// A library's way to mel bands, by its name. They differ in scale, in the height of the triangles and beyond the ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MelDefinition {
    /// `librosa.feature.melspectrogram`: Slaney's scale, triangles of area 1, zeros beyond the ends.
    #[default]
    Librosa,
    /// `librosa.feature.melspectrogram(htk=True, norm=None)`: HTK's scale, triangles of height 1, zeros beyond the ends.
    Htk,
    /// `torchaudio.transforms.MelSpectrogram`: HTK's scale, triangles of height 1, a mirror beyond the ends.
    Torchaudio,
}

impl MelDefinition {
    /// Its scale.
    pub fn scale(self) -> MelScale {
        if self == MelDefinition::Librosa { MelScale::Slaney } else { MelScale::Htk }
    }

    /// Its triangles.
    pub fn height(self) -> Height {
        if self == MelDefinition::Librosa { Height::UnitArea } else { Height::One }
    }

    /// What it takes to lie beyond the ends of a signal.
    pub fn pad(self) -> Pad {
        if self == MelDefinition::Torchaudio { Pad::Reflect } else { Pad::Zeros }
    }
}

/// How high triangles are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Height {
    /// Their area over frequency in Hz is 1.
    UnitArea,
    /// Their peak is 1.
    One,
}

/// One triangle: the few bins where it is not zero.
#[derive(Clone, Debug, PartialEq)]
struct Filter {
    first_bin: usize,
    weights: Vec<f32>,
}

/// The triangles, from low to high.
#[derive(Clone, Debug, PartialEq)]
pub struct MelBank {
    filters: Vec<Filter>,
}

impl MelBank {
    /// `n_mels` triangles from 0 Hz to half of `rate_hz` for spectra of frames of `n_fft` samples. With many mels and
    /// short frames the lowest triangles may fall between two bins; they then give 0.
    pub fn new(definition: MelDefinition, rate_hz: u32, n_fft: usize, n_mels: usize) -> MelBank {
        MelBank::with(definition.scale(), definition.height(), rate_hz, n_fft, n_mels)
    }

    /// The same with any scale and height.
    pub fn with(scale: MelScale, height: Height, rate_hz: u32, n_fft: usize, n_mels: usize) -> MelBank {
        let bin_hz = f64::from(rate_hz) / n_fft as f64;
        let edges = scale.frequencies(n_mels + 2, 0.0..f64::from(rate_hz) / 2.0);
        MelBank { filters: edges.windows(3).map(|edge| Filter::new(edge, height, bin_hz, n_fft / 2 + 1)).collect() }
    }

    /// Number of bands.
    pub fn n_mels(&self) -> usize {
        self.filters.len()
    }

    /// The bands `[n_mels]` of one frame of power `[bins]`, appended to `bands`.
    pub fn apply(&self, power: &[f32], bands: &mut Vec<f32>) {
        let start = bands.len();
        bands.resize(start + self.n_mels(), 0.0);
        weigh(&self.filters, power, &mut bands[start..]);
    }

    /// The bands `[frames, n_mels]` of power `[frames, bins]`.
    pub fn apply_all(&self, power: ArrayView2<f32>) -> Array2<f32> {
        let mut bands = Vec::with_capacity(power.nrows() * self.n_mels());
        power.rows().into_iter().for_each(|frame| match frame.as_slice() {
            Some(frame) => self.apply(frame, &mut bands),
            None => self.apply(&frame.to_vec(), &mut bands),
        });
        self.shaped(bands)
    }

    fn shaped(&self, bands: Vec<f32>) -> Array2<f32> {
        let frames = bands.len() / self.n_mels().max(1);
        Array2::from_shape_vec((frames, self.n_mels()), bands).expect("each frame gave all its bands")
    }

    /// The bank as rows `[n_mels][bins]`, zeros written out.
    pub fn dense(&self, bins: usize) -> Vec<Vec<f32>> {
        let row = |filter: &Filter| {
            let mut row = vec![0.0; bins];
            row[filter.first_bin..][..filter.weights.len()].copy_from_slice(&filter.weights);
            row
        };
        self.filters.iter().map(row).collect()
    }
}

impl Filter {
    /// The triangle over the edges (lower, centre, upper), in Hz.
    fn new(edges: &[f64], height: Height, bin_hz: f64, bins: usize) -> Filter {
        let (lower, centre, upper) = (edges[0], edges[1], edges[2]);
        let peak = if height == Height::One { 1.0 } else { 2.0 / (upper - lower) };
        let weight = |bin: usize| {
            let hz = bin as f64 * bin_hz;
            let side = ((hz - lower) / (centre - lower)).min((upper - hz) / (upper - centre));
            (side * peak) as f32
        };
        let first_bin = (0..bins).find(|bin| weight(*bin) > 0.0).unwrap_or(0);
        let weights = (first_bin..bins).map(weight).take_while(|w| *w > 0.0).collect();
        Filter { first_bin, weights }
    }
}

vectorised! {
    /// The band of each filter.
    fn weigh(filters: &[Filter], power: &[f32], bands: &mut [f32]) -> () {
        for (filter, band) in filters.iter().zip(bands) {
            *band = dot(&filter.weights, &power[filter.first_bin..]);
        }
    }
}

/// Scalar product over the length of `a`, in eight sums so that the processor can add them side by side.
#[inline(always)]
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let b = &b[..a.len()];
    let (a_blocks, b_blocks) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    let rest: f32 = a_blocks.1.iter().zip(b_blocks.1).map(|(x, y)| x * y).sum();
    let mut sums = [0.0f32; LANES];
    for (x, y) in a_blocks.0.iter().zip(b_blocks.0) {
        (0..LANES).for_each(|lane| sums[lane] += x[lane] * y[lane]);
    }
    rest + sums.iter().sum::<f32>()
}

/// Mel power of a whole signal, `[frames, n_mels]`. Each frame's spectrum is reduced while it is in the cache; the whole
/// spectrogram is never kept.
pub fn mel_power(stft: &Stft, bank: &MelBank, samples: &[f32]) -> Array2<f32> {
    let mut bands = Vec::with_capacity(stft.frames(samples.len()) * bank.n_mels());
    stft.each_power(samples, |power| bank.apply(power, &mut bands));
    bank.shaped(bands)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{prop_assert, proptest};

    #[test]
    fn scales_have_their_fixed_points() {
        assert_eq!(MelScale::Slaney.mel(1000.0), 15.0);
        assert!((MelScale::Slaney.mel(6400.0) - 42.0).abs() < 1e-12);
        assert!((MelScale::Htk.mel(1000.0) - 1000.0).abs() < 0.02);
        let edges = MelScale::Slaney.frequencies(4, 0.0..1000.0);
        edges.iter().zip([0.0, 1000.0 / 3.0, 2000.0 / 3.0, 1000.0]).for_each(|(a, b)| assert!((a - b).abs() < 1e-9));
    }

    #[test]
    fn triangles_have_area_one() {
        // 2 / (upper − lower) times half the base; sampled finely the sum times the bin width is 1.
        for row in MelBank::new(MelDefinition::Librosa, 22_050, 1 << 16, 40).dense((1 << 15) + 1) {
            let area = row.iter().sum::<f32>() * 22_050.0 / 65_536.0;
            assert!((area - 1.0).abs() < 1e-3, "{area}");
        }
    }

    #[test]
    fn triangles_between_two_bins_give_zero() {
        let bank = MelBank::new(MelDefinition::Librosa, 44_100, 256, 128);
        let mut bands = Vec::new();
        bank.apply(&[1.0; 129], &mut bands);
        assert_eq!(bands.len(), 128);
        assert!(bands.contains(&0.0) && bands.iter().all(|b| b.is_finite()));
    }

    proptest! {
        #[test]
        fn hz_undoes_mel(hz in 0.0f64..20_000.0) {
            for scale in [MelScale::Slaney, MelScale::Htk] {
                prop_assert!((scale.hz(scale.mel(hz)) - hz).abs() < 1e-8);
            }
        }

        #[test]
        fn sparse_and_dense_bank_agree(seed in 0u64..100) {
            let power = crate::random::Stream::new(seed, "mel").uniforms(257, 0.0, 1.0);
            let bank = MelBank::new(MelDefinition::Librosa, 16_000, 512, 40);
            let mut bands = Vec::new();
            bank.apply(&power, &mut bands);
            for (row, band) in bank.dense(257).iter().zip(&bands) {
                let naive: f64 = row.iter().zip(&power).map(|(w, p)| f64::from(*w) * f64::from(*p)).sum();
                prop_assert!((f64::from(*band) - naive).abs() < 1e-6 * naive + 1e-9);
            }
        }
    }
}
