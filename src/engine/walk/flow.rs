//! Which stage may start, on which thread, and which goals it completes.
//!
//! Stages run on threads of their own and not as tasks of rayon, though they may use rayon inside. A rayon thread that
//! waits for a piece of its parallel loop takes up any other task meanwhile: a whole training would run *inside* another
//! stage, on top of its stack, with its locks held, and the small stage would end after the long one.

use super::{Goal, Reached, Walk};
use std::collections::BTreeSet;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, Builder};

/// As the main thread has; the other threads have less by default, and gradients recurse.
const STACK_BYTES: usize = 8 << 20;

struct Flow<'a> {
    walk: &'a Walk<'a>,
    readers: &'a [Vec<usize>],
    goals_of: Vec<Vec<usize>>,
    reached: &'a Reached<'a>,
    board: Mutex<Board>,
    news: Condvar,
}

/// What is left to do.
struct Board {
    /// Stages whose inputs have all ended. The first in the plan goes first: one experiment is finished before the next.
    ready: BTreeSet<usize>,
    /// For each stage, inputs that have not ended.
    waiting: Vec<usize>,
    /// For each goal, places that have not ended.
    missing: Vec<usize>,
    /// Stages that have not ended.
    left: usize,
    /// A thread panicked outside of any stage; the others must not wait for what it would have done.
    broken: bool,
}

/// Runs every stage, and tells each goal once.
pub(super) fn run<'a>(walk: &'a Walk<'a>, readers: &'a [Vec<usize>], goals: &[Goal], reached: &'a Reached<'a>) {
    let flow = Flow::new(walk, readers, goals, reached);
    goals.iter().enumerate().filter(|(_, goal)| goal.places.is_empty()).for_each(|(goal, _)| reached(goal, walk));
    let runners = rayon::current_num_threads().min(readers.len());
    thread::scope(|scope| {
        for index in 1..runners {
            // Fewer threads are slower and nothing else; this thread is always there.
            let thread = Builder::new().name(format!("stage-{index}")).stack_size(STACK_BYTES);
            let _ = thread.spawn_scoped(scope, || flow.work());
        }
        flow.work();
    });
}

impl<'a> Flow<'a> {
    fn new(walk: &'a Walk<'a>, readers: &'a [Vec<usize>], goals: &[Goal], reached: &'a Reached<'a>) -> Flow<'a> {
        let waiting: Vec<usize> = walk.plan.nodes().iter().map(|node| node.inputs.len()).collect();
        let mut goals_of = vec![Vec::new(); readers.len()];
        for (index, goal) in goals.iter().enumerate() {
            goal.places.iter().for_each(|place| goals_of[*place].push(index));
        }
        let ready = (0..waiting.len()).filter(|place| waiting[*place] == 0).collect();
        let missing = goals.iter().map(|goal| goal.places.len()).collect();
        let board = Mutex::new(Board { ready, waiting, missing, left: readers.len(), broken: false });
        Flow { walk, readers, goals_of, reached, board, news: Condvar::new() }
    }

    fn work(&self) {
        let _alarm = Alarm(self);
        while let Some(place) = self.next() {
            self.walk.end(place);
            let goals = self.cross_off(place);
            goals.into_iter().for_each(|goal| (self.reached)(goal, self.walk));
        }
    }

    /// The next stage to run; waits for one if there will be one.
    fn next(&self) -> Option<usize> {
        let mut board = self.board();
        loop {
            if board.left == 0 || board.broken {
                return None;
            }
            if let Some(place) = board.ready.pop_first() {
                return Some(place);
            }
            board = self.news.wait(board).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Notes that the stage at `place` has ended; gives the goals that were waiting for it alone.
    fn cross_off(&self, place: usize) -> Vec<usize> {
        let mut board = self.board();
        board.left -= 1;
        for reader in &self.readers[place] {
            board.waiting[*reader] -= 1;
            if board.waiting[*reader] == 0 {
                board.ready.insert(*reader);
            }
        }
        // A place that a goal names twice is crossed off twice.
        let is_last = |goal: &usize| {
            board.missing[*goal] -= 1;
            board.missing[*goal] == 0
        };
        let complete = self.goals_of[place].iter().copied().filter(is_last).collect();
        self.news.notify_all();
        complete
    }

    fn board(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Alarm<'f, 'a>(&'f Flow<'a>);

impl Drop for Alarm<'_, '_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.board().broken = true;
            self.0.news.notify_all();
        }
    }
}
