//! Spectrograms made elsewhere, cut into clips: the maps of a `spectrograms` dataset.

use super::FeatureError;
use super::gather::{each_track, table};
use crate::artifact::{Audio, Corpus, FeatureTable, Track, read_spectrogram};
use crate::engine::inputs::read_input;
use crate::engine::{Ctx, Failure};
use crate::signal::decibel::power_to_clip_db;
use ndarray::{Array2, Array4, ArrayD, Axis, s};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// `[features.maps]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Maps {
    /// Frames in a clip: the width of a map. A shorter spectrogram is one clip that ends in its smallest value.
    #[schemars(range(min = 8, max = 4096))]
    pub frames: usize,
    /// Clips of a track that are used at most, from its beginning.
    #[schemars(range(min = 1, max = 10000))]
    pub max_clips: usize,
    /// What is done to the numbers.
    pub convert: Convert,
}

/// From what was saved to what a network reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Convert {
    /// Nothing: they are decibels or logarithms already.
    #[default]
    None,
    /// Powers become dB below each clip's loudest value, −80 to 0.
    PowerToDb,
    /// Magnitudes become dB below each clip's loudest value, −80 to 0.
    AmplitudeToDb,
}

impl Default for Maps {
    fn default() -> Maps {
        Maps { frames: 128, max_clips: 10, convert: Convert::None }
    }
}

impl Maps {
    /// The body of the table.
    pub const EXAMPLE: &str = "frames = 128\nconvert = \"amplitude_to_db\"";

    /// Maps `[clips, 1, bins, frames]` of a spectrogram `[frames, bins]`.
    fn cut(&self, spectrogram: &Array2<f32>) -> Array4<f32> {
        let (frames, bins) = spectrogram.dim();
        let clips = (frames / self.frames).clamp(1, self.max_clips);
        let mut maps = Array4::zeros((clips, 1, bins, self.frames));
        for (clip, mut map) in maps.outer_iter_mut().enumerate() {
            let start = clip * self.frames;
            let part = spectrogram.slice(s![start..frames.min(start + self.frames), ..]).to_owned();
            let part = self.convert.apply(part);
            map.fill(part.iter().copied().fold(f32::INFINITY, f32::min));
            map.slice_mut(s![0, .., ..part.nrows()]).assign(&part.t());
        }
        maps
    }
}

impl Convert {
    fn apply(self, values: Array2<f32>) -> Array2<f32> {
        match self {
            Convert::None => values,
            Convert::PowerToDb => power_to_clip_db(values),
            Convert::AmplitudeToDb => power_to_clip_db(values.mapv_into(|value| value * value)),
        }
    }
}

/// The maps of all tracks, in order; those that cannot be read, or have another number of bins, are listed.
pub(super) fn all_tracks(ctx: &Ctx, corpus: &Corpus, settings: &Maps, root: &Path) -> Result<FeatureTable, Failure> {
    let found = each_track(ctx, corpus, |track| one(track, settings, root));
    let bins = found.iter().flatten().map(|maps| maps.len_of(Axis(2))).next().unwrap_or(1);
    let fitting = found.into_iter().map(|maps| maps.and_then(|maps| with_bins(maps, bins))).collect();
    table(corpus, fitting, vec![0, 1, bins, settings.frames], Vec::new())
}

fn with_bins(maps: Array4<f32>, bins: usize) -> Result<ArrayD<f32>, Failure> {
    match maps.len_of(Axis(2)) {
        same if same == bins => Ok(maps.into_dyn()),
        other => Err(FeatureError::Bins { bins: other, others: bins }.into()),
    }
}

fn one(track: &Track, settings: &Maps, root: &Path) -> Result<Array4<f32>, Failure> {
    let Some(Audio::Array { file, axes }) = &track.audio else {
        return Err(FeatureError::NoArray.into());
    };
    let spectrogram = read_spectrogram(&read_input(root, file)?, *axes).map_err(FeatureError::from)?;
    Ok(settings.cut(&spectrogram))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spectrogram_is_cut_into_whole_clips() {
        let spectrogram = Array2::from_shape_fn((20, 3), |(frame, bin)| (10 * frame + bin) as f32);
        let maps = Maps { frames: 8, ..Maps::default() }.cut(&spectrogram);
        assert_eq!(maps.shape(), [2, 1, 3, 8]);
        assert_eq!((maps[[0, 0, 2, 7]], maps[[1, 0, 0, 0]]), (72.0, 80.0));
    }

    #[test]
    fn a_short_one_ends_in_its_smallest_value() {
        let maps = Maps { frames: 8, ..Maps::default() }.cut(&Array2::from_elem((3, 2), -5.0));
        assert_eq!((maps.shape(), maps.iter().all(|value| *value == -5.0)), ([1, 1, 2, 8].as_slice(), true));
    }

    #[test]
    fn powers_and_magnitudes_become_the_same_decibels() {
        let magnitude = Array2::from_shape_fn((8, 4), |(frame, bin)| 0.1 + (frame * bin) as f32);
        let of = |convert, values: &Array2<f32>| Maps { frames: 8, convert, ..Maps::default() }.cut(values);
        let (a, b) =
            (of(Convert::AmplitudeToDb, &magnitude), of(Convert::PowerToDb, &magnitude.mapv(|value| value * value)));
        assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1e-4 && (-80.0..=0.0).contains(a)));
    }
}
