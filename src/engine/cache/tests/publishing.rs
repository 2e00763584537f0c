//! First writer wins; what is published is whole; damage goes aside and what is sound comes back.

use super::{Scratch, alias, files, key};
use crate::engine::cache::{Entry, Fault, Lookup};
use crate::engine::{Failure, FailureKind, Files};
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

#[test]
fn the_first_of_many_writers_wins_and_all_are_told_what_is_there() {
    let scratch = Scratch::new();
    let slots: Vec<_> = (0..16).map(|_| scratch.slot("x")).collect();
    let published: Vec<_> = std::thread::scope(|scope| {
        let write = |(writer, slot): (u8, super::Slot)| scope.spawn(move || slot.fill(&files(&[writer]), 0.0).unwrap());
        let threads: Vec<_> = (0..16).zip(slots).map(write).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let digests: BTreeSet<_> = published.iter().map(|published| published.entry.digest()).collect();
    assert_eq!((digests.len(), published.iter().filter(|published| published.ours).count()), (1, 1));
    assert!(published[3].entry.read().is_ok());
    assert_eq!(fs::read_dir(scratch.root.join("tmp")).unwrap().count(), 0);
}

#[test]
fn a_writer_that_finds_damage_in_its_place_moves_it_aside() {
    let scratch = Scratch::new();
    let slot = scratch.slot("x");
    fs::create_dir_all(scratch.folder("x")).unwrap();
    fs::write(scratch.folder("x").join("manifest.json"), b"torn").unwrap();
    assert!(slot.fill(&files(b"sound"), 0.0).unwrap().ours);
    assert_eq!(fs::read_dir(scratch.root.join("quarantine")).unwrap().count(), 1);
    assert_eq!(scratch.cache.entry("room", key("x")).unwrap().read().unwrap(), files(b"sound"));
}

#[test]
fn a_result_that_was_mended_meanwhile_is_not_put_aside() {
    let scratch = Scratch::new();
    scratch.put("x", b"sound");
    // What a reader does that saw damage before another process mended it.
    let entry = scratch.cache.quarantine("room", key("x"), "seen a moment ago").unwrap();
    assert_eq!(entry.read().unwrap(), files(b"sound"));
    assert_eq!(fs::read_dir(scratch.root.join("quarantine")).unwrap().count(), 0);
}

#[test]
fn readers_and_writers_of_a_result_that_is_harmed_again_and_again_never_fail() {
    let scratch = Scratch::new();
    std::thread::scope(|scope| {
        for thread in 0..4u8 {
            let scratch = &scratch;
            scope.spawn(move || {
                for round in 0..100u8 {
                    match scratch.cache.lookup("room", key("x"), &mut |_| {}).unwrap() {
                        Lookup::Miss(slot) => drop(slot.fill(&files(b"sound"), 0.0).unwrap()),
                        Lookup::Hit(entry) => {
                            assert!(entry.read().is_ok_and(|read| read == files(b"sound")) || thread > 0)
                        }
                    }
                    if thread == 0 && round % 4 == 0 {
                        let _ = fs::remove_file(scratch.folder("x").join("a.bin"));
                    }
                }
            });
        }
    });
}

#[test]
fn trouble_of_the_machine_is_not_taken_for_damage() {
    let fault = |code| Fault::reading(Path::new("a.bin"))(io::Error::from_raw_os_error(code));
    for code in [23, 24, 12, 13] {
        // ENFILE, EMFILE, ENOMEM, EACCES
        assert!(matches!(fault(code), Fault::Environment { .. }), "errno {code}");
        assert_eq!(Failure::from(fault(code)).kind, FailureKind::Io);
    }
    for code in [2, 5, 116] {
        // ENOENT, EIO, ESTALE
        assert!(matches!(fault(code), Fault::Damaged(_)), "errno {code}");
    }
}

#[test]
fn an_alias_is_a_note_and_the_newest_one_counts() {
    let scratch = Scratch::new();
    scratch.cache.record("room", &alias("x")).unwrap();
    let elsewhere = crate::engine::cache::Alias { object: key("y"), ..alias("x") };
    scratch.cache.record("room", &elsewhere).unwrap();
    assert_eq!(scratch.cache.alias("room", key("x")), Some(elsewhere));
    assert_eq!(scratch.cache.alias("room", key("y")), None);
}

#[test]
fn a_result_is_one_flat_folder() {
    for name in ["../a", "a/b", "a\\b", "", ".", "..", ".hidden", "manifest.json"] {
        assert!(std::panic::catch_unwind(|| Files::new().with(name, b"")).is_err(), "{name:?}");
    }
}

#[test]
fn a_manifest_of_another_room_or_key_is_damage() {
    let scratch = Scratch::new();
    scratch.put("x", b"sound");
    assert!(matches!(Entry::open(&scratch.folder("x"), "room", key("y")), Err(Fault::Damaged(_))));
    assert!(matches!(Entry::open(&scratch.folder("x"), "other", key("x")), Err(Fault::Damaged(_))));
    assert!(matches!(Entry::open(&scratch.folder("z"), "room", key("z")), Ok(None)));
}

#[test]
fn an_item_comes_back_and_a_torn_or_moved_one_does_not() {
    let scratch = Scratch::new();
    for payload in [&b""[..], b"payload"] {
        scratch.cache.remember("mfcc", &"a.wav", payload).unwrap();
        assert_eq!(scratch.cache.item("mfcc", &"a.wav").as_deref(), Some(payload));
        assert_eq!(scratch.cache.item("mfcc", &"b.wav"), None);
    }
    let path = scratch.cache.items().remove(0).path;
    let sound = fs::read(&path).unwrap();
    for byte in 0..sound.len() {
        let mut torn = sound.clone();
        torn[byte] ^= 1 << (byte % 8);
        fs::write(&path, &torn).unwrap();
        assert_eq!(scratch.cache.item("mfcc", &"a.wav"), None);
        fs::write(&path, &sound[..byte]).unwrap();
        assert_eq!(scratch.cache.item("mfcc", &"a.wav"), None);
    }
    scratch.cache.remember("mfcc", &"b.wav", b"other").unwrap();
    let other = scratch.cache.items().into_iter().find(|item| item.path != path).unwrap().path;
    fs::copy(other, &path).unwrap();
    assert_eq!(scratch.cache.item("mfcc", &"a.wav"), None, "another item's file is not believed");
}
