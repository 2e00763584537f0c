//! Work in progress of a stage that can be continued: one file a content key, replaced in one step, removed when the
//! result is published.
//!
//! ```text
//! BLAKE3 of key and all that follows [32] | length of the table [8, little-endian] | table: JSON, name -> bytes | files
//! ```
//! It is synced, as a night's work may hang on it. One that a power cut tore all the same is not believed.

use super::{Cache, CacheError, publish};
use crate::engine::{Files, Key};
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

const HASH_BYTES: usize = 32;
const LENGTH_BYTES: usize = 8;

/// The place for the work in progress of one content key.
#[derive(Clone, Debug)]
pub struct Partial {
    cache: Cache,
    stage: String,
    object: Key,
}

impl Cache {
    /// The work in progress behind `object`.
    pub fn partial(&self, stage: &str, object: Key) -> Partial {
        Partial { cache: self.clone(), stage: stage.to_owned(), object }
    }
}

impl Partial {
    /// What was put aside, if every byte is as it was written.
    pub fn load(&self) -> Option<Files> {
        let bytes = fs::read(self.path()).ok()?;
        let (seal, body) = bytes.split_at_checked(HASH_BYTES)?;
        (self.seal(body).as_bytes() == seal).then(|| unpacked(body))?
    }

    /// Puts `files` aside, in place of what was there.
    ///
    /// # Errors
    /// The file system said no; what was there before still is.
    pub fn save(&self, files: &Files) -> Result<(), CacheError> {
        let (path, body) = (self.path(), packed(files));
        let bytes = [self.seal(&body).as_bytes().as_slice(), &body].concat();
        publish::synced_file(&self.cache.root, &path, &bytes).map_err(CacheError::at(&path))
    }

    /// Forgets it. What cannot be removed costs space until it is collected, and is never read again.
    pub fn forget(&self) {
        let _ = fs::remove_file(self.path());
    }

    fn path(&self) -> PathBuf {
        self.cache.root.join("partial").join(format!("{}-{}", self.stage, self.object.hex()))
    }

    fn seal(&self, body: &[u8]) -> blake3::Hash {
        blake3::Hasher::new().update(body).update(self.object.hex().as_bytes()).finalize()
    }
}

fn packed(files: &Files) -> Vec<u8> {
    let lengths: BTreeMap<&str, usize> = files.iter().map(|(name, bytes)| (name, bytes.len())).collect();
    let table = serde_json::to_vec(&lengths).expect("names and numbers are plain data");
    let mut body = (table.len() as u64).to_le_bytes().to_vec();
    body.extend_from_slice(&table);
    files.iter().for_each(|(_, bytes)| body.extend_from_slice(bytes));
    body
}

fn unpacked(body: &[u8]) -> Option<Files> {
    let (length, rest) = body.split_at_checked(LENGTH_BYTES)?;
    let length = u64::from_le_bytes(length.try_into().ok()?);
    let (table, mut rest) = rest.split_at_checked(usize::try_from(length).ok()?)?;
    let lengths: BTreeMap<String, usize> = serde_json::from_slice(table).ok()?;
    let mut files = Files::new();
    for (name, length) in lengths {
        let (bytes, after) = rest.split_at_checked(length)?;
        files.insert(&name, bytes);
        rest = after;
    }
    Some(files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::cache::random_name;

    fn place() -> (PathBuf, Partial) {
        let root = std::env::temp_dir().join(format!("runner-partial-{}", random_name()));
        let partial = Cache::at(&root).partial("train", Key::of_bytes(b"x"));
        (root, partial)
    }

    #[test]
    fn what_was_put_aside_comes_back_until_it_is_forgotten() {
        let (root, partial) = place();
        assert_eq!(partial.load(), None);
        for round in 0..3u8 {
            let files = Files::new().with("b.bin", vec![round; 1000]).with("a.json", "{}").with("empty", "");
            partial.save(&files).unwrap();
            assert_eq!(partial.load(), Some(files));
        }
        partial.forget();
        assert_eq!(partial.load(), None);
        fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn no_torn_file_and_no_other_keys_file_is_believed() {
        let (root, partial) = place();
        partial.save(&Files::new().with("a", "work").with("b", "in progress")).unwrap();
        let sound = fs::read(partial.path()).unwrap();
        for length in 0..sound.len() {
            fs::write(partial.path(), &sound[..length]).unwrap();
            assert_eq!(partial.load(), None, "{length} bytes");
        }
        for at in 0..sound.len() {
            let mut flipped = sound.clone();
            flipped[at] ^= 4;
            fs::write(partial.path(), flipped).unwrap();
            assert_eq!(partial.load(), None, "byte {at}");
        }
        let other = Partial { object: Key::of_bytes(b"y"), ..partial.clone() };
        fs::write(other.path(), &sound).unwrap();
        assert_eq!(other.load(), None);
        fs::remove_dir_all(root).unwrap();
    }
}
