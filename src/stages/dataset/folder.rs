//! A folder of audio files, the label the name of the sub-folder: GTZAN's own layout.

use super::{Dataset, DatasetError, Read, WhenMissing};
use crate::artifact::{Audio, Corpus, Skipped, Track};
use crate::engine::Failure;
use crate::engine::Key;
use crate::engine::inputs::InputFile;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Endings of files that are taken for audio. What they really hold is found out by their content.
const ENDINGS: [&str; 11] = ["wav", "wave", "mp3", "flac", "ogg", "oga", "m4a", "aac", "aif", "aiff", "au"];

/// `[dataset.folder]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Folder {
    /// The folder. Relative paths start at the working directory.
    pub root: PathBuf,
    /// What to do if it is not there: `fail`, or `synthesize` to use the built-in set in its place.
    #[serde(default)]
    pub when_missing: WhenMissing,
}

impl Folder {
    /// The body of the table.
    pub const EXAMPLE: &str = "root = \"data/raw/gtzan\"\nwhen_missing = \"synthesize\"";
}

impl Dataset for Folder {
    fn root(&self) -> Option<&Path> {
        Some(&self.root)
    }

    fn when_missing(&self) -> WhenMissing {
        self.when_missing
    }

    fn files(&self) -> Result<Vec<String>, DatasetError> {
        let mut found = Vec::new();
        collect(&self.root, "", &mut found)?;
        found.sort_unstable();
        if found.is_empty() { Err(DatasetError::Empty { root: self.root.clone() }) } else { Ok(found) }
    }

    fn load(&self, files: &[InputFile], _read: &Read) -> Result<Corpus, Failure> {
        let names: BTreeSet<&str> = files.iter().filter_map(|file| label_of(&file.path)).collect();
        let labels: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let number: BTreeMap<&str, u32> = names.into_iter().zip(0..).collect();
        let (tracks, skipped) = without_copies(files);
        let tracks =
            tracks.into_iter().map(|file| track(file, label_of(&file.path).map(|name| number[name]))).collect();
        Ok(Corpus { tracks, labels, skipped, synthetic: false, table: None })
    }
}

fn track(file: &InputFile, label: Option<u32>) -> Track {
    let id = file.path.rsplit_once('.').map_or(file.path.as_str(), |(stem, _)| stem).to_owned();
    let audio = Some(Audio::File(file.clone()));
    Track { group: id.clone(), id, audio, label, language: None, lyrics: None, factors: BTreeMap::new() }
}

/// The first folder on the way from the root to the file.
fn label_of(path: &str) -> Option<&str> {
    path.split_once('/').map(|(label, _)| label)
}

/// The same recording twice would stand on both sides of a split: the copy is left out, and said so.
fn without_copies(files: &[InputFile]) -> (Vec<&InputFile>, Vec<Skipped>) {
    let mut first = BTreeMap::<Key, &str>::new();
    let (mut kept, mut skipped) = (Vec::new(), Vec::new());
    for file in files {
        match first.get(&file.blake3) {
            Some(original) => {
                skipped.push(Skipped { path: file.path.clone(), reason: format!("the same bytes as {original}") })
            }
            None => {
                first.insert(file.blake3, &file.path);
                kept.push(file);
            }
        }
    }
    (kept, skipped)
}

/// Files that are taken for audio, below `folder`. Hidden files and folders are not looked at.
fn collect(folder: &Path, prefix: &str, found: &mut Vec<String>) -> Result<(), DatasetError> {
    let unreadable = |source| DatasetError::Unreadable { path: folder.to_owned(), source };
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let name =
            path.file_name().and_then(|name| name.to_str()).ok_or_else(|| DatasetError::Name { path: path.clone() })?;
        let below = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}/{name}") };
        match () {
            () if name.starts_with('.') => {}
            () if path.is_dir() => collect(&path, &below, found)?,
            () if path.is_file() && is_audio(name) => found.push(below),
            () => {}
        }
    }
    Ok(())
}

fn is_audio(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, ending)| ENDINGS.contains(&ending.to_ascii_lowercase().as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, content: &[u8]) -> InputFile {
        InputFile { path: path.to_owned(), blake3: Key::of_bytes(content), length: content.len() as u64 }
    }

    fn load(files: &[InputFile]) -> Corpus {
        let folder = Folder { root: PathBuf::new(), when_missing: WhenMissing::Fail };
        folder.load(files, &|_| unreachable!("a folder reads nothing")).unwrap()
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
}
