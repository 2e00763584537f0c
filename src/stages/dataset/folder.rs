//! A folder of audio files, the label the name of the sub-folder (GTZAN's own layout) or a row of a label map.

use super::labelled::Labelling;
use super::listing::{self, AUDIO};
use super::{Dataset, DatasetError, Given, Read, WhenMissing};
use crate::artifact::{Audio, Corpus};
use crate::engine::Failure;
use crate::engine::inputs::InputFile;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// `[dataset.folder]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Folder {
    /// The folder. Relative paths start at the working directory.
    pub root: PathBuf,
    /// A table of labels, below the root or from the working directory: each row names a file (path below the root, file
    /// name or stem) and its label, in one column or one-hot; columns artist or group, language, title and split are read
    /// too. Without it the label is the name of the sub-folder.
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

/// One name in ten may be wrong: more is a map of other files.
pub(super) fn max_unmatched_share() -> f64 {
    0.1
}

impl Folder {
    /// The body of the table.
    pub const EXAMPLE: &str = "root = \"data/raw/gtzan\"\nwhen_missing = \"synthesize\"";

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
}

/// Paths below `root` of its audio files, sorted, with `/`.
///
/// # Errors
/// A folder that cannot be listed, a name that is no text, no audio at all.
pub fn audio_files(root: &Path) -> Result<Vec<String>, DatasetError> {
    let found = listing::files(root, "", &AUDIO)?;
    if found.is_empty() { Err(DatasetError::Empty { root: root.to_owned() }) } else { Ok(found) }
}

impl Dataset for Folder {
    fn root(&self) -> Option<&Path> {
        Some(&self.root)
    }

    fn when_missing(&self) -> WhenMissing {
        self.when_missing
    }

    fn files(&self) -> Result<Vec<String>, DatasetError> {
        self.labelling().listed(&self.root, audio_files(&self.root)?)
    }

    fn load(&self, files: &[InputFile], read: &Read) -> Result<Corpus, Failure> {
        self.labelling().corpus(files, read, Audio::File)
    }

    /// 2: segments of a track share its group.
    fn version(&self) -> u32 {
        2
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::dataset::listing::tests::file;

    fn load(files: &[InputFile]) -> Corpus {
        let folder: Folder = serde_json::from_value(serde_json::json!({ "root": "" })).unwrap();
        folder.load(files, &|_| unreachable!("a folder without a map reads nothing")).unwrap()
    }

    #[test]
    fn the_label_is_the_sub_folder() {
        let corpus = load(&[file("blues/a.wav", b"1"), file("rock/b.wav", b"2"), file("rock/deep/c.wav", b"3")]);
        assert_eq!(corpus.labels, ["blues", "rock"]);
        assert_eq!(corpus.tracks.iter().map(|track| track.label).collect::<Vec<_>>(), [Some(0), Some(1), Some(1)]);
        assert_eq!(corpus.tracks[2].id, "rock/deep/c");
    }

    #[test]
    fn files_side_by_side_have_no_labels() {
        let corpus = load(&[file("a.wav", b"1"), file("b.wav", b"2")]);
        assert_eq!((corpus.classes(), corpus.labels.len()), (None, 0));
    }

    #[test]
    fn a_copy_is_left_out_and_named() {
        let corpus = load(&[file("pop/a.wav", b"1"), file("rock/b.wav", b"1")]);
        assert_eq!((corpus.tracks.len(), corpus.n_total()), (1, 2));
        assert_eq!(corpus.skipped[0].reason, "the same bytes as pop/a.wav");
    }

    #[test]
    fn segments_of_a_track_share_its_group() {
        let corpus = load(&[file("pop/pop.00001.0.wav", b"1"), file("pop/pop.00001.1.wav", b"2")]);
        assert_eq!(corpus.groups(), 1);
        assert_ne!(corpus.tracks[0].id, corpus.tracks[1].id);
    }
}
