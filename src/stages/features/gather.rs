//! Track by track, in parallel: every kind's array from the memo or from one analysis, then all tracks as one table.

use super::memo::Memo;
use super::{AudioFeatures, Feature, FeatureError, Form, sound};
use crate::artifact::{Corpus, FeatureTable, Skipped, Track, read_npy, write_npy};
use crate::engine::{Ctx, Failure};
use crate::signal::analysis::Analysis;
use crate::signal::plans::Plans;
use ndarray::{Array1, ArrayD, Axis, concatenate};
use rayon::prelude::*;
use serde_json::json;
use std::cell::OnceCell;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The table of all tracks; those that cannot be heard are listed in it.
pub(super) fn all_tracks(
    ctx: &Ctx,
    corpus: &Corpus,
    audio: &AudioFeatures,
    root: &Path,
) -> Result<FeatureTable, Failure> {
    let (listener, columns) = (Listener { ctx, audio, root, plans: audio.plans() }, audio.columns());
    let found = each_track(ctx, corpus, |track| rows(listener.arrays(track)?));
    table(corpus, found, vec![0, columns.len()], columns)
}

/// What `read` makes of each track, in order and in parallel.
pub(super) fn each_track<T: Send>(
    ctx: &Ctx,
    corpus: &Corpus,
    read: impl Fn(&Track) -> Result<T, Failure> + Sync,
) -> Vec<Result<T, Failure>> {
    let (done, of) = (AtomicUsize::new(0), corpus.tracks.len());
    let told = |track| {
        let found = read(track);
        ctx.progress(done.fetch_add(1, Ordering::Relaxed) + 1, of);
        found
    };
    corpus.tracks.par_iter().map(told).collect()
}

/// The rows `[rows, ...]` of all tracks, one below the other; a track without features is listed, any other failure ends it.
pub(super) fn table(
    corpus: &Corpus,
    found: Vec<Result<ArrayD<f32>, Failure>>,
    shape_of_none: Vec<usize>,
    columns: Vec<String>,
) -> Result<FeatureTable, Failure> {
    let (mut tracks, mut blocks, mut skipped) = (Vec::new(), Vec::new(), Vec::new());
    for (place, (track, rows)) in corpus.tracks.iter().zip(found).enumerate() {
        match rows {
            Ok(rows) => {
                tracks.extend(vec![place as u32; rows.len_of(Axis(0))]);
                blocks.push(rows);
            }
            Err(failure) if failure.source.is::<FeatureError>() => {
                skipped.push(Skipped { path: sound::name(track), reason: failure.to_string() });
            }
            Err(failure) => return Err(failure),
        }
    }
    let views: Vec<_> = blocks.iter().map(|block| block.view()).collect();
    let values = if views.is_empty() { ArrayD::zeros(shape_of_none) } else { concatenate(Axis(0), &views)? };
    Ok(FeatureTable { values, columns, tracks, skipped, blocks: Vec::new() })
}

/// Raised when the samples of a file or a transform of them change, which all kinds are made of.
const SOUND_VERSION: u32 = 2;

/// What all tracks share.
struct Listener<'a> {
    ctx: &'a Ctx<'a>,
    audio: &'a AudioFeatures,
    root: &'a Path,
    plans: Plans,
}

impl Listener<'_> {
    /// Every kind's array of one track. Sound is decoded at most once, and only if some kind is not remembered.
    fn arrays(&self, track: &Track) -> Result<Vec<ArrayD<f32>>, Failure> {
        let (samples, analysis) = (OnceCell::new(), OnceCell::new());
        let listen = || -> Result<&Analysis, Failure> {
            if samples.get().is_none() {
                let _ = samples.set(sound::samples(track, self.root, self.audio)?);
            }
            Ok(analysis.get_or_init(|| begin(self.audio, &self.plans, samples.get().map_or(&[], Vec::as_slice))))
        };
        let mut memo = Memo::of(self.ctx, self.framed(track));
        let mut array = |(name, kind): (&'static str, &dyn Feature)| {
            let compute = || Ok(self.audio.array(kind, listen()?)?);
            match kind.form() {
                Form::Maps => self.maps(track, name, kind, compute),
                _ => memo.get(&self.identity(name, kind), || Ok(compute()?.iter().copied().collect())).map(vector),
            }
        };
        let arrays = self.audio.chosen().into_iter().map(&mut array).collect::<Result<_, _>>()?;
        memo.keep()?;
        Ok(arrays)
    }

    /// Maps are large: each kind's are an item of their own.
    fn maps(
        &self,
        track: &Track,
        name: &str,
        kind: &dyn Feature,
        compute: impl FnOnce() -> Result<ArrayD<f32>, Failure>,
    ) -> Result<ArrayD<f32>, Failure> {
        let identity = json!([self.framed(track), self.identity(name, kind)]);
        let bytes = self.ctx.item(name, &identity, || write_npy(&compute()?).map_err(Failure::classify))?;
        read_npy(&bytes).map_err(Failure::classify)
    }

    /// All that can change the samples of a track and how they are cut.
    fn framed(&self, track: &Track) -> serde_json::Value {
        let AudioFeatures { rate_hz, n_fft, hop, offset, duration, .. } = self.audio;
        json!({
            "version": SOUND_VERSION, "sound": sound::identity(track),
            "rate_hz": rate_hz, "n_fft": n_fft, "hop": hop, "offset": offset, "duration": duration,
        })
    }

    /// All else that can change one kind's array.
    fn identity(&self, name: &str, kind: &dyn Feature) -> serde_json::Value {
        json!({
            "kind": name,
            "version": kind.version(),
            "settings": self.audio.settings_of(name),
            "statistics": (kind.form() == Form::Frames).then_some(self.audio.statistics),
        })
    }
}

/// The spectrogram first if anything reads it: what follows then takes it from there.
pub(super) fn begin<'s>(audio: &AudioFeatures, plans: &'s Plans, samples: &'s [f32]) -> Analysis<'s> {
    let analysis = Analysis::new(samples, plans);
    if audio.chosen().iter().any(|(_, kind)| kind.reads_spectrogram()) {
        analysis.power();
    }
    analysis
}

fn vector(values: Vec<f32>) -> ArrayD<f32> {
    Array1::from(values).into_dyn()
}

/// `[1, dims]` of vectors side by side, or the maps `[clips, channels, bins, frames]`.
pub(super) fn rows(arrays: Vec<ArrayD<f32>>) -> Result<ArrayD<f32>, Failure> {
    if arrays.len() == 1 && arrays[0].ndim() == 4 {
        return Ok(arrays.into_iter().next().unwrap_or_default());
    }
    let vectors: Vec<_> = arrays.iter().map(|array| array.view().insert_axis(Axis(0))).collect();
    Ok(concatenate(Axis(1), &vectors)?)
}
