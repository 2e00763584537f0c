//! Walking a plan: a stage starts when its last input has arrived; independent stages run side by side.

mod flow;
mod step;

use super::cache::{Cache, Entry, Fault, Partial};
use super::plan::{Node, Shared};
use super::{Artifact, Event, Failure, FailureKind, Files, Handle, How, Interrupt, Key, Plan, Watcher};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// How to walk.
#[derive(Clone, Debug, Default)]
pub struct WalkOptions {
    /// Rooms to run even where the result is cached; the bytes are compared and nothing is replaced.
    pub force: BTreeSet<String>,
    /// Start nothing more once a stage has failed.
    pub fail_fast: bool,
    /// Start nothing more once it is asked for, and let stages that can be continued put their work aside.
    pub interrupt: Interrupt,
}

/// Why stages were skipped when the walk was asked to stop.
const INTERRUPTED: &str = "interrupted";

/// How a stage ended.
#[derive(Clone, Debug)]
pub enum End {
    /// It has a result.
    Done {
        /// How it came by it.
        how: How,
        /// Seconds spent in this walk.
        seconds: f64,
        /// The published result.
        entry: Entry,
    },
    /// It failed.
    Failed {
        /// The class.
        kind: FailureKind,
        /// What happened.
        message: String,
    },
    /// It was not run.
    Skipped {
        /// Title of the failed stage behind it, or why the walk stopped.
        because: String,
    },
}

/// Stages whose ends are waited for together: what one run folder is made of.
pub struct Goal {
    /// Places in the plan.
    pub places: Vec<usize>,
}

/// A walk under way, and all that has arrived so far.
pub struct Walk<'a> {
    plan: &'a Plan,
    pub(super) cache: &'a Cache,
    watcher: &'a dyn Watcher,
    options: &'a WalkOptions,
    ends: Vec<OnceLock<End>>,
    values: Vec<Mutex<Option<Shared>>>,
    unread: Vec<AtomicUsize>,
    stop: AtomicBool,
}

/// Is told the index of each goal as all its places have ended, from the thread that ended the last.
/// A goal without places is told before the first stage starts.
pub type Reached<'a> = dyn Fn(usize, &Walk) + Sync + 'a;

/// Walks `plan` to its end; a failure stops only what stands on it. Gives how every stage ended.
/// As many stages run side by side as rayon has threads here.
pub fn walk(
    plan: &Plan,
    cache: &Cache,
    watcher: &dyn Watcher,
    options: &WalkOptions,
    goals: &[Goal],
    reached: &Reached,
) -> Vec<End> {
    let readers = plan.readers();
    let walk = Walk::new(plan, cache, watcher, options, &readers);
    flow::run(&walk, &readers, goals, reached);
    walk.ends.into_iter().map(|end| end.into_inner().expect("every stage of an acyclic plan ends")).collect()
}

