//! Which rows a step sees: every epoch is a seeded shuffle of all rows, and epochs follow each other without a gap.
//! Bottou, "Curiously fast convergence of some stochastic gradient descent algorithms" (2009): shuffling, not sampling.

use crate::random::Stream;

/// The endless sequence of shuffled epochs, cut into batches. Step `n` is the same whether or not those before were asked for.
#[derive(Clone, Debug)]
pub struct Batches {
    rows: usize,
    batch: usize,
    seed: u64,
    epoch: usize,
    order: Vec<usize>,
}

impl Batches {
    /// Batches of `batch` from `rows` rows; both must be above 0.
    pub fn new(rows: usize, batch: usize, seed: u64) -> Batches {
        Batches { rows, batch, seed, epoch: 0, order: shuffled(rows, seed, 0) }
    }

    /// The row indices of step `step`; a batch may end one epoch and begin the next, so all have the same size.
    pub fn indices(&mut self, step: usize) -> Vec<usize> {
        (step * self.batch..(step + 1) * self.batch).map(|at| self.row(at)).collect()
    }

    fn row(&mut self, at: usize) -> usize {
        if at / self.rows != self.epoch {
            self.epoch = at / self.rows;
            self.order = shuffled(self.rows, self.seed, self.epoch);
        }
        self.order[at % self.rows]
    }
}

fn shuffled(rows: usize, seed: u64, epoch: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..rows).collect();
    Stream::at(seed, "train.shuffle", epoch as u64).shuffle(&mut order);
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_epoch_sees_every_row_once_in_another_order() {
        let mut batches = Batches::new(10, 4, 3);
        let seen: Vec<usize> = (0..5).flat_map(|step| batches.indices(step)).collect();
        for epoch in seen.chunks(10) {
            let mut sorted = epoch.to_vec();
            sorted.sort_unstable();
            assert_eq!(sorted, (0..10).collect::<Vec<_>>());
        }
        assert_ne!(seen[..10], seen[10..]);
    }

    #[test]
    fn a_step_is_the_same_when_training_continues_there() {
        let mut straight = Batches::new(10, 4, 3);
        let steps: Vec<_> = (0..7).map(|step| straight.indices(step)).collect();
        assert_eq!(Batches::new(10, 4, 3).indices(6), steps[6]);
        assert_ne!(Batches::new(10, 4, 4).indices(6), steps[6]);
    }
}
