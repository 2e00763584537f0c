//! A [`Plan`]: stages and what each needs, every key known before anything runs.

use super::key::handles_in;
use super::{Artifact, BoxError, Ctx, Failure, Files, Handle, Key, Stage, Version};
use serde_json::Value;
use std::any::Any;
use std::collections::HashMap;
use std::sync::Arc;

/// A value of some artifact type.
pub(super) type Shared = Arc<dyn Any + Send + Sync>;

/// Stages in an order in which each comes after its inputs. Adding the same stage twice gives one node,
/// so the experiments of a sweep share what they have in common.
#[derive(Default)]
pub struct Plan {
    nodes: Vec<Node>,
    index: HashMap<Key, usize>,
}

/// One stage of a plan.
pub struct Node {
    /// Its key.
    pub key: Key,
    /// The name of its room.
    pub stage: &'static str,
    /// What people read.
    pub title: String,
    /// Versions of room and kind.
    pub version: Version,
    /// The stage itself, inputs as handles.
    pub settings: Value,
    /// Places of its inputs in the plan, in order, each once.
    pub inputs: Vec<usize>,
    pub(super) work: Box<dyn Work>,
}

/// A stage without its type.
pub(super) trait Work: Send + Sync {
    fn run(&self, ctx: &Ctx) -> Result<(Shared, Files), Failure>;
    fn load(&self, files: &Files) -> Result<Shared, BoxError>;
}

impl<S: Stage> Work for S {
    fn run(&self, ctx: &Ctx) -> Result<(Shared, Files), Failure> {
        let files = Stage::run(self, ctx)?.save().map_err(Failure::classify)?;
        // What readers get is what they will get from the cache, down to the layout of arrays in memory.
        let value = self.load(&files).map_err(Failure::classify)?;
        Ok((value, files))
    }

    fn load(&self, files: &Files) -> Result<Shared, BoxError> {
        Ok(Arc::new(S::Output::load(files)?))
    }
}

impl Plan {
    /// An empty plan.
    pub fn new() -> Plan {
        Plan::default()
    }

    /// Adds `stage` and gives the handle of what it will make.
    ///
    /// # Panics
    /// If the settings cannot be written as JSON (a map with keys that are no strings), or a handle is of another plan.
    pub fn add<S: Stage>(&mut self, stage: S) -> Handle<S::Output> {
        let settings = serde_json::to_value(&stage).expect("settings of stages are plain data");
        let key = Key::of_stage(S::NAME, stage.version(), &settings);
        if !self.index.contains_key(&key) {
            let node = self.node(key, settings, stage);
            self.index.insert(key, self.nodes.len());
            self.nodes.push(node);
        }
        Handle::new(key)
    }

    fn node<S: Stage>(&self, key: Key, settings: Value, stage: S) -> Node {
        let mut inputs: Vec<usize> = handles_in(&settings).iter().map(|key| self.place(*key)).collect();
        inputs.sort_unstable();
        inputs.dedup();
        let (title, version) = (stage.title(), stage.version());
        Node { key, stage: S::NAME, title, version, settings, inputs, work: Box::new(stage) }
    }

    /// The stages, each after its inputs.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Where the stage of `key` stands.
    pub fn place(&self, key: Key) -> usize {
        *self.index.get(&key).expect("a handle is used in the plan that gave it")
    }

    /// For each stage, the stages that read it.
    pub(super) fn readers(&self) -> Vec<Vec<usize>> {
        let mut readers = vec![Vec::new(); self.nodes.len()];
        for (place, node) in self.nodes.iter().enumerate() {
            node.inputs.iter().for_each(|input| readers[*input].push(place));
        }
        readers
    }

    /// All stages that `places` stand on, themselves included, in order.
    pub fn needed_by(&self, places: &[usize]) -> Vec<usize> {
        let mut needed = vec![false; self.nodes.len()];
        places.iter().for_each(|place| needed[*place] = true);
        for (place, node) in self.nodes.iter().enumerate().rev() {
            if needed[place] {
                node.inputs.iter().for_each(|input| needed[*input] = true);
            }
        }
        (0..self.nodes.len()).filter(|place| needed[*place]).collect()
    }
}
