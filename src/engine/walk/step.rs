//! One step of a walk: a stage comes by its result from the cache, from another process, or by running.

use super::{End, Walk};
use crate::engine::cache::{Alias, CacheError, Entry, FORMAT, Lookup, Slot};
use crate::engine::key::with_handles;
use crate::engine::plan::{Node, Shared};
use crate::engine::{Ctx, Event, Failure, FailureKind, Files, How, Key};
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

/// A result and how it came about; the value itself if it was made here.
struct Made {
    how: How,
    entry: Entry,
    value: Option<Shared>,
}

impl Walk<'_> {
    pub(super) fn finish(&self, place: usize) -> Result<End, Failure> {
        let (node, begun) = (&self.plan.nodes()[place], Instant::now());
        let object = self.content_key(node);
        let known = self.cache.alias(node.stage, node.key).map(|alias| alias.object);
        let made = match self.lookup(place, object)? {
            Lookup::Hit(entry) if self.options.force.contains(node.stage) => self.compare(place, entry)?,
            Lookup::Hit(entry) => {
                let how = if known == Some(object) { How::Hit } else { How::CutOff };
                Made { how, entry, value: None }
            }
            Lookup::Miss(slot) => self.make(place, slot)?,
        };
        *self.kept(place) = made.value.filter(|_| self.is_wanted(place));
        self.note(place, known, object, made.how);
        Ok(End::Done { how: made.how, seconds: begun.elapsed().as_secs_f64(), entry: made.entry })
    }

    /// The key of the stage with its inputs' keys replaced by the hashes of their bytes.
    pub(super) fn content_key(&self, node: &Node) -> Key {
        let digest = |key: Key| match self.ended(self.plan.place(key)) {
            Some(End::Done { entry, .. }) => entry.digest(),
            _ => key,
        };
        Key::of_stage(node.stage, node.version, &with_handles(&node.settings, &digest))
    }

    fn lookup(&self, place: usize, object: Key) -> Result<Lookup, CacheError> {
        self.cache.lookup(self.plan.nodes()[place].stage, object, &mut |damage| self.warn(place, damage.message))
    }

    /// Makes the result, or waits for whoever is making it. Asked again under the lock: they may just have ended.
    fn make(&self, place: usize, slot: Slot) -> Result<Made, Failure> {
        let node = &self.plan.nodes()[place];
        let _lock = self.cache.lock(node.stage, slot.object, &mut || {
            self.tell(&Event::Waiting { node: place, title: node.title.clone() });
        });
        match slot.ask_again()? {
            Lookup::Hit(entry) => Ok(Made { how: How::Hit, entry, value: None }),
            Lookup::Miss(slot) => self.compute(place, slot),
        }
    }

    /// If another writer was first, its files are the result, and the value is read from them when it is needed.
    fn compute(&self, place: usize, slot: Slot) -> Result<Made, Failure> {
        let begun = Instant::now();
        let (value, files) = self.run(place)?;
        let published = slot.fill(&files, begun.elapsed().as_secs_f64())?;
        self.partial_at(place).forget();
        Ok(Made { how: How::Ran, entry: published.entry, value: published.ours.then_some(value) })
    }

    fn run(&self, place: usize) -> Result<(Shared, Files), Failure> {
        let node = &self.plan.nodes()[place];
        self.tell(&Event::Started { node: place, title: node.title.clone() });
        let ctx = Ctx { walk: self, place };
        catch_unwind(AssertUnwindSafe(|| node.work.run(&ctx))).unwrap_or_else(|panic| Err(panicked(panic.as_ref())))
    }

    fn compare(&self, place: usize, entry: Entry) -> Result<Made, Failure> {
        let (_, files) = self.run(place)?;
        self.partial_at(place).forget();
        let differ = differing(&entry.read()?, &files);
        let verdict = match differ.is_empty() {
            true => "the same bytes as cached".to_owned(),
            false => format!("DIFFERENT from what is cached in {}; nothing was replaced", differ.join(", ")),
        };
        self.warn(place, format!("{}: computed again, {verdict}", self.plan.nodes()[place].title));
        Ok(Made { how: How::Ran, entry, value: None })
    }

    /// Computes a result again that was damaged after this walk had verified it.
    pub(super) fn mend(&self, place: usize, damaged: &Entry) -> Result<Entry, Failure> {
        let made = match self.lookup(place, damaged.manifest().object)? {
            Lookup::Hit(entry) => return Ok(entry),
            Lookup::Miss(slot) => self.make(place, slot)?,
        };
        let end = End::Done { how: made.how, seconds: made.entry.manifest().seconds, entry: made.entry.clone() };
        self.report(place, &end);
        let same = made.entry.digest() == damaged.digest();
        same.then_some(made.entry).ok_or_else(|| {
            Failure::new(FailureKind::Stage, "a damaged input came out with other bytes when computed again; run again")
        })
    }

    /// Remembers what the key led to. Only explanations and ages depend on it, so trouble is told and no more; a hit in
    /// a read-only cache is not even told.
    fn note(&self, place: usize, known: Option<Key>, object: Key, how: How) {
        let node = &self.plan.nodes()[place];
        if known.is_some_and(|known| known != object) {
            let title = &node.title;
            self.warn(place, format!("{title}: the same settings and inputs led to other bytes before; a stage above it is not deterministic, or its code changed without a new version"));
        }
        let (key, title, version, settings) = (node.key, node.title.clone(), node.version, node.settings.clone());
        let alias = Alias { format: FORMAT, key, object, title, version, settings };
        match self.cache.record(node.stage, &alias) {
            Err(error) if how == How::Ran => self.warn(place, Failure::from(error).to_string()),
            _ => {}
        }
    }

    fn warn(&self, place: usize, message: String) {
        self.tell(&Event::Warning { node: Some(place), message });
    }
}

/// Names of the files that are not the same in both.
fn differing(old: &Files, new: &Files) -> Vec<String> {
    let names: BTreeSet<&str> = old.iter().chain(new.iter()).map(|(name, _)| name).collect();
    let differs = |name: &&str| old.bytes(name).ok() != new.bytes(name).ok();
    names.into_iter().filter(differs).map(str::to_owned).collect()
}

fn panicked(panic: &(dyn std::any::Any + Send)) -> Failure {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    let text = text.unwrap_or("no message");
    Failure::new(FailureKind::Stage, format!("the stage panicked ({text}); this is a bug in runner"))
}
