//! Embedded songs on disk, to be searched: vectors, names, labels and artists, and which model made them.
//!
//! A folder: `store.json`, which carries its own hash, names the two files of the current state and their BLAKE3;
//! `vectors-….npy` (`[songs, dims]`, single precision) and `songs-….json` are named by content and never changed. A change
//! writes new files beside the old ones and then replaces `store.json` in one step, so that a reader or a crash sees all of
//! a change or nothing of it. Writers take turns by a lock that the system frees when a process dies.

use super::{read_npy, write_npy};
use crate::engine::Key;
use crate::engine::cache::{seal, synced_file, unseal};
use ndarray::{Array2, Axis};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

const STATE: &str = "store.json";
const LOCK: &str = "lock";
/// Raised when an older program would misread the files.
const FORMAT: u32 = 1;
/// A reader that finds a file gone looks again: a writer may just have replaced it.
const ATTEMPTS: usize = 3;

/// A song of a store.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Song {
    /// Unique in the store; a song that is added again replaces the older one.
    pub id: String,
    /// Where its sound is, as it was given; may be empty.
    pub path: String,
    /// Its genre, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Its artist, else itself.
    pub group: String,
}

/// Songs and their vectors, in the order in which they were added.
#[derive(Clone, Debug, PartialEq)]
pub struct Store {
    /// What made the vectors.
    pub model: Key,
    /// A row a song.
    pub songs: Vec<Song>,
    /// `[songs, dims]`.
    pub vectors: Array2<f32>,
}

/// Why a store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is none.
    #[error("{} is no store: make one with `runner embed RUN AUDIO... --out {}`", folder.display(), folder.display())]
    NotThere {
        /// Where it was looked for.
        folder: PathBuf,
    },
    /// There are other things.
    #[error("{} holds {found}, which is of no store: name a folder that is new, empty or a store", folder.display())]
    OtherThings {
        /// The folder.
        folder: PathBuf,
        /// One of them.
        found: String,
    },
    /// A file is not what was written.
    #[error("{} is damaged ({reason}): remove the folder of the store and embed the songs again", file.display())]
    Damaged {
        /// The file.
        file: PathBuf,
        /// What is wrong.
        reason: &'static str,
    },
    /// The vectors are of another model and say nothing to this one.
    #[error("the store {} was made by another model ({theirs}; this run's is {ours}): use the run that made it, or put the songs through this model with `runner embed RUN --out {} --again`", folder.display(), folder.display())]
    OtherModel {
        /// The store.
        folder: PathBuf,
        /// The start of the digest of the model that made it.
        theirs: String,
        /// The start of the digest of the model that is used.
        ours: String,
    },
    /// Written by a newer program.
    #[error("the store {} has format {found}, this program reads {FORMAT}: use the newer program, or embed the songs again", folder.display())]
    Format {
        /// The store.
        folder: PathBuf,
        /// Its format.
        found: u32,
    },
    /// Disk full, no permission.
    #[error("cannot use the store file {}", file.display())]
    Io {
        /// The file.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
}

#[derive(Serialize, Deserialize)]
struct State {
    format: u32,
    model: Key,
    vectors: Record,
    songs: Record,
}

/// A file, named by its content.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
struct Record {
    name: String,
    blake3: Key,
}

impl Record {
    fn of(kind: &str, end: &str, bytes: &[u8]) -> Record {
        let blake3 = Key::of_bytes(bytes);
        Record { name: format!("{kind}-{}.{end}", &blake3.hex()[..16]), blake3 }
    }

    fn read(&self, folder: &Path) -> Result<Vec<u8>, StoreError> {
        let file = folder.join(&self.name);
        let bytes = fs::read(&file).map_err(io_at(&file))?;
        if Key::of_bytes(&bytes) == self.blake3 { Ok(bytes) } else { Err(damaged(&file, "its hash is another")) }
    }
}

impl Store {
    /// Of no songs yet.
    pub fn empty(model: Key) -> Store {
        Store { model, songs: Vec::new(), vectors: Array2::zeros((0, 0)) }
    }

