//! How a view of a track is changed before it is shown: what stays the same under all changes is what is learned.
//! Chen, Kornblith, Norouzi, Hinton, "A simple framework for contrastive learning of visual representations" (ICML 2020),
//! section 3; for music Spijkervet and Burgoyne, "Contrastive learning of musical representations" (ISMIR 2021), section 3.2.
//!
//! Maps are `[bins, frames]` and standardised: strengths are in standard deviations of the data. That of log-mel maps is about
//! 17 dB, so 0.35 is 6 dB.

mod background;
mod bin_shift;
mod crop;
mod gain;
mod jitter;
mod mask;
mod noise;
mod reverse;
mod tilt;

pub use background::Background;
pub use bin_shift::BinShift;
pub use crop::Crop;
pub use gain::Gain;
pub use jitter::Jitter;
pub use mask::{FrequencyMask, TimeMask};
pub use noise::Noise;
pub use reverse::Reverse;
pub use tilt::Tilt;

use ndarray::{ArrayView2, ArrayViewMut2};

use crate::kind_set;
use crate::random::Stream;

/// One way to change a map.
pub trait Augmentation: Send + Sync {
    /// How often it is applied where it is chosen, 0 to 1.
    fn probability(&self) -> f64;

    /// Changes `map` `[bins, frames]` by what is drawn; `other` is a map of another track, as large.
    fn apply(&self, map: ArrayViewMut2<f32>, other: ArrayView2<f32>, draw: &mut Stream);
}

kind_set! {
    /// `augment`: for each view some of the kinds named here are chosen and applied in the order of this table.
    pub struct Augment: dyn Augmentation {
        shared {
            /// How many of the kinds named beside are chosen for a view; all of them where fewer are named.
            choose: usize = 4;
        }
        background(background::Background), "another track sounds in the background"
        crop(crop::Crop), "a piece of the frames, stretched to the width of the map"
        reverse(reverse::Reverse), "time runs backwards"
        bin_shift(bin_shift::BinShift), "bins move up or down: another pitch"
        tilt(tilt::Tilt), "high bins gain what low ones lose, or the other way round: an equaliser"
        gain(gain::Gain), "the whole map is louder or quieter"
        jitter(jitter::Jitter), "intensity jitter: brightness and contrast"
        noise(noise::Noise), "Gaussian noise on every value"
        frequency_mask(mask::FrequencyMask), "a band of bins is set to the mean of the map"
        time_mask(mask::TimeMask), "a run of frames is set to the mean of the map"
    }
}

impl Augment {
    /// What helps with music, applied where an experiment names nothing: no reversal and no jitter, which are habits from images.
    pub fn usual() -> Augment {
        Augment {
            background: Some(Background::default()),
            crop: Some(Crop::default()),
            bin_shift: Some(BinShift::default()),
            tilt: Some(Tilt::default()),
            gain: Some(Gain::default()),
            noise: Some(Noise::default()),
            frequency_mask: Some(FrequencyMask::default()),
            time_mask: Some(TimeMask::default()),
            ..Augment::default()
        }
    }

    /// The kind `name` alone, applied always and as strongly as here; nothing where it is not named.
    pub fn only(&self, name: &str) -> Augment {
        let mut settings = self.settings_of(name);
        if let Some(fields) = settings.as_object_mut() {
            fields.insert("probability".to_owned(), 1.0.into());
        }
        let alone = serde_json::Map::from_iter([(name.to_owned(), settings)]);
        serde_json::from_value(alone.into()).unwrap_or_default()
    }

    /// Makes a view of `map` `[bins, frames]` in its place; `other` is a map of another track.
    pub fn view(&self, mut map: ArrayViewMut2<f32>, other: ArrayView2<f32>, draw: &mut Stream) {
        let kinds = self.chosen();
        let mut order: Vec<usize> = (0..kinds.len()).collect();
        draw.shuffle(&mut order);
        order.truncate(self.choose);
        order.sort_unstable();
        for (_, kind) in order.into_iter().map(|at| kinds[at]) {
            if draw.chance(kind.probability()) {
                kind.apply(map.view_mut(), other, draw);
            }
        }
    }
}

#[cfg(test)]
mod tests;
