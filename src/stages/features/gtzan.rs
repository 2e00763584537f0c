//! The 57 columns of the GTZAN feature tables, by their names: mean and variance of librosa's features over the track.
//! `perceptr` is how those tables spell percussive.

use super::statistics::{Statistics, mean_and_variance};
use super::{Description, Feature, FeatureError, Form};
use crate::signal::analysis::Analysis;
use crate::signal::pitch::N_CHROMA;
use crate::signal::plans::MelBands;
use crate::signal::shape::ROLL_PERCENT;
use ndarray::{Array1, ArrayView1};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[features.audio.gtzan]`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Gtzan {
    /// Take the natural logarithm of the variances: they are far from normal, their logarithms are not.
    pub log_variance: bool,
}

impl Gtzan {
    /// The body of the table.
    pub const EXAMPLE: &str = "log_variance = true";
}

impl Feature for Gtzan {
    fn form(&self) -> Form {
        Form::Track
    }

    fn names(&self) -> Vec<String> {
        let pair = |name: &str| [format!("{name}_mean"), format!("{name}_var")];
        let first = BEFORE_TEMPO.iter().flat_map(|name| pair(name));
        first.chain(["tempo".to_owned()]).chain((1..=20).flat_map(|n| pair(&format!("mfcc{n}")))).collect()
    }

    fn reads_spectrogram(&self) -> bool {
        true
    }

    fn describe(&self, sound: &Analysis) -> Result<Description, FeatureError> {
        let chroma = sound.chroma(N_CHROMA)?;
        let [harmonic, percussive] = sound.harmonic_and_percussive();
        let pairs = [
            pair(chroma.iter().copied().collect::<Array1<f32>>().view()),
            pair(ArrayView1::from(&sound.rms())),
            pair(ArrayView1::from(&sound.centroid())),
            pair(ArrayView1::from(&sound.bandwidth())),
            pair(ArrayView1::from(&sound.rolloff(ROLL_PERCENT)?)),
            pair(ArrayView1::from(&sound.zero_crossing_rate())),
            pair(ArrayView1::from(harmonic)),
            pair(ArrayView1::from(percussive)),
        ];
        let coefficients = Statistics::MeanVar.of(&sound.mfcc(20, MelBands::STANDARD));
        let mut values = [pairs.concat(), vec![sound.beats().bpm as f32], coefficients].concat();
        if self.log_variance {
            let variances = self.names().into_iter().zip(&mut values).filter(|(name, _)| name.ends_with("_var"));
            variances.for_each(|(_, value)| *value = value.max(f32::MIN_POSITIVE).ln());
        }
        Ok(Description::Track(values))
    }
}

const BEFORE_TEMPO: [&str; 8] = [
    "chroma_stft",
    "rms",
    "spectral_centroid",
    "spectral_bandwidth",
    "rolloff",
    "zero_crossing_rate",
    "harmony",
    "perceptr",
];

fn pair(values: ArrayView1<f32>) -> [f32; 2] {
    let (mean, variance) = mean_and_variance(values);
    [mean as f32, variance as f32]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_columns_are_those_of_the_table() {
        let names = Gtzan::default().names();
        assert_eq!((names.len(), names[0].as_str(), names[16].as_str()), (57, "chroma_stft_mean", "tempo"));
        assert_eq!(names[56], "mfcc20_var");
    }

    #[test]
    fn only_variances_become_logarithms() {
        let samples = crate::stages::features::tests::noise(22_050);
        let plans = crate::signal::plans::Plans::new(crate::signal::plans::Framing::standard(22_050));
        let of = |log_variance| match (Gtzan { log_variance }).describe(&Analysis::new(&samples, &plans)) {
            Ok(Description::Track(values)) => values,
            other => panic!("no track but {other:?}"),
        };
        for ((plain, log), name) in of(false).into_iter().zip(of(true)).zip(Gtzan::default().names()) {
            let expected = if name.ends_with("_var") { plain.max(f32::MIN_POSITIVE).ln() } else { plain };
            assert_eq!(log, expected, "{name}");
        }
    }
}
