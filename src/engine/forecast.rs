//! What a walk will do and why: which stages are cached, which run, which setting or input changed.

mod changes;

use super::cache::{Alias, Cache};
use super::key::{handles_in, with_handles};
use super::plan::Node;
use super::{Key, Plan};
use changes::{changes, count_changes, flat};
use serde::Serialize;
use std::collections::BTreeMap;

/// Past results of a room that are looked at for the nearest one.
const LOOK_BACK: usize = 100;

/// More reasons than this help nobody.
const MOST_REASONS: usize = 8;

/// What will happen to a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// Its result is cached.
    Hit,
    /// It runs, unless one that was in doubt turns out to do the very same work and is quicker.
    Run,
    /// It runs unless a stage that runs before it makes that needless: its input comes out unchanged, or another stage
    /// of this plan does the very same work.
    RunUnlessUnchanged,
}

/// One line of a plan.
#[derive(Clone, Debug, Serialize)]
pub struct Forecast {
    /// The stage's readable title.
    pub title: String,
    /// The room.
    pub stage: &'static str,
    /// Its key.
    pub key: Key,
    /// Places of its inputs.
    pub inputs: Vec<usize>,
    /// What will happen.
    pub fate: Fate,
    /// Why it is not a hit: what changed, old → new. Empty for a hit.
    pub why: Vec<String>,
    /// Seconds that the nearest past run of it took.
    pub seconds: Option<f64>,
    /// Bytes cached.
    pub bytes: Option<u64>,
}

/// The fate of every stage of `plan`, in order. Results are looked for, not verified: a damaged one is a hit here, and
/// the walk finds the damage and runs the stage.
pub fn forecast(plan: &Plan, cache: &Cache) -> Vec<Forecast> {
    let mut outlook = Outlook { cache, digests: BTreeMap::new(), due: BTreeMap::new(), past: BTreeMap::new() };
    let mut lines: Vec<Forecast> = Vec::with_capacity(plan.nodes().len());
    for node in plan.nodes() {
        let line = outlook.line(node, &lines);
        lines.push(line);
    }
    lines
}

/// What is known while a plan is gone through.
struct Outlook<'a> {
    cache: &'a Cache,
    /// For each cached stage of the plan, the hash of its result's bytes.
    digests: BTreeMap<Key, Key>,
    /// Content keys that this plan will compute, and who does it.
    due: BTreeMap<Key, String>,
    /// Past results of each room, the newest first.
    past: BTreeMap<&'static str, Vec<Alias>>,
}

/// A fate, its reasons, seconds and bytes.
type Outcome = (Fate, Vec<String>, Option<f64>, Option<u64>);

impl Outlook<'_> {
    fn line(&mut self, node: &Node, above: &[Forecast]) -> Forecast {
        let (fate, why, seconds, bytes) = match self.content_key(node) {
            Some(object) => self.settled(node, object),
            None => self.unsettled(node, above),
        };
        let (title, key, inputs) = (node.title.clone(), node.key, node.inputs.clone());
        Forecast { title, stage: node.stage, key, inputs, fate, why, seconds, bytes }
    }

    /// The content key, if all inputs are cached.
    fn content_key(&self, node: &Node) -> Option<Key> {
        let cached = handles_in(&node.settings).iter().all(|key| self.digests.contains_key(key));
        cached.then(|| {
            let content = with_handles(&node.settings, &|key| self.digests[&key]);
            Key::of_stage(node.stage, node.version, &content)
        })
    }

    /// All inputs are cached, so the stage's own content key is known.
    fn settled(&mut self, node: &Node, object: Key) -> Outcome {
        if let Some(entry) = self.cache.entry(node.stage, object) {
            self.digests.insert(node.key, entry.digest());
            return (Fate::Hit, Vec::new(), Some(entry.manifest().seconds), Some(entry.bytes()));
        }
        if let Some(title) = self.due.get(&object) {
            return (Fate::RunUnlessUnchanged, vec![format!("the same work as {title}")], None, None);
        }
        self.due.insert(object, node.title.clone());
        let (why, seconds) = self.why(node, &[]);
        (Fate::Run, why, seconds, None)
    }

    /// An input runs, and what it will give is not known.
    fn unsettled(&mut self, node: &Node, above: &[Forecast]) -> Outcome {
        let running = node.inputs.iter().map(|input| &above[*input]).filter(|line| line.fate != Fate::Hit);
        let titles: Vec<&str> = running.map(|line| line.title.as_str()).collect();
        let (why, seconds) = self.why(node, &titles);
        (Fate::RunUnlessUnchanged, why, seconds, None)
    }

    /// What is other than in the nearest past run, and how long that took.
    fn why(&mut self, node: &Node, running: &[&str]) -> (Vec<String>, Option<f64>) {
        let cache = self.cache;
        let newest = |stage| cache.newest_aliases(stage, LOOK_BACK).into_iter().map(|(alias, _)| alias).collect();
        let past: &Vec<Alias> = self.past.entry(node.stage).or_insert_with(|| newest(node.stage));
        let Some(alias) = nearest(node, past) else { return (vec!["first time".to_owned()], None) };
        let seconds = cache.entry(node.stage, alias.object).map(|entry| entry.manifest().seconds);
        (reasons(node, alias, running), seconds)
    }
}

/// The past stage of the same title (else of the same room) that differs in the fewest settings; the newest of equals.
fn nearest<'a>(node: &Node, past: &'a [Alias]) -> Option<&'a Alias> {
    let new = flat(&node.settings);
    past.iter().min_by_key(|alias| (alias.title != node.title, count_changes(&flat(&alias.settings), &new)))
}

fn reasons(node: &Node, alias: &Alias, running: &[&str]) -> Vec<String> {
    let (old, new) = (alias.version, node.version);
    let version = (old != new).then(|| format!("version {}.{} → {}.{}", old.room, old.kind, new.room, new.kind));
    // An input that runs is told by its title, once.
    let changes =
        changes(&alias.settings, &node.settings).into_iter().filter(|change| running.is_empty() || !change.input);
    let runs = (!running.is_empty()).then(|| format!("input {} runs", running.join(", ")));
    let all: Vec<String> = version.into_iter().chain(changes.map(|change| change.text)).chain(runs).collect();
    if all.is_empty() { vec!["its result is no longer cached".to_owned()] } else { at_most(MOST_REASONS, all) }
}

fn at_most(most: usize, mut reasons: Vec<String>) -> Vec<String> {
    if reasons.len() > most {
        let more = reasons.len() - (most - 1);
        reasons.truncate(most - 1);
        reasons.push(format!("and {more} more"));
    }
    reasons
}
