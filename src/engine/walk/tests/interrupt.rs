//! A walk that is asked to stop: what is under way is put aside, nothing more is started, the next walk goes on.

use super::toys::{Sandbox, Toy, go, go_with};
use crate::engine::{End, Event, Failure, FailureKind, Files, Interrupt, Plan, WalkOptions};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// `long` works in ten parts and puts aside what it has when it is asked to stop, which happens in the part `stop_at`.
fn plan(stop_at: usize, done: &Arc<AtomicUsize>) -> Plan {
    let (done, mut plan) = (done.clone(), Plan::new());
    let long = plan.add(Toy::new("long", 1, &[]).acting(move |ctx| {
        let _hold = ctx.interrupt().hold();
        let begun = ctx.partial().load().map_or(0, |files| files.iter().count());
        for part in begun..10 {
            if part == stop_at {
                ctx.interrupt().ask();
            }
            if ctx.interrupt().is_asked() {
                let aside = (0..part).fold(Files::new(), |files, part| files.with(&format!("part{part}"), "work"));
                ctx.partial().save(&aside)?;
                return Err(Failure::new(FailureKind::Interrupted, "asked to stop"));
            }
            done.fetch_add(1, Ordering::SeqCst);
        }
        Ok(())
    }));
    plan.add(Toy::new("below", 1, &[long]));
    plan
}

#[test]
fn an_interrupted_walk_starts_nothing_more_and_the_next_goes_on_where_it_stopped() {
    let (sandbox, done) = (Sandbox::new(), Arc::new(AtomicUsize::new(0)));
    let options = WalkOptions { interrupt: Interrupt::default(), ..WalkOptions::default() };
    let went = go_with(&plan(4, &done), &sandbox.cache(), &options);
    assert!(went.ends.iter().all(|end| matches!(end, End::Skipped { because } if because == "interrupted")));
    assert_eq!(went.log.count(|event| matches!(event, Event::Failed { .. })), 0);
    assert_eq!((sandbox.files("objects").len(), sandbox.files("partial").len()), (0, 1));
    let went = go(&plan(10, &done), &sandbox.cache());
    assert_eq!(went.values, [1, 2].map(Some));
    assert_eq!(done.load(Ordering::SeqCst), 10, "no part is done twice");
    assert_eq!(sandbox.files("partial").len(), 0, "what was put aside goes with the result");
}