impl<'a> Walk<'a> {
    fn new(
        plan: &'a Plan,
        cache: &'a Cache,
        watcher: &'a dyn Watcher,
        options: &'a WalkOptions,
        readers: &[Vec<usize>],
    ) -> Walk<'a> {
        let each = plan.nodes().len();
        Walk {
            plan,
            cache,
            watcher,
            options,
            ends: (0..each).map(|_| OnceLock::new()).collect(),
            values: (0..each).map(|_| Mutex::new(None)).collect(),
            unread: readers.iter().map(|of| AtomicUsize::new(of.len())).collect(),
            stop: AtomicBool::new(false),
        }
    }

    /// How the stage at `place` ended, if it has.
    pub fn ended(&self, place: usize) -> Option<&End> {
        self.ends[place].get()
    }

    /// The value of `handle`, loaded and verified if it is not in memory.
    pub fn get<T: Artifact>(&self, handle: &Handle<T>) -> Result<Arc<T>, Failure> {
        self.value(handle.key())
    }

    /// The verified files of `handle`.
    pub fn files<T: Artifact>(&self, handle: &Handle<T>) -> Result<Files, Failure> {
        self.read(self.plan.place(handle.key()))
    }

    /// Whether the walk was asked to stop.
    pub fn interrupt(&self) -> &Interrupt {
        &self.options.interrupt
    }

    /// What the stage of `handle` put aside, if it did not come to its result.
    pub fn unfinished<T: Artifact>(&self, handle: &Handle<T>) -> Option<Files> {
        self.partial_at(self.plan.place(handle.key())).load()
    }

    pub(super) fn partial_at(&self, place: usize) -> Partial {
        let node = &self.plan.nodes()[place];
        self.cache.partial(node.stage, self.content_key(node))
    }

    pub(super) fn tell(&self, event: &Event) {
        self.watcher.on(event);
    }

    /// The value of `key` for the stage at `reader`, which must have named it in its settings: an input that is not
    /// part of the key could change without the result noticing.
    pub(super) fn input<T: Artifact>(&self, reader: usize, key: Key) -> Result<Arc<T>, Failure> {
        match self.plan.nodes()[reader].inputs.contains(&self.plan.place(key)) {
            true => self.value(key),
            false => Err(Failure::new(FailureKind::Stage, "a stage asks for a result that its settings do not name")),
        }
    }

    fn value<T: Artifact>(&self, key: Key) -> Result<Arc<T>, Failure> {
        let value = self.shared(self.plan.place(key))?;
        value.downcast().map_err(|_| Failure::new(FailureKind::Stage, "a handle names a result of another type"))
    }

    /// Whoever comes first loads, the others wait for it; it stays in memory while a stage will still read it.
    fn shared(&self, place: usize) -> Result<Shared, Failure> {
        let mut kept = self.kept(place);
        if let Some(value) = kept.as_ref() {
            return Ok(value.clone());
        }
        let value = self.plan.nodes()[place].work.load(&self.read(place)?).map_err(Failure::classify)?;
        *kept = self.is_wanted(place).then(|| value.clone());
        Ok(value)
    }

    fn kept(&self, place: usize) -> MutexGuard<'_, Option<Shared>> {
        self.values[place].lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_wanted(&self, place: usize) -> bool {
        self.unread[place].load(Ordering::Acquire) > 0
    }

    /// A value that no stage will read again leaves memory; its files stay in the cache.
    fn release(&self, input: usize) {
        if self.unread[input].fetch_sub(1, Ordering::AcqRel) == 1 {
            *self.kept(input) = None;
        }
    }

    /// The files of an ended stage. Damage that came after this walk verified them is mended on the spot.
    fn read(&self, place: usize) -> Result<Files, Failure> {
        let Some(End::Done { entry, .. }) = self.ended(place) else {
            return Err(Failure::new(FailureKind::Stage, "an input has no result"));
        };
        match entry.read() {
            Err(Fault::Damaged(_)) => Ok(self.mend(place, entry)?.read()?),
            read => Ok(read?),
        }
    }

    fn end(&self, place: usize) {
        let node = &self.plan.nodes()[place];
        let end = match self.obstacle(node) {
            Some(because) => End::Skipped { because },
            None => self.finish(place).unwrap_or_else(End::failed),
        };
        if matches!(end, End::Failed { .. }) && self.options.fail_fast {
            self.stop.store(true, Ordering::Release);
        }
        self.report(place, &end);
        let _ = self.ends[place].set(end);
        node.inputs.iter().for_each(|input| self.release(*input));
    }

    fn obstacle(&self, node: &Node) -> Option<String> {
        if self.stop.load(Ordering::Acquire) {
            return Some("another stage failed first".to_owned());
        }
        if self.options.interrupt.is_asked() {
            return Some(INTERRUPTED.to_owned());
        }
        node.inputs.iter().find_map(|input| match self.ended(*input) {
            Some(End::Failed { .. }) => Some(format!("{} failed", self.plan.nodes()[*input].title)),
            Some(End::Skipped { because }) => Some(because.clone()),
            _ => None,
        })
    }

    fn report(&self, node: usize, end: &End) {
        let title = self.plan.nodes()[node].title.clone();
        self.tell(&match end {
            End::Done { how, seconds, entry } => {
                Event::Finished { node, title, how: *how, seconds: *seconds, bytes: entry.bytes() }
            }
            End::Failed { kind, message } => Event::Failed { node, title, kind: *kind, message: message.clone() },
            End::Skipped { because } => Event::Skipped { node, title, because: because.clone() },
        });
    }
}

impl End {
    fn failed(failure: Failure) -> End {
        match failure.kind {
            FailureKind::Interrupted => End::Skipped { because: INTERRUPTED.to_owned() },
            kind => End::Failed { kind, message: failure.to_string() },
        }
    }
}

#[cfg(test)]
mod tests;
