//! What people see while stages run: bars on a terminal, plain lines elsewhere, JSON for machines.

mod bars;
mod lines;
mod quiet;
mod wording;

use super::output::can_redraw;
use crate::engine::{Forecast, Watcher};

/// A watcher that owns the screen.
pub trait Screen: Watcher {
    /// Lets `write` write to stdout or stderr without spoiling what is drawn.
    fn beside(&self, write: &mut dyn FnMut()) {
        write();
    }

    /// Says what is still to be said and leaves the screen clean.
    fn finish(&self) {}
}

/// Bars if stderr is a terminal, else a line for each stage. `forecast` is the plan; it may be empty.
pub fn for_people(forecast: &[Forecast]) -> Box<dyn Screen> {
    if can_redraw() { Box::new(bars::Bars::new(forecast)) } else { Box::new(lines::Lines::new()) }
}

/// Warnings and failures only.
pub fn quiet() -> Box<dyn Screen> {
    Box::new(quiet::Quiet::new())
}

/// Every event as a line of JSON on stdout.
pub fn json() -> Box<dyn Screen> {
    Box::new(lines::JsonLines::new())
}
