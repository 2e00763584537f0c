//! Results that cannot be believed: what is damage, what is only trouble of the machine, and where damage goes.

use super::{Cache, Entry, publish::random_name};
use crate::engine::Key;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Why a result that should be there cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// It is not what was written: it goes to quarantine and is computed again.
    #[error("{0}")]
    Damaged(String),
    /// It could not be looked at (too many open files, no permission): it stays, and the stage that needs it stops.
    #[error("cannot read {}", path.display())]
    Environment {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// A result that failed verification and was moved aside.
#[derive(Debug)]
pub struct Damage {
    /// What is wrong, and where it was moved.
    pub message: String,
}

impl Fault {
    /// The fault behind an error of reading `path`.
    pub(super) fn reading(path: &Path) -> impl FnOnce(io::Error) -> Fault + '_ {
        |source| match is_environment(&source) {
            true => Fault::Environment { path: path.to_owned(), source },
            false => {
                Fault::Damaged(format!("{}: {source}", path.file_name().unwrap_or(path.as_os_str()).to_string_lossy()))
            }
        }
    }
}

/// Whether a reading failed for want of something that has nothing to do with the bytes. A missing, stale or
/// unreadable block is no such thing: those bytes will not come back by waiting.
fn is_environment(error: &io::Error) -> bool {
    const TOO_MANY_OPEN_FILES: [i32; 2] = [23, 24]; // ENFILE, EMFILE on every Unix; std has no name for them
    let kinds = [ErrorKind::PermissionDenied, ErrorKind::OutOfMemory, ErrorKind::TimedOut, ErrorKind::Interrupted];
    kinds.contains(&error.kind())
        || cfg!(unix) && error.raw_os_error().is_some_and(|code| TOO_MANY_OPEN_FILES.contains(&code))
}

impl Cache {
    /// Moves a result aside so that nobody reads it again, and hashes it there once more. If it is sound after all
    /// (another process has mended it since we looked, or the disk has recovered), it goes back and is the answer.
    pub(super) fn quarantine(&self, stage: &str, object: Key, reason: &str) -> Result<Entry, Damage> {
        let home = self.object_path(stage, object);
        let aside = self.root.join("quarantine").join(format!("{stage}-{}-{}", object.short(), random_name()));
        let moved = fs::create_dir_all(self.root.join("quarantine")).and_then(|()| fs::rename(&home, &aside));
        if moved.is_ok() && matches!(Entry::open_sound(&aside, stage, object), Ok(Some(_))) {
            put_back(&aside, &home);
        }
        let place = if moved.is_ok() { &aside } else { &home };
        match Entry::open_sound(&home, stage, object) {
            Ok(Some(entry)) => Ok(entry),
            _ => Err(Damage::at(place, stage, reason)),
        }
    }
}

impl Damage {
    fn at(place: &Path, stage: &str, reason: &str) -> Damage {
        // What is kept for a day is kept from now on, not from when the result was made.
        let _ = File::open(place).and_then(|folder| folder.set_modified(SystemTime::now()));
        Damage { message: format!("damaged result of {stage}: {reason}; kept at {}, computed again", place.display()) }
    }
}

/// If somebody has published the result in the meantime, theirs stays and this one is not needed.
fn put_back(aside: &Path, home: &Path) {
    if fs::rename(aside, home).is_err() {
        let _ = fs::remove_dir_all(aside);
    }
}
