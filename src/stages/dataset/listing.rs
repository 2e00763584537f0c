//! Files below a folder: which count, which are copies of others, and what their folders say.

use super::DatasetError;
use crate::artifact::Skipped;
use crate::engine::Key;
use crate::engine::inputs::InputFile;
use std::collections::BTreeMap;
use std::path::Path;

/// Endings of files that are taken for audio. What they really hold is found out by their content.
pub(super) const AUDIO: [&str; 11] = ["wav", "wave", "mp3", "flac", "ogg", "oga", "m4a", "aac", "aif", "aiff", "au"];

/// Paths below `root` of files with one of `endings`, sorted. `below` (empty: all) is the folder that is looked into.
/// Hidden files and folders are not looked at.
pub(super) fn files(root: &Path, below: &str, endings: &[&str]) -> Result<Vec<String>, DatasetError> {
    let mut found = Vec::new();
    collect(&root.join(below), below, endings, &mut found)?;
    found.sort_unstable();
    Ok(found)
}

fn collect(folder: &Path, prefix: &str, endings: &[&str], found: &mut Vec<String>) -> Result<(), DatasetError> {
    let unreadable = |source| DatasetError::Unreadable { path: folder.to_owned(), source };
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let name =
            path.file_name().and_then(|name| name.to_str()).ok_or_else(|| DatasetError::Name { path: path.clone() })?;
        let below = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}/{name}") };
        match () {
            () if name.starts_with('.') => {}
            () if path.is_dir() => collect(&path, &below, endings, found)?,
            () if path.is_file() && ends_in(name, endings) => found.push(below),
            () => {}
        }
    }
    Ok(())
}

fn ends_in(name: &str, endings: &[&str]) -> bool {
    name.rsplit_once('.').is_some_and(|(_, ending)| endings.contains(&ending.to_ascii_lowercase().as_str()))
}

/// The first folder on the way from the root to the file.
pub(super) fn label_of(path: &str) -> Option<&str> {
    path.split_once('/').map(|(label, _)| label)
}

/// The same recording twice would stand on both sides of a split: the copy is left out, and said so.
pub(super) fn without_copies(files: &[InputFile]) -> (Vec<&InputFile>, Vec<Skipped>) {
    let mut first = BTreeMap::<Key, &str>::new();
    let (mut kept, mut skipped) = (Vec::new(), Vec::new());
    for file in files {
        match first.get(&file.blake3) {
            // Empty files are all alike, and empty is what is wrong with them.
            Some(original) if file.length > 0 => {
                skipped.push(Skipped { path: file.path.clone(), reason: format!("the same bytes as {original}") })
            }
            _ => {
                first.insert(file.blake3, &file.path);
                kept.push(file);
            }
        }
    }
    (kept, skipped)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A file as the survey sees it.
    pub(in crate::stages::dataset) fn file(path: &str, content: &[u8]) -> InputFile {
        InputFile { path: path.to_owned(), blake3: Key::of_bytes(content), length: content.len() as u64 }
    }

    #[test]
    fn endings_count_whatever_their_case() {
        assert!(ends_in("a.WAV", &AUDIO) && ends_in("a.b.mp3", &AUDIO));
        assert!(!ends_in("wav", &AUDIO) && !ends_in("a.txt", &AUDIO) && !ends_in("a.wav", &["npy"]));
    }

    #[test]
    fn the_first_folder_is_the_label() {
        assert_eq!([label_of("rock/deep/c.wav"), label_of("a.wav")], [Some("rock"), None]);
    }

    #[test]
    fn a_copy_is_left_out_and_names_its_original() {
        let files = [file("a", b"1"), file("b", b"2"), file("c", b"1")];
        let (kept, skipped) = without_copies(&files);
        assert_eq!((kept.len(), skipped[0].reason.as_str()), (2, "the same bytes as a"));
    }
}
