//! Pieces of sound with the maps that they were made of: generated, or real ones that went through the same vocoder.

use super::{read_npy, write_npy};
use crate::engine::{Artifact, BoxError, Files};
use crate::signal::decode::{Audio, encode_wav};
use ndarray::{Array2, Array3, Axis};
use serde::{Deserialize, Serialize};

/// Full scale of 16-bit samples: as WAV files are read.
const FULL: f32 = 32_768.0;

/// Clips of one length.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Clips {
    /// Log-mel maps `[clips, bins, frames]`, dB below each clip's loudest band, low bands first; none where a clip was never
    /// a map.
    pub maps: Array3<f32>,
    /// The code of each clip's beginning `[clips, latent]`; `[clips, 0]` where it has none.
    pub codes: Array2<f32>,
    /// Where codes lie, if a normal distribution was fitted to them: for each class, and last for all, a mean and below it the
    /// lower factor of the covariance, `[classes + 1, 1 + latent, latent]`; empty if none was.
    pub population: Array3<f32>,
    /// What the decoder leaves out, if that was fitted: a deviation in dB and a correlation from frame to frame for each band,
    /// `[2, bins]`; `[2, 0]` if not.
    pub texture: Array2<f32>,
    /// Mono samples of 16 bits `[clips, samples]`.
    pub pcm: Array2<i16>,
    /// Samples a second.
    pub rate_hz: u32,
    /// The class of each clip, a place in `classes`; None where it is of none.
    pub labels: Vec<Option<u32>>,
    /// Names of the classes.
    pub classes: Vec<String>,
    /// What each clip comes from: how its code was drawn, or a track's id.
    pub origins: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct Header {
    rate_hz: u32,
    labels: Vec<Option<u32>>,
    classes: Vec<String>,
    origins: Vec<String>,
}

impl Clips {
    /// How many there are.
    pub fn count(&self) -> usize {
        self.labels.len()
    }

    /// The name of a clip's class; empty where it has none.
    pub fn class_name(&self, clip: usize) -> &str {
        let label = self.labels.get(clip).copied().flatten();
        label.and_then(|label| self.classes.get(label as usize)).map_or("", String::as_str)
    }

    /// `jazz_03`: its class and its place among the clips of that class, fit for a file's name.
    pub fn name(&self, clip: usize) -> String {
        let (label, before) = (self.labels[clip], &self.labels[..clip]);
        let place = before.iter().filter(|other| **other == label).count();
        let plain = |c: char| if c.is_alphanumeric() || "-_".contains(c) { c } else { '_' };
        let class: String = self.class_name(clip).chars().map(plain).collect();
        format!("{}_{place:02}", if class.is_empty() { "clip" } else { &class })
    }

    /// The samples of a clip, full scale 1.
    pub fn samples(&self, clip: usize) -> Vec<f32> {
        self.pcm.index_axis(Axis(0), clip).iter().map(|x| f32::from(*x) / FULL).collect()
    }

    /// A clip as a 16-bit WAV file.
    pub fn wav(&self, clip: usize) -> Vec<u8> {
        encode_wav(&Audio { samples: self.samples(clip), rate_hz: self.rate_hz })
    }
}

/// Samples, full scale 1, as 16 bits; what is louder is cut.
pub fn to_pcm(samples: &[f32]) -> impl Iterator<Item = i16> + '_ {
    samples.iter().map(|x| (x * FULL).round() as i16)
}

impl Artifact for Clips {
    fn save(&self) -> Result<Files, BoxError> {
        let Clips { rate_hz, labels, classes, origins, .. } = self.clone();
        let files = Files::new()
            .with("maps.npy", write_npy(&self.maps)?)
            .with("codes.npy", write_npy(&self.codes)?)
            .with("population.npy", write_npy(&self.population)?)
            .with("texture.npy", write_npy(&self.texture)?)
            .with("pcm.npy", write_npy(&self.pcm)?);
        files.with_json("clips.json", &Header { rate_hz, labels, classes, origins })
    }

    fn load(files: &Files) -> Result<Clips, BoxError> {
        let Header { rate_hz, labels, classes, origins } = files.json("clips.json")?;
        let (maps, codes) = (read_npy(files.bytes("maps.npy")?)?, read_npy(files.bytes("codes.npy")?)?);
        let (population, pcm) = (read_npy(files.bytes("population.npy")?)?, read_npy(files.bytes("pcm.npy")?)?);
        let texture = read_npy(files.bytes("texture.npy")?)?;
        Ok(Clips { maps, codes, population, texture, pcm, rate_hz, labels, classes, origins })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    fn clips() -> Clips {
        Clips {
            maps: Array3::zeros((3, 2, 2)),
            codes: Array2::zeros((3, 1)),
            population: Array3::zeros((3, 2, 1)),
            texture: Array2::zeros((2, 2)),
            pcm: array![[0i16, 16_384], [-32_767, 5], [1, 2]],
            rate_hz: 8000,
            labels: vec![Some(1), Some(0), Some(1)],
            classes: vec!["r&b".into(), "jazz".into()],
            origins: vec!["prior".into(); 3],
        }
    }

    #[test]
    fn all_of_it_comes_back() {
        assert_eq!(Clips::load(&clips().save().unwrap()).unwrap(), clips());
    }

    #[test]
    fn names_count_within_a_class_and_are_fit_for_files() {
        let names: Vec<String> = (0..3).map(|clip| clips().name(clip)).collect();
        assert_eq!(names, ["jazz_00", "r_b_00", "jazz_01"]);
        assert_eq!(Clips { labels: vec![None], ..clips() }.name(0), "clip_00");
    }

    #[test]
    fn samples_survive_sixteen_bits() {
        assert_eq!(clips().samples(0), [0.0, 0.5]);
        let back: Vec<i16> = to_pcm(&clips().samples(1)).chain(to_pcm(&[7.0])).collect();
        assert_eq!(back, [-32_767, 5, 32_767]);
        assert_eq!(&clips().wav(0)[..4], b"RIFF");
    }
}
