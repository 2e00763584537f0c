//! What a trainer is taught: for each step a loss with its gradient and what goes on record, and what held-out items say.
//!
//! The trainer knows batches, gradients, Adam and checkpoints; a lesson knows what an item is (a row that is decoded again, a
//! track that is told from others) and what it costs. All that a lesson carries from step to step is in [`Params`], so that
//! checkpoints hold it.
//!
//! [`Params`]: crate::neural::params::Params

mod coding;
mod contrasting;
mod labels;

use candle_core::Tensor;

pub(super) use coding::Coding;
pub(super) use contrasting::Contrasting;

use super::fit::TrainError;
use super::history::{Row, Split};
use super::score::Tally;
use crate::model::Progress;

/// Adds a batch to the record.
pub(super) type Note<'a> = Box<dyn FnOnce(&mut Tally) -> candle_core::Result<()> + 'a>;
/// Moves what follows the weights without a gradient.
pub(super) type Follow<'a> = Box<dyn FnOnce() -> candle_core::Result<()> + 'a>;

/// What a batch costs.
pub(super) struct Answer<'a> {
    /// The objective, a scalar with its gradient.
    pub loss: Tensor,
    /// Done once the gradient is known to be finite.
    pub note: Note<'a>,
    /// Done after the optimiser has moved the weights.
    pub follow: Option<Follow<'a>>,
}

/// Where a record is made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// Steps done.
    pub done: Progress,
    /// Passes over the items done.
    pub epoch: f64,
    /// The learning rate of the last step.
    pub learning_rate: f64,
    /// The weight of the regulariser at the last step.
    pub beta: f64,
}

impl Place {
    /// The last step that was done.
    pub fn last_step(&self) -> Progress {
        Progress { step: self.done.step - 1, ..self.done }
    }

    /// The record of `tally`.
    pub fn row(&self, tally: &Tally, split: Split) -> Row {
        tally.row(split, self)
    }
}

/// What is learned.
pub(super) trait Lesson {
    /// What an epoch passes over: rows, or tracks.
    fn items(&self) -> usize;

    /// What is to be done before the step `at`.
    ///
    /// # Errors
    /// The network cannot take the items.
    fn prepare(&self, _at: Progress) -> Result<(), TrainError> {
        Ok(())
    }

    /// The cost of `items` in the step `at`.
    ///
    /// # Errors
    /// The network cannot take the items.
    fn ask<'a>(&'a self, items: &[usize], at: Progress) -> Result<Answer<'a>, TrainError>;

    /// The record of held-out items; None where nothing is held out.
    ///
    /// # Errors
    /// The network cannot take the items.
    fn examine(&self, at: &Place) -> Result<Option<Row>, TrainError>;

    /// What the regulariser is multiplied with.
    fn beta(&self, _at: Progress) -> f64 {
        0.0
    }

    /// Whether losses compare with those at the end.
    fn is_settled(&self, _at: Progress) -> bool {
        true
    }
}
