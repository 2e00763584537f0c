//! Stores on disk: what was added is there, what was removed is not, and damage is told.

use super::*;
use crate::engine::cache::random_name;
use ndarray::array;

struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Scratch {
        Scratch(std::env::temp_dir().join(format!("runner-store-{}", random_name())))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn song(id: &str) -> Song {
    Song { id: id.to_owned(), path: format!("{id}.wav"), label: None, group: id.to_owned() }
}

fn add(folder: &Path, model: Key, id: &str, vector: [f32; 2]) -> usize {
    let added = |store: &mut Store| Ok::<_, StoreError>(store.add(vec![song(id)], &array![vector]));
    Store::change(folder, model, added).unwrap()
}

fn ids(store: &Store) -> Vec<&str> {
    store.songs.iter().map(|song| song.id.as_str()).collect()
}

#[test]
fn songs_come_replace_and_go() {
    let (scratch, model) = (Scratch::new(), Key::of_bytes(b"m"));
    assert!(matches!(Store::open(&scratch.0, model), Err(StoreError::NotThere { .. })));
    assert_eq!([add(&scratch.0, model, "a", [1.0, 0.0]), add(&scratch.0, model, "b", [0.0, 1.0])], [0, 0]);
    assert_eq!(add(&scratch.0, model, "a", [0.5, 0.5]), 1);
    let store = Store::open(&scratch.0, model).unwrap();
    assert_eq!((ids(&store), &store.vectors), (vec!["b", "a"], &array![[0.0, 1.0], [0.5, 0.5]]));
    let wanted = ["b".to_owned(), "c".to_owned()];
    let gone = |store: &mut Store| Ok::<_, StoreError>(store.remove(&wanted));
    assert_eq!(Store::change(&scratch.0, model, gone).unwrap(), ["c"]);
    assert_eq!(ids(&Store::open(&scratch.0, model).unwrap()), ["a"]);
    let files = fs::read_dir(&scratch.0).unwrap().count();
    assert_eq!(files, 4, "store.json, lock, vectors, songs and no older state");
}

#[test]
fn another_model_is_refused_with_both_digests() {
    let (scratch, ours) = (Scratch::new(), Key::of_bytes(b"ours"));
    add(&scratch.0, Key::of_bytes(b"theirs"), "a", [1.0, 0.0]);
    let said = Store::open(&scratch.0, ours).unwrap_err().to_string();
    assert!(said.contains(&ours.hex()[..12]) && said.contains(&Key::of_bytes(b"theirs").hex()[..12]), "{said}");
    let added = |store: &mut Store| Ok::<_, StoreError>(store.add(vec![song("b")], &array![[1.0, 0.0]]));
    assert!(matches!(Store::change(&scratch.0, ours, added), Err(StoreError::OtherModel { .. })));
}

#[test]
fn no_flipped_bit_is_believed() {
    let (scratch, model) = (Scratch::new(), Key::of_bytes(b"m"));
    add(&scratch.0, model, "a", [1.0, 0.0]);
    for entry in fs::read_dir(&scratch.0).unwrap().map(|entry| entry.unwrap().path()) {
        let sound = fs::read(&entry).unwrap();
        for byte in (0..sound.len()).step_by(7) {
            let mut torn = sound.clone();
            torn[byte] ^= 1 << (byte % 8);
            fs::write(&entry, torn).unwrap();
            let opened = Store::open(&scratch.0, model);
            assert!(matches!(opened, Err(StoreError::Damaged { .. })), "{} byte {byte}: {opened:?}", entry.display());
        }
        fs::write(&entry, sound).unwrap();
    }
    assert_eq!(ids(&Store::open(&scratch.0, model).unwrap()), ["a"]);
}

#[test]
fn what_a_killed_writer_leaves_changes_nothing() {
    let (scratch, model) = (Scratch::new(), Key::of_bytes(b"m"));
    add(&scratch.0, model, "a", [1.0, 0.0]);
    // Killed after its files were written and before store.json was replaced.
    fs::write(scratch.0.join("vectors-0123456789abcdef.npy"), b"half").unwrap();
    fs::create_dir_all(scratch.0.join("tmp")).unwrap();
    fs::write(scratch.0.join("tmp/half"), b"half").unwrap();
    assert_eq!(ids(&Store::open(&scratch.0, model).unwrap()), ["a"]);
    add(&scratch.0, model, "b", [0.0, 1.0]);
    assert_eq!(ids(&Store::open(&scratch.0, model).unwrap()), ["a", "b"]);
    assert!(!scratch.0.join("tmp").exists() && !scratch.0.join("vectors-0123456789abcdef.npy").exists());
}

#[test]
fn a_change_that_fails_is_not_published() {
    let (scratch, model) = (Scratch::new(), Key::of_bytes(b"m"));
    add(&scratch.0, model, "a", [1.0, 0.0]);
    let failed = |store: &mut Store| {
        store.add(vec![song("b")], &array![[0.0, 1.0]]);
        Err::<(), _>(StoreError::NotThere { folder: PathBuf::new() })
    };
    assert!(Store::change(&scratch.0, model, failed).is_err());
    assert_eq!(ids(&Store::open(&scratch.0, model).unwrap()), ["a"]);
}
