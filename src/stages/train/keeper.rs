//! Puts a training aside from time to time, when it is asked to stop and when it diverges; tells how far it is.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use super::checkpoint::Checkpoint;
use super::fit::At;
use crate::engine::cache::Partial;
use crate::engine::{Artifact, BoxError, Ctx, Hold};

/// The shortest time between two checkpoints; the longest that a killed training loses, where writing one takes no time.
const EVERY: Duration = Duration::from_secs(1);
/// No less than this many times what the last checkpoint took to write: they cost a twentieth of the training at most.
const COSTS: u32 = 20;

/// Watches a training for the engine.
pub(super) struct Keeper<'a> {
    ctx: &'a Ctx<'a>,
    partial: Partial,
    due: Instant,
    /// Who asks for the end waits for the checkpoint.
    _hold: Hold,
}

impl<'a> Keeper<'a> {
    pub(super) fn new(ctx: &'a Ctx<'a>) -> Keeper<'a> {
        Keeper { ctx, partial: ctx.partial(), due: Instant::now() + EVERY, _hold: ctx.interrupt().hold() }
    }

    /// The checkpoint that an earlier attempt left, if it is sound.
    pub(super) fn found(&self) -> Option<Checkpoint> {
        Checkpoint::load(&self.partial.load()?).ok()
    }

    /// After each step.
    pub(super) fn watch(&mut self, at: &At) -> ControlFlow<()> {
        let note = at.rows.last().map_or_else(String::new, |row| match row.normalised_loss {
            // By itself such a loss says nothing.
            Some(share) => format!("loss {:.2}, {share:.2} of chance", row.loss),
            None => format!("loss {:.1}", row.loss),
        });
        self.ctx.progress_with(at.done, at.of, note);
        let asked = self.ctx.interrupt().is_asked();
        if asked || at.diverged || Instant::now() >= self.due {
            self.put_aside(at);
        }
        if asked { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// Trouble with a checkpoint is told and does not end the training, which may well come to its end without.
    fn put_aside(&mut self, at: &At) {
        let begun = Instant::now();
        if let Err(error) = self.save(at) {
            self.ctx.warn(format!("a checkpoint could not be written ({error}): if the training is stopped now it begins again from the one before"));
        }
        self.due = Instant::now() + EVERY.max(begun.elapsed() * COSTS);
    }

    fn save(&self, at: &At) -> Result<(), BoxError> {
        Ok(self.partial.save(&at.checkpoint()?.save()?)?)
    }
}
