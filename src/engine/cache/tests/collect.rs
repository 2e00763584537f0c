//! Listing, verifying, collecting, clearing.

use super::{Scratch, key};
use crate::engine::cache::{Held, Limits};
use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, SystemTime};

const HOUR: Duration = Duration::from_secs(3600);

fn hours_ago(hours: u32) -> SystemTime {
    SystemTime::now() - HOUR * hours
}

fn set_time(path: &Path, time: SystemTime) {
    File::open(path).unwrap().set_modified(time).unwrap();
}

/// Results a, b, c of 1,000 bytes, last used 200, 100 and 1 hours ago.
fn three() -> Scratch {
    let scratch = Scratch::new();
    for (name, hours) in [("a", 200), ("b", 100), ("c", 1)] {
        scratch.put(name, &[0; 1000]);
        set_time(&scratch.cache.alias_path("room", key(name)), hours_ago(hours));
    }
    scratch
}

fn titles(held: &[Held]) -> Vec<&str> {
    held.iter().map(|held| held.aliases[0].title.as_str()).collect()
}

fn surplus(scratch: &Scratch, max_bytes: Option<u64>, max_age: Option<Duration>) -> Vec<Held> {
    scratch.cache.surplus(Limits { max_bytes, max_age }, SystemTime::now())
}

#[test]
fn the_least_recently_used_go_first_and_no_more_than_needed() {
    let scratch = three();
    assert_eq!(scratch.cache.list().iter().map(|held| held.bytes).sum::<u64>(), 3000);
    assert!(surplus(&scratch, None, None).is_empty());
    assert!(surplus(&scratch, Some(3000), Some(HOUR * 300)).is_empty());
    assert_eq!(titles(&surplus(&scratch, Some(2999), None)), ["a"]);
    assert_eq!(titles(&surplus(&scratch, Some(1500), None)), ["a", "b"]);
    assert_eq!(titles(&surplus(&scratch, None, Some(HOUR * 150))), ["a"]);
}

#[test]
fn what_was_used_today_stays_whatever_the_limits_say() {
    let scratch = three();
    assert_eq!(titles(&surplus(&scratch, Some(0), Some(Duration::ZERO))), ["a", "b"]);
    scratch.cache.touch("room", key("a"));
    assert_eq!(titles(&surplus(&scratch, Some(0), Some(Duration::ZERO))), ["b"]);
    set_time(&scratch.cache.alias_path("room", key("b")), SystemTime::now() + HOUR * 9000);
    assert!(surplus(&scratch, Some(0), Some(Duration::ZERO)).is_empty(), "a clock that went back removes nothing");
}

#[test]
fn what_is_removed_is_gone_and_removing_it_twice_is_no_error() {
    let scratch = three();
    for held in surplus(&scratch, Some(1000), None) {
        scratch.cache.remove(&held).unwrap();
        scratch.cache.remove(&held).unwrap();
    }
    assert_eq!(titles(&scratch.cache.list()), ["c"]);
    assert!(scratch.cache.alias("room", key("a")).is_none());
    assert_eq!(fs::read_dir(scratch.root.join("tmp")).unwrap().count(), 0);
    scratch.put("a", b"again");
}

#[test]
fn items_are_collected_by_use_too() {
    let scratch = Scratch::new();
    let remember = |name: &str| scratch.cache.remember("mfcc", &name, &[0; 968]).unwrap();
    ["a", "b"].iter().for_each(|name| remember(name));
    let old = scratch.cache.items().remove(0);
    scratch.cache.items().iter().for_each(|item| set_time(&item.path, hours_ago(50)));
    let limits = Limits { max_bytes: Some(1500), max_age: None };
    set_time(&old.path, hours_ago(60));
    let surplus = scratch.cache.surplus_items(limits, SystemTime::now());
    assert_eq!(surplus.iter().map(|item| (&item.path, item.bytes)).collect::<Vec<_>>(), [(&old.path, 1000)]);
    assert!(["a", "b"].iter().all(|name| scratch.cache.item("mfcc", name).is_some()), "reading is a use");
    assert!(scratch.cache.surplus_items(limits, SystemTime::now()).is_empty());
    scratch.cache.remove_item(&old).unwrap();
    scratch.cache.remove_item(&old).unwrap();
    assert_eq!(scratch.cache.items().len(), 1);
}

#[test]
fn verify_goes_on_past_damage_and_moves_it_aside() {
    let scratch = three();
    fs::write(scratch.folder("b").join("a.bin"), [1; 1000]).unwrap();
    fs::create_dir(scratch.root.join("objects/room/no-key")).unwrap();
    let mut told = 0;
    let verdicts = scratch.cache.verify(&mut |_| told += 1);
    let faults: Vec<&str> = verdicts.iter().filter_map(|verdict| verdict.fault.as_deref()).collect();
    assert_eq!((told, faults.len()), (4, 2));
    assert!(faults.iter().any(|fault| fault.contains("a.bin has other bytes")));
    assert_eq!(titles(&scratch.cache.list()).len(), 2);
    assert!(scratch.cache.verify(&mut |_| {}).iter().filter(|verdict| verdict.fault.is_some()).count() == 1);
}

#[test]
fn leftovers_go_after_a_day_and_damage_is_kept_for_one() {
    let scratch = three();
    fs::create_dir_all(scratch.root.join("tmp/killed")).unwrap();
    fs::write(scratch.root.join("tmp/killed/a.bin"), [0; 500]).unwrap();
    fs::create_dir_all(scratch.root.join("locks")).unwrap();
    fs::write(scratch.root.join("locks/old"), b"").unwrap();
    set_time(&scratch.folder("b"), hours_ago(500));
    fs::write(scratch.folder("b").join("a.bin"), [1; 1000]).unwrap();
    set_time(&scratch.folder("b"), hours_ago(500));
    scratch.cache.verify(&mut |_| {});
    assert_eq!(scratch.cache.clear_leftovers(SystemTime::now()), 0);
    let freed = scratch.cache.clear_leftovers(SystemTime::now() + HOUR * 25);
    assert!(freed >= 1500, "{freed}");
    for name in ["tmp", "locks", "quarantine"] {
        assert_eq!(fs::read_dir(scratch.root.join(name)).unwrap().count(), 0, "{name}");
    }
    assert_eq!(scratch.cache.list().len(), 2);
}
