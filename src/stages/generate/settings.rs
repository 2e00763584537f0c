//! The `[generate]` table, and the sound that maps stand for.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::signal::mel::MelDefinition;
use crate::signal::plans::{Framing, MelBands};
use crate::signal::vocoder::inversion::Inversion;
use crate::signal::vocoder::{self, Phase};

/// `[generate]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Clips of each class; of a model that is told no class, so many times the number of classes in all.
    #[schemars(range(min = 2, max = 1000))]
    pub per_class: usize,
    /// Length of a clip in seconds. Longer ones than the model's are made of overlapping windows whose codes stay close to
    /// each other. Without it: one window.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.1, max = 600.0))]
    pub seconds: Option<f64>,
    /// Where codes are drawn from: `prior`, `fitted` or `tracks`.
    pub codes: Codes,
    /// What the spread of the draws is multiplied with: below 1 clips are more typical and less varied.
    #[schemars(range(min = 0.0, max = 4.0))]
    pub temperature: f64,
    /// How much of what the decoder leaves out is drawn and added: 1 draws from the likelihood that the model was trained with,
    /// 0 gives its mean, which is smooth and sounds so.
    #[schemars(range(min = 0.0, max = 2.0))]
    pub texture: f64,
    /// WAV files of each class that are written into the run folder.
    #[schemars(range(min = 0, max = 1000))]
    pub save: usize,
    /// From a map to sound.
    pub vocoder: VocoderSettings,
}

/// Where codes are drawn from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Codes {
    /// The model's prior: what the objective promises.
    Prior,
    /// A normal distribution fitted to the codes of the training tracks, those of a class where the model is told classes
    /// (Ghosh et al. 2020): what the decoder has seen. An autoencoder has no other.
    #[default]
    Fitted,
    /// The posterior of a training track, drawn at random from its class.
    Tracks,
}

/// `vocoder = { ... }`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct VocoderSettings {
    /// From mel bands to bins: `multiplicative`, `pseudo_inverse` (clipped) or `nnls`.
    pub inversion: Inversion,
    /// Iterations of Griffin-Lim.
    #[schemars(range(min = 0, max = 10000))]
    pub iterations: usize,
    /// Their momentum.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub momentum: f64,
}

impl Default for Settings {
    fn default() -> Settings {
        let vocoder = VocoderSettings::default();
        Settings { per_class: 8, seconds: None, codes: Codes::Fitted, temperature: 1.0, texture: 1.0, save: 4, vocoder }
    }
}

impl Settings {
    /// The body of the table.
    pub const EXAMPLE: &str = "per_class = 8\ncodes = \"fitted\"\nvocoder = { iterations = 32 }";
}

impl Default for VocoderSettings {
    fn default() -> VocoderSettings {
        VocoderSettings { inversion: Inversion::default(), iterations: 32, momentum: 0.99 }
    }
}

/// The sound that log-mel maps stand for.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Acoustics {
    /// Samples a second.
    pub rate_hz: u32,
    /// Samples in a frame.
    pub n_fft: usize,
    /// Samples between frames.
    pub hop: usize,
    /// Height of a map.
    pub n_mels: usize,
    /// Width of a map.
    pub frames: usize,
    /// By whose definition bands are made.
    pub mode: MelDefinition,
}

impl Acoustics {
    /// What the vocoder is planned with.
    pub fn vocoder(&self, settings: &VocoderSettings) -> vocoder::Settings {
        let Acoustics { rate_hz, n_fft, hop, n_mels, mode, .. } = *self;
        let (framing, bands) = (Framing { rate_hz, n_fft, hop_samples: hop }, MelBands { definition: mode, n_mels });
        let VocoderSettings { inversion, iterations, momentum } = *settings;
        let plain = vocoder::Settings::new(framing, bands);
        vocoder::Settings { inversion, iterations, momentum, phase: Phase::Random, ..plain }
    }

    /// Frames from one window to the next where a clip has several: half of them.
    pub fn step(&self) -> usize {
        (self.frames / 2).max(1)
    }

    /// Windows that a clip of `seconds` is made of; one without.
    pub fn windows(&self, seconds: Option<f64>) -> usize {
        let Some(seconds) = seconds else { return 1 };
        let frames = (seconds * f64::from(self.rate_hz) / self.hop.max(1) as f64).ceil() as usize + 1;
        1 + frames.saturating_sub(self.frames).div_ceil(self.step())
    }

    /// Samples of a clip of `seconds`, or of one window.
    pub fn samples(&self, seconds: Option<f64>) -> usize {
        let window = (self.frames.max(1) - 1) * self.hop + 1;
        seconds.map_or(window, |seconds| (seconds * f64::from(self.rate_hz)).round() as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clips_have_as_many_windows_as_their_length_needs() {
        let sound = Acoustics {
            rate_hz: 22_050,
            n_fft: 1024,
            hop: 256,
            n_mels: 128,
            frames: 128,
            mode: MelDefinition::Librosa,
        };
        assert_eq!((sound.windows(None), sound.samples(None)), (1, 127 * 256 + 1));
        assert_eq!((sound.windows(Some(1.0)), sound.samples(Some(1.0))), (1, 22_050));
        for seconds in [1.5, 3.0, 10.0] {
            let frames = (sound.windows(Some(seconds)) - 1) * sound.step() + sound.frames;
            let samples = (frames - 1) * sound.hop + 1;
            assert!(samples >= sound.samples(Some(seconds)), "{seconds}");
            assert!(samples - sound.samples(Some(seconds)) < 2 * sound.frames * sound.hop, "{seconds}");
        }
    }
}
