//! A published result: files, and a manifest that says what they must be.

use super::damage::Fault;
use super::sealed::unseal;
use crate::engine::stage::is_file_name;
use crate::engine::{Files, Key};
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

pub(super) const MANIFEST: &str = "manifest.json";

/// Written last and sealed with its own hash, so that a folder whose manifest can be read is whole.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Layout version.
    pub format: u32,
    /// The room that made it.
    pub stage: String,
    /// The content key.
    pub object: Key,
    /// How long the work took.
    pub seconds: f64,
    /// Every file, in order of name.
    pub files: Vec<FileRecord>,
}

/// One file of a result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileRecord {
    /// Its name in the folder.
    pub name: String,
    /// Bytes.
    pub length: u64,
    /// The hash of its bytes.
    pub blake3: Key,
}

impl FileRecord {
    pub(super) fn of(name: &str, bytes: &[u8]) -> FileRecord {
        FileRecord { name: name.to_owned(), length: bytes.len() as u64, blake3: Key::of_bytes(bytes) }
    }

    fn confirm(&self, length: u64, blake3: impl FnOnce() -> Result<Key, Fault>) -> Result<(), Fault> {
        let (name, expected) = (&self.name, self.length);
        if length != expected {
            return Err(Fault::Damaged(format!("{name} has {length} bytes where {expected} were written")));
        }
        let same = blake3()? == self.blake3;
        same.then_some(()).ok_or_else(|| Fault::Damaged(format!("{name} has other bytes than were written")))
    }
}

/// A result in the cache.
#[derive(Clone, Debug)]
pub struct Entry {
    folder: PathBuf,
    manifest: Manifest,
}

impl Entry {
    pub(super) fn new(folder: PathBuf, manifest: Manifest) -> Entry {
        Entry { folder, manifest }
    }

    /// The entry in `folder` as its manifest tells; None if there is nothing at all.
    pub(super) fn open(folder: &Path, stage: &str, object: Key) -> Result<Option<Entry>, Fault> {
        let path = folder.join(MANIFEST);
        let text = match fs::read(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound && is_absent(folder) => return Ok(None),
            read => read.map_err(Fault::reading(&path))?,
        };
        let manifest: Manifest =
            unseal(&text).ok_or_else(|| Fault::Damaged(format!("{MANIFEST} has other bytes than were written")))?;
        let flat = manifest.files.iter().all(|file| is_file_name(&file.name));
        match flat && manifest.object == object && manifest.stage == stage {
            true => Ok(Some(Entry::new(folder.to_owned(), manifest))),
            false => Err(Fault::Damaged(format!("{MANIFEST} is that of another result"))),
        }
    }

    /// As [`Entry::open`], with every byte hashed.
    pub(super) fn open_sound(folder: &Path, stage: &str, object: Key) -> Result<Option<Entry>, Fault> {
        let entry = Entry::open(folder, stage, object)?;
        entry.iter().try_for_each(Entry::verify)?;
        Ok(entry)
    }

    /// What the manifest says.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Where the files lie.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The hash of the content: names and bytes of all files.
    pub fn digest(&self) -> Key {
        Key::of(&serde_json::to_value(&self.manifest.files).expect("file records are plain data"))
    }

    /// Bytes of all files.
    pub fn bytes(&self) -> u64 {
        self.manifest.files.iter().map(|file| file.length).sum()
    }

    /// Hashes every byte. The error says what is wrong.
    pub fn verify(&self) -> Result<(), Fault> {
        self.manifest.files.iter().try_for_each(|record| {
            let path = self.folder.join(&record.name);
            let length = fs::metadata(&path).map_err(Fault::reading(&path))?.len();
            record.confirm(length, || hash_file(&path).map_err(Fault::reading(&path)))
        })
    }

    /// All files, hashed as they are read. The error says what is wrong.
    pub fn read(&self) -> Result<Files, Fault> {
        self.manifest.files.iter().try_fold(Files::new(), |files, record| {
            let path = self.folder.join(&record.name);
            let bytes = fs::read(&path).map_err(Fault::reading(&path))?;
            record.confirm(bytes.len() as u64, || Ok(Key::of_bytes(&bytes)))?;
            Ok(files.with(&record.name, bytes))
        })
    }
}

fn is_absent(path: &Path) -> bool {
    fs::symlink_metadata(path).is_err_and(|error| error.kind() == ErrorKind::NotFound)
}

/// The hash of a file's bytes, read in blocks: never memory-mapped, a truncated map would kill the process.
pub fn hash_file(path: &Path) -> io::Result<Key> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(File::open(path)?)?;
    Ok(Key::from_hash(hasher.finalize()))
}
