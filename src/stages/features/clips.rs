//! A track cut into clips of a fixed number of frames: the maps of convolutional backbones.

use super::{Description, FeatureError};
use crate::signal::analysis::Analysis;
use ndarray::{Array4, ArrayViewMut3};

/// How clips are cut.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clips {
    /// Frames in a clip.
    pub frames: usize,
    /// Clips of a track that are used at most, from its beginning.
    pub at_most: usize,
}

impl Clips {
    /// Maps `[clips, channels, bins, frames]`: `fill` draws each audible clip of `sound` into a map that holds `silence`.
    pub fn maps(
        self,
        sound: &Analysis,
        [channels, bins]: [usize; 2],
        silence: f32,
        mut fill: impl FnMut(&Analysis, ArrayViewMut3<f32>),
    ) -> Result<Description, FeatureError> {
        let audible = self.audible(sound.samples(), sound.framing().hop_samples);
        if audible.is_empty() {
            return Err(FeatureError::Silent);
        }
        let mut maps = Array4::from_elem((audible.len(), channels, bins, self.frames), silence);
        for (clip, map) in audible.into_iter().zip(maps.outer_iter_mut()) {
            fill(&Analysis::new(clip, sound.plans()), map);
        }
        Ok(Description::Maps(maps))
    }

    /// The clips of a track that are not all silence.
    pub fn audible(self, samples: &[f32], hop_samples: usize) -> Vec<&[f32]> {
        let length = self.samples(hop_samples);
        let clips = (samples.len() / length).clamp(1, self.at_most);
        samples.chunks(length).take(clips).filter(|clip| is_audible(clip)).collect()
    }

    /// Samples of one clip, so that its centred frames are exactly `frames`.
    fn samples(self, hop_samples: usize) -> usize {
        (self.frames - 1) * hop_samples + 1
    }
}

/// A clip of nothing has no loudest band.
fn is_audible(clip: &[f32]) -> bool {
    clip.iter().any(|sample| *sample != 0.0)
}
