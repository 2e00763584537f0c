//! Log-mel spectrograms cut into clips: the input of convolutional backbones.
//! Each clip's scale is dB below its own loudest band, −80 to 0: else loudness is the first principal component.

use super::{Feature, FeatureError};
use crate::signal::analyser::Analyser;
use ndarray::{Array2, Array4, ArrayD, ArrayViewMut2, s};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// dB of silence below the loudest band.
const FLOOR_DB: f32 = -80.0;

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
    /// Samples in a frame.
    #[schemars(range(min = 64, max = 65536))]
    pub n_fft: usize,
    /// Samples between frames.
    #[schemars(range(min = 1, max = 65536))]
    pub hop: usize,
    /// Clips of a track that are used at most, from its beginning.
    #[schemars(range(min = 1, max = 10000))]
    pub max_clips: usize,
}

impl Default for LogMel {
    fn default() -> LogMel {
        LogMel { n_mels: 128, frames: 128, n_fft: 2048, hop: 512, max_clips: 10 }
    }
}

impl LogMel {
    /// The body of the table.
    pub const EXAMPLE: &str = "n_mels = 128\nframes = 128";

    /// Samples of one clip, so that its centred frames are exactly `frames`.
    fn clip_samples(&self) -> usize {
        (self.frames - 1) * self.hop + 1
    }

    /// Whole clips of the track, and at least one: a short track is one clip that ends in silence.
    fn clips(&self, samples: usize) -> usize {
        (samples / self.clip_samples()).clamp(1, self.max_clips)
    }
}

impl Feature for LogMel {
    fn columns(&self) -> Vec<String> {
        Vec::new()
    }

    fn extract(&self, samples: &[f32], rate_hz: u32) -> Result<ArrayD<f32>, FeatureError> {
        let (analyser, clips) = (Analyser::new(rate_hz, self.n_fft, self.hop, self.n_mels), self.clips(samples.len()));
        let audible: Vec<&[f32]> =
            samples.chunks(self.clip_samples()).take(clips).filter(|clip| is_audible(clip)).collect();
        if audible.is_empty() || samples.len() < self.n_fft {
            return Err(FeatureError::TooShort { samples: samples.len(), least: self.n_fft });
        }
        let mut maps = Array4::from_elem((audible.len(), 1, self.n_mels, self.frames), FLOOR_DB);
        for (clip, mut map) in audible.iter().zip(maps.outer_iter_mut()) {
            fill(&analyser.log_mel_db(clip), map.slice_mut(s![0, .., ..]));
        }
        Ok(maps.into_dyn())
    }
}

/// A clip of nothing has no loudest band.
fn is_audible(clip: &[f32]) -> bool {
    clip.iter().any(|sample| *sample != 0.0)
}

/// Copies `[frames, n_mels]` into a map `[n_mels, frames]`; frames that are not there stay silent.
fn fill(db: &Array2<f32>, mut map: ArrayViewMut2<f32>) {
    let frames = db.nrows().min(map.ncols());
    map.slice_mut(s![.., ..frames]).assign(&db.slice(s![..frames, ..]).t());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(samples: usize) -> Vec<f32> {
        crate::random::Stream::new(1, "test").uniforms(samples, -0.5, 0.5)
    }

    #[test]
    fn a_track_is_cut_into_whole_clips_of_0_to_minus_80_db() {
        let kind = LogMel { n_mels: 32, frames: 16, ..LogMel::default() };
        let maps = kind.extract(&noise(22_050), 22_050).unwrap();
        assert_eq!(maps.shape(), [2, 1, 32, 16]);
        assert!(maps.iter().all(|db| (FLOOR_DB..=0.0).contains(db)));
        for clip in maps.outer_iter() {
            assert_eq!(clip.iter().copied().fold(f32::MIN, f32::max), 0.0);
        }
    }

    #[test]
    fn a_short_track_is_one_clip_that_ends_in_silence() {
        let kind = LogMel { n_mels: 32, frames: 64, ..LogMel::default() };
        let maps = kind.extract(&noise(4096), 22_050).unwrap();
        assert_eq!(maps.shape(), [1, 1, 32, 64]);
        assert!(maps.slice(s![0, 0, .., 20..]).iter().all(|db| *db == FLOOR_DB));
    }

    #[test]
    fn loudness_does_not_count() {
        let (kind, loud) = (LogMel { frames: 16, ..LogMel::default() }, noise(9000));
        let quiet: Vec<f32> = loud.iter().map(|sample| sample * 0.1).collect();
        let (a, b) = (kind.extract(&loud, 22_050).unwrap(), kind.extract(&quiet, 22_050).unwrap());
        assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1e-3));
    }
}
