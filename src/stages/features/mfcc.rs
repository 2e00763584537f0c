//! Mel-frequency cepstral coefficients of each frame, and how they change.
//! Davis and Mermelstein, "Comparison of parametric representations for monosyllabic word recognition" (1980);
//! defaults and definition are librosa's.

use super::{Description, Feature, FeatureError};
use crate::signal::analysis::Analysis;
use crate::signal::delta::{DeltaError, WIDTH, delta};
use crate::signal::mel::MelDefinition;
use crate::signal::plans::MelBands;
use ndarray::{ArrayView2, Axis, concatenate};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[features.audio.mfcc]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Mfcc {
    /// Number of coefficients.
    #[schemars(range(min = 1, max = 128))]
    pub n_mfcc: usize,
    /// Number of mel bands.
    #[schemars(range(min = 1, max = 512))]
    pub n_mels: usize,
    /// 1 adds each coefficient's slope over nine frames, 2 its slope and its curvature.
    #[schemars(range(min = 0, max = 2))]
    pub deltas: usize,
    /// By whose definition: `librosa`, `htk` or `torchaudio`.
    pub mode: MelDefinition,
}

impl Default for Mfcc {
    fn default() -> Mfcc {
        Mfcc { n_mfcc: 20, n_mels: 128, deltas: 0, mode: MelDefinition::Librosa }
    }
}

impl Mfcc {
    /// The body of the table.
    pub const EXAMPLE: &str = "n_mfcc = 20";
}

impl Feature for Mfcc {
    fn names(&self) -> Vec<String> {
        let of = |order: &'static str| (1..=self.n_mfcc).map(move |n| format!("mfcc{n}{order}"));
        ["", "_delta", "_delta2"].into_iter().take(self.deltas + 1).flat_map(of).collect()
    }

    fn describe(&self, sound: &Analysis) -> Result<Description, FeatureError> {
        let coefficients = sound.mfcc(self.n_mfcc, MelBands { definition: self.mode, n_mels: self.n_mels });
        let slopes = (1..=self.deltas)
            .map(|order| delta(coefficients.view(), WIDTH, order))
            .collect::<Result<Vec<_>, DeltaError>>()?;
        let all: Vec<ArrayView2<f32>> = std::iter::once(&coefficients).chain(&slopes).map(|part| part.view()).collect();
        Ok(Description::Frames(concatenate(Axis(1), &all).unwrap_or(coefficients)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::features::tests::{frames, noise};

    #[test]
    fn deltas_stand_behind_the_coefficients() {
        let of = |deltas| frames(&Mfcc { n_mfcc: 5, deltas, ..Mfcc::default() }, &noise(22_050));
        let (bare, both) = (of(0), of(2));
        assert_eq!((bare.ncols(), both.ncols()), (5, 15));
        assert_eq!(both.slice(ndarray::s![.., ..5]), bare);
        assert_eq!(Mfcc { n_mfcc: 5, deltas: 2, ..Mfcc::default() }.names()[10], "mfcc1_delta2");
    }
}
