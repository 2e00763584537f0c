//! Single flight: while one process computes a result, others wait for it. Only an optimisation: where locks do not
//! work, the work is done twice and the first to publish wins.
//!
//! The kernel frees the lock of a dead process. A holder that is stopped or hangs is another matter: it stops touching
//! its lock file, and after a while whoever waits computes the result itself. Nobody's clock is compared with another's:
//! the waiter only watches whether the file's time *changes*.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{Builder, sleep};
use std::time::{Duration, Instant, SystemTime};

const POLL: Duration = Duration::from_millis(20);

/// How often a holder shows that it lives, and how long a waiter believes one that does not.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lease {
    pub beat: Duration,
    pub patience: Duration,
}

impl Lease {
    pub(super) const USUAL: Lease = Lease { beat: Duration::from_secs(10), patience: Duration::from_secs(90) };
}

/// Held until dropped.
pub struct Lock {
    file: File,
    path: PathBuf,
    _alive: Option<Sender<()>>,
}

impl Lock {
    /// Waits for the lock at `path`; `waiting` is called once if somebody else holds it.
    /// None where the file system has no locks, or the holder gives no sign of life.
    pub(super) fn take(path: &Path, lease: Lease, waiting: &mut dyn FnMut()) -> Option<Lock> {
        fs::create_dir_all(path.parent()?).ok()?;
        let file = File::options().create(true).append(true).open(path).ok()?;
        if is_taken(&file)? {
            waiting();
            wait(&file, lease.patience)?;
        }
        let _ = file.set_modified(SystemTime::now());
        let alive = file.try_clone().ok().and_then(|file| show_life(file, lease.beat));
        Some(Lock { file, path: path.to_owned(), _alive: alive })
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Whoever still waits on the removed file gets the lock and finds the result published.
        let _ = fs::remove_file(&self.path);
        let _ = self.file.unlock();
    }
}

/// Whether somebody else holds the lock; if not, we do now. None where there are no locks.
fn is_taken(file: &File) -> Option<bool> {
    match file.try_lock() {
        Ok(()) => Some(false),
        Err(TryLockError::WouldBlock) => Some(true),
        Err(TryLockError::Error(_)) => None,
    }
}

fn wait(file: &File, patience: Duration) -> Option<()> {
    let (mut sign, mut since) = (sign_of_life(file), Instant::now());
    while is_taken(file)? {
        let now = sign_of_life(file);
        if now != sign {
            (sign, since) = (now, Instant::now());
        }
        if since.elapsed() > patience {
            return None;
        }
        sleep(POLL);
    }
    Some(())
}

fn sign_of_life(file: &File) -> Option<SystemTime> {
    file.metadata().and_then(|meta| meta.modified()).ok()
}

/// Touches `file` every `beat` until the sender is dropped.
fn show_life(file: File, beat: Duration) -> Option<Sender<()>> {
    let (sender, receiver): (Sender<()>, Receiver<()>) = channel();
    let touch = move || {
        while receiver.recv_timeout(beat) == Err(RecvTimeoutError::Timeout) {
            let _ = file.set_modified(SystemTime::now());
        }
    };
    Builder::new().name("lock".to_owned()).spawn(touch).ok().map(|_| sender)
}
