//! Processes that are killed at any moment, and processes side by side. The test binary starts itself as the child.
//! A kill keeps the system's page cache, so this says nothing about power cuts; the fsyncs are for those.

use super::toys::{Act, Sandbox, Toy, Went, go};
use crate::engine::{Cache, Ctx, Failure, Key, Plan};
use crate::random::Stream;
use serde_json::json;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;
use std::{env, fs};

const FOLDER: &str = "RUNNER_TEST_CHILD_FOLDER";
const SEED: &str = "RUNNER_TEST_CHILD_SEED";
const KILLS: u64 = 50;

/// Six toys, of which each remembers three items of 4 kB.
fn plan(seed: i64) -> Plan {
    let act: Act = Arc::new(move |ctx: &Ctx| -> Result<(), Failure> {
        (0..3u8).try_for_each(|item| {
            let bytes = ctx.item("block", &json!([seed, item]), || Ok::<_, Failure>(vec![item; 4096]))?;
            assert_eq!(bytes, vec![item; 4096]);
            Ok(())
        })
    });
    let acting = |toy: Toy| Toy { act: Some(act.clone()), ..toy };
    let mut plan = Plan::new();
    let left = plan.add(acting(Toy::new("left", seed, &[])));
    let right = plan.add(acting(Toy::new("right", 20, &[])));
    let middle = plan.add(acting(Toy::new("middle", 1, &[left, right])));
    let one = plan.add(acting(Toy::new("one", 2, &[middle])));
    let two = plan.add(acting(Toy::new("two", 3, &[middle, right])));
    plan.add(acting(Toy::new("all", 4, &[one, two, left])));
    plan
}

fn digests(went: &Went) -> Vec<Key> {
    let digest = |end: &crate::engine::End| match end {
        crate::engine::End::Done { entry, .. } => entry.digest(),
        other => panic!("{other:?}"),
    };
    went.ends.iter().map(digest).collect()
}

fn child(sandbox: &Sandbox, seed: u64) -> Child {
    let name = module_path!().split_once("::").unwrap().1;
    Command::new(env::current_exe().unwrap())
        .args([&format!("{name}::the_child_walks_until_it_is_killed"), "--exact", "--test-threads=1"])
        .env(FOLDER, sandbox.0.join("cache"))
        .env(SEED, seed.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// No test of its own: it is what [`child`] starts.
#[test]
fn the_child_walks_until_it_is_killed() {
    let (Ok(folder), Ok(seed)) = (env::var(FOLDER), env::var(SEED)) else { return };
    let (cache, first) = (Cache::at(&folder), seed.parse::<i64>().unwrap());
    for seed in first..first + 1000 {
        fs::create_dir_all(&folder).unwrap();
        fs::write(format!("{folder}/at-{first}"), seed.to_string()).unwrap();
        go(&plan(seed), &cache);
    }
}

#[test]
fn after_fifty_kills_every_walk_succeeds_with_the_same_bytes() {
    let (sandbox, unharmed) = (Sandbox::new(), Sandbox::new());
    let mut moments = Stream::new(1, "engine.kill");
    let mut walked = 0;
    for round in 0..KILLS {
        let first = 1000 * round;
        let mut process = child(&sandbox, first);
        let at = sandbox.0.join(format!("cache/at-{first}"));
        while !at.exists() && process.try_wait().unwrap().is_none() {
            sleep(Duration::from_millis(1));
        }
        sleep(Duration::from_micros(moments.below(30_000) as u64));
        process.kill().unwrap();
        process.wait().unwrap();
        let seed = fs::read_to_string(at).unwrap().parse().unwrap_or(first as i64);
        walked += seed - first as i64;
        let (harmed, sound) = (go(&plan(seed), &sandbox.cache()), go(&plan(seed), &unharmed.cache()));
        assert_eq!((digests(&harmed), harmed.log.warnings()), (digests(&sound), Vec::new()), "round {round}");
    }
    assert!(walked > 0, "children were killed in the middle of their work");
    assert!(sandbox.files("quarantine").is_empty());
    assert!(sandbox.cache().verify(&mut |_| {}).iter().all(|verdict| verdict.fault.is_none()));
}

#[test]
fn four_processes_and_this_one_agree() {
    let (sandbox, alone) = (Sandbox::new(), Sandbox::new());
    let mut processes: Vec<Child> = (0..4).map(|_| child(&sandbox, 0)).collect();
    let expected: Vec<Vec<Key>> = (0..20).map(|seed| digests(&go(&plan(seed), &alone.cache()))).collect();
    for (seed, expected) in expected.iter().enumerate() {
        let went = go(&plan(seed as i64), &sandbox.cache());
        assert_eq!((&digests(&went), went.log.warnings()), (expected, Vec::new()));
    }
    for process in &mut processes {
        process.kill().unwrap();
        process.wait().unwrap();
    }
    assert!(sandbox.files("quarantine").is_empty());
}
