//! A run folder: made once, never shared, everything inside relative, its status always told by `status.json`.
//!
//! Each file appears whole or not at all, but is not synced to disk: after a power cut the newest run may be damaged, and
//! running it again fills it from the cache, which is synced.

use super::cache::random_name;
use super::{Files, Key};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

const STATUS: &str = "status.json";
const LOCK: &str = ".lock";

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It is running, or its process died without a word.
    Running,
    /// It ended well.
    Done,
    /// A stage failed.
    Failed,
    /// It was told to stop; running it again continues it.
    Interrupted,
    /// Training left the finite numbers.
    Diverged,
}

/// The content of `status.json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Status {
    /// Where the run stands.
    pub state: State,
    /// Digest of the resolved experiment: runs with equal digests compute the same.
    pub digest: Key,
    /// When the run began, UTC.
    pub started: Timestamp,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// Seconds of the last attempt, by a clock that never goes back.
    pub seconds: Option<f64>,
    /// What went wrong.
    pub error: Option<String>,
}

/// A folder below `runs/` that this process owns.
#[derive(Debug)]
pub struct RunFolder {
    path: PathBuf,
    status: Status,
    _lock: Option<File>,
}

/// The run folder cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the run folder at {}", path.display())]
pub struct RunFolderError {
    path: PathBuf,
    source: io::Error,
}

impl RunFolder {
    /// Continues an unfinished run of the same digest whose process is gone, else makes a new folder
    /// `<UTC time>_<name>_s<seed>_<6 hex>` below `runs`.
    pub fn open(runs: &Path, name: &str, seed: u64, digest: Key) -> Result<RunFolder, RunFolderError> {
        let wrap = |source| RunFolderError { path: runs.to_owned(), source };
        fs::create_dir_all(runs).map_err(wrap)?;
        let label = format!("_{name}_s{seed}_");
        let (path, lock) = match unfinished(runs, &label, digest) {
            Some(continued) => continued,
            None => created(runs, &label).map_err(wrap)?,
        };
        let now = Timestamp::now();
        let started = read_status(&path).map_or(now, |old| old.started);
        let status = Status { state: State::Running, digest, started, ended: None, seconds: None, error: None };
        let run = RunFolder { path, status, _lock: lock };
        run.write_status()?;
        Ok(run)
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folder's name: the run's id.
    pub fn id(&self) -> String {
        self.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// Writes one file at `name` (with `/` for sub-folders), whole or not at all.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), RunFolderError> {
        let path = self.path.join(name);
        write_whole(&path, bytes).map_err(|source| RunFolderError { path, source })
    }

    /// Writes `files` below `folder`.
    pub fn write_all(&self, folder: &str, files: &Files) -> Result<(), RunFolderError> {
        files.iter().try_for_each(|(name, bytes)| self.write(&format!("{folder}/{name}"), bytes))
    }

    /// Tells how the run ended, and points `latest` at it if it is done.
    pub fn finish(&mut self, state: State, seconds: f64, error: Option<String>) -> Result<(), RunFolderError> {
        self.status =
            Status { state, ended: Some(Timestamp::now()), seconds: Some(seconds), error, ..self.status.clone() };
        self.write_status()?;
        if state == State::Done {
            point_latest(&self.path);
        }
        Ok(())
    }

    fn write_status(&self) -> Result<(), RunFolderError> {
        let text = serde_json::to_vec_pretty(&self.status).expect("a status is plain data");
        self.write(STATUS, &text)
    }
}

/// The status of the run in `folder`, if it can be read.
pub fn read_status(folder: &Path) -> Option<Status> {
    serde_json::from_slice(&fs::read(folder.join(STATUS)).ok()?).ok()
}

/// Whether a process is at work in `folder`: its lock is taken.
pub fn is_alive(folder: &Path) -> bool {
    File::open(folder.join(LOCK)).is_ok_and(|file| matches!(file.try_lock(), Err(fs::TryLockError::WouldBlock)))
}

/// Marks an unfinished run as interrupted: for signal handlers, which have no [`RunFolder`] at hand.
pub fn mark_interrupted(folder: &Path) {
    if let Some(status) = read_status(folder).filter(|status| status.state == State::Running) {
        let status = Status { state: State::Interrupted, ended: Some(Timestamp::now()), ..status };
        // The process is about to end; a status that stays `running` tells the same to whoever reads it.
        let _ = write_whole(&folder.join(STATUS), &serde_json::to_vec_pretty(&status).unwrap_or_default());
    }
}

/// The newest unfinished run of `digest` that no living process holds, with its lock. What lies behind a finished run
/// of the same digest was given up.
fn unfinished(runs: &Path, label: &str, digest: Key) -> Option<Held> {
    let mut found: Vec<PathBuf> =
        fs::read_dir(runs).ok()?.flatten().map(|entry| entry.path()).filter(|path| is_run_of(path, label)).collect();
    found.sort_unstable();
    let told = found.into_iter().rev().filter_map(|path| Some((read_status(&path)?, path)));
    told.filter(|(status, _)| status.digest == digest)
        .take_while(|(status, _)| matches!(status.state, State::Running | State::Interrupted))
        .find_map(|(_, path)| untaken(&path).map(|lock| (path, lock)))
}

/// `<16 characters of time><label><6 hex>`: the time has a fixed length, so a name cannot be taken for another's ending.
fn is_run_of(path: &Path, label: &str) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.get(16..).is_some_and(|rest| rest.starts_with(label) && rest.len() == label.len() + 6) && path.is_dir()
}

