//! Events as lines that stay.

use crate::cli::output::Paint;
use crate::cli::units;
use crate::engine::{Event, FailureKind, How};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Turns events into lines. Cached stages are counted, not listed; a warning is said once.
pub struct Wording {
    paint: Paint,
    cached: AtomicUsize,
    warned: Mutex<BTreeSet<String>>,
}

impl Wording {
    pub fn new(paint: Paint) -> Wording {
        Wording { paint, cached: AtomicUsize::new(0), warned: Mutex::default() }
    }

    /// The line that `event` leaves behind, if any.
    pub fn line(&self, event: &Event) -> Option<String> {
        match event {
            Event::Started { .. } | Event::Progress { .. } => None,
            Event::Finished { how: How::Hit | How::CutOff, .. } => {
                self.cached.fetch_add(1, Ordering::Relaxed);
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
            Event::Skipped { title, because, .. } => Some(self.paint.dim(&format!("- {title} skipped: {because}"))),
            Event::Waiting { title, .. } => {
                Some(self.paint.dim(&format!("… {title} waits: another process computes the same")))
            }
            _ => None,
        }
    }

    /// How many stages were cached, if any.
    pub fn cached(&self) -> Option<String> {
        let count = self.cached.load(Ordering::Relaxed);
        let noun = if count == 1 { "stage" } else { "stages" };
        (count > 0).then(|| format!("{} {count} {noun} cached", self.paint.good("✓")))
    }

    fn is_new(&self, message: &str) -> bool {
        self.warned.lock().unwrap_or_else(PoisonError::into_inner).insert(message.to_owned())
    }
}

/// `features mfcc` in two columns, so that lines below each other can be compared.
fn columns(title: &str) -> String {
    let (room, work) = title.split_once(' ').unwrap_or((title, ""));
    format!("{room:<9} {work:<32}")
}

fn verb(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::Stage => "failed",
        FailureKind::Experiment => "cannot be done",
        FailureKind::Data => "found bad data",
        FailureKind::Diverged => "diverged",
        FailureKind::Io => "met an input or output error",
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
        assert!(line.starts_with("✓ features  mfcc ") && line.ends_with("  2.1 s"), "{line}");
        assert!(wording.cached().is_none());
        assert!(wording.line(&finished(How::Hit)).is_none() && wording.line(&finished(How::CutOff)).is_none());
        assert_eq!(wording.cached().unwrap(), "✓ 2 stages cached");
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
