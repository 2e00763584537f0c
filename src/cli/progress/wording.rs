//! Events as lines that stay.

use crate::cli::output::Paint;
use crate::cli::units;
use crate::engine::{Event, FailureKind, How};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Turns events into lines. Cached and skipped stages are counted, not listed; a warning is said once.
pub struct Wording {
    paint: Paint,
    cached: AtomicUsize,
    /// How many stages were skipped, by the reason.
    skipped: Mutex<BTreeMap<String, usize>>,
    warned: Mutex<BTreeSet<String>>,
}

impl Wording {
    pub fn new(paint: Paint) -> Wording {
        Wording { paint, cached: AtomicUsize::new(0), skipped: Mutex::default(), warned: Mutex::default() }
    }

    /// The line that `event` leaves behind, if any.
    pub fn line(&self, event: &Event) -> Option<String> {
        match event {
            Event::Started { .. } | Event::Progress { .. } => None,
            Event::Finished { how: How::Hit | How::CutOff, .. } => {
                self.cached.fetch_add(1, Ordering::Relaxed);
                None
            }
            Event::Skipped { because, .. } => {
                *locked(&self.skipped).entry(because.clone()).or_insert(0) += 1;
                None
            }
            Event::Finished { title, seconds, .. } => {
                Some(format!("{} {}  {}", self.paint.good("✓"), columns(title), units::seconds(*seconds)))
            }
            _ => self.trouble(event),
        }
    }

    /// The line of an event that is heard even by those who want quiet.
    pub fn trouble(&self, event: &Event) -> Option<String> {
        match event {
            Event::Warning { message, .. } => {
                self.is_new(message).then(|| format!("{} {message}", self.paint.warn("warning:")))
            }
            Event::Failed { title, kind, message, .. } => {
                let what = self.paint.bad(&format!("✗ {title} {}:", verb(*kind)));
                Some(format!("{what} {message}"))
            }
            Event::Waiting { title, .. } => {
                Some(self.paint.dim(&format!("… {title} waits: another process computes the same")))
            }
            _ => None,
        }
    }

    /// What is said at the end: how many stages were cached, how many skipped and why.
    pub fn rest(&self) -> Vec<String> {
        let cached = self.cached.load(Ordering::Relaxed);
        let cached = (cached > 0).then(|| format!("{} {} cached", self.paint.good("✓"), stages(cached)));
        let skipped = locked(&self.skipped);
        let skipped = skipped.iter().map(|(because, count)| format!("- {} skipped: {because}", stages(*count)));
        cached.into_iter().chain(skipped.map(|line| self.paint.dim(&line))).collect()
    }

    fn is_new(&self, message: &str) -> bool {
        locked(&self.warned).insert(message.to_owned())
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn stages(count: usize) -> String {
    if count == 1 { "1 stage".to_owned() } else { format!("{count} stages") }
}

/// `features mfcc` in two columns, so that lines below each other can be compared.
fn columns(title: &str) -> String {
    let (room, work) = title.split_once(' ').unwrap_or((title, ""));
    format!("{room:<11} {work:<28}")
}

fn verb(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::Stage => "failed",
        FailureKind::Experiment => "cannot be done",
        FailureKind::Data => "found bad data",
        FailureKind::Diverged => "diverged",
        FailureKind::Io => "met an input or output error",
        FailureKind::Interrupted => "was interrupted",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finished(how: How) -> Event {
        Event::Finished { node: 0, title: "features mfcc".to_owned(), how, seconds: 2.1, bytes: 10 }
    }

    #[test]
    fn a_stage_that_ran_leaves_a_line_and_cached_ones_are_folded() {
        let wording = Wording::new(Paint::none());
        let line = wording.line(&finished(How::Ran)).unwrap();
        assert!(line.starts_with("✓ features    mfcc ") && line.ends_with("  2.1 s"), "{line}");
        assert!(wording.rest().is_empty());
        assert!(wording.line(&finished(How::Hit)).is_none() && wording.line(&finished(How::CutOff)).is_none());
        assert_eq!(wording.rest(), ["✓ 2 stages cached"]);
    }

    #[test]
    fn stages_that_are_skipped_for_one_reason_are_told_together() {
        let wording = Wording::new(Paint::none());
        for node in 0..3 {
            let skipped = Event::Skipped { node, title: "plots".to_owned(), because: "train vae failed".to_owned() };
            assert!(wording.line(&skipped).is_none());
        }
        assert_eq!(wording.rest(), ["- 3 stages skipped: train vae failed"]);
    }

    #[test]
    fn the_same_warning_is_said_once() {
        let wording = Wording::new(Paint::none());
        let warning = |node| Event::Warning { node: Some(node), message: "3 files cannot be read".to_owned() };
        assert_eq!(wording.line(&warning(1)).unwrap(), "warning: 3 files cannot be read");
        assert!(wording.line(&warning(2)).is_none());
    }

    #[test]
    fn a_failure_tells_its_class() {
        let event =
            Event::Failed { node: 0, title: "train vae".into(), kind: FailureKind::Diverged, message: "NaN".into() };
        assert_eq!(Wording::new(Paint::none()).line(&event).unwrap(), "✗ train vae diverged: NaN");
    }
}
