//! Mel-frequency cepstral coefficients summarised over a track.
//! Davis and Mermelstein, "Comparison of parametric representations for monosyllabic word recognition" (1980);
//! defaults and definition are librosa's.

use super::{Feature, FeatureError};
use crate::signal::analyser::Analyser;
use ndarray::{Array1, Array2, ArrayD, ArrayView1, Axis};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[features.audio.mfcc]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Mfcc {
    /// Number of coefficients.
    #[schemars(range(min = 1, max = 128))]
    pub n_mfcc: usize,
    /// Samples in a frame.
    #[schemars(range(min = 64, max = 65536))]
    pub n_fft: usize,
    /// Samples between frames.
    #[schemars(range(min = 1, max = 65536))]
    pub hop: usize,
    /// Number of mel bands.
    #[schemars(range(min = 1, max = 512))]
    pub n_mels: usize,
    /// How the spread over the track is told.
    pub spread: Spread,
}

/// The second statistic of each coefficient.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Spread {
    /// Standard deviation.
    #[default]
    Std,
    /// Variance, as the GTZAN table has it.
    Var,
    /// Natural logarithm of the variance: it clusters better than the variance.
    LogVar,
}

impl Default for Mfcc {
    fn default() -> Mfcc {
        Mfcc { n_mfcc: 20, n_fft: 2048, hop: 512, n_mels: 128, spread: Spread::Std }
    }
}

impl Mfcc {
    /// The body of the table.
    pub const EXAMPLE: &str = "n_mfcc = 20\nspread = \"std\"";
}

impl Feature for Mfcc {
    fn columns(&self) -> Vec<String> {
        let name = |n: usize| [format!("mfcc{n}_mean"), format!("mfcc{n}_{}", self.spread.word())];
        (1..=self.n_mfcc).flat_map(name).collect()
    }

    fn extract(&self, samples: &[f32], rate_hz: u32) -> Result<ArrayD<f32>, FeatureError> {
        if samples.len() < self.n_fft {
            return Err(FeatureError::TooShort { samples: samples.len(), least: self.n_fft });
        }
        let frames = Analyser::new(rate_hz, self.n_fft, self.hop, self.n_mels).mfcc(samples, self.n_mfcc);
        Ok(self.summary(&frames).into_dyn())
    }
}

impl Mfcc {
    /// `[2 n_mfcc]`: mean and spread of each column of `[frames, n_mfcc]`, summed in float64.
    fn summary(&self, frames: &Array2<f32>) -> Array1<f32> {
        let pair = |column: ArrayView1<f32>| {
            let n = column.len() as f64;
            let mean = column.iter().map(|value| f64::from(*value)).sum::<f64>() / n;
            let var = column.iter().map(|value| (f64::from(*value) - mean).powi(2)).sum::<f64>() / n;
            [mean as f32, self.spread.of(var) as f32]
        };
        frames.axis_iter(Axis(1)).flat_map(pair).collect()
    }
}

impl Spread {
    /// Below this a variance is nothing but rounding.
    const FLOOR: f64 = 1e-10;

    fn of(self, variance: f64) -> f64 {
        match self {
            Spread::Std => variance.sqrt(),
            Spread::Var => variance,
            Spread::LogVar => variance.max(Spread::FLOOR).ln(),
        }
    }

    fn word(self) -> &'static str {
        match self {
            Spread::Std => "std",
            Spread::Var => "var",
            Spread::LogVar => "log_var",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn mean_and_spread_of_known_frames() {
        let frames = array![[1.0, 0.0], [3.0, 0.0]];
        let of = |spread| Mfcc { n_mfcc: 2, spread, ..Mfcc::default() }.summary(&frames).to_vec();
        assert_eq!(of(Spread::Std), [2.0, 1.0, 0.0, 0.0]);
        assert_eq!(of(Spread::Var), [2.0, 1.0, 0.0, 0.0]);
        assert_eq!(of(Spread::LogVar)[..2], [2.0, 0.0]);
        assert!(of(Spread::LogVar)[3].is_finite());
    }

    #[test]
    fn columns_name_what_is_extracted() {
        let mfcc = Mfcc::default();
        let tone: Vec<f32> = (0..22_050).map(|n| (n as f32 * 0.1).sin()).collect();
        let values = mfcc.extract(&tone, 22_050).unwrap();
        assert_eq!((values.shape(), mfcc.columns().len()), ([40].as_slice(), 40));
        assert_eq!(mfcc.columns()[..2], ["mfcc1_mean", "mfcc1_std"]);
    }

    #[test]
    fn a_track_shorter_than_a_frame_is_refused() {
        assert!(matches!(
            Mfcc::default().extract(&[0.1; 100], 22_050),
            Err(FeatureError::TooShort { samples: 100, least: 2048 })
        ));
    }
}
