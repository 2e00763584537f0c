//! Locks: one holder at a time, dead and hanging holders, no locks at all.

use super::Scratch;
use crate::engine::cache::lock::{Lease, Lock};
use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{scope, sleep};
use std::time::{Duration, Instant};

const QUICK: Lease = Lease { beat: Duration::from_millis(20), patience: Duration::from_millis(200) };

#[test]
fn one_holds_the_lock_at_a_time_and_the_others_are_told_once() {
    let (scratch, inside, told) = (Scratch::new(), AtomicUsize::new(0), AtomicUsize::new(0));
    let path = scratch.root.join("locks/x");
    scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let lock = Lock::take(&path, Lease::USUAL, &mut || _ = told.fetch_add(1, Ordering::SeqCst));
                assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                sleep(Duration::from_millis(30));
                inside.fetch_sub(1, Ordering::SeqCst);
                drop(lock);
            });
        }
    });
    assert!((1..=2).contains(&told.into_inner()));
}

#[test]
fn a_living_holder_is_waited_for_longer_than_the_patience() {
    let scratch = Scratch::new();
    let path = scratch.root.join("locks/x");
    let lock = Lock::take(&path, QUICK, &mut || {}).unwrap();
    let waited = scope(|scope| {
        let waiter = scope.spawn(|| {
            let begun = Instant::now();
            assert!(Lock::take(&path, QUICK, &mut || {}).is_some());
            begun.elapsed()
        });
        sleep(QUICK.patience * 3);
        drop(lock);
        waiter.join().unwrap()
    });
    assert!(waited > QUICK.patience * 2);
}

#[test]
fn a_holder_that_hangs_is_passed_by() {
    let scratch = Scratch::new();
    fs::create_dir_all(scratch.root.join("locks")).unwrap();
    let path = scratch.root.join("locks/x");
    let hanging = fs::File::create(&path).unwrap();
    hanging.lock().unwrap();
    let begun = Instant::now();
    assert!(Lock::take(&path, QUICK, &mut || {}).is_none());
    assert!((QUICK.patience..QUICK.patience * 10).contains(&begun.elapsed()));
}

#[test]
fn garbage_of_a_dead_holder_is_no_obstacle_and_no_folder_means_no_lock() {
    let scratch = Scratch::new();
    fs::create_dir_all(scratch.root.join("locks")).unwrap();
    fs::write(scratch.root.join("locks/x"), b"left by a process that was killed").unwrap();
    assert!(Lock::take(&scratch.root.join("locks/x"), QUICK, &mut || panic!("nobody holds it")).is_some());
    fs::write(scratch.root.join("file"), b"").unwrap();
    assert!(Lock::take(&scratch.root.join("file/x"), QUICK, &mut || {}).is_none());
}
