//! Where lyrics lie: files and folders that the settings name, and the places where people keep them.

use super::Lyrics;
use crate::engine::inputs::InputFile;
use crate::stages::dataset::{DatasetError, listing};
use std::path::{Path, PathBuf};

/// Places that are looked into if none is named.
const USUAL: [&str; 3] = ["data/raw/english_lyrics.csv", "data/raw/bangla_lyrics.csv", "data/lyrics.json"];

/// One file or folder, and how it is read.
pub(super) struct Source<'a> {
    pub path: &'a Path,
    pub settings: &'a Lyrics,
    /// Nobody named it: it need not be there.
    pub is_usual: bool,
}

impl Lyrics {
    /// Whether a file or folder is named.
    pub(in crate::stages::dataset) fn names_files(&self) -> bool {
        self.path.is_some() || !self.paths.is_empty() || self.parts.iter().any(Lyrics::names_files)
    }

    /// All files and folders, in the order of the settings.
    pub(super) fn sources(&self) -> Vec<Source<'_>> {
        let usual = |path| Source { path: Path::new(path), settings: self, is_usual: true };
        if self.names_files() { self.named() } else { USUAL.into_iter().map(usual).collect() }
    }

    fn named(&self) -> Vec<Source<'_>> {
        let own = |path| Source { path: PathBuf::as_path(path), settings: self, is_usual: false };
        self.path.iter().chain(&self.paths).map(own).chain(self.parts.iter().flat_map(Lyrics::named)).collect()
    }

    /// The deepest folder that all of them lie in; empty for the working directory.
    pub(super) fn base(&self) -> &Path {
        let sources = self.sources();
        let folder = sources.first().and_then(|source| source.path.parent()).unwrap_or(Path::new(""));
        let holds_all = |folder: &&Path| sources.iter().all(|source| source.path.starts_with(folder));
        // The borrow is of the settings, not of the list.
        let folder: &Path = folder.ancestors().find(holds_all).unwrap_or(Path::new(""));
        folder
    }

    /// Paths of all files: below `base`, or absolute without one.
    ///
    /// # Errors
    /// A folder without text files, a name that is no text, nothing at all in the usual places.
    pub(in crate::stages::dataset) fn listed(&self, base: Option<&Path>) -> Result<Vec<String>, DatasetError> {
        if let Some(at) = self.parts.iter().position(|part| !part.names_files()) {
            return Err(DatasetError::PartWithoutPath { part: at + 1 });
        }
        // A file of both would be read twice; other lyrics would be taken for more of the same.
        if self.path.is_some() && !self.paths.is_empty() {
            return Err(DatasetError::PathAndPaths);
        }
        let sources = self.sources();
        let there = sources.iter().filter(|source| !source.is_usual || source.path.exists());
        let found = there.map(|source| source.files(base)).collect::<Result<Vec<_>, _>>()?.concat();
        let places = || USUAL.join(", ");
        if found.is_empty() { Err(DatasetError::NoLyrics { places: places() }) } else { Ok(found) }
    }
}

impl Lyrics {
    /// Whether `file`, listed without a base, is one of lyrics.
    pub(in crate::stages::dataset) fn holds(&self, file: &InputFile) -> bool {
        self.sources().iter().any(|source| source.holds(None, file).is_some())
    }
}

impl Source<'_> {
    /// The path as files are listed by it.
    pub(super) fn name(&self, base: Option<&Path>) -> Result<String, DatasetError> {
        let named = match base {
            Some(base) => self.path.strip_prefix(base).map(Path::to_owned).ok(),
            None => std::path::absolute(self.path).ok(),
        };
        let named = named.unwrap_or_else(|| self.path.to_owned());
        named.to_str().map(str::to_owned).ok_or_else(|| DatasetError::Name { path: self.path.to_owned() })
    }

    fn files(&self, base: Option<&Path>) -> Result<Vec<String>, DatasetError> {
        let name = self.name(base)?;
        if !self.path.is_dir() {
            return Ok(vec![name]);
        }
        let found = listing::files(base.unwrap_or(Path::new("")), &name, &["txt"])?;
        let none = || DatasetError::NoTexts { root: self.path.to_owned() };
        if found.is_empty() { Err(none()) } else { Ok(found) }
    }

    /// Of `file` the path below this folder; empty if it is this very file; None if it belongs elsewhere.
    pub(super) fn holds<'a>(&self, base: Option<&Path>, file: &'a InputFile) -> Option<&'a str> {
        let below = file.path.strip_prefix(self.name(base).ok()?.as_str())?;
        if below.is_empty() {
            Some(below)
        } else {
            below.strip_prefix('/').filter(|below| below.to_ascii_lowercase().ends_with(".txt"))
        }
    }

    /// The name without folders and ending: it begins ids where there are several sources.
    pub(super) fn stem(&self) -> &str {
        self.path.file_stem().and_then(|stem| stem.to_str()).unwrap_or("lyrics")
    }
}