fn created(runs: &Path, label: &str) -> io::Result<Held> {
    loop {
        let time = Timestamp::now().strftime("%Y%m%dT%H%M%SZ");
        let path = runs.join(format!("{time}{label}{}", &random_name()[..6]));
        match fs::create_dir(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            made => {
                // Nobody else wants this folder; whoever only looks whether it lives holds the lock for a moment.
                let lock = made.map(|()| lock_file(&path).filter(|file| file.lock().is_ok()))?;
                return Ok((path, lock));
            }
        }
    }
}

/// A run folder and its lock, where there are locks.
type Held = (PathBuf, Option<File>);

/// The lock of `folder` unless somebody else holds it; a folder on a disk without locks is nobody's.
fn untaken(folder: &Path) -> Option<Option<File>> {
    let file = lock_file(folder);
    match file.as_ref().map(File::try_lock) {
        Some(Err(fs::TryLockError::WouldBlock)) => None,
        Some(Ok(())) => Some(file),
        _ => Some(None),
    }
}

fn lock_file(folder: &Path) -> Option<File> {
    File::create(folder.join(LOCK)).ok()
}

fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder)?;
    let private = folder.join(format!(".{}", random_name()));
    let written =
        File::create_new(&private).and_then(|mut file| file.write_all(bytes)).and_then(|()| fs::rename(&private, path));
    if written.is_err() {
        let _ = fs::remove_file(&private);
    }
    written
}

/// `latest` is a convenience: where links cannot be made, nothing is lost.
#[cfg(unix)]
fn point_latest(run: &Path) {
    let (Some(runs), Some(name)) = (run.parent(), run.file_name()) else { return };
    let private = runs.join(format!(".latest-{}", random_name()));
    let linked = std::os::unix::fs::symlink(name, &private).and_then(|()| fs::rename(&private, runs.join("latest")));
    if linked.is_err() {
        let _ = fs::remove_file(&private);
    }
}

#[cfg(not(unix))]
fn point_latest(_run: &Path) {}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs() -> PathBuf {
        std::env::temp_dir().join(format!("runner-runs-{}", random_name()))
    }

    #[test]
    fn an_unfinished_run_keeps_its_folder_and_its_start_and_a_finished_one_does_not() {
        let (runs, digest) = (runs(), Key::of_bytes(b"experiment"));
        let open = || RunFolder::open(&runs, "x", 7, digest).unwrap();
        let first = open().path().to_owned();
        let started = read_status(&first).unwrap().started;
        mark_interrupted(&first);
        assert_eq!(read_status(&first).unwrap().state, State::Interrupted);
        let mut again = open();
        assert_eq!((again.path(), read_status(&first).unwrap().started), (first.as_path(), started));
        again.finish(State::Done, 1.0, None).unwrap();
        drop(again);
        assert_ne!(open().path(), first);
        fs::remove_dir_all(runs).unwrap();
    }

    #[test]
    fn what_lies_behind_a_finished_run_was_given_up() {
        let (runs, digest) = (runs(), Key::of_bytes(b"experiment"));
        let open = || RunFolder::open(&runs, "x", 7, digest).unwrap();
        let old = runs.join("20000101T000000Z_x_s7_abcdef");
        fs::rename(open().path(), &old).unwrap();
        let mut newer = open();
        assert_eq!(newer.path(), old);
        newer.finish(State::Failed, 1.0, None).unwrap();
        fs::rename(&old, runs.join("20000102T000000Z_x_s7_abcdef")).unwrap();
        fs::create_dir(&old).unwrap();
        let status = Status { state: State::Running, ..newer.status.clone() };
        fs::write(old.join(STATUS), serde_json::to_vec(&status).unwrap()).unwrap();
        assert_ne!(open().path(), old);
        fs::remove_dir_all(runs).unwrap();
    }

    #[test]
    fn of_eight_that_want_to_continue_one_run_exactly_one_does() {
        let (runs, digest) = (runs(), Key::of_bytes(b"experiment"));
        let dead = RunFolder::open(&runs, "x", 7, digest).unwrap().path().to_owned();
        let open = || RunFolder::open(&runs, "x", 7, digest).unwrap();
        let all: Vec<RunFolder> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(open)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let ids: std::collections::BTreeSet<String> = all.iter().map(RunFolder::id).collect();
        assert_eq!((ids.len(), all.iter().filter(|run| run.path() == dead).count()), (8, 1));
        assert!(all.iter().all(|run| is_alive(run.path())));
        fs::remove_dir_all(runs).unwrap();
    }

    #[test]
    fn fifty_runs_in_one_second_have_fifty_folders() {
        let runs = runs();
        let open: Vec<RunFolder> =
            (0..50).map(|_| RunFolder::open(&runs, "same", 1, Key::of_bytes(b"x")).unwrap()).collect();
        let ids: std::collections::BTreeSet<String> = open.iter().map(RunFolder::id).collect();
        assert_eq!(ids.len(), 50);
        fs::remove_dir_all(runs).unwrap();
    }

    #[test]
    fn another_experiment_never_continues_a_run() {
        let runs = runs();
        let first = RunFolder::open(&runs, "x", 7, Key::of_bytes(b"a")).unwrap().path().to_owned();
        assert_ne!(RunFolder::open(&runs, "x", 7, Key::of_bytes(b"b")).unwrap().path(), first);
        fs::remove_dir_all(runs).unwrap();
    }
}
