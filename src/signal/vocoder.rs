//! From log-mel back to sound: mel bands to the power of bins, then a phase for each.
//!
//! `log-mel → mel power → |X|² ([`inversion`]) → |X| → signal ([`griffin_lim`])`. A log-mel map is dB below the loudest
//! band of its clip, so the level is not in it: sounds are brought to a peak that is stated. Longer clips are first
//! [`joining::join`]ed to one map. [`Vocoder::round_trip`] tells what is lost on a real clip: the ceiling of what is generated.

pub mod griffin_lim;
pub mod inversion;
pub mod joining;
pub mod quality;

mod round_trip;

use ndarray::{Array2, ArrayView2, ArrayView3};
use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::griffin_lim::{GriffinLim, Start};
use self::inversion::{Inversion, MelInverse};
use super::mel::MelBank;
use super::plans::{Framing, MelBands};
use super::stft::magnitude;
use crate::random::Stream;

pub use round_trip::RoundTrip;

/// How a map is made a sound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// The framing that the map was made with.
    pub framing: Framing,
    /// The bands of the map.
    pub bands: MelBands,
    /// From bands to bins.
    pub inversion: Inversion,
    /// Iterations of Griffin-Lim.
    pub iterations: usize,
    /// Their momentum, 0 to 1.
    pub momentum: f64,
    /// Where they start.
    pub phase: Phase,
    /// The largest absolute sample of the sound, above 0; full scale is 1.
    pub peak: f32,
}

/// The phases that Griffin-Lim starts from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Drawn for the seed.
    #[default]
    Random,
    /// 0; the seed does not count.
    Zero,
}

impl Settings {
    /// librosa's 32 iterations with momentum 0.99 from a random phase, and a peak 1 dB below full scale.
    pub fn new(framing: Framing, bands: MelBands) -> Settings {
        let (inversion, phase) = Default::default();
        Settings { framing, bands, inversion, iterations: 32, momentum: 0.99, phase, peak: 0.891_25 }
    }

    fn check(self) -> Result<Settings, VocoderError> {
        let Framing { rate_hz, n_fft, hop_samples } = self.framing;
        if rate_hz == 0 || self.bands.n_mels == 0 || hop_samples == 0 || hop_samples > n_fft / 2 {
            return Err(VocoderError::Framing { rate_hz, n_mels: self.bands.n_mels, n_fft, hop_samples });
        }
        match self {
            Settings { momentum, .. } if !(0.0..=1.0).contains(&momentum) => Err(VocoderError::Momentum { momentum }),
            Settings { peak, .. } if !(peak > 0.0 && peak.is_finite()) => Err(VocoderError::Peak { peak }),
            _ => Ok(self),
        }
    }
}

/// Settings, maps or spectra that cannot be made a sound.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum VocoderError {
    /// Nothing to overlap.
    #[error(
        "no sound from {n_mels} bands of frames of {n_fft} samples, {hop_samples} apart, at {rate_hz} Hz; \
         give at least 1 band and 1 Hz, and a hop from 1 to half the frame"
    )]
    Framing {
        /// Samples a second.
        rate_hz: u32,
        /// Bands of a map.
        n_mels: usize,
        /// Samples in a frame.
        n_fft: usize,
        /// Samples between frames.
        hop_samples: usize,
    },
    /// Griffin-Lim would diverge.
    #[error("a momentum of {momentum} does not converge; give one from 0 to 1, such as 0.99")]
    Momentum {
        /// What was asked for.
        momentum: f64,
    },
    /// Not a level.
    #[error("a sound cannot have a peak of {peak}; give a number above 0, such as 0.9 (full scale is 1)")]
    Peak {
        /// What was asked for.
        peak: f32,
    },
    /// A map of other bands, or spectra of another n_fft.
    #[error("each frame has {found} values but {expected} were planned; give both the same settings")]
    Bins {
        /// Planned for.
        expected: usize,
        /// Found.
        found: usize,
    },
    /// Two maps that should be alike.
    #[error("a map has shape {found:?} but the one before it {expected:?}; cut both alike")]
    Shapes {
        /// Of the first.
        expected: (usize, usize),
        /// Of the other.
        found: (usize, usize),
    },
    /// Windows that leave gaps or do not move on.
    #[error("windows of {window_frames} frames cannot follow each other by {step_frames}; give 1 to {window_frames}")]
    Step {
        /// From one to the next.
        step_frames: usize,
        /// Frames of each.
        window_frames: usize,
    },
}

