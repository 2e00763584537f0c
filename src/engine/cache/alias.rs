//! Notes of what each key led to: they explain a plan and tell `gc` what is in use. No result depends on them.

use super::sealed::{seal, unseal};
use super::{Cache, CacheError, children, publish};
use crate::engine::{Key, Version};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::cmp::Reverse;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// What a key led to when it was last asked for, and the settings behind it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alias {
    /// Layout version of this file.
    pub format: u32,
    /// The key.
    pub key: Key,
    /// Where the result lies.
    pub object: Key,
    /// The stage's readable title.
    pub title: String,
    /// Versions of room and kind.
    pub version: Version,
    /// The stage's settings, inputs as handles.
    pub settings: Value,
}

impl Cache {
    /// What `key` led to, if it was ever computed here.
    pub fn alias(&self, stage: &str, key: Key) -> Option<Alias> {
        read(&self.alias_path(stage, key)).filter(|alias| alias.key == key)
    }

    /// Remembers that `alias.key` leads to `alias.object`, and that it was used now.
    ///
    /// An alias is a note and no result, so it is replaced where a result never is. By determinism a key leads to the
    /// same object for ever; if it does not (a stage whose bytes vary, a machine of another type on the same disk), what
    /// the key leads to *now* is what a plan must be compared with, and the older object stays for whoever holds it.
    pub fn record(&self, stage: &str, alias: &Alias) -> Result<(), CacheError> {
        let path = self.alias_path(stage, alias.key);
        let text = seal(alias).map_err(|error| CacheError::at(&path)(error.into()))?;
        if fs::read(&path).is_ok_and(|known| known == text) && refresh(&path) {
            return Ok(());
        }
        publish::file(&self.root, &path, &text).map_err(CacheError::at(&path))
    }

    /// Notes that the result behind `key` was used now, for `gc`. A read-only cache is no error.
    pub fn touch(&self, stage: &str, key: Key) {
        refresh(&self.alias_path(stage, key));
    }

    /// All aliases of one room, with their last use, the newest first.
    pub fn aliases_of(&self, stage: &str) -> Vec<(Alias, SystemTime)> {
        self.newest_aliases(stage, usize::MAX)
    }

    /// At most `most` aliases of one room, the newest first.
    pub fn newest_aliases(&self, stage: &str, most: usize) -> Vec<(Alias, SystemTime)> {
        let mut files: Vec<(Reverse<SystemTime>, PathBuf)> = children(&self.root.join("keys").join(stage))
            .into_iter()
            .filter_map(|file| Some((Reverse(file.metadata().ok()?.modified().ok()?), file.path())))
            .collect();
        files.sort_unstable();
        files.into_iter().filter_map(|(used, path)| Some((read(&path)?, used.0))).take(most).collect()
    }

    pub(super) fn alias_path(&self, stage: &str, key: Key) -> PathBuf {
        self.root.join("keys").join(stage).join(format!("{}.json", key.hex()))
    }
}

fn read(path: &Path) -> Option<Alias> {
    unseal(&fs::read(path).ok()?)
}

/// Sets the file's time to now; false where that is not allowed (another user's file, a read-only disk).
fn refresh(path: &Path) -> bool {
    File::open(path).and_then(|file| file.set_modified(SystemTime::now())).is_ok()
}
