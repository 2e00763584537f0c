//! What a running stage may ask of the engine.

use super::cache::Partial;
use super::walk::Walk;
use super::{Artifact, Event, Failure, Handle, Interrupt};
use serde::Serialize;
use std::sync::Arc;

/// Inputs, progress and memo for one running stage.
pub struct Ctx<'a> {
    pub(super) walk: &'a Walk<'a>,
    pub(super) place: usize,
}

impl Ctx<'_> {
    /// The value of an input, read and verified once and shared by all that need it. The handle must be part of the
    /// stage's settings: what is not in the key must not reach the result.
    pub fn get<T: Artifact>(&self, handle: &Handle<T>) -> Result<Arc<T>, Failure> {
        self.walk.input(self.place, handle.key())
    }

    /// [`Ctx::get`] of an input that not every such stage has.
    pub fn get_if<T: Artifact>(&self, handle: Option<&Handle<T>>) -> Result<Option<Arc<T>>, Failure> {
        handle.map(|handle| self.get(handle)).transpose()
    }

    /// `done` of `of` items are done.
    pub fn progress(&self, done: usize, of: usize) {
        self.progress_with(done, of, String::new());
    }

    /// `done` of `of` items are done; `note` is a figure worth showing (`loss 12.3`).
    pub fn progress_with(&self, done: usize, of: usize, note: String) {
        self.walk.tell(&Event::Progress { node: self.place, done: done as u64, of: of as u64, note });
    }

    /// Something the user should know. It also goes into the metrics of the run if the stage's artifact says so.
    pub fn warn(&self, message: impl Into<String>) {
        self.walk.tell(&Event::Warning { node: Some(self.place), message: message.into() });
    }

    /// Where this stage may put work in progress aside, to be continued by the next attempt at the same result.
    pub fn partial(&self) -> Partial {
        self.walk.partial_at(self.place)
    }

    /// Whether the walk is asked to stop. A stage that heeds it holds it, puts its work aside and ends with
    /// [`super::FailureKind::Interrupted`].
    pub fn interrupt(&self) -> &Interrupt {
        self.walk.interrupt()
    }

    /// The remembered bytes of one item (a track, a text) that `settings` describe completely, or those that
    /// `compute` gives, which are then remembered.
    pub fn item<E: Into<Failure>>(
        &self,
        family: &str,
        settings: &impl Serialize,
        compute: impl FnOnce() -> Result<Vec<u8>, E>,
    ) -> Result<Vec<u8>, Failure> {
        if let Some(known) = self.known(family, settings) {
            return Ok(known);
        }
        let bytes = compute().map_err(Into::into)?;
        self.remember(family, settings, &bytes)?;
        Ok(bytes)
    }

    /// The remembered bytes of one item, if there are any.
    pub fn known(&self, family: &str, settings: &impl Serialize) -> Option<Vec<u8>> {
        self.walk.cache.item(family, settings)
    }

    /// Remembers `bytes` for one item, in place of what was remembered. Two processes may do so at once: one of them
    /// stays, so `bytes` must be right by itself.
    pub fn remember(&self, family: &str, settings: &impl Serialize, bytes: &[u8]) -> Result<(), Failure> {
        Ok(self.walk.cache.remember(family, settings, bytes)?)
    }
}
