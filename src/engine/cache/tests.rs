//! The cache by itself: publishing, locks, damage, items, collecting.

mod collect;
mod lease;
mod publishing;

use super::{Cache, Lookup, Slot};
use crate::engine::cache::random_name;
use crate::engine::{Files, Key};
use std::fs;
use std::path::PathBuf;

/// A cache in a folder of its own, removed at the end.
struct Scratch {
    root: PathBuf,
    cache: Cache,
}

impl Scratch {
    fn new() -> Scratch {
        let memory = PathBuf::from("/dev/shm");
        let base = if memory.is_dir() { memory } else { std::env::temp_dir() };
        let root = base.join(format!("runner-cache-{}", random_name()));
        Scratch { cache: Cache::at(&root), root }
    }

    fn slot(&self, name: &str) -> Slot {
        match self.cache.lookup("room", key(name), &mut |damage| panic!("{}", damage.message)).unwrap() {
            Lookup::Miss(slot) => slot,
            Lookup::Hit(_) => panic!("{name} is cached"),
        }
    }

    /// Publishes `bytes` under `name`, with an alias.
    fn put(&self, name: &str, bytes: &[u8]) {
        self.slot(name).fill(&files(bytes), 1.5).unwrap();
        self.cache.record("room", &alias(name)).unwrap();
    }

    fn folder(&self, name: &str) -> PathBuf {
        self.cache.object_path("room", key(name))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.root);
    }
}

fn key(name: &str) -> Key {
    Key::of_bytes(name.as_bytes())
}

fn files(bytes: &[u8]) -> Files {
    Files::new().with("a.bin", bytes)
}

fn alias(name: &str) -> super::Alias {
    let (title, version) = (name.to_owned(), crate::engine::Version::room(1));
    super::Alias {
        format: super::FORMAT,
        key: key(name),
        object: key(name),
        title,
        version,
        settings: serde_json::json!({ "name": name }),
    }
}
