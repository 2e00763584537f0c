//! Input files count by content. A memo of (size, time, inode) only saves hashing them again.

use super::Key;
use super::cache::{hash_file, publish_file, seal, unseal};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// A file changed this recently may change again within the clock's grain: its memo is not believed.
const SETTLE: Duration = Duration::from_secs(2);

/// One input file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputFile {
    /// Path below the dataset's root, with `/`.
    pub path: String,
    /// The hash of its bytes.
    pub blake3: Key,
    /// Bytes.
    pub length: u64,
}

/// An input file cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {}", path.display())]
pub struct InputError {
    /// The file.
    pub path: PathBuf,
    source: io::Error,
}

/// A file has other bytes than when the plan was made.
#[derive(Debug, thiserror::Error)]
#[error("{} changed while the experiment ran: run again, the new content gets results of its own", path.display())]
pub struct InputChanged {
    path: PathBuf,
}

impl InputError {
    /// Whether there is no such file: then the data is wrong and not the machine.
    pub fn is_missing(&self) -> bool {
        matches!(self.source.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
    }
}

/// Sealed on disk: a wrong hash believed here would be a wrong key.
#[derive(Default, Serialize, Deserialize)]
struct Memo(BTreeMap<PathBuf, Seen>);

/// A file with its time put back after a change still has a new time of change of its inode.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
struct Seen {
    length: u64,
    modified_nanos: u64,
    changed_nanos: u64,
    inode: u64,
    blake3: Key,
}

/// The folder that a file lies in; a bare name lies in the working directory.
pub fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A file that is part of no plan.
///
/// # Errors
/// There is none, or it cannot be read.
pub fn open_any(path: &Path) -> Result<fs::File, InputError> {
    fs::File::open(path).map_err(|source| InputError { path: path.to_owned(), source })
}

/// Hashes `paths` below `root`, in parallel; `cache_root` keeps the memo. The result is in the order of `paths`.
pub fn hash_inputs(root: &Path, paths: &[String], cache_root: &Path) -> Result<Vec<InputFile>, InputError> {
    let memo_path = cache_root.join("inputs.json");
    let mut memo: Memo = fs::read(&memo_path).ok().and_then(|text| unseal(&text)).unwrap_or_default();
    let base = fs::canonicalize(root).unwrap_or_else(|_| root.to_owned());
    let hashed: Vec<(InputFile, PathBuf, Option<Seen>)> =
        paths.par_iter().map(|path| hash_one(&base, path, &memo)).collect::<Result<_, _>>()?;
    let fresh: Vec<(PathBuf, Seen)> =
        hashed.iter().filter_map(|(_, full, seen)| Some((full.clone(), seen.clone()?))).collect();
    if !fresh.is_empty() {
        memo.0.extend(fresh);
        // Without the memo the next run hashes again; nothing else is lost.
        let _ = seal(&memo).map(|text| publish_file(cache_root, &memo_path, &text));
    }
    Ok(hashed.into_iter().map(|(file, ..)| file).collect())
}

/// The file, its full path, and what to remember of it if that is new.
fn hash_one(base: &Path, path: &str, memo: &Memo) -> Result<(InputFile, PathBuf, Option<Seen>), InputError> {
    let full = base.join(path);
    let fail = |source| InputError { path: full.clone(), source };
    let meta = fs::metadata(&full).map_err(fail)?;
    let stamp = |blake3| Seen::of(&meta, blake3);
    let known = memo.0.get(&full).filter(|seen| **seen == stamp(seen.blake3)).map(|seen| seen.blake3);
    let blake3 = match known {
        Some(blake3) => blake3,
        None => hash_file(&full).map_err(fail)?,
    };
    let file = InputFile { path: path.to_owned(), blake3, length: meta.len() };
    let remember = (known.is_none() && settled(&meta)).then(|| stamp(blake3));
    Ok((file, full, remember))
}

/// The bytes of `file` below `root`, refused if they are not those the plan was made for.
pub fn read_input(root: &Path, file: &InputFile) -> Result<Vec<u8>, super::Failure> {
    let path = root.join(&file.path);
    let bytes = fs::read(&path).map_err(|source| InputError { path: path.clone(), source })?;
    if Key::of_bytes(&bytes) == file.blake3 { Ok(bytes) } else { Err(super::Failure::data(InputChanged { path })) }
}

/// The same for a file too long to hold: it is hashed in passing, and stands at its beginning.
pub fn open_input(root: &Path, file: &InputFile) -> Result<fs::File, super::Failure> {
    let path = root.join(&file.path);
    let fail = |source| InputError { path: path.clone(), source };
    let open = fs::File::open(&path).map_err(fail)?;
    if hash_file(&path).map_err(fail)? == file.blake3 {
        Ok(open)
    } else {
        Err(super::Failure::data(InputChanged { path }))
    }
}

impl Seen {
    fn of(meta: &Metadata, blake3: Key) -> Seen {
        let (changed, inode) = identity(meta);
        Seen {
            length: meta.len(),
            modified_nanos: nanos(meta.modified().ok()),
            changed_nanos: nanos(changed),
            inode,
            blake3,
        }
    }
}

fn settled(meta: &Metadata) -> bool {
    let newest = meta.modified().ok().max(identity(meta).0);
    let age = newest.and_then(|time| SystemTime::now().duration_since(time).ok());
    age.is_some_and(|age| age > SETTLE)
}

fn nanos(time: Option<SystemTime>) -> u64 {
    let since = time.and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok());
    since.map_or(0, |age| age.as_nanos() as u64)
}