    /// Reads and verifies the store in `folder`, made by `model`.
    ///
    /// # Errors
    /// There is none, it is damaged, or another model made it.
    pub fn open(folder: &Path, model: Key) -> Result<Store, StoreError> {
        let mut attempt = 1;
        loop {
            match Store::read(folder, model) {
                Err(StoreError::Io { source, .. }) if source.kind() == ErrorKind::NotFound && attempt < ATTEMPTS => {
                    attempt += 1;
                }
                read => return read,
            }
        }
    }

    /// The songs of the store in `folder`, whatever model made it.
    ///
    /// # Errors
    /// There is none, or it is damaged.
    pub fn songs_in(folder: &Path) -> Result<Vec<Song>, StoreError> {
        Ok(Store::open(folder, state(folder)?.model)?.songs)
    }

    fn read(folder: &Path, model: Key) -> Result<Store, StoreError> {
        let State { format, model: theirs, vectors, songs } = state(folder)?;
        if format != FORMAT {
            return Err(StoreError::Format { folder: folder.to_owned(), found: format });
        }
        if theirs != model {
            let start = |key: Key| key.hex()[..12].to_owned();
            return Err(StoreError::OtherModel {
                folder: folder.to_owned(),
                theirs: start(theirs),
                ours: start(model),
            });
        }
        let bad = |record: &Record| damaged(&folder.join(&record.name), "it does not hold what its name says");
        let store = Store {
            model,
            songs: serde_json::from_slice(&songs.read(folder)?).map_err(|_| bad(&songs))?,
            vectors: read_npy(&vectors.read(folder)?).map_err(|_| bad(&vectors))?,
        };
        if store.songs.len() == store.vectors.nrows() { Ok(store) } else { Err(bad(&songs)) }
    }

    /// Lets `change` change the store in `folder`, which is made if it is not there, and publishes what it makes of it. No
    /// other process changes the store meanwhile.
    ///
    /// # Errors
    /// As [`Store::open`]; what `change` says; the disk is full.
    pub fn change<T, E: From<StoreError>>(
        folder: &Path,
        model: Key,
        change: impl FnOnce(&mut Store) -> Result<T, E>,
    ) -> Result<T, E> {
        let held = locked(folder)?;
        let mut store = match Store::open(folder, model) {
            Err(StoreError::NotThere { .. }) => Store::empty(model),
            other => other?,
        };
        let told = change(&mut store)?;
        store.publish(folder)?;
        drop(held);
        Ok(told)
    }

    /// Publishes this store in place of the one in `folder`, which another model may have made.
    ///
    /// # Errors
    /// The disk is full.
    pub fn replace(&self, folder: &Path) -> Result<(), StoreError> {
        let held = locked(folder)?;
        self.publish(folder)?;
        drop(held);
        Ok(())
    }

    /// Adds `songs` (unlike each other) with a row of `vectors` each; those with a known id take its place and keep the label
    /// and the artist that they do not bring anew. Gives how many did.
    pub fn add(&mut self, mut songs: Vec<Song>, vectors: &Array2<f32>) -> usize {
        self.recall(&mut songs);
        let new: BTreeMap<&str, usize> = songs.iter().enumerate().map(|(at, song)| (song.id.as_str(), at)).collect();
        let kept: Vec<usize> = (0..self.songs.len()).filter(|row| !new.contains_key(&*self.songs[*row].id)).collect();
        let replaced = self.songs.len() - kept.len();
        self.keep(&kept);
        self.songs.extend(songs);
        if self.vectors.nrows() == 0 {
            self.vectors = vectors.clone();
        } else {
            let both = [self.vectors.view(), vectors.view()];
            self.vectors = ndarray::concatenate(Axis(0), &both).expect("one model gives rows of one width");
        }
        replaced
    }

    fn recall(&self, songs: &mut [Song]) {
        let known: BTreeMap<&str, &Song> = self.songs.iter().map(|song| (song.id.as_str(), song)).collect();
        for song in songs {
            let Some(old) = known.get(song.id.as_str()) else { continue };
            song.label = song.label.take().or_else(|| old.label.clone());
            if song.group == song.id {
                song.group.clone_from(&old.group);
            }
        }
    }

