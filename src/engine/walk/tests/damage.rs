//! Cached results that were torn, altered, lost or exchanged: found, put aside, computed again to the same bytes.

use super::toys::{Sandbox, Toy, Went, go, six};
use crate::engine::{Cache, End, FailureKind, How, Plan};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const VALUES: [Option<i64>; 6] = [Some(1), Some(20), Some(22), Some(24), Some(45), Some(74)];

fn walk_six(cache: &Cache) -> Went {
    go(&six(1, &Arc::default()), cache)
}

/// The folder of the result at `place` of the plan of six.
fn folder(went: &Went, place: usize) -> PathBuf {
    match &went.ends[place] {
        End::Done { entry, .. } => entry.folder().to_owned(),
        other => panic!("{other:?}"),
    }
}

/// Walks, lets `harm` loose on the folder of the middle stage, and walks again.
fn heals(harm: impl Fn(&Path)) {
    let sandbox = Sandbox::new();
    let harmed = folder(&walk_six(&sandbox.cache()), 2);
    harm(&harmed);
    let again = walk_six(&sandbox.cache());
    assert_eq!((again.values.as_slice(), again.ran()), (VALUES.as_slice(), 1));
    assert_eq!(again.hows()[2], Some(How::Ran));
    let told = again.log.warnings();
    assert!(told.len() == 1 && told[0].contains("damaged result of toy"), "{told:?}");
    assert!(!sandbox.files("quarantine").is_empty() || told[0].contains("no such"), "it is kept");
    let third = walk_six(&sandbox.cache());
    assert_eq!((third.ran(), third.log.warnings().len()), (0, 0));
}

#[test]
fn whatever_happens_to_a_result_it_is_found_and_computed_again() {
    let cut = |name: &'static str, keep: fn(u64) -> u64| {
        move |folder: &Path| {
            let file = fs::File::options().write(true).open(folder.join(name)).unwrap();
            file.set_len(keep(file.metadata().unwrap().len())).unwrap();
        }
    };
    for name in ["block.bin", "number.json", "manifest.json"] {
        for keep in [|_| 0, |_| 1, |length| length / 2, |length| length - 1, |length| length + 1] {
            heals(cut(name, keep));
        }
    }
    for name in ["block.bin", "number.json"] {
        heals(|folder| fs::remove_file(folder.join(name)).unwrap());
    }
    heals(|folder| fs::write(folder.join("manifest.json"), b"{ \"format\": 1 }").unwrap());
    heals(|folder| fs::remove_file(folder.join("manifest.json")).unwrap());
    heals(|folder| {
        fs::remove_file(folder.join("block.bin")).unwrap();
        fs::create_dir(folder.join("block.bin")).unwrap();
    });
    heals(|folder| {
        fs::remove_dir_all(folder).unwrap();
        fs::write(folder, b"not a folder").unwrap();
    });
}

#[test]
fn an_empty_folder_or_one_that_is_gone_is_computed_again() {
    for harm in [
        |folder: &Path| fs::remove_dir_all(folder).unwrap(),
        |folder: &Path| {
            fs::remove_dir_all(folder).unwrap();
            fs::create_dir(folder).unwrap();
        },
    ] {
        let sandbox = Sandbox::new();
        harm(&folder(&walk_six(&sandbox.cache()), 2));
        let again = walk_six(&sandbox.cache());
        assert_eq!((again.values.as_slice(), again.ran()), (VALUES.as_slice(), 1));
    }
}

#[test]
fn two_results_that_changed_places_are_both_found() {
    let sandbox = Sandbox::new();
    let went = walk_six(&sandbox.cache());
    let (one, two, aside) = (folder(&went, 3), folder(&went, 4), sandbox.0.join("aside"));
    fs::rename(&one, &aside).unwrap();
    fs::rename(&two, &one).unwrap();
    fs::rename(&aside, &two).unwrap();
    let again = walk_six(&sandbox.cache());
    assert_eq!((again.values.as_slice(), again.ran()), (VALUES.as_slice(), 2));
}

/// Flips one bit in each byte of `file`, one after the other, and walks after each.
fn flip_all(sandbox: &Sandbox, file: &Path, check: impl Fn(&Went, usize)) {
    let sound = fs::read(file).unwrap();
    for byte in 0..sound.len() {
        let mut torn = sound.clone();
        torn[byte] ^= 1 << (byte % 8);
        fs::write(file, &torn).unwrap();
        let went = walk_six(&sandbox.cache());
        assert_eq!(went.values, VALUES, "byte {byte} of {}", file.display());
        check(&went, byte);
    }
}

#[test]
fn a_flipped_bit_in_any_byte_of_payload_and_manifest_is_found() {
    let sandbox = Sandbox::new();
    let folder = folder(&walk_six(&sandbox.cache()), 2);
    for name in ["block.bin", "number.json", "manifest.json"] {
        flip_all(&sandbox, &folder.join(name), |went, byte| {
            assert_eq!((went.ran(), went.log.warnings().len()), (1, 1), "byte {byte} of {name}");
        });
    }
}

#[test]
fn a_flipped_bit_in_any_byte_of_an_alias_is_mended_without_a_run() {
    let sandbox = Sandbox::new();
    walk_six(&sandbox.cache());
    let alias = sandbox.files("keys").remove(0);
    let sound = fs::read(&alias).unwrap();
    flip_all(&sandbox, &alias, |went, _| {
        assert_eq!((went.ran(), went.log.warnings().len()), (0, 0));
        assert_eq!(fs::read(&alias).unwrap(), sound);
    });
}

#[test]
fn damage_that_comes_after_the_check_is_mended_under_way() {
    let sandbox = Sandbox::new();
    let runs = Arc::<AtomicUsize>::default();
    let plan = |harm: Option<PathBuf>| {
        let mut plan = Plan::new();
        let base = plan.add(Toy::new("base", 3, &[]).counted(&runs));
        let leaf = plan.add(Toy::new("leaf", 1, &[base]).counted(&runs));
        let add = i64::from(harm.is_some());
        let vandal = plan.add(Toy::new("vandal", add, &[leaf]).acting(move |_| {
            harm.iter().for_each(|file| fs::write(file, b"harm").unwrap());
            Ok(())
        }));
        plan.add(Toy::new("reader", 1, &[leaf, vandal]));
        plan
    };
    let first = go(&plan(None), &sandbox.cache());
    let again = go(&plan(Some(folder(&first, 1).join("number.json"))), &sandbox.cache());
    assert_eq!(again.values, [3, 4, 5, 10].map(Some));
    assert_eq!((runs.load(Ordering::SeqCst), again.log.warnings().len()), (3, 1));
}

#[test]
fn a_cache_that_cannot_be_written_still_gives_hits() {
    let sandbox = Sandbox::new();
    walk_six(&sandbox.cache());
    for name in ["tmp", "locks", "quarantine"] {
        let _ = fs::remove_dir_all(sandbox.0.join("cache").join(name));
        fs::write(sandbox.0.join("cache").join(name), b"a file where a folder should be").unwrap();
    }
    let again = walk_six(&sandbox.cache());
    assert_eq!((again.ran(), again.values.as_slice(), again.log.warnings().len()), (0, VALUES.as_slice(), 0));
    let new = go(&six(2, &Arc::default()), &sandbox.cache());
    assert!(matches!(&new.ends[0], End::Failed { kind: FailureKind::Io, message } if message.contains("cache/tmp")));
    assert!(matches!(new.ends[1], End::Done { .. }));
}
