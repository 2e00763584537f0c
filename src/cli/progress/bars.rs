//! Progress on a terminal: a bar for each running stage, one for the whole, and a line for each stage that is done.

use super::Screen;
use super::wording::Wording;
use crate::cli::output::Paint;
use crate::cli::units;
use crate::engine::{Event, Fate, Forecast, Watcher};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

const TICK: Duration = Duration::from_millis(200);
const UNKNOWN_LENGTH: &str = "  {spinner} {prefix}  {elapsed}";
const KNOWN_LENGTH: &str = "  {spinner} {prefix}  {bar:24} {pos}/{len}  {eta} left  {msg}";
const WHOLE: &str = "  {bar:24} {pos}/{len} stages  {elapsed}{msg}";

/// Bars on stderr.
pub struct Bars {
    wording: Wording,
    all: MultiProgress,
    whole: Option<Whole>,
    running: Mutex<BTreeMap<usize, ProgressBar>>,
}

/// The bar of the whole plan, and what past runs say of the time its stages take.
struct Whole {
    bar: ProgressBar,
    open: Mutex<BTreeMap<usize, Option<f64>>>,
}

impl Bars {
    /// Bars for the plan that `forecast` tells of.
    pub fn new(forecast: &[Forecast]) -> Bars {
        let all = MultiProgress::with_draw_target(ProgressDrawTarget::stderr());
        let whole = (!forecast.is_empty()).then(|| Whole::new(&all, forecast));
        Bars { wording: Wording::new(Paint::for_stderr()), all, whole, running: Mutex::default() }
    }

    fn begin(&self, node: usize, title: &str) {
        let bar = ProgressBar::new_spinner().with_style(style(UNKNOWN_LENGTH)).with_prefix(title.to_owned());
        let bar = match &self.whole {
            Some(whole) => self.all.insert_before(&whole.bar, bar),
            None => self.all.add(bar),
        };
        bar.enable_steady_tick(TICK);
        self.running.lock().unwrap_or_else(PoisonError::into_inner).insert(node, bar);
    }

    fn advance(&self, node: usize, done: u64, of: u64, note: &str) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(bar) = running.get(&node) else { return };
        if bar.length() != Some(of) {
            bar.set_length(of);
            bar.set_style(style(KNOWN_LENGTH));
        }
        bar.set_message(note.to_owned());
        bar.set_position(done);
    }

    fn end(&self, node: usize) {
        if let Some(bar) = self.running.lock().unwrap_or_else(PoisonError::into_inner).remove(&node) {
            bar.finish_and_clear();
            self.all.remove(&bar);
        }
        self.whole.iter().for_each(|whole| whole.end(node));
    }
}

impl Whole {
    fn new(all: &MultiProgress, forecast: &[Forecast]) -> Whole {
        let bar = all.add(ProgressBar::new(forecast.len() as u64).with_style(style(WHOLE)));
        bar.enable_steady_tick(TICK);
        let open = forecast.iter().enumerate().map(|(place, line)| (place, expected(line))).collect();
        Whole { bar, open: Mutex::new(open) }
    }

    fn end(&self, node: usize) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.remove(&node);
        self.bar.set_position(self.bar.length().unwrap_or(0).saturating_sub(open.len() as u64));
        self.bar.set_message(left(open.values().copied()));
    }
}

/// Seconds that a stage is expected to take: a hit takes none, a new one is unknown.
fn expected(line: &Forecast) -> Option<f64> {
    if line.fate == Fate::Hit { Some(0.0) } else { line.seconds }
}

/// `, about 34 s of work left`, or nothing where some stage was never timed.
fn left(mut seconds: impl Iterator<Item = Option<f64>>) -> String {
    match seconds.try_fold(0.0, |sum, each| Some(sum + each?)) {
        Some(sum) if sum >= 1.0 => format!(", about {} of work left", units::seconds(sum)),
        _ => String::new(),
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("templates are constants").progress_chars("━╸─")
}

impl Watcher for Bars {
    fn on(&self, event: &Event) {
        match event {
            Event::Started { node, title } => self.begin(*node, title),
            Event::Progress { node, done, of, note } => self.advance(*node, *done, *of, note),
            Event::Finished { node, .. } | Event::Failed { node, .. } | Event::Skipped { node, .. } => self.end(*node),
            Event::Waiting { .. } | Event::Warning { .. } => {}
        }
        if let Some(line) = self.wording.line(event) {
            // A terminal that has gone away is no reason to stop.
            let _ = self.all.println(line);
        }
    }
}

impl Screen for Bars {
    fn beside(&self, write: &mut dyn FnMut()) {
        self.all.suspend(write);
    }

    fn finish(&self) {
        self.wording.rest().iter().for_each(|line| drop(self.all.println(line)));
        self.whole.iter().for_each(|whole| whole.bar.finish_and_clear());
        let _ = self.all.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_is_told_only_if_every_stage_was_timed_before() {
        assert_eq!(left([Some(0.0), Some(34.0)].into_iter()), ", about 34 s of work left");
        assert_eq!(left([Some(5.0), None].into_iter()), "");
        assert_eq!(left([Some(0.1)].into_iter()), "");
    }

    #[test]
    fn templates_are_sound() {
        [UNKNOWN_LENGTH, KNOWN_LENGTH, WHOLE].into_iter().for_each(|template| drop(style(template)));
    }
}
