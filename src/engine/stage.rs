//! The two traits of the engine: a [`Stage`] makes an [`Artifact`].

use super::{Ctx, Failure, Version};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Any error that can travel between threads.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// One step of an experiment. The struct holds exactly what can change the result: settings, seed, and a
/// [`super::Handle`] to each input. What must not count (device, roots of folders) is skipped in serialisation.
pub trait Stage: Serialize + Send + Sync + 'static {
    /// What the stage makes.
    type Output: Artifact;

    /// The name of the room, also its folder in the cache.
    const NAME: &'static str;

    /// Raise when the numbers change.
    fn version(&self) -> Version {
        Version::room(1)
    }

    /// What people read: the room and what is worked on (`cluster latent.kmeans`).
    fn title(&self) -> String {
        Self::NAME.to_owned()
    }

    /// Does the work. Inputs come from `ctx`; nothing else is read but what the settings name by content.
    fn run(&self, ctx: &Ctx) -> Result<Self::Output, Failure>;
}

/// What flows between stages: a value that becomes files and comes back from them unchanged.
pub trait Artifact: Sized + Send + Sync + 'static {
    /// The files of this value, the same bytes for the same value.
    fn save(&self) -> Result<Files, BoxError>;

    /// The value in `files`, which have been verified.
    fn load(files: &Files) -> Result<Self, BoxError>;
}

/// Named files in memory, in order of name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Files(BTreeMap<String, Vec<u8>>);

/// A file that an artifact expects is not there.
#[derive(Debug, thiserror::Error)]
#[error("the cached result has no file {name}")]
pub struct MissingFile {
    name: String,
}

impl Files {
    /// No files yet.
    pub fn new() -> Files {
        Files::default()
    }

    /// With one more file; see [`Files::insert`].
    #[must_use]
    pub fn with(mut self, name: &str, bytes: impl Into<Vec<u8>>) -> Files {
        self.insert(name, bytes);
        self
    }

    /// Adds a file, or replaces the one of that name.
    ///
    /// # Panics
    /// If `name` is not a plain file name: a result is one flat folder, and `manifest.json` in it is the cache's own.
    pub fn insert(&mut self, name: &str, bytes: impl Into<Vec<u8>>) {
        assert!(is_file_name(name), "{name:?} is no name for a file of a result");
        self.0.insert(name.to_owned(), bytes.into());
    }

    /// With `value` as a JSON file.
    pub fn with_json<T: Serialize>(self, name: &str, value: &T) -> Result<Files, BoxError> {
        let mut text = serde_json::to_vec_pretty(value)?;
        text.push(b'\n');
        Ok(self.with(name, text))
    }

    /// The bytes of one file.
    pub fn bytes(&self, name: &str) -> Result<&[u8], MissingFile> {
        self.0.get(name).map(Vec::as_slice).ok_or_else(|| MissingFile { name: name.to_owned() })
    }

    /// One file parsed as JSON.
    pub fn json<T: DeserializeOwned>(&self, name: &str) -> Result<T, BoxError> {
        Ok(serde_json::from_slice(self.bytes(name)?)?)
    }

    /// All files by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
    }
}

pub(super) fn is_file_name(name: &str) -> bool {
    let plain = !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\\', '\0']);
    plain && name != "manifest.json"
}
