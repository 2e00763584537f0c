//! Making results appear whole or not at all: private name, fsync, rename, fsync of the folder. First writer wins.

use super::damage::Fault;
use super::entry::{FileRecord, MANIFEST, Manifest};
use super::sealed::seal;
use super::{CacheError, Entry, FORMAT, Lookup, Slot};
use crate::engine::Files;
use std::collections::hash_map::RandomState;
use std::fs::{self, File};
use std::hash::{BuildHasher, Hasher};
use std::io::{self, ErrorKind, Write};
use std::path::Path;

/// A rename that fails is looked into and tried again this often: the place may be damaged, or just being collected.
const ATTEMPTS: usize = 3;

/// 32 hexadecimal digits that no other writer on any machine has: pids and host names repeat in containers.
pub fn random_name() -> String {
    let word = || RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", word(), word())
}

/// A result that is now in the cache.
pub struct Published {
    /// The result that everybody reads.
    pub entry: Entry,
    /// Whether it is the one that was handed in; else another writer was first.
    pub ours: bool,
}

impl Slot {
    /// Publishes `files` as the result. If another writer was first, theirs stays and is what is given back.
    pub fn fill(self, files: &Files, seconds: f64) -> Result<Published, CacheError> {
        let private = self.cache.root.join("tmp").join(random_name());
        let manifest = self.manifest(files, seconds);
        let result = write_folder(&private, files, &manifest)
            .map_err(CacheError::at(&private))
            .and_then(|()| self.publish(&private, manifest));
        // The private folder is gone after a rename; whatever is left of a failed one is of no use.
        let _ = fs::remove_dir_all(&private);
        result
    }

    /// Computes nothing and writes nothing: asks again, for whoever has waited for another process.
    pub fn ask_again(self) -> Result<Lookup, CacheError> {
        self.cache.clone().lookup(&self.stage, self.object, &mut |_| {})
    }

    fn manifest(&self, files: &Files, seconds: f64) -> Manifest {
        let records = files.iter().map(|(name, bytes)| FileRecord::of(name, bytes)).collect();
        Manifest { format: FORMAT, stage: self.stage.clone(), object: self.object, seconds, files: records }
    }

    fn publish(&self, private: &Path, manifest: Manifest) -> Result<Published, CacheError> {
        let home = self.cache.object_path(&self.stage, self.object);
        let mut failed = io::Error::from(ErrorKind::AlreadyExists);
        for _ in 0..ATTEMPTS {
            match rename_synced(private, &home) {
                Ok(()) => return Ok(Published { entry: Entry::new(home, manifest), ours: true }),
                Err(error) => failed = error,
            }
            if let Some(entry) = self.theirs(&home)? {
                return Ok(Published { entry, ours: false });
            }
        }
        Err(CacheError::at(&home)(failed))
    }

    /// What another writer (or a repeated network request of our own) has put at `home`; damage is moved out of the way.
    fn theirs(&self, home: &Path) -> Result<Option<Entry>, CacheError> {
        match Entry::open_sound(home, &self.stage, self.object) {
            Err(Fault::Damaged(reason)) => Ok(self.cache.quarantine(&self.stage, self.object, &reason).ok()),
            Err(Fault::Environment { path, source }) => Err(CacheError { path, source }),
            Ok(entry) => Ok(entry),
        }
    }
}

fn write_folder(folder: &Path, files: &Files, manifest: &Manifest) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    files.iter().try_for_each(|(name, bytes)| write_synced(&folder.join(name), bytes))?;
    write_synced(&folder.join(MANIFEST), &seal(manifest)?)?;
    sync_folder(folder)
}

fn rename_synced(from: &Path, to: &Path) -> io::Result<()> {
    let parent = to.parent().unwrap_or(to);
    fs::create_dir_all(parent)?;
    fs::rename(from, to)?;
    sync_folder(parent)
}

/// Publishes one file at `path`, replacing what is there in one step. It is not synced: whatever is published so
/// carries its own hash, and one that a power cut tore is simply not there. (An fsync costs milliseconds, and there
/// may be thousands of these; measured: 0.1 ms without, 14 to 20 ms with.)
pub fn file(root: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = root.join("tmp");
    fs::create_dir_all(&folder)?;
    let private = folder.join(random_name());
    let moved = fs::write(&private, bytes)
        .and_then(|()| path.parent().map_or(Ok(()), fs::create_dir_all))
        .and_then(|()| fs::rename(&private, path));
    if moved.is_err() {
        let _ = fs::remove_file(&private);
    }
    moved
}

/// The same, synced: for the few files that a night's work may hang on.
pub fn synced_file(root: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = root.join("tmp");
    fs::create_dir_all(&folder)?;
    let private = folder.join(random_name());
    let moved = write_synced(&private, bytes).and_then(|()| rename_synced(&private, path));
    if moved.is_err() {
        let _ = fs::remove_file(&private);
    }
    moved
}

fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Some file systems cannot sync a folder and say so; then a power cut may cost the newest results, never a false one.
fn sync_folder(folder: &Path) -> io::Result<()> {
    match File::open(folder).and_then(|folder| folder.sync_all()) {
        Err(error) if cfg!(not(unix)) || matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::Unsupported) => {
            Ok(())
        }
        synced => synced,
    }
}
