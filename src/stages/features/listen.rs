//! Real clips as plain descriptors of their sound, cut where the maps of the same track are cut: what generated sound is held
//! against. Nothing here was trained, least of all by the model that is judged.

use super::clips::Clips;
use super::gather::{each_track, table};
use super::{AudioFeatures, FeatureError, sound};
use crate::artifact::{Corpus, FeatureTable, Track};
use crate::engine::{Ctx, Failure, Handle, Stage, Version};
use crate::signal::timbre::Timbre;
use ndarray::{Array2, ArrayD};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// [`Corpus`] → [`FeatureTable`]: one row a clip, descriptors of [`Timbre`].
#[derive(Serialize)]
pub struct Listen {
    /// The tracks.
    pub corpus: Handle<Corpus>,
    /// Rate, span and cut of the clips.
    pub audio: AudioFeatures,
    /// Frames of a clip.
    pub frames: usize,
    /// Clips of a track at most.
    pub max_clips: usize,
    /// Where relative paths of audio start: content counts, not place.
    #[serde(skip)]
    pub root: PathBuf,
}

impl Stage for Listen {
    type Output = FeatureTable;
    const NAME: &'static str = "listen";

    /// 2: as many octaves of contrast as the rate allows.
    fn version(&self) -> Version {
        Version::room(2)
    }

    fn title(&self) -> String {
        "features timbre".to_owned()
    }

    fn run(&self, ctx: &Ctx) -> Result<FeatureTable, Failure> {
        let (corpus, timbre) = (ctx.get(&self.corpus)?, Timbre::new(self.audio.rate_hz));
        let found = each_track(ctx, &corpus, |track| self.describe(track, &timbre, &self.root));
        table(&corpus, found, vec![0, timbre.names().len()], timbre.names())
    }
}

impl Listen {
    fn describe(&self, track: &Track, timbre: &Timbre, root: &Path) -> Result<ArrayD<f32>, Failure> {
        let samples = sound::samples(track, root, &self.audio)?;
        let clips = Clips { frames: self.frames, at_most: self.max_clips };
        let rows: Vec<Vec<f32>> =
            clips.audible(&samples, self.audio.hop).into_iter().map(|clip| timbre.of(clip)).collect();
        if rows.is_empty() {
            return Err(FeatureError::Silent.into());
        }
        Ok(Array2::from_shape_vec((rows.len(), timbre.names().len()), rows.concat())?.into_dyn())
    }
}
