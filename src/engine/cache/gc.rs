//! Collecting what is not used: results, remembered items, and what killed writers left behind.

use super::{Cache, CacheError, Held, children, random_name};
use std::fs::{self, DirEntry};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// What was used within a day is never collected: a run that is under way may need it.
const GRACE: Duration = Duration::from_secs(24 * 3600);

/// What may stay.
#[derive(Clone, Copy, Debug, Default)]
pub struct Limits {
    /// Bytes in all; the least recently used go first.
    pub max_bytes: Option<u64>,
    /// Entries not used for longer go.
    pub max_age: Option<Duration>,
}

/// One remembered item of a family as `gc` sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldItem {
    /// Its file.
    pub path: PathBuf,
    /// Bytes on disk.
    pub bytes: u64,
    /// Last use, to the hour.
    pub used: SystemTime,
}

impl Limits {
    /// Those of `held` (bytes, last use) that must go, the least recently used first.
    fn surplus<T>(&self, mut held: Vec<T>, now: SystemTime, of: impl Fn(&T) -> (u64, SystemTime)) -> Vec<T> {
        held.sort_by_key(|entry| of(entry).1);
        let mut total: u64 = held.iter().map(|entry| of(entry).0).sum();
        held.retain(|entry| {
            let (bytes, used) = of(entry);
            // A file from the future is as good as new.
            let age = now.duration_since(used).unwrap_or_default();
            let over = self.max_age.is_some_and(|max| age > max) || self.max_bytes.is_some_and(|max| total > max);
            let goes = over && age > GRACE;
            total -= if goes { bytes } else { 0 };
            goes
        });
        held
    }
}

impl Cache {
    /// The results that `limits` leave no room for, the least recently used first.
    pub fn surplus(&self, limits: Limits, now: SystemTime) -> Vec<Held> {
        limits.surplus(self.list(), now, |held| (held.bytes, held.used))
    }

    /// The remembered items that `limits` (for items alone) leave no room for, the least recently used first.
    pub fn surplus_items(&self, limits: Limits, now: SystemTime) -> Vec<HeldItem> {
        limits.surplus(self.items(), now, |item| (item.bytes, item.used))
    }

    /// Every remembered item, in order of path.
    pub fn items(&self) -> Vec<HeldItem> {
        let below = |folder: DirEntry| children(&folder.path());
        let families = children(&self.root.join("items"));
        families.into_iter().flat_map(below).flat_map(below).filter_map(|file| held_item(&file)).collect()
    }

    /// Removes one result: renamed aside first, so that no reader sees half of it. Gone already is no error.
    pub fn remove(&self, held: &Held) -> Result<(), CacheError> {
        for alias in &held.aliases {
            let _ = fs::remove_file(self.alias_path(&held.stage, alias.key));
        }
        let from = self.object_path(&held.stage, held.object);
        let aside = self.root.join("tmp").join(random_name());
        let gone = fs::create_dir_all(self.root.join("tmp"))
            .and_then(|()| fs::rename(&from, &aside))
            .and_then(|()| fs::remove_dir_all(&aside));
        absent_is_fine(gone).map_err(CacheError::at(&from))
    }

    /// Forgets one item. Gone already is no error.
    pub fn remove_item(&self, item: &HeldItem) -> Result<(), CacheError> {
        absent_is_fine(fs::remove_file(&item.path)).map_err(CacheError::at(&item.path))
    }

    /// Removes private folders, locks, trainings not ended and quarantine older than a day: what killed writers left
    /// behind, and evidence that nobody wanted. Gives the bytes freed.
    pub fn clear_leftovers(&self, now: SystemTime) -> u64 {
        let old = |entry: &DirEntry| {
            let modified = entry.metadata().and_then(|meta| meta.modified()).unwrap_or(now);
            now.duration_since(modified).unwrap_or_default() > GRACE
        };
        let places = ["tmp", "locks", "partial", "quarantine"].map(|name| children(&self.root.join(name)));
        places.into_iter().flatten().filter(old).map(|entry| remove_any(&entry.path())).sum()
    }
}

fn held_item(file: &DirEntry) -> Option<HeldItem> {
    let meta = file.metadata().ok()?;
    Some(HeldItem { path: file.path(), bytes: meta.len(), used: meta.modified().ok()? })
}

fn absent_is_fine(done: io::Result<()>) -> io::Result<()> {
    done.or_else(|error| if error.kind() == ErrorKind::NotFound { Ok(()) } else { Err(error) })
}

fn remove_any(path: &Path) -> u64 {
    let length = |path: &Path| fs::symlink_metadata(path).map_or(0, |meta| if meta.is_file() { meta.len() } else { 0 });
    let bytes = length(path) + children(path).iter().map(|entry| length(&entry.path())).sum::<u64>();
    let gone = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    if gone.is_ok() { bytes } else { 0 }
}
