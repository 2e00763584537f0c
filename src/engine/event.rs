//! What the engine says while it works. Rooms never print: whoever runs a plan brings a [`Watcher`].

use super::FailureKind;
use serde::Serialize;

/// How a stage came to its result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// The result was cached under this very key.
    Hit,
    /// The key was new, but the inputs' content was not: early cut-off.
    CutOff,
    /// The stage ran.
    Ran,
}

/// Something worth telling. `node` is the stage's place in the plan.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "each variant's comment tells its fields")]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A stage begins to run.
    Started { node: usize, title: String },
    /// Another process computes the same result; this one waits for it.
    Waiting { node: usize, title: String },
    /// `done` of `of` items (steps, tracks) are done; `note` is a figure worth showing.
    Progress { node: usize, done: u64, of: u64, note: String },
    /// Something the user should know; the work goes on.
    Warning { node: Option<usize>, message: String },
    /// A stage has its result.
    Finished { node: usize, title: String, how: How, seconds: f64, bytes: u64 },
    /// A stage failed.
    Failed { node: usize, title: String, kind: FailureKind, message: String },
    /// A stage was not run because an input of it failed, or because the walk was told to stop.
    Skipped { node: usize, title: String, because: String },
}

/// Receives events, from several threads.
pub trait Watcher: Sync {
    /// Is told `event`. Must be quick.
    fn on(&self, event: &Event);
}

/// A watcher that looks away.
pub struct Silent;

impl Watcher for Silent {
    fn on(&self, _event: &Event) {}
}
