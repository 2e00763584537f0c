//! Stages that fail, panic, or stop the walk; goals; few threads.

use super::toys::{Number, Sandbox, Toy, go, go_with, six};
use crate::engine::{End, Event, Failure, FailureKind, Goal, Handle, Plan, Silent, Walk, WalkOptions, walk};
use std::io;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// `bad` does as told; `below` stands on it; `other` does not.
fn with_bad(act: impl Fn() -> Result<(), Failure> + Send + Sync + 'static) -> Plan {
    let mut plan = Plan::new();
    let bad = plan.add(Toy::new("bad", 1, &[]).acting(move |_| act()));
    let below = plan.add(Toy::new("below", 1, &[bad]));
    plan.add(Toy::new("bottom", 1, &[below]));
    plan.add(Toy::new("other", 1, &[]));
    plan
}

fn kind(end: &End) -> Option<FailureKind> {
    match end {
        End::Failed { kind, .. } => Some(*kind),
        _ => None,
    }
}

#[test]
fn a_failure_stops_only_what_stands_on_it_and_is_not_cached() {
    let (sandbox, broken) = (Sandbox::new(), Arc::new(AtomicBool::new(true)));
    let plan = || {
        let broken = broken.clone();
        with_bad(move || if broken.load(Ordering::SeqCst) { Err(Failure::data("no labels")) } else { Ok(()) })
    };
    let went = go(&plan(), &sandbox.cache());
    assert_eq!(kind(&went.ends[0]), Some(FailureKind::Data));
    for place in [1, 2] {
        assert!(matches!(&went.ends[place], End::Skipped { because } if because == "bad failed"));
    }
    assert_eq!(went.values, [None, None, None, Some(1)]);
    assert_eq!(sandbox.files("tmp"), Vec::<std::path::PathBuf>::new());
    broken.store(false, Ordering::SeqCst);
    assert_eq!(go(&plan(), &sandbox.cache()).values, [1, 2, 3, 1].map(Some));
}

#[test]
fn errors_keep_their_class_and_those_of_the_machine_are_not_cached() {
    for (code, class) in [(28, FailureKind::Io), (24, FailureKind::Io), (5, FailureKind::Io)] {
        let (sandbox, once) = (Sandbox::new(), Arc::new(AtomicBool::new(true)));
        let plan = with_bad(move || match once.swap(false, Ordering::SeqCst) {
            true => Err(io::Error::from_raw_os_error(code).into()),
            false => Ok(()),
        });
        assert_eq!(kind(&go(&plan, &sandbox.cache()).ends[0]), Some(class));
        assert_eq!(go(&plan, &sandbox.cache()).values, [1, 2, 3, 1].map(Some));
    }
}

#[test]
fn a_panic_fails_its_stage_and_the_others_go_on() {
    let sandbox = Sandbox::new();
    let went = go(&with_bad(|| panic!("toy broke")), &sandbox.cache());
    let End::Failed { kind, message } = &went.ends[0] else { panic!("it must fail") };
    assert!(*kind == FailureKind::Stage && message.contains("toy broke"));
    assert_eq!(went.values, [None, None, None, Some(1)]);
}

#[test]
fn fail_fast_starts_nothing_more() {
    let (sandbox, options) = (Sandbox::new(), WalkOptions { fail_fast: true, ..WalkOptions::default() });
    let plan = with_bad(|| Err(Failure::experiment("no such thing")));
    let went = on_threads(1, || go_with(&plan, &sandbox.cache(), &options));
    assert_eq!(kind(&went.ends[0]), Some(FailureKind::Experiment));
    assert!(went.ends[1..].iter().all(|end| matches!(end, End::Skipped { .. })));
    assert_eq!(went.log.count(|event| matches!(event, Event::Skipped { .. })), 3);
}

#[test]
fn an_input_that_is_not_in_the_settings_is_refused() {
    let (sandbox, mut plan) = (Sandbox::new(), Plan::new());
    let secret = plan.add(Toy::new("secret", 1, &[]));
    plan.add(Toy::new("spy", 1, &[]).acting(move |ctx| ctx.get(&secret).map(drop)));
    assert_eq!(kind(&go(&plan, &sandbox.cache()).ends[1]), Some(FailureKind::Stage));
}

fn on_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(work)
}

#[test]
fn any_number_of_threads_gives_the_same_and_none_hangs() {
    let results: Vec<_> = [1, 2, 8]
        .into_iter()
        .map(|threads| {
            let sandbox = Sandbox::new();
            let went = on_threads(threads, || go(&six(1, &Arc::default()), &sandbox.cache()));
            (
                went.values,
                sandbox
                    .files("objects")
                    .iter()
                    .map(|path| path.strip_prefix(&sandbox.0).unwrap().to_owned())
                    .collect::<Vec<_>>(),
            )
        })
        .collect();
    assert!(results.iter().all(|result| *result == results[0]));
}

