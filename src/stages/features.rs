//! The features room: sound and tables become the numbers that networks and baselines see.

pub mod chroma_stft;
pub mod complex_stft;
pub mod gtzan;
pub mod harmonic_percussive;
pub mod log_mel;
pub mod maps;
pub mod mel;
pub mod metadata;
pub mod mfcc;
pub mod onset_strength;
pub mod rms;
pub mod spectral_bandwidth;
pub mod spectral_centroid;
pub mod spectral_contrast;
pub mod spectral_flatness;
pub mod spectral_rolloff;
pub mod statistics;
pub mod stft;
pub mod table;
pub mod tempo;
pub mod text;
pub mod text_inputs;
pub mod tonnetz;
pub mod zero_crossing_rate;

mod clips;
mod gather;
mod hear;
mod memo;
mod sound;
mod usable;

use crate::artifact::{Corpus, FeatureTable};
use crate::engine::{Ctx, Failure, Handle, Stage, Version};
use crate::kind_set;
use crate::signal::analysis::Analysis;
use crate::signal::plans::{Framing, Plans};
use ndarray::{Array1, Array2, Array4, ArrayD, Axis};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use statistics::Statistics;
use std::path::PathBuf;

pub use hear::{NotSound, hear};

/// A way to describe a track by its sound.
pub trait Feature {
    /// What [`Feature::describe`] gives.
    fn form(&self) -> Form {
        Form::Frames
    }

    /// One name for each value of a frame or of a track; none for maps.
    fn names(&self) -> Vec<String> {
        Vec::new()
    }

    /// Whether it reads the whole spectrogram, which is then computed first and shared by all.
    fn reads_spectrogram(&self) -> bool {
        false
    }

    /// The values of a track at least one frame long.
    fn describe(&self, sound: &Analysis) -> Result<Description, FeatureError>;

    /// Raised when the numbers change.
    fn version(&self) -> u32 {
        1
    }
}

/// The forms that descriptions have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Values of each frame, of which statistics over the track are kept.
    Frames,
    /// Values of the whole track.
    Track,
    /// Images.
    Maps,
}

/// What is heard in a track.
#[derive(Clone, Debug, PartialEq)]
pub enum Description {
    /// `[frames, names]`
    Frames(Array2<f32>),
    /// `[names]`
    Track(Vec<f32>),
    /// `[clips, channels, bins, frames]`
    Maps(Array4<f32>),
}

impl Description {
    /// One value a frame.
    fn one(values: Vec<f32>) -> Description {
        Description::Frames(Array1::from(values).insert_axis(Axis(1)))
    }
}

