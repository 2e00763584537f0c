//! Asking a walk to stop: stages that can be continued put their work aside, and whoever asked waits until they have.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// A wish to stop, shared by whoever hears it (a signal) and the stages that heed it. It cannot be taken back.
#[derive(Clone, Debug, Default)]
pub struct Interrupt(Arc<Wish>);

#[derive(Debug, Default)]
struct Wish {
    asked: AtomicBool,
    held: Mutex<usize>,
    let_go: Condvar,
}

/// Held by a stage that puts its work aside when it is asked to stop; dropped when it has.
#[derive(Debug)]
pub struct Hold(Arc<Wish>);

impl Interrupt {
    /// Asks for the end.
    pub fn ask(&self) {
        self.0.asked.store(true, Ordering::Release);
    }

    /// Whether the end was asked for.
    pub fn is_asked(&self) -> bool {
        self.0.asked.load(Ordering::Acquire)
    }

    /// Lets whoever asks for the end wait until this stage has put its work aside.
    pub fn hold(&self) -> Hold {
        *self.0.held.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        Hold(self.0.clone())
    }

    /// Waits until nobody holds, for `limit` at most.
    pub fn wait(&self, limit: Duration) {
        let held = self.0.held.lock().unwrap_or_else(PoisonError::into_inner);
        // Whether it was the time that ran out does not matter: the process ends either way.
        let _ = self.0.let_go.wait_timeout_while(held, limit, |held| *held > 0);
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        *self.0.held.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        self.0.let_go.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[test]
    fn whoever_asks_waits_for_those_that_hold_and_for_nobody_else() {
        let interrupt = Interrupt::default();
        assert!(!interrupt.is_asked());
        interrupt.wait(Duration::from_secs(60));
        let (hold, heard) = (interrupt.hold(), interrupt.clone());
        let stage = std::thread::spawn(move || {
            while !heard.is_asked() {
                std::thread::yield_now();
            }
            drop(hold);
        });
        interrupt.ask();
        interrupt.wait(Duration::from_secs(60));
        stage.join().unwrap();
        assert_eq!(*interrupt.0.held.lock().unwrap(), 0);
    }

    #[test]
    fn the_wait_has_a_limit() {
        let interrupt = Interrupt::default();
        let _hold = interrupt.hold();
        let begun = Instant::now();
        interrupt.wait(Duration::from_millis(20));
        assert!(begun.elapsed() >= Duration::from_millis(20));
    }
}
