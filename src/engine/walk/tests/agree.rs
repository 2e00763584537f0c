//! The forecast and the walk agree, on random plans over a cache that other random plans have filled.

use super::toys::{Sandbox, Toy, go};
use crate::engine::{Fate, Forecast, How, Plan, forecast};
use proptest::prelude::{ProptestConfig, Strategy, prop, prop_assert, prop_assert_eq, proptest};

/// For each stage: what it adds, the rest it keeps, which of the stages before it it reads.
type Sketch = Vec<(i64, i64, Vec<prop::sample::Index>)>;

fn sketches() -> impl Strategy<Value = Sketch> {
    let inputs = prop::collection::vec(proptest::prelude::any::<prop::sample::Index>(), 0..3);
    prop::collection::vec((0i64..3, 2i64..4, inputs), 1..8)
}

fn plan_of(sketch: &Sketch) -> Plan {
    let (mut plan, mut handles) = (Plan::new(), Vec::new());
    for (add, modulo, inputs) in sketch {
        let before = handles.len();
        let inputs: Vec<_> = inputs.iter().filter(|_| before > 0).map(|input| handles[input.index(before)]).collect();
        handles.push(plan.add(Toy::new("toy", *add, &inputs).rest(*modulo)));
    }
    plan
}

/// Whether `line` came true. A stage whose input was not known beforehand may turn out to do the work of one that was
/// to run for certain, and be the first to do it: only then is that one spared.
fn keeps_its_word(line: &Forecast, how: Option<How>, lines: &[Forecast]) -> bool {
    let open = || lines.iter().any(|other| other.fate == Fate::RunUnlessUnchanged);
    match line.fate {
        Fate::Hit => matches!(how, Some(How::Hit | How::CutOff)) && line.why.is_empty(),
        Fate::Run => (how == Some(How::Ran) || how.is_some() && open()) && !line.why.is_empty(),
        Fate::RunUnlessUnchanged => how.is_some() && !line.why.is_empty(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_walk_does_what_the_forecast_says(sketches in prop::collection::vec(sketches(), 1..4)) {
        let sandbox = Sandbox::new();
        for sketch in &sketches {
            let plan = plan_of(sketch);
            let lines = forecast(&plan, &sandbox.cache());
            let went = go(&plan, &sandbox.cache());
            for (line, how) in lines.iter().zip(went.hows()) {
                prop_assert!(keeps_its_word(line, how, &lines), "{line:?} came out as {how:?}");
            }
            let after = forecast(&plan, &sandbox.cache());
            prop_assert!(after.iter().all(|line| line.fate == Fate::Hit));
            prop_assert_eq!(go(&plan, &sandbox.cache()).hows(), vec![Some(How::Hit); plan.nodes().len()]);
        }
    }
}

#[test]
fn a_forecast_says_which_setting_and_which_input_changed() {
    let sandbox = Sandbox::new();
    let plan = |add, below| {
        let mut plan = Plan::new();
        let leaf = plan.add(Toy::new("leaf", add, &[]));
        plan.add(Toy::new("reader", below, &[leaf]));
        plan
    };
    let first = forecast(&plan(1, 1), &sandbox.cache());
    assert_eq!((first[0].why.join(""), first[1].why.join("; ")), ("first time".into(), "first time".into()));
    go(&plan(1, 1), &sandbox.cache());
    let lines = forecast(&plan(2, 5), &sandbox.cache());
    assert_eq!(
        (lines[0].why.join("; "), lines[1].why.join("; ")),
        ("add 1 → 2".into(), "add 1 → 5; input leaf runs".into())
    );
    assert!(lines.iter().all(|line| line.seconds.is_some()));
    go(&plan(2, 1), &sandbox.cache());
    std::fs::remove_dir_all(sandbox.0.join("cache/objects")).unwrap();
    assert_eq!(forecast(&plan(1, 1), &sandbox.cache())[0].why, ["its result is no longer cached"]);
}