/// A planned vocoder. Plan once; threads share it by reference.
pub struct Vocoder {
    settings: Settings,
    bank: MelBank,
    inverse: MelInverse,
    griffin_lim: GriffinLim,
}

impl Vocoder {
    /// Plans transforms and the inverse of the bank.
    ///
    /// # Errors
    /// Settings that no sound can have.
    pub fn new(settings: &Settings) -> Result<Vocoder, VocoderError> {
        let settings = settings.check()?;
        let Settings { framing, bands, iterations, momentum, .. } = settings;
        let Framing { rate_hz, n_fft, hop_samples } = framing;
        let bank = MelBank::new(bands.definition, rate_hz, n_fft, bands.n_mels);
        let griffin_lim = GriffinLim::new(n_fft, hop_samples, bands.definition.pad(), iterations, momentum);
        let inverse = MelInverse::new(&bank, griffin_lim.bins(), settings.inversion);
        Ok(Vocoder { settings, bank, inverse, griffin_lim })
    }

    /// The sound of a map `[bands, frames]`, dB below its loudest cell: hop · (frames − 1) + 1 samples, as a clip of so
    /// many frames has. A map in which all cells are equal is silence (no sound has one), and so are cells that are not
    /// finite.
    ///
    /// # Errors
    /// A map of other bands.
    pub fn sound(&self, log_mel: ArrayView2<f32>, seed: u64) -> Result<Vec<f32>, VocoderError> {
        self.sound_of(log_mel, seed, 0)
    }

    /// The sounds of maps `[clips, bands, frames]`, worked on side by side. Each is what its place and the seed make it,
    /// on any number of threads; the first is [`Vocoder::sound`]'s.
    ///
    /// # Errors
    /// Maps of other bands.
    pub fn sounds(&self, log_mels: ArrayView3<f32>, seed: u64) -> Result<Vec<Vec<f32>>, VocoderError> {
        let clips: Vec<_> = log_mels.outer_iter().enumerate().collect();
        clips.into_par_iter().map(|(clip, log_mel)| self.sound_of(log_mel, seed, clip as u64)).collect()
    }

    fn sound_of(&self, log_mel: ArrayView2<f32>, seed: u64, clip: u64) -> Result<Vec<f32>, VocoderError> {
        let samples = match log_mel.ncols().checked_sub(1) {
            Some(hops) => hops * self.settings.framing.hop_samples + 1,
            None => 0,
        };
        let sound = self.at_unit_power(log_mel, samples, Stream::at(seed, "phase", clip))?;
        Ok(at_peak(sound, self.settings.peak))
    }

    /// A sound of so many samples whose loudest mel power is about 1.
    fn at_unit_power(
        &self,
        log_mel: ArrayView2<f32>,
        samples: usize,
        stream: Stream,
    ) -> Result<Vec<f32>, VocoderError> {
        let (expected, found) = (self.bank.n_mels(), log_mel.nrows());
        if found != expected {
            return Err(VocoderError::Bins { expected, found });
        }
        let start = match self.settings.phase {
            Phase::Random => Start::RandomPhase(stream),
            Phase::Zero => Start::ZeroPhase,
        };
        let magnitude = magnitude(self.inverse.power(relative_power(log_mel).view()));
        self.griffin_lim.samples(magnitude.view(), start, samples)
    }
}

/// The sound of one map; [`Vocoder::sound`] plans once for many.
///
/// # Errors
/// Settings that no sound can have, or a map of other bands.
pub fn sound(log_mel: ArrayView2<f32>, settings: &Settings, seed: u64) -> Result<Vec<f32>, VocoderError> {
    Vocoder::new(settings)?.sound(log_mel, seed)
}

/// Mel power `[frames, bands]` over its loudest of a map `[bands, frames]` in dB.
fn relative_power(log_mel: ArrayView2<f32>) -> Array2<f32> {
    let finite = || log_mel.iter().copied().filter(|db| db.is_finite());
    let (quietest, loudest) = (finite().fold(f32::INFINITY, f32::min), finite().fold(f32::NEG_INFINITY, f32::max));
    let power = |db: f32| if db.is_finite() && quietest < loudest { 10f32.powf((db - loudest) / 10.0) } else { 0.0 };
    log_mel.t().mapv(power)
}

fn at_peak(mut sound: Vec<f32>, peak: f32) -> Vec<f32> {
    let loudest = sound.iter().fold(0.0f32, |loudest, x| loudest.max(x.abs()));
    if loudest > 0.0 {
        sound.iter_mut().for_each(|x| *x = *x / loudest * peak);
    }
    sound
}

#[cfg(test)]
mod tests;