#[test]
fn stages_may_use_rayon_inside_without_meeting_each_other() {
    use rayon::prelude::*;
    let (sandbox, mut plan) = (Sandbox::new(), Plan::new());
    let inside: &'static Mutex<Vec<String>> = Box::leak(Box::new(Mutex::new(Vec::new())));
    let nested = Arc::new(AtomicUsize::new(0));
    let shared = plan.add(Toy::new("shared", 1, &[]));
    for index in 0..12 {
        let (nested, me) = (nested.clone(), format!("{:?}", index));
        plan.add(Toy::new(&format!("toy {index}"), index, &[shared]).acting(move |ctx| {
            let thread = format!("{:?}", std::thread::current().id());
            let busy = inside.lock().unwrap().contains(&thread);
            nested.fetch_add(usize::from(busy), Ordering::SeqCst);
            inside.lock().unwrap().push(thread.clone());
            let sum: u64 = (0..2000u64).into_par_iter().map(|value| value ^ me.len() as u64).max().unwrap();
            ctx.progress(sum as usize, 2000);
            inside.lock().unwrap().retain(|other| *other != thread);
            Ok(())
        }));
    }
    let went = on_threads(2, || go(&plan, &sandbox.cache()));
    assert_eq!((went.ran(), nested.load(Ordering::SeqCst)), (13, 0));
}

#[test]
fn each_goal_is_reached_once_with_all_its_places_ended() {
    let sandbox = Sandbox::new();
    let plan = with_bad(|| Err(Failure::data("no labels")));
    let goals: Vec<Goal> =
        [vec![], vec![0], vec![2, 3], vec![3, 3, 3], vec![0, 1, 2, 3], vec![]].map(|places| Goal { places }).into();
    let reached = Mutex::new(Vec::new());
    let tell = |goal: usize, walk: &Walk| {
        assert!(goals[goal].places.iter().all(|place| walk.ended(*place).is_some()));
        reached.lock().unwrap().push(goal);
    };
    walk(&plan, &sandbox.cache(), &Silent, &WalkOptions::default(), &goals, &tell);
    let mut reached = reached.into_inner().unwrap();
    reached.sort_unstable();
    assert_eq!(reached, [0, 1, 2, 3, 4, 5]);
}

#[test]
fn an_empty_plan_ends_at_once() {
    let (sandbox, reached) = (Sandbox::new(), AtomicUsize::new(0));
    let count = |_: usize, _: &Walk| assert_eq!(reached.fetch_add(1, Ordering::SeqCst), 0);
    let goals = [Goal { places: Vec::new() }];
    assert!(walk(&Plan::new(), &sandbox.cache(), &Silent, &WalkOptions::default(), &goals, &count).is_empty());
    assert_eq!(reached.into_inner(), 1);
}

#[test]
fn a_panic_in_the_callback_ends_the_walk_instead_of_hanging_it() {
    let (sandbox, plan) = (Sandbox::new(), six(1, &Arc::default()));
    let goals = [Goal { places: vec![0] }];
    let walked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        walk(&plan, &sandbox.cache(), &Silent, &WalkOptions::default(), &goals, &|_, _| panic!("callback broke"))
    }));
    assert!(walked.is_err());
}

#[test]
fn a_value_leaves_memory_when_its_last_reader_has_ended() {
    let (sandbox, mut plan) = (Sandbox::new(), Plan::new());
    let weak: Arc<Mutex<std::sync::Weak<Number>>> = Arc::default();
    let big = plan.add(Toy::new("big", 1, &[]));
    let (seen, gone) = (weak.clone(), weak.clone());
    let reader = plan.add(Toy::new("reader", 1, &[big]).acting(move |ctx| {
        *seen.lock().unwrap() = Arc::downgrade(&ctx.get(&big)?);
        Ok(())
    }));
    let was_gone = Arc::new(AtomicBool::new(false));
    let note = was_gone.clone();
    plan.add(Toy::new("last", 1, &[reader]).acting(move |_| {
        note.store(gone.lock().unwrap().upgrade().is_none(), Ordering::SeqCst);
        Ok(())
    }));
    let kept = Mutex::new(std::sync::Weak::new());
    let goals = [Goal { places: vec![2] }];
    let tell = |_: usize, walk: &Walk| {
        let big: Arc<Number> = walk.get(&Handle::new(plan.nodes()[0].key)).unwrap();
        *kept.lock().unwrap() = Arc::downgrade(&big);
        drop(big);
        assert!(kept.lock().unwrap().upgrade().is_none(), "what only a callback asked for is not kept");
    };
    walk(&plan, &sandbox.cache(), &Silent, &WalkOptions::default(), &goals, &tell);
    assert!(was_gone.load(Ordering::SeqCst));
}
