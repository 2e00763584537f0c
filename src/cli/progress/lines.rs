//! Progress where lines cannot be drawn over: one line a stage, and one per 30 s for a stage that takes long.

use super::Screen;
use super::wording::Wording;
use crate::cli::output::{Paint, print_json, say};
use crate::cli::units;
use crate::engine::{Event, Watcher};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A running stage is heard of this often at most.
const SILENCE: Duration = Duration::from_secs(30);
/// The same for machines, which read faster.
const JSON_SILENCE: Duration = Duration::from_secs(1);

/// Plain lines on stderr.
pub struct Lines {
    wording: Wording,
    running: Mutex<BTreeMap<usize, Running>>,
}

struct Running {
    title: String,
    begun: Instant,
    heard: Instant,
}

impl Lines {
    pub fn new() -> Lines {
        Lines { wording: Wording::new(Paint::for_stderr()), running: Mutex::default() }
    }

    fn progress(&self, event: &Event, now: Instant) -> Option<String> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Started { node, title } => {
                running.insert(*node, Running { title: title.clone(), begun: now, heard: now });
                None
            }
            Event::Progress { node, done, of, note } => {
                let stage = running.get_mut(node).filter(|stage| now - stage.heard >= SILENCE)?;
                stage.heard = now;
                Some(stage.line(*done, *of, note, now))
            }
            _ => None,
        }
    }
}

impl Running {
    fn line(&self, done: u64, of: u64, note: &str, now: Instant) -> String {
        let spent = (now - self.begun).as_secs_f64();
        let left = match done {
            0 => String::new(),
            _ => format!("  about {} left", units::seconds(spent * of.saturating_sub(done) as f64 / done as f64)),
        };
        let note = if note.is_empty() { String::new() } else { format!("  {note}") };
        format!("  {}  {done}/{of}{note}{left}", self.title)
    }
}

impl Watcher for Lines {
    fn on(&self, event: &Event) {
        let line = self.progress(event, Instant::now()).or_else(|| self.wording.line(event));
        line.iter().for_each(|line| say(line));
    }
}

impl Screen for Lines {
    fn finish(&self) {
        self.wording.rest().iter().for_each(|line| say(line));
    }
}

/// JSON lines on stdout.
pub struct JsonLines {
    heard: Mutex<BTreeMap<usize, Instant>>,
}

impl JsonLines {
    pub fn new() -> JsonLines {
        JsonLines { heard: Mutex::default() }
    }

    fn is_due(&self, event: &Event, now: Instant) -> bool {
        let Event::Progress { node, .. } = event else { return true };
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        let due = heard.get(node).is_none_or(|last| now - *last >= JSON_SILENCE);
        if due {
            heard.insert(*node, now);
        }
        due
    }
}

impl Watcher for JsonLines {
    fn on(&self, event: &Event) {
        if self.is_due(event, Instant::now()) {
            // A closed pipe does not stop the run.
            let _ = print_json(event);
        }
    }
}

impl Screen for JsonLines {}

#[cfg(test)]
mod tests {
    use super::*;

    fn progress(done: u64) -> Event {
        Event::Progress { node: 3, done, of: 3000, note: "loss 12.3".to_owned() }
    }

    #[test]
    fn a_long_stage_is_heard_of_every_thirty_seconds() {
        let (lines, begun) = (Lines::new(), Instant::now());
        let at = |seconds| begun + Duration::from_secs(seconds);
        lines.progress(&Event::Started { node: 3, title: "train vae".to_owned() }, begun);
        assert!(lines.progress(&progress(100), at(29)).is_none());
        let line = lines.progress(&progress(1000), at(30)).unwrap();
        assert_eq!(line, "  train vae  1000/3000  loss 12.3  about 1 min 00 s left");
        assert!(lines.progress(&progress(1100), at(31)).is_none());
        assert!(lines.progress(&progress(2000), at(60)).is_some());
    }

    #[test]
    fn machines_hear_of_progress_once_a_second() {
        let (lines, begun) = (JsonLines::new(), Instant::now());
        assert!(lines.is_due(&progress(1), begun));
        assert!(!lines.is_due(&progress(2), begun + Duration::from_millis(900)));
        assert!(lines.is_due(&progress(3), begun + Duration::from_millis(1000)));
    }
}