/// When the inode was last changed, and its number.
#[cfg(unix)]
fn identity(meta: &Metadata) -> (Option<SystemTime>, u64) {
    use std::os::unix::fs::MetadataExt;
    let since = Duration::new(meta.ctime().max(0) as u64, meta.ctime_nsec() as u32);
    (SystemTime::UNIX_EPOCH.checked_add(since), meta.ino())
}

#[cfg(not(unix))]
fn identity(_meta: &Metadata) -> (Option<SystemTime>, u64) {
    (None, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("runner-inputs-{name}-{}", super::super::cache::random_name()));
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn a_touch_changes_nothing_and_one_byte_changes_the_hash() {
        let root = folder("touch");
        fs::write(root.join("a.wav"), b"one").unwrap();
        let hash = || hash_inputs(&root, &["a.wav".to_owned()], &root).unwrap()[0].blake3;
        let first = hash();
        fs::File::options()
            .append(true)
            .open(root.join("a.wav"))
            .unwrap()
            .set_modified(SystemTime::UNIX_EPOCH)
            .unwrap();
        assert_eq!((hash(), hash()), (first, first));
        fs::write(root.join("a.wav"), b"two").unwrap();
        assert_ne!(hash(), first);
        fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn a_file_that_changed_under_us_is_refused() {
        let root = folder("changed");
        fs::write(root.join("a.wav"), b"one").unwrap();
        let file = hash_inputs(&root, &["a.wav".to_owned()], &root).unwrap().remove(0);
        assert_eq!(read_input(&root, &file).unwrap(), b"one");
        assert_eq!(io::read_to_string(open_input(&root, &file).unwrap()).unwrap(), "one");
        fs::write(root.join("a.wav"), b"0ne").unwrap();
        assert!(open_input(&root, &file).unwrap_err().to_string().contains("changed while"));
        assert!(read_input(&root, &file).unwrap_err().to_string().contains("changed while"));
        fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn a_settled_file_is_hashed_once_and_a_forged_memo_is_not_believed() {
        let root = folder("memo");
        fs::write(root.join("a.wav"), b"one").unwrap();
        let meta = fs::metadata(root.join("a.wav")).unwrap();
        let seen = |bytes: &[u8]| Memo([(root.join("a.wav"), Seen::of(&meta, Key::of_bytes(bytes)))].into());
        let hash = || hash_inputs(&root, &["a.wav".to_owned()], &root).unwrap()[0].blake3;
        let root = fs::canonicalize(&root).unwrap();
        fs::write(root.join("inputs.json"), seal(&seen(b"remembered")).unwrap()).unwrap();
        assert_eq!(hash(), Key::of_bytes(b"remembered"), "the memo is used");
        let forged = String::from_utf8(seal(&seen(b"remembered")).unwrap())
            .unwrap()
            .replace(&Key::of_bytes(b"remembered").hex(), &Key::of_bytes(b"forged").hex());
        fs::write(root.join("inputs.json"), forged).unwrap();
        assert_eq!(hash(), Key::of_bytes(b"one"), "an unsealed memo is not");
        fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn a_change_with_its_time_put_back_is_seen() {
        let root = folder("restored");
        let (path, old) = (root.join("a.wav"), SystemTime::now() - Duration::from_secs(3600));
        let write = |bytes: &[u8]| {
            fs::write(&path, bytes).unwrap();
            fs::File::options().append(true).open(&path).unwrap().set_modified(old).unwrap();
            std::thread::sleep(Duration::from_millis(20));
            Seen::of(&fs::metadata(&path).unwrap(), Key::of_bytes(b""))
        };
        assert!(write(b"one") != write(b"two") || cfg!(not(unix)));
        assert!(!settled(&fs::metadata(&path).unwrap()) || cfg!(not(unix)));
        fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn a_missing_file_is_wrong_data_and_not_trouble_of_the_machine() {
        let missing = hash_inputs(Path::new("/"), &["no such file".to_owned()], Path::new("/nowhere")).unwrap_err();
        assert_eq!(super::super::Failure::from(missing).kind, super::super::FailureKind::Data);
    }
}
