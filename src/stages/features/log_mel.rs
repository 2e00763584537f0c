//! Log-mel spectrograms cut into clips: the input of convolutional backbones.
//! Each clip's scale is dB below its own loudest band, −80 to 0: else loudness is the first principal component.

use super::clips::Clips;
use super::{Description, Feature, FeatureError, Form};
use crate::signal::analysis::Analysis;
use crate::signal::decibel::{TOP_DB, power_to_clip_db};
use crate::signal::mel::MelDefinition;
use crate::signal::plans::MelBands;
use ndarray::{Array2, ArrayViewMut2, Axis, s};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[features.audio.log_mel]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LogMel {
    /// Number of mel bands: the height of a map.
    #[schemars(range(min = 8, max = 512))]
    pub n_mels: usize,
    /// Frames in a clip: the width of a map. 128 frames at hop 512 and 22,050 Hz are 3 s.
    #[schemars(range(min = 8, max = 4096))]
    pub frames: usize,
    /// Clips of a track that are used at most, from its beginning.
    #[schemars(range(min = 1, max = 10000))]
    pub max_clips: usize,
    /// By whose definition: `librosa`, `htk` or `torchaudio`.
    pub mode: MelDefinition,
}

impl Default for LogMel {
    fn default() -> LogMel {
        LogMel { n_mels: 128, frames: 128, max_clips: 10, mode: MelDefinition::Librosa }
    }
}

impl LogMel {
    /// The body of the table.
    pub const EXAMPLE: &str = "n_mels = 128\nframes = 128";
}

impl Feature for LogMel {
    fn form(&self) -> Form {
        Form::Maps
    }

    fn describe(&self, sound: &Analysis) -> Result<Description, FeatureError> {
        let bands = MelBands { definition: self.mode, n_mels: self.n_mels };
        let clips = Clips { frames: self.frames, at_most: self.max_clips };
        clips.maps(sound, [1, self.n_mels], -TOP_DB, |clip, mut map| {
            draw(&power_to_clip_db(clip.mel_power(bands)), map.index_axis_mut(Axis(0), 0));
        })
    }
}

/// Draws `[frames, bins]` into a map `[bins, frames]` that may be lower and wider: what is not there stays as it is.
pub(super) fn draw(values: &Array2<f32>, mut map: ArrayViewMut2<f32>) {
    let (frames, bins) = (values.nrows().min(map.ncols()), values.ncols().min(map.nrows()));
    map.slice_mut(s![..bins, ..frames]).assign(&values.slice(s![..frames, ..bins]).t());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::features::tests::{maps, noise};

    #[test]
    fn a_track_is_cut_into_whole_clips_of_0_to_minus_80_db() {
        let maps = maps(&LogMel { n_mels: 32, frames: 16, ..LogMel::default() }, &noise(22_050));
        assert_eq!(maps.shape(), [2, 1, 32, 16]);
        assert!(maps.iter().all(|db| (-TOP_DB..=0.0).contains(db)));
        for clip in maps.outer_iter() {
            assert_eq!(clip.iter().copied().fold(f32::MIN, f32::max), 0.0);
        }
    }

    #[test]
    fn a_short_track_is_one_clip_that_ends_in_silence() {
        let maps = maps(&LogMel { n_mels: 32, frames: 64, ..LogMel::default() }, &noise(4096));
        assert_eq!(maps.shape(), [1, 1, 32, 64]);
        assert!(maps.slice(s![0, 0, .., 20..]).iter().all(|db| *db == -TOP_DB));
    }

    #[test]
    fn loudness_does_not_count() {
        let (kind, loud) = (LogMel { frames: 16, ..LogMel::default() }, noise(9000));
        let quiet: Vec<f32> = loud.iter().map(|sample| sample * 0.1).collect();
        assert!(maps(&kind, &loud).iter().zip(&maps(&kind, &quiet)).all(|(a, b)| (a - b).abs() < 1e-3));
    }

    #[test]
    fn modes_differ() {
        let of = |mode| maps(&LogMel { mode, n_mels: 32, frames: 16, ..LogMel::default() }, &noise(9000));
        let [librosa, htk, torchaudio] =
            [MelDefinition::Librosa, MelDefinition::Htk, MelDefinition::Torchaudio].map(of);
        assert!(librosa != htk && htk != torchaudio);
        // A mirror beyond the ends changes the frames that reach over them, and the loudest band if it is there.
        assert_eq!(htk.shape(), torchaudio.shape());
    }
}
