//! Plain spectrograms cut into clips: magnitudes in dB below each clip's loudest bin, −80 to 0.

use super::clips::Clips;
use super::log_mel::draw;
use super::{Description, Feature, FeatureError, Form};
use crate::signal::analysis::Analysis;
use crate::signal::decibel::{TOP_DB, power_to_clip_db};
use ndarray::Axis;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[features.audio.stft]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Spectrogram {
    /// The lowest bins, the height of a map; all n_fft / 2 + 1 if absent.
    #[schemars(range(min = 8))]
    pub bins: Option<usize>,
    /// Frames in a clip: the width of a map.
    #[schemars(range(min = 8, max = 4096))]
    pub frames: usize,
    /// Clips of a track that are used at most, from its beginning.
    #[schemars(range(min = 1, max = 10000))]
    pub max_clips: usize,
}

impl Default for Spectrogram {
    fn default() -> Spectrogram {
        Spectrogram { bins: None, frames: 128, max_clips: 10 }
    }
}

impl Spectrogram {
    /// The body of the table.
    pub const EXAMPLE: &str = "bins = 512\nframes = 128";

    pub(super) fn clips(&self) -> Clips {
        Clips { frames: self.frames, at_most: self.max_clips }
    }

    /// Bins of a map.
    pub(super) fn height(&self, sound: &Analysis) -> usize {
        let all = sound.framing().n_fft / 2 + 1;
        self.bins.map_or(all, |bins| bins.min(all))
    }
}

impl Feature for Spectrogram {
    fn form(&self) -> Form {
        Form::Maps
    }

    fn describe(&self, sound: &Analysis) -> Result<Description, FeatureError> {
        self.clips().maps(sound, [1, self.height(sound)], -TOP_DB, |clip, mut map| {
            draw(&power_to_clip_db(clip.power().clone()), map.index_axis_mut(Axis(0), 0));
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::features::tests::{maps, noise};

    #[test]
    fn a_map_holds_the_lowest_bins() {
        let of = |bins| maps(&Spectrogram { bins, frames: 16, ..Spectrogram::default() }, &noise(9_000));
        let (all, low) = (of(None), of(Some(100)));
        assert_eq!((all.shape(), low.shape()), ([1, 1, 1025, 16].as_slice(), [1, 1, 100, 16].as_slice()));
        assert_eq!(all.slice(ndarray::s![.., .., ..100, ..]), low);
        assert_eq!(all.iter().copied().fold(f32::MIN, f32::max), 0.0);
    }
}
