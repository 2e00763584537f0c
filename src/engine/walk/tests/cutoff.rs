//! What runs again and what does not: keys, content keys, early cut-off.

use super::toys::{Sandbox, Toy, go, go_with, six};
use crate::engine::{Fate, How, Plan, WalkOptions, forecast};
use std::sync::Arc;
use std::sync::atomic::Ordering;

const HIT: Option<How> = Some(How::Hit);
const RAN: Option<How> = Some(How::Ran);

#[test]
fn the_second_walk_runs_nothing_and_gives_the_same() {
    let (sandbox, runs) = (Sandbox::new(), Arc::default());
    let first = go(&six(1, &runs), &sandbox.cache());
    let second = go(&six(1, &runs), &sandbox.cache());
    assert_eq!((first.ran(), second.hows(), runs.load(Ordering::SeqCst)), (6, vec![HIT; 6], 6));
    assert_eq!(first.values, second.values);
    assert_eq!(first.values, [1, 20, 22, 24, 45, 74].map(Some));
    assert!(first.log.warnings().is_empty() && second.log.warnings().is_empty());
}

#[test]
fn a_changed_leaf_runs_again_only_what_stands_on_it() {
    let (sandbox, runs) = (Sandbox::new(), Arc::default());
    go(&six(1, &runs), &sandbox.cache());
    let changed = go(&six(2, &runs), &sandbox.cache());
    assert_eq!(changed.hows(), [RAN, HIT, RAN, RAN, RAN, RAN]);
    assert_eq!(changed.values, [2, 20, 23, 25, 46, 77].map(Some));
}

#[test]
fn adding_the_same_stage_twice_gives_one_node() {
    let (mut plan, runs) = (six(1, &Arc::default()), Arc::default());
    let again = plan.add(Toy::new("left", 1, &[]).counted(&runs));
    assert_eq!((plan.nodes().len(), plan.place(again.key())), (6, 0));
    assert_eq!(plan.needed_by(&[3]), [0, 1, 2, 3]);
}

fn parity(seed: i64) -> Plan {
    let mut plan = Plan::new();
    let leaf = plan.add(Toy::new("leaf", seed, &[]));
    let parity = plan.add(Toy::new("parity", 0, &[leaf]).rest(2));
    let below = plan.add(Toy::new("below", 5, &[parity]));
    plan.add(Toy::new("bottom", 6, &[below]));
    plan
}

#[test]
fn a_changed_stage_that_gives_the_same_bytes_stops_the_change() {
    let sandbox = Sandbox::new();
    go(&parity(1), &sandbox.cache());
    let plan = parity(3);
    let said: Vec<Fate> = forecast(&plan, &sandbox.cache()).iter().map(|line| line.fate).collect();
    let unless = Fate::RunUnlessUnchanged;
    assert_eq!(said, [Fate::Run, unless, unless, unless]);
    let went = go(&plan, &sandbox.cache());
    assert_eq!(went.hows(), [RAN, RAN, Some(How::CutOff), Some(How::CutOff)]);
    assert_eq!(go(&plan, &sandbox.cache()).hows(), [HIT; 4], "and the new keys are remembered");
    assert_eq!(go(&parity(1), &sandbox.cache()).hows(), [HIT; 4], "and the old ones not forgotten");
}

#[test]
fn forced_stages_run_and_replace_nothing() {
    let (sandbox, runs) = (Sandbox::new(), Arc::default());
    go(&six(1, &runs), &sandbox.cache());
    let options = WalkOptions { force: ["toy".to_owned()].into(), ..WalkOptions::default() };
    let same = go_with(&six(1, &runs), &sandbox.cache(), &options);
    assert_eq!((same.ran(), runs.load(Ordering::SeqCst)), (6, 12));
    assert!(same.log.warnings().iter().all(|said| said.ends_with("the same bytes as cached")));
    let mut plan = Plan::new();
    let noise = runs.clone();
    plan.add(Toy::new("left", 1, &[]).acting(move |_| match noise.load(Ordering::SeqCst) {
        0 => Ok(()),
        _ => Err(crate::engine::Failure::data("forced to fail")),
    }));
    let failed = go_with(&plan, &sandbox.cache(), &options);
    assert_eq!(failed.hows(), [None]);
    assert_eq!(go(&plan, &sandbox.cache()).hows(), [HIT], "the cached result is still there");
}

#[test]
fn a_stage_that_is_not_deterministic_is_told_and_its_readers_follow_it() {
    let (sandbox, runs) = (Sandbox::new(), Arc::<std::sync::atomic::AtomicUsize>::default());
    let plan = || {
        let (mut plan, runs) = (Plan::new(), runs.clone());
        let dice = plan.add(Dice { runs });
        plan.add(Toy::new("reader", 1, &[dice]));
        plan
    };
    assert_eq!(go(&plan(), &sandbox.cache()).values, [1, 2].map(Some));
    std::fs::remove_dir_all(sandbox.0.join("cache/objects/dice")).unwrap();
    let again = go(&plan(), &sandbox.cache());
    assert_eq!((again.values.as_slice(), again.ran()), ([2, 3].map(Some).as_slice(), 2));
    assert!(again.log.warnings().iter().any(|said| said.contains("not deterministic")));
    assert_eq!(go(&plan(), &sandbox.cache()).hows(), [HIT; 2]);
}

/// Gives another number each time: what no stage should do.
#[derive(serde::Serialize)]
struct Dice {
    #[serde(skip)]
    runs: Arc<std::sync::atomic::AtomicUsize>,
}

impl crate::engine::Stage for Dice {
    type Output = super::toys::Number;
    const NAME: &'static str = "dice";
    fn run(&self, _ctx: &crate::engine::Ctx) -> Result<super::toys::Number, crate::engine::Failure> {
        Ok(super::toys::Number(self.runs.fetch_add(1, Ordering::SeqCst) as i64 + 1))
    }
}
