//! `log.jsonl`: one event a line, as it happens.

use crate::engine::Event;
use jiff::Timestamp;
use serde_json::json;
use std::fs::File;
use std::io::Write;
use std::path::Path;

/// The stage an event is about, for events worth keeping.
pub(in crate::experiment) fn node_of(event: &Event) -> Option<usize> {
    match event {
        Event::Started { node, .. } | Event::Waiting { node, .. } | Event::Finished { node, .. } => Some(*node),
        Event::Failed { node, .. } | Event::Skipped { node, .. } => Some(*node),
        Event::Warning { node, .. } => *node,
        Event::Progress { .. } => None,
    }
}

/// Appends `event` to the log of the run in `folder`. A log that cannot be written stops no run.
pub(in crate::experiment) fn append(folder: &Path, stage: &str, event: &Event) {
    let mut line = json!({ "time": Timestamp::now(), "stage": stage });
    if let (Some(line), Ok(serde_json::Value::Object(fields))) = (line.as_object_mut(), serde_json::to_value(event)) {
        line.extend(fields.into_iter().filter(|(name, _)| name != "title" && name != "node"));
    }
    if let Ok(mut file) = File::options().create(true).append(true).open(folder.join("log.jsonl")) {
        let _ = writeln!(file, "{line}");
    }
}