/// A track has no features. It is skipped and listed.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages tell the fields")]
pub enum FeatureError {
    #[error(transparent)]
    Decode(#[from] crate::signal::decode::DecodeError),
    #[error(transparent)]
    Resample(#[from] crate::signal::resample::ResampleError),
    #[error("silent: every sample is zero")]
    Silent,
    #[error("too short: {samples} samples at {rate_hz} Hz, a frame is {least} (features.audio.n_fft)")]
    TooShort { samples: usize, rate_hz: u32, least: usize },
    #[error("too short for slopes over time (features.audio.mfcc.deltas)")]
    Delta(#[from] crate::signal::delta::DeltaError),
    #[error(transparent)]
    Pitch(#[from] crate::signal::pitch::PitchError),
    #[error(transparent)]
    Shape(#[from] crate::signal::shape::ShapeError),
    #[error(transparent)]
    Spectrogram(#[from] crate::artifact::SpectrogramError),
    #[error("its spectrogram has {bins} bins, that of the first track {others}: make all with the same settings")]
    Bins { bins: usize, others: usize },
    #[error("there is no spectrogram of it")]
    NoArray,
    #[error("{values} of its values are not finite numbers")]
    NotFinite { values: usize },
}

kind_set! {
    /// `[features.audio]`: kinds side by side, all from one decoding and one transform of each track.
    pub struct AudioFeatures: dyn Feature {
        shared {
            /// Sampling rate in Hz that every track is brought to.
            #[schemars(range(min = 4000, max = 192000))]
            rate_hz: u32 = 22_050;
            /// Samples in a frame.
            #[schemars(range(min = 64, max = 65536))]
            n_fft: usize = 2048;
            /// Samples between frames.
            #[schemars(range(min = 1, max = 65536))]
            hop: usize = 512;
            /// Where in each track to begin, in seconds.
            #[schemars(range(min = 0.0, max = 1000000.0))]
            offset: f64 = 0.0;
            /// Seconds of each track that are read; all if absent.
            #[schemars(range(min = 0.01, max = 1000000.0))]
            #[serde(skip_serializing_if = "Option::is_none")]
            duration: Option<f64> = None;
            /// What is kept of values that each frame has: `mean_std`, `mean_var`, `mean_log_var` or `moments`.
            statistics: Statistics = Statistics::MeanStd;
        }
        mfcc(mfcc::Mfcc), "Mel-frequency cepstral coefficients and, if asked for, their slopes: statistics over the track."
        mel(mel::Mel), "Mel decibels: statistics over the track."
        chroma_stft(chroma_stft::ChromaStft), "Energy in each pitch class, tuned to the track: statistics over the track."
        tonnetz(tonnetz::Tonnetz), "Tonal centroids from chroma: statistics over the track."
        spectral_centroid(spectral_centroid::SpectralCentroid), "Middle of the spectrum, Hz: statistics over the track."
        spectral_bandwidth(spectral_bandwidth::SpectralBandwidth), "Spread about the centroid, Hz: statistics over the track."
        spectral_rolloff(spectral_rolloff::SpectralRolloff), "Frequency below which most of the magnitude lies, Hz: statistics over the track."
        spectral_contrast(spectral_contrast::SpectralContrast), "Peak over valley in each octave, dB: statistics over the track."
        spectral_flatness(spectral_flatness::SpectralFlatness), "From tone (0) to noise (1): statistics over the track."
        zero_crossing_rate(zero_crossing_rate::ZeroCrossingRate), "Share of changes of sign: statistics over the track."
        rms(rms::Rms), "Level: statistics over the track."
        onset_strength(onset_strength::OnsetStrength), "How much begins: statistics over the track."
        tempo(tempo::Tempo), "Tempo in beats a minute, and the time between beats."
        harmonic_percussive(harmonic_percussive::HarmonicPercussive), "Levels of the sustained and the struck part."
        gtzan(gtzan::Gtzan), "The 57 columns of GTZAN's feature tables, by their names."
        log_mel(log_mel::LogMel), "Log-mel spectrogram in dB below each clip's loudest band, cut into clips: maps for convolutional backbones."
        stft(stft::Spectrogram), "Plain spectrogram in dB below each clip's loudest bin, cut into clips: maps for convolutional backbones."
        complex_stft(complex_stft::ComplexStft), "Real and imaginary parts of the spectrum as two planes: maps on which autoencoders collapse."
    }
}

impl AudioFeatures {
    /// The kinds of one form that are asked for.
    pub fn of_form(&self, form: Form) -> Vec<&'static str> {
        self.chosen().into_iter().filter(|(_, kind)| kind.form() == form).map(|(name, _)| name).collect()
    }

    /// Names of the columns that all its vectors have, side by side.
    fn columns(&self) -> Vec<String> {
        let of = |kind: &dyn Feature| match kind.form() {
            Form::Frames => self.statistics.columns(&kind.names()),
            Form::Track => kind.names(),
            Form::Maps => Vec::new(),
        };
        self.chosen().into_iter().flat_map(|(_, kind)| of(kind)).collect()
    }

    fn plans(&self) -> Plans {
        Plans::new(Framing { rate_hz: self.rate_hz, n_fft: self.n_fft, hop_samples: self.hop })
    }

    /// One kind's array of a track: `[columns]`, or maps `[clips, channels, bins, frames]`.
    fn array(&self, kind: &dyn Feature, sound: &Analysis) -> Result<ArrayD<f32>, FeatureError> {
        let array = match kind.describe(sound)? {
            Description::Frames(frames) => Array1::from(self.statistics.of(&frames)).into_dyn(),
            Description::Track(values) => Array1::from(values).into_dyn(),
            Description::Maps(maps) => maps.into_dyn(),
        };
        let values = array.iter().filter(|value| !value.is_finite()).count();
        if values == 0 { Ok(array) } else { Err(FeatureError::NotFinite { values }) }
    }
}

/// `[features]`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Features {
    /// Computed from sound.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audio: Option<AudioFeatures>,
    /// Columns of a `features` dataset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<table::Columns>,
    /// Spectrograms of a `spectrograms` dataset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maps: Option<maps::Maps>,
    /// Facts about tracks; beside sound or lyrics.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<metadata::Metadata>,
    /// Computed from lyrics.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<text::TextFeatures>,
}

impl Features {
    /// What is made of sound alone.
    pub fn of_sound(&self) -> Features {
        Features { text: None, metadata: None, ..self.clone() }
    }

    /// Whether anything is made of sound, or of what was made of it.
    pub fn hears(&self) -> bool {
        self.audio.is_some() || self.table.is_some() || self.maps.is_some()
    }
}

/// [`Corpus`] → [`FeatureTable`].
#[derive(Serialize)]
pub struct Extract {
    /// The tracks.
    pub corpus: Handle<Corpus>,
    /// What to compute.
    pub features: Features,
    /// Share of the tracks that may be unusable.
    pub max_bad_share: f64,
    /// Where relative paths of audio start: content counts, not place.
    #[serde(skip)]
    pub root: PathBuf,
}

impl Stage for Extract {
    type Output = FeatureTable;
    const NAME: &'static str = "features";

    fn version(&self) -> Version {
        let chosen = self.features.audio.iter().flat_map(AudioFeatures::chosen);
        Version { room: 2, kind: chosen.map(|(_, kind)| kind.version()).sum() }
    }

    fn title(&self) -> String {
        let audio = self.features.audio.iter().flat_map(AudioFeatures::chosen).map(|(name, _)| name);
        let table = self.features.table.iter().map(|_| "table");
        let names: Vec<&str> = audio.chain(table).chain(self.features.maps.iter().map(|_| "maps")).collect();
        format!("features {}", names.join(" + "))
    }

    fn run(&self, ctx: &Ctx) -> Result<FeatureTable, Failure> {
        let corpus = ctx.get(&self.corpus)?;
        let table = match &self.features {
            Features { audio: Some(audio), table: None, maps: None, .. } => {
                gather::all_tracks(ctx, &corpus, audio, &self.root)?
            }
            Features { audio: None, table: Some(columns), maps: None, .. } => {
                table::select(&corpus, columns).map_err(Failure::experiment)?
            }
            Features { audio: None, table: None, maps: Some(maps), .. } => {
                maps::all_tracks(ctx, &corpus, maps, &self.root)?
            }
            _ => return Err(Failure::experiment("features wants one of audio, table and maps")),
        };
        usable::check(&corpus, &table, self.max_bad_share)?;
        Ok(table)
    }
}

#[cfg(test)]
mod tests;
