//! Memo of single items (a track, a text), so that ten new files in a folder of a thousand cost ten.
//!
//! One file an item: the BLAKE3 of payload and key, then the payload. It appears by renaming, but is not synced: a file
//! whose hash does not fit is a miss and is written again, so a power cut costs time and never a wrong byte.

use super::{Cache, CacheError, FORMAT, publish};
use crate::engine::Key;
use serde::Serialize;
use serde_json::json;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

const HASH_BYTES: usize = 32;

/// The time of last use is kept to the hour, so that most reads write nothing.
const USE_GRAIN: Duration = Duration::from_secs(3600);

/// An item could not be memoised.
#[derive(Debug, thiserror::Error)]
#[error("cannot remember an item of {family}")]
pub struct ItemError {
    family: String,
    source: CacheError,
}

impl Cache {
    /// The remembered bytes of the item that `settings` describe completely.
    pub fn item(&self, family: &str, settings: &impl Serialize) -> Option<Vec<u8>> {
        let key = item_key(settings);
        let mut bytes = read_and_touch(&self.item_path(family, key)).ok()?;
        let payload = bytes.split_off(HASH_BYTES.min(bytes.len()));
        (seal_of(key, &payload).as_bytes() == bytes.as_slice()).then_some(payload)
    }

    /// Remembers `payload` for `settings`.
    pub fn remember(&self, family: &str, settings: &impl Serialize, payload: &[u8]) -> Result<(), ItemError> {
        let key = item_key(settings);
        let path = self.item_path(family, key);
        let bytes = [seal_of(key, payload).as_bytes(), payload].concat();
        let wrap = |source| ItemError { family: family.to_owned(), source: CacheError::at(&path)(source) };
        publish::file(&self.root, &path, &bytes).map_err(wrap)
    }

    fn item_path(&self, family: &str, key: Key) -> PathBuf {
        let hex = key.hex();
        self.root.join("items").join(family).join(&hex[..2]).join(&hex[2..])
    }
}

fn item_key(settings: &impl Serialize) -> Key {
    let settings = serde_json::to_value(settings).expect("settings of items are plain data");
    Key::of(&json!({ "format": FORMAT, "item": settings }))
}

/// The key counts, so that a file that came into another's place is not believed.
fn seal_of(key: Key, payload: &[u8]) -> blake3::Hash {
    blake3::Hasher::new().update(payload).update(key.hex().as_bytes()).finalize()
}

fn read_and_touch(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let (meta, mut bytes) = (file.metadata()?, Vec::new());
    file.read_to_end(&mut bytes)?;
    if meta.modified()?.elapsed().is_ok_and(|age| age > USE_GRAIN) {
        // Only the age suffers if this fails.
        let _ = file.set_modified(SystemTime::now());
    }
    Ok(bytes)
}
