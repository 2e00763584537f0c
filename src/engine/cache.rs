//! The one cache: results that are published once, verified on every read, and never replaced.
//!
//! ```text
//! objects/<stage>/<content key>/   the files of a result and manifest.json, written last
//! keys/<stage>/<key>.json          key -> content key, with the settings behind it
//! items/<family>/<key>             memo of one track or text
//! partial/<stage>-<content key>    a training that was not ended
//! tmp/  locks/  quarantine/        work in progress; one writer at a time; what failed verification
//! ```
//! A stage's *content key* is its key with each input's key replaced by the hash of that input's bytes. Two keys
//! may lead to one object; that is early cut-off. Nothing here needs a lock to be correct: writers work in private
//! folders and publish by renaming, and readers believe only what its own hashes confirm.

mod alias;
mod damage;
mod entry;
mod gc;
mod inspect;
mod item;
mod lock;
mod partial;
mod publish;
mod sealed;

pub use alias::Alias;
pub use damage::{Damage, Fault};
pub(super) use entry::hash_file;
pub use entry::{Entry, FileRecord, Manifest};
pub use gc::{HeldItem, Limits};
pub use inspect::{Held, Verdict};
pub use item::ItemError;
pub use lock::Lock;
pub use partial::Partial;
pub(super) use publish::file as publish_file;
pub use publish::{Published, random_name, synced_file};
pub use sealed::{seal, unseal};

use super::key::Key;
use lock::Lease;
use std::fs::{self, DirEntry};
use std::io;
use std::path::{Path, PathBuf};

pub(super) use super::key::FORMAT;

/// The file system said no. Such errors are never cached.
#[derive(Debug, thiserror::Error)]
#[error("cannot use the cache at {}", path.display())]
pub struct CacheError {
    path: PathBuf,
    source: io::Error,
}

impl CacheError {
    fn at(path: &Path) -> impl FnOnce(io::Error) -> CacheError + '_ {
        |source| CacheError { path: path.to_owned(), source }
    }
}

/// A folder of results, shared by any number of processes.
#[derive(Clone, Debug)]
pub struct Cache {
    root: PathBuf,
}

/// Whether a result is there. A miss hands over the only thing that can write it.
pub enum Lookup {
    /// The published result, every byte verified.
    Hit(Entry),
    /// The right to publish it.
    Miss(Slot),
}

/// The right to publish the result of one content key.
pub struct Slot {
    pub(super) cache: Cache,
    pub(super) stage: String,
    pub(super) object: Key,
}

impl Cache {
    /// The cache at `root`, which is made when first written.
    pub fn at(root: impl Into<PathBuf>) -> Cache {
        Cache { root: root.into() }
    }

    /// Where the cache lies.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The result of `object` with every byte verified, or the right to publish it.
    /// A damaged result is moved to quarantine, told to `damaged`, and counts as a miss.
    /// An error is trouble of the machine (no permission, too many open files): the result may well be sound.
    pub fn lookup(&self, stage: &str, object: Key, damaged: &mut dyn FnMut(Damage)) -> Result<Lookup, CacheError> {
        let found = match Entry::open_sound(&self.object_path(stage, object), stage, object) {
            Ok(found) => found,
            Err(Fault::Environment { path, source }) => return Err(CacheError { path, source }),
            Err(Fault::Damaged(reason)) => self.quarantine(stage, object, &reason).map_err(damaged).ok(),
        };
        let miss = || Lookup::Miss(Slot { cache: self.clone(), stage: stage.to_owned(), object });
        Ok(found.map_or_else(miss, Lookup::Hit))
    }

    /// The result of `object` as its manifest tells, not verified: for plans and listings.
    pub fn entry(&self, stage: &str, object: Key) -> Option<Entry> {
        Entry::open(&self.object_path(stage, object), stage, object).ok().flatten()
    }

    /// Takes the single-flight lock of `object`; see [`Lock`].
    pub fn lock(&self, stage: &str, object: Key, waiting: &mut dyn FnMut()) -> Option<Lock> {
        Lock::take(&self.root.join("locks").join(format!("{stage}-{}", object.hex())), Lease::USUAL, waiting)
    }

    fn object_path(&self, stage: &str, object: Key) -> PathBuf {
        self.root.join("objects").join(stage).join(object.hex())
    }
}

/// What lies in `folder`, by name; nothing if it cannot be read.
fn children(folder: &Path) -> Vec<DirEntry> {
    let mut found: Vec<DirEntry> = fs::read_dir(folder).into_iter().flatten().flatten().collect();
    found.sort_by_key(DirEntry::file_name);
    found
}

#[cfg(test)]
mod tests;
