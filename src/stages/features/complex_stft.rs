//! Complex spectrograms: real and imaginary parts as two planes, over each clip's largest magnitude, −1 to 1.
//!
//! Phase turns with every shift of a sample, so these planes have next to no structure that a small latent space can hold:
//! reconstruction stays near its mean and the posterior collapses onto the prior. They are here to show that.

use super::log_mel::draw;
use super::stft::Spectrogram;
use super::{Description, Feature, FeatureError, Form};
use crate::signal::analysis::Analysis;
use crate::signal::stft::Pad;
use ndarray::{Array2, ArrayViewMut3, Axis};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[features.audio.complex_stft]`: the settings of the plain spectrogram.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct ComplexStft(Spectrogram);

impl ComplexStft {
    /// The body of the table.
    pub const EXAMPLE: &str = "bins = 128\nframes = 128";
}

impl Feature for ComplexStft {
    fn form(&self) -> Form {
        Form::Maps
    }

    fn describe(&self, sound: &Analysis) -> Result<Description, FeatureError> {
        self.0.clips().maps(sound, [2, self.0.height(sound)], 0.0, planes)
    }
}

fn planes(clip: &Analysis, mut map: ArrayViewMut3<f32>) {
    let stft = clip.plans().stft(Pad::Zeros);
    let shape = (stft.frames(clip.samples().len()), stft.bins());
    let (mut real, mut imaginary) = (Vec::with_capacity(shape.0 * shape.1), Vec::with_capacity(shape.0 * shape.1));
    let mut largest = f64::MIN_POSITIVE;
    stft.each_frame(clip.samples(), |spectrum| {
        largest = spectrum.iter().map(|value| value.norm_sqr()).fold(largest, f64::max);
        real.extend(spectrum.iter().map(|value| value.re));
        imaginary.extend(spectrum.iter().map(|value| value.im));
    });
    for (plane, values) in [real, imaginary].into_iter().enumerate() {
        let values = Array2::from_shape_vec(shape, values).expect("each frame gave all its bins");
        draw(&values.mapv(|value| (value / largest.sqrt()) as f32), map.index_axis_mut(Axis(0), plane));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::features::tests::{maps, noise};

    #[test]
    fn the_planes_are_the_parts_of_the_spectrum() {
        let samples = noise(9_000);
        let maps = maps(&ComplexStft(Spectrogram { frames: 16, ..Spectrogram::default() }), &samples);
        assert_eq!(maps.shape(), [1, 2, 1025, 16]);
        let squared = |bin: usize, frame: usize| maps[[0, 0, bin, frame]].powi(2) + maps[[0, 1, bin, frame]].powi(2);
        let power = crate::signal::stft::Stft::new(2048, 512).power(&samples[..15 * 512 + 1]);
        let loudest = power.iter().copied().fold(0.0, f32::max);
        for (bin, frame) in [(0, 0), (7, 3), (500, 15), (1024, 8)] {
            assert!((squared(bin, frame) - power[(frame, bin)] / loudest).abs() < 1e-6);
        }
    }
}
