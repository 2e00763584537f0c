//! The engine: stages, their keys, the cache, the walk, run folders. It knows no music.
//!
//! What it promises: all keys are known before anything runs; a result is published whole or not at all and never
//! replaced; every byte read from the cache is hashed; errors of the environment are never cached; locks only save
//! double work; the same plan gives the same bytes whatever the number of threads.

// The vocabulary, in the order in which it is best read.
mod event;
mod failure;
mod interrupt;
mod key;
mod stage;

// What a plan is, what it will do, what it does.
mod ctx;
mod forecast;
mod plan;
mod walk;

// What lies on disk.
pub mod cache;
pub mod inputs;
pub mod run_folder;

// How rooms list their kinds.
pub mod kinds;

pub use cache::Cache;
pub use ctx::Ctx;
pub use event::{Event, How, Silent, Watcher};
pub use failure::{Failure, FailureKind};
pub use forecast::{Fate, Forecast, forecast};
pub use interrupt::{Hold, Interrupt};
pub use key::{Handle, Key, Version};
pub use plan::{Node, Plan};
pub use stage::{Artifact, BoxError, Files, MissingFile, Stage};
pub use walk::{End, Goal, Reached, Walk, WalkOptions, walk};
