//! Several walks over one cache: work is done once where locks work, and the results are the same where they do not.

use super::toys::{Act, Sandbox, Toy, Went, go};
use crate::engine::{Ctx, Event, Failure, Plan};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

/// A chain of three slow toys.
fn slow(runs: &Arc<AtomicUsize>) -> Plan {
    let act: Act = Arc::new(|_: &Ctx| -> Result<(), Failure> {
        thread::sleep(Duration::from_millis(30));
        Ok(())
    });
    let toy = |name: &str, inputs: &[_]| Toy { act: Some(act.clone()), ..Toy::new(name, 1, inputs).counted(runs) };
    let mut plan = Plan::new();
    let first = plan.add(toy("first", &[]));
    let second = plan.add(toy("second", &[first]));
    plan.add(toy("third", &[first, second]));
    plan
}

fn side_by_side(walks: usize, sandbox: &Sandbox, runs: &Arc<AtomicUsize>) -> Vec<Went> {
    thread::scope(|scope| {
        let threads: Vec<_> = (0..walks).map(|_| scope.spawn(|| go(&slow(runs), &sandbox.cache()))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

#[test]
fn two_walks_over_one_cold_cache_compute_each_stage_once() {
    for walks in [2, 6] {
        let (sandbox, runs) = (Sandbox::new(), Arc::default());
        let went = side_by_side(walks, &sandbox, &runs);
        assert!(went.iter().all(|went| went.values == [1, 2, 4].map(Some)));
        assert_eq!(runs.load(Ordering::SeqCst), 3);
        assert_eq!(went.iter().map(Went::ran).sum::<usize>(), 3);
        assert!(went.iter().any(|went| went.log.count(|event| matches!(event, Event::Waiting { .. })) > 0));
        assert!(sandbox.files("locks").is_empty(), "nothing is left behind");
    }
}

#[test]
fn without_locks_the_work_is_done_twice_and_one_result_stays() {
    let (sandbox, runs) = (Sandbox::new(), Arc::default());
    std::fs::create_dir_all(sandbox.0.join("cache")).unwrap();
    std::fs::write(sandbox.0.join("cache/locks"), b"no locks here").unwrap();
    let went = side_by_side(4, &sandbox, &runs);
    assert!(went.iter().all(|went| went.values == [1, 2, 4].map(Some) && went.log.warnings().is_empty()));
    assert_eq!(sandbox.files("objects").len(), 9);
    assert!(sandbox.files("tmp").is_empty() && sandbox.files("quarantine").is_empty());
}

#[test]
fn two_stages_of_one_plan_with_equal_inputs_share_the_work() {
    let (sandbox, runs, mut plan) = (Sandbox::new(), Arc::default(), Plan::new());
    for add in [2, 4, 6, 8] {
        let leaf = plan.add(Toy::new("leaf", add, &[]));
        let parity = plan.add(Toy::new("parity", 0, &[leaf]).rest(2));
        plan.add(Toy::new("below", 1, &[parity]).counted(&runs));
    }
    let went = go(&plan, &sandbox.cache());
    assert_eq!((went.values[11], runs.load(Ordering::SeqCst)), (Some(1), 1));
}
