//! The features room: sound and tables become the numbers that networks and baselines see.

pub mod log_mel;
pub mod mfcc;
pub mod table;

mod sound;

use crate::artifact::{Corpus, FeatureTable, Skipped, read_npy, write_npy};
use crate::engine::{Ctx, Failure, Handle, Stage};
use crate::kind_set;
use ndarray::{ArrayD, Axis, concatenate};
use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A way to turn a track's samples into numbers.
pub trait Feature {
    /// Names of the columns; empty for a kind that makes maps.
    fn columns(&self) -> Vec<String>;

    /// `[dims]`, or maps `[clips, 1, bins, frames]`, of mono samples at `rate_hz`.
    fn extract(&self, samples: &[f32], rate_hz: u32) -> Result<ArrayD<f32>, FeatureError>;

    /// Raised when the numbers change.
    fn version(&self) -> u32 {
        1
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
    #[error("too short: {samples} samples, at least {least} are needed")]
    TooShort { samples: usize, least: usize },
}

kind_set! {
    /// `[features.audio]`: kinds side by side.
    pub struct AudioFeatures: dyn Feature {
        shared {
            /// Sampling rate in Hz that every track is brought to.
            #[schemars(range(min = 4000, max = 192000))]
            rate_hz: u32 = 22_050;
        }
        mfcc(mfcc::Mfcc), "Mel-frequency cepstral coefficients (librosa's definition), summarised over the track by mean and spread: a vector."
        log_mel(log_mel::LogMel), "Log-mel spectrogram in dB below each clip's loudest band, cut into clips: maps for convolutional backbones."
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

/// Too much of the data is unusable.
#[derive(Debug, thiserror::Error)]
#[error(
    "{bad} of {total} tracks are unusable, more than the {allowed} % that checks.max_bad_share allows; mend or remove them, or raise it. First: {examples}"
)]
struct TooManyBad {
    bad: usize,
    total: usize,
    allowed: f64,
    examples: String,
}

impl Stage for Extract {
    type Output = FeatureTable;
    const NAME: &'static str = "features";

    fn title(&self) -> String {
        let audio = self.features.audio.iter().flat_map(AudioFeatures::chosen).map(|(name, _)| name);
        let names: Vec<&str> = audio.chain(self.features.table.iter().map(|_| "table")).collect();
        format!("features {}", names.join(" + "))
    }

    fn run(&self, ctx: &Ctx) -> Result<FeatureTable, Failure> {
        let corpus = ctx.get(&self.corpus)?;
        let table = match (&self.features.audio, &self.features.table) {
            (Some(audio), None) => self.all_tracks(ctx, &corpus, audio)?,
            (None, Some(columns)) => table::select(&corpus, columns).map_err(Failure::experiment)?,
            _ => return Err(Failure::experiment("features wants either audio or table")),
        };
        self.check(&corpus, &table)?;
        Ok(table)
    }
}

impl Extract {
    fn all_tracks(&self, ctx: &Ctx, corpus: &Corpus, audio: &AudioFeatures) -> Result<FeatureTable, Failure> {
        let (done, of) = (AtomicUsize::new(0), corpus.tracks.len());
        let extract = |track| {
            let arrays = self.one(ctx, track, audio);
            ctx.progress(done.fetch_add(1, Ordering::Relaxed) + 1, of);
            arrays
        };
        let found: Vec<Result<Vec<ArrayD<f32>>, Failure>> = corpus.tracks.par_iter().map(extract).collect();
        let (mut tracks, mut blocks, mut skipped) = (Vec::new(), Vec::new(), Vec::new());
        for (place, (track, arrays)) in corpus.tracks.iter().zip(found).enumerate() {
            match arrays {
                Ok(arrays) => {
                    let rows = rows(arrays)?;
                    tracks.extend(vec![place as u32; rows.len_of(Axis(0))]);
                    blocks.push(rows);
                }
                Err(failure) if failure.source.is::<FeatureError>() => {
                    skipped.push(Skipped { path: sound::name(track), reason: failure.to_string() });
                }
                Err(failure) => return Err(failure),
            }
        }
        let columns = audio.chosen().into_iter().flat_map(|(_, feature)| feature.columns()).collect();
        Ok(FeatureTable { values: stack(&blocks, audio)?, columns, tracks, skipped })
    }

    /// Every kind's array of one track, from the memo where it is known. Sound is decoded at most once, and only if needed.
    fn one(
        &self,
        ctx: &Ctx,
        track: &crate::artifact::Track,
        audio: &AudioFeatures,
    ) -> Result<Vec<ArrayD<f32>>, Failure> {
        let samples = std::cell::OnceCell::new();
        let kinds = audio.chosen();
        let array = |(name, feature): (&'static str, &dyn Feature)| {
            let identity = (name, feature.version(), audio.settings_of(name), audio.rate_hz, sound::identity(track));
            let bytes = ctx.item(name, &identity, || {
                if samples.get().is_none() {
                    let _ = samples.set(sound::samples(track, &self.root, audio.rate_hz)?);
                }
                let array = feature.extract(samples.get().map_or(&[], Vec::as_slice), audio.rate_hz)?;
                write_npy(&array).map_err(Failure::classify)
            })?;
            read_npy(&bytes).map_err(Failure::classify)
        };
        kinds.into_iter().map(array).collect()
    }

    fn check(&self, corpus: &Corpus, table: &FeatureTable) -> Result<(), Failure> {
        let all: Vec<&Skipped> = corpus.skipped.iter().chain(&table.skipped).collect();
        let (bad, total) = (all.len(), corpus.n_total());
        if table.rows() > 0 && bad as f64 <= self.max_bad_share * total as f64 {
            return Ok(());
        }
        let examples: Vec<String> =
            all.iter().take(3).map(|skipped| format!("{} ({})", skipped.path, skipped.reason)).collect();
        Err(Failure::data(TooManyBad {
            bad,
            total,
            allowed: 100.0 * self.max_bad_share,
            examples: examples.join("; "),
        }))
    }
}

/// `[1, dims]` of vectors side by side, or the maps `[clips, 1, bins, frames]`.
fn rows(arrays: Vec<ArrayD<f32>>) -> Result<ArrayD<f32>, Failure> {
    if arrays.len() == 1 && arrays[0].ndim() == 4 {
        return Ok(arrays.into_iter().next().unwrap_or_default());
    }
    let vectors: Vec<_> = arrays.iter().map(|array| array.view().insert_axis(Axis(0))).collect();
    Ok(concatenate(Axis(1), &vectors)?)
}

fn stack(blocks: &[ArrayD<f32>], audio: &AudioFeatures) -> Result<ArrayD<f32>, Failure> {
    let views: Vec<_> = blocks.iter().map(|block| block.view()).collect();
    match views.as_slice() {
        [] => Ok(ArrayD::zeros(vec![0, audio.chosen().iter().map(|(_, feature)| feature.columns().len()).sum()])),
        views => Ok(concatenate(Axis(0), views)?),
    }
}
