//! For those who want to hear of trouble only.

use super::Screen;
use super::wording::Wording;
use crate::cli::output::{Paint, say};
use crate::engine::{Event, Watcher};

/// Says warnings and failures.
pub struct Quiet {
    wording: Wording,
}

impl Quiet {
    pub fn new() -> Quiet {
        Quiet { wording: Wording::new(Paint::for_stderr()) }
    }
}

impl Watcher for Quiet {
    fn on(&self, event: &Event) {
        if matches!(event, Event::Warning { .. } | Event::Failed { .. }) {
            self.wording.trouble(event).iter().for_each(|line| say(line));
        }
    }
}

impl Screen for Quiet {}
