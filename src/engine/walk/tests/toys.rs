//! Toy stages, and a folder for them to play in.

use crate::engine::cache::random_name;
use crate::engine::{
    Artifact, BoxError, Cache, Ctx, End, Event, Failure, Files, Goal, Handle, How, Plan, Stage, Walk, WalkOptions,
    Watcher, walk,
};
use serde::Serialize;
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// A number, written as JSON and as a block of bytes.
#[derive(Debug, PartialEq)]
pub struct Number(pub i64);

impl Artifact for Number {
    fn save(&self) -> Result<Files, BoxError> {
        Files::new().with("block.bin", self.0.to_le_bytes().repeat(16)).with_json("number.json", &self.0)
    }

    fn load(files: &Files) -> Result<Number, BoxError> {
        Ok(Number(files.json("number.json")?))
    }
}

/// What a toy does besides adding.
pub type Act = Arc<dyn Fn(&Ctx) -> Result<(), Failure> + Send + Sync>;

/// Adds `add` to the sum of its inputs, and forgets all but the rest by `modulo`.
#[derive(Clone, Serialize)]
pub struct Toy {
    pub name: String,
    pub add: i64,
    pub modulo: i64,
    pub inputs: Vec<Handle<Number>>,
    #[serde(skip)]
    pub runs: Arc<AtomicUsize>,
    #[serde(skip)]
    pub act: Option<Act>,
}

impl Toy {
    pub fn new(name: &str, add: i64, inputs: &[Handle<Number>]) -> Toy {
        let (name, inputs) = (name.to_owned(), inputs.to_vec());
        Toy { name, add, modulo: 1_000_000_007, inputs, runs: Arc::default(), act: None }
    }

    pub fn rest(self, modulo: i64) -> Toy {
        Toy { modulo, ..self }
    }

    pub fn counted(self, runs: &Arc<AtomicUsize>) -> Toy {
        Toy { runs: runs.clone(), ..self }
    }

    pub fn acting(self, act: impl Fn(&Ctx) -> Result<(), Failure> + Send + Sync + 'static) -> Toy {
        Toy { act: Some(Arc::new(act)), ..self }
    }
}

impl Stage for Toy {
    type Output = Number;
    const NAME: &'static str = "toy";

    fn title(&self) -> String {
        self.name.clone()
    }

    fn run(&self, ctx: &Ctx) -> Result<Number, Failure> {
        self.runs.fetch_add(1, Ordering::SeqCst);
        self.act.iter().try_for_each(|act| act(ctx))?;
        let sum: i64 = self.inputs.iter().map(|input| Ok(ctx.get(input)?.0)).sum::<Result<i64, Failure>>()?;
        Ok(Number((sum + self.add).rem_euclid(self.modulo)))
    }
}

/// A folder of its own, in memory where the system has such: no test here is about the disk. Removed at the end.
pub struct Sandbox(pub PathBuf);

impl Sandbox {
    pub fn new() -> Sandbox {
        let memory = PathBuf::from("/dev/shm");
        let base = if memory.is_dir() { memory } else { std::env::temp_dir() };
        let path = base.join(format!("runner-engine-{}", random_name()));
        fs::create_dir_all(&path).unwrap();
        Sandbox(path)
    }

    pub fn cache(&self) -> Cache {
        Cache::at(self.0.join("cache"))
    }

    /// All files below the cache's folder `name`, in order of path.
    pub fn files(&self, name: &str) -> Vec<PathBuf> {
        let mut found = Vec::new();
        collect(&self.0.join("cache").join(name), &mut found);
        found.sort_unstable();
        found
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn collect(path: &std::path::Path, found: &mut Vec<PathBuf>) {
    match fs::read_dir(path) {
        Ok(entries) => entries.flatten().for_each(|entry| collect(&entry.path(), found)),
        Err(_) if path.exists() => found.push(path.to_owned()),
        Err(_) => {}
    }
}

/// Keeps what it is told.
#[derive(Default)]
pub struct Log(Mutex<Vec<Event>>);

impl Watcher for Log {
    fn on(&self, event: &Event) {
        self.0.lock().unwrap().push(event.clone());
    }
}

impl Log {
    pub fn warnings(&self) -> Vec<String> {
        let text = |event: &Event| match event {
            Event::Warning { message, .. } => Some(message.clone()),
            _ => None,
        };
        self.0.lock().unwrap().iter().filter_map(text).collect()
    }

    pub fn count(&self, of: impl Fn(&Event) -> bool) -> usize {
        self.0.lock().unwrap().iter().filter(|event| of(event)).count()
    }
}

/// How a walk went: the end of each stage, the value of each that has one, what was said.
pub struct Went {
    pub ends: Vec<End>,
    pub values: Vec<Option<i64>>,
    pub log: Log,
}

impl Went {
    pub fn hows(&self) -> Vec<Option<How>> {
        let how = |end: &End| match end {
            End::Done { how, .. } => Some(*how),
            _ => None,
        };
        self.ends.iter().map(how).collect()
    }

    pub fn ran(&self) -> usize {
        self.hows().iter().filter(|how| **how == Some(How::Ran)).count()
    }
}

/// Walks a plan of toys, and reads all results at the end.
pub fn go(plan: &Plan, cache: &Cache) -> Went {
    go_with(plan, cache, &WalkOptions::default())
}

pub fn go_with(plan: &Plan, cache: &Cache, options: &WalkOptions) -> Went {
    let (log, values) = (Log::default(), Mutex::new(vec![None; plan.nodes().len()]));
    let all = Goal { places: (0..plan.nodes().len()).collect() };
    let reached = |_: usize, walk: &Walk| {
        let value = |place: usize| walk.get::<Number>(&Handle::new(plan.nodes()[place].key)).ok().map(|value| value.0);
        *values.lock().unwrap() = (0..plan.nodes().len()).map(value).collect();
    };
    let ends = walk(plan, cache, &log, options, &[all], &reached);
    Went { ends, values: values.into_inner().unwrap(), log }
}

/// Six toys: two leaves, a middle, two that read it, and one that reads all. `seed` goes into one leaf.
pub fn six(seed: i64, runs: &Arc<AtomicUsize>) -> Plan {
    let mut plan = Plan::new();
    let left = plan.add(Toy::new("left", seed, &[]).counted(runs));
    let right = plan.add(Toy::new("right", 20, &[]).counted(runs));
    let middle = plan.add(Toy::new("middle", 1, &[left, right]).counted(runs));
    let one = plan.add(Toy::new("one", 2, &[middle]).counted(runs));
    let two = plan.add(Toy::new("two", 3, &[middle, right]).counted(runs));
    plan.add(Toy::new("all", 4, &[one, two, left]).counted(runs));
    plan
}