    /// Takes out the songs with these ids. Gives those that are not there.
    pub fn remove<'a>(&mut self, ids: &'a [String]) -> Vec<&'a str> {
        let there: BTreeMap<&str, usize> =
            self.songs.iter().zip(0..).map(|(song, row)| (song.id.as_str(), row)).collect();
        let unknown = ids.iter().map(String::as_str).filter(|id| !there.contains_key(id)).collect();
        let kept: Vec<usize> = (0..self.songs.len()).filter(|row| !ids.contains(&self.songs[*row].id)).collect();
        self.keep(&kept);
        unknown
    }

    fn keep(&mut self, rows: &[usize]) {
        if rows.len() < self.songs.len() {
            self.songs = rows.iter().map(|row| self.songs[*row].clone()).collect();
            self.vectors = self.vectors.select(Axis(0), rows);
        }
    }

    fn publish(&self, folder: &Path) -> Result<(), StoreError> {
        let vectors = write_npy(&self.vectors).expect("numbers are written to memory");
        let songs = serde_json::to_vec(&self.songs).expect("songs are plain data");
        let records = [Record::of("vectors", "npy", &vectors), Record::of("songs", "json", &songs)];
        let write = |name: &str, bytes: &[u8]| {
            let file = folder.join(name);
            synced_file(folder, &file, bytes).map_err(io_at(&file))
        };
        for (record, bytes) in records.iter().zip([&vectors, &songs]) {
            write(&record.name, bytes)?;
        }
        let state = State { format: FORMAT, model: self.model, vectors: records[0].clone(), songs: records[1].clone() };
        write(STATE, &seal(&state).expect("plain data"))?;
        sweep(folder, &records);
        Ok(())
    }
}

/// The folder, made if it is not there, is this process's alone until what is given back is dropped. A folder of other things
/// becomes no store.
fn locked(folder: &Path) -> Result<File, StoreError> {
    fs::create_dir_all(folder).map_err(io_at(folder))?;
    let entries = fs::read_dir(folder).map_err(io_at(folder))?.flatten();
    let mut names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    if let Some(found) = names.find(|name| !is_own(name)) {
        return Err(StoreError::OtherThings { folder: folder.to_owned(), found });
    }
    let lock = folder.join(LOCK);
    File::create(&lock).and_then(|file| file.lock().map(|()| file)).map_err(io_at(&lock))
}

/// Whether a store has a file of this name; hidden files are anybody's.
fn is_own(name: &str) -> bool {
    let starts = ["vectors-", "songs-", "."].iter().any(|start| name.starts_with(start));
    starts || [STATE, LOCK, "tmp"].contains(&name)
}

fn state(folder: &Path) -> Result<State, StoreError> {
    let file = folder.join(STATE);
    let bytes = fs::read(&file).map_err(|source| match source.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => StoreError::NotThere { folder: folder.to_owned() },
        _ => StoreError::Io { file: file.clone(), source },
    })?;
    unseal(&bytes).ok_or_else(|| damaged(&file, "its hash is another"))
}

/// Removes files of earlier states, and what writers that were killed have left. What stays behind only takes space.
fn sweep(folder: &Path, current: &[Record]) {
    let old = |name: &str| {
        (name.starts_with("vectors-") || name.starts_with("songs-")) && current.iter().all(|record| record.name != name)
    };
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_name().to_str().is_some_and(old) {
            let _ = fs::remove_file(entry.path());
        }
    }
    let _ = fs::remove_dir_all(folder.join("tmp"));
}

fn damaged(file: &Path, reason: &'static str) -> StoreError {
    StoreError::Damaged { file: file.to_owned(), reason }
}

fn io_at(file: &Path) -> impl FnOnce(io::Error) -> StoreError {
    let file = file.to_owned();
    move |source| StoreError::Io { file, source }
}

#[cfg(test)]
mod tests;
