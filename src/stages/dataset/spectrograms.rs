//! A folder of spectrograms made elsewhere: one `.npy` a track, magnitudes or mel bands, as `numpy.save` writes what
//! librosa gives. Layout and label maps as for a folder of audio.

use super::folder::max_unmatched_share;
use super::labelled::Labelling;
use super::{Dataset, DatasetError, Given, Gives, Read, WhenMissing, listing};
use crate::artifact::{Audio, Axes, Corpus, read_spectrogram};
use crate::engine::Failure;
use crate::engine::inputs::InputFile;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// `[dataset.spectrograms]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spectrograms {
    /// The folder of `.npy` files: float32 or float64, two axes. Relative paths start at the working directory.
    pub root: PathBuf,
    /// What the two axes are: `bins_frames` as librosa gives them, or `frames_bins`.
    #[serde(default)]
    pub axes: Axes,
    /// A table of labels, below the root or from the working directory: each row names a file (path below the root, file
    /// name or stem) and its label. Without it the label is the name of the sub-folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<PathBuf>,
    /// The column of the label in that table. Without it: the first of label, genre, category, class, mood, style.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Share of files without a row, and of rows without a file, that is allowed. What has no partner is left out and listed.
    #[serde(default = "max_unmatched_share")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub max_unmatched_share: f64,
    /// What to do if it is not there: `fail`, or `synthesize` to use the built-in set in its place.
    #[serde(default)]
    pub when_missing: WhenMissing,
}

impl Spectrograms {
    /// The body of the table.
    pub const EXAMPLE: &str = "root = \"data/raw/spectrograms\"\naxes = \"bins_frames\"";

    /// See [`Source::given_mut`](super::Source::given_mut).
    pub(super) fn given_mut(&mut self) -> Given<'_> {
        Given {
            paths: std::iter::once(&mut self.root).chain(&mut self.labels).collect(),
            missing: vec![&mut self.when_missing],
        }
    }

    fn labelling(&self) -> Labelling<'_> {
        let (labels, label) = (self.labels.as_deref(), self.label.as_deref());
        Labelling { labels, label, max_unmatched_share: self.max_unmatched_share }
    }

    /// The first array is read here, so that a folder of the wrong kind is refused at once; the others when they are used.
    fn first_is_sound(&self, corpus: &Corpus, read: &Read) -> Result<(), Failure> {
        let Some(Audio::Array { file, axes }) = corpus.tracks.first().and_then(|track| track.audio.as_ref()) else {
            return Ok(());
        };
        let wrong = |problem| Failure::data(DatasetError::Spectrogram { file: file.path.clone(), problem });
        read_spectrogram(&read(file)?, *axes).map(drop).map_err(wrong)
    }
}

impl Dataset for Spectrograms {
    fn root(&self) -> Option<&Path> {
        Some(&self.root)
    }

    fn when_missing(&self) -> WhenMissing {
        self.when_missing
    }

    fn gives(&self) -> Vec<Gives> {
        vec![Gives::Maps]
    }

    fn files(&self) -> Result<Vec<String>, DatasetError> {
        let found = listing::files(&self.root, "", &["npy"])?;
        match found.is_empty() {
            true => Err(DatasetError::NoArrays { root: self.root.clone() }),
            false => self.labelling().listed(&self.root, found),
        }
    }

    fn load(&self, files: &[InputFile], read: &Read) -> Result<Corpus, Failure> {
        let corpus = self.labelling().corpus(files, read, |file| Audio::Array { file, axes: self.axes })?;
        self.first_is_sound(&corpus, read)?;
        Ok(corpus)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::artifact::write_npy;
    use crate::stages::dataset::listing::tests::file;

    fn load(bytes: &[u8]) -> Result<Corpus, Failure> {
        let settings = serde_json::json!({ "root": "", "axes": "frames_bins" });
        let kind: Spectrograms = serde_json::from_value(settings).unwrap();
        kind.load(&[file("rock/a.npy", b"1"), file("pop/b.npy", b"2")], &|_| Ok(bytes.to_vec()))
    }

    #[test]
    fn a_track_is_an_array_with_the_axes_that_were_told() {
        let corpus = load(&write_npy(&ndarray::Array2::<f32>::ones((3, 4))).unwrap()).unwrap();
        assert_eq!(corpus.labels, ["pop", "rock"]);
        assert_eq!(corpus.tracks[0].id, "rock/a");
        let expected = Audio::Array { file: file("rock/a.npy", b"1"), axes: Axes::FramesBins };
        assert_eq!(corpus.tracks[0].audio, Some(expected));
    }

    #[test]
    fn a_folder_of_other_arrays_is_refused_at_once() {
        let told = load(&write_npy(&ndarray::array![1.0f32]).unwrap()).unwrap_err().to_string();
        assert!(told.contains("rock/a.npy") && told.contains("two axes"), "{told}");
    }
}
