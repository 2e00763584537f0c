//! How runs stand: what is at work, what stopped and where, what failed and why.

use super::runs::run_folders;
use crate::engine::run_folder::{State, is_alive, read_status};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// How a run stands.
#[derive(Clone, Debug, Serialize)]
pub struct Standing {
    /// The name of its folder.
    pub run: String,
    /// Its folder.
    pub folder: PathBuf,
    /// `running`, `dead` (its process went without a word), `done`, `failed`, `interrupted`, `diverged` or `damaged`.
    pub state: &'static str,
    /// When it began.
    pub started: Option<Timestamp>,
    /// Seconds it has taken, as far as known.
    pub seconds: Option<f64>,
    /// Stages that have their result.
    pub done: usize,
    /// Stages in all, where the plan can be read.
    pub stages: Option<usize>,
    /// Stages that began and have not ended.
    pub working: Vec<String>,
    /// What went wrong.
    pub error: Option<String>,
    /// What to do about it, where there is something to be done.
    pub remedy: Option<&'static str>,
    /// The last lines of its log, newest last.
    pub log: Vec<String>,
}

/// Lines of the log that are shown.
const TAIL: usize = 8;

/// How the runs at `paths` stand (run folders, or folders of them), the oldest first.
pub fn standings(paths: &[PathBuf]) -> Vec<Standing> {
    let mut folders: Vec<PathBuf> = paths.iter().flat_map(|path| run_folders(path)).collect();
    folders.sort_unstable();
    folders.dedup();
    folders.iter().map(|folder| Standing::of(folder)).collect()
}

impl Standing {
    /// How the run in `folder` stands.
    pub fn of(folder: &Path) -> Standing {
        let status = read_status(folder);
        let state = word(folder, status.as_ref().map(|status| status.state));
        let log = Log::read(folder);
        let since = |started: Timestamp| Timestamp::now().duration_since(started).as_secs_f64();
        let elapsed = status.as_ref().filter(|_| state == "running").map(|status| since(status.started));
        Standing {
            run: folder.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            folder: folder.to_owned(),
            state,
            started: status.as_ref().map(|status| status.started),
            seconds: elapsed.or(status.as_ref().and_then(|status| status.seconds)),
            done: log.done.len(),
            stages: planned(folder),
            working: if state == "running" { log.working.into_iter().collect() } else { Vec::new() },
            error: status.and_then(|status| status.error),
            remedy: remedy(state),
            log: log.tail,
        }
    }

    /// Whether there is nothing left to be done about it.
    pub fn is_done(&self) -> bool {
        self.state == "done"
    }
}

fn word(folder: &Path, state: Option<State>) -> &'static str {
    match state {
        None => "damaged",
        Some(State::Running) if is_alive(folder) => "running",
        Some(State::Running) => "dead",
        Some(State::Done) => "done",
        Some(State::Failed) => "failed",
        Some(State::Interrupted) => "interrupted",
        Some(State::Diverged) => "diverged",
    }
}

fn remedy(state: &str) -> Option<&'static str> {
    match state {
        "dead" | "interrupted" => Some("run the same command again: it goes on where this stopped"),
        "failed" | "diverged" => Some("mend what the error names, then run again: what is done is not done twice"),
        "damaged" => Some("status.json cannot be read: run the experiment again, or remove the folder"),
        _ => None,
    }
}

fn planned(folder: &Path) -> Option<usize> {
    let plan: Value = serde_json::from_slice(&fs::read(folder.join("plan.json")).ok()?).ok()?;
    Some(plan["stages"].as_array()?.len())
}

/// What `log.jsonl` says; lines that are cut off or damaged are passed over.
#[derive(Default)]
struct Log {
    working: BTreeSet<String>,
    done: BTreeSet<String>,
    tail: Vec<String>,
}

impl Log {
    fn read(folder: &Path) -> Log {
        let text = fs::read_to_string(folder.join("log.jsonl")).unwrap_or_default();
        let mut log = Log::default();
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).for_each(|event: Value| log.add(&event));
        log
    }

    fn add(&mut self, event: &Value) {
        let (stage, what) = (event["stage"].as_str().unwrap_or_default(), event["event"].as_str().unwrap_or_default());
        match what {
            "started" | "waiting" => drop(self.working.insert(stage.to_owned())),
            "finished" => {
                self.working.remove(stage);
                self.done.insert(stage.to_owned());
            }
            _ => drop(self.working.remove(stage)),
        }
        // What was not run because of something else says nothing new.
        if what == "skipped" {
            return;
        }
        let told = ["message", "because"].iter().find_map(|field| event[*field].as_str()).unwrap_or_default();
        let time = event["time"].as_str().and_then(|time| time.get(11..19)).unwrap_or_default();
        self.tail.push(format!("{time} {what} {stage} {told}").trim_end().to_owned());
        if self.tail.len() > TAIL {
            self.tail.remove(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_log_tells_what_is_done_and_what_is_at_work() {
        let mut log = Log::default();
        let event = |what: &str, stage: &str| json!({ "time": "2026-03-14T10:15:00Z", "event": what, "stage": stage });
        [event("started", "a"), event("finished", "a"), event("started", "b"), event("skipped", "c")]
            .iter()
            .for_each(|event| log.add(event));
        assert_eq!((log.done.len(), log.working.contains("b")), (1, true));
        assert_eq!(log.tail[2], "10:15:00 started b");
    }

    #[test]
    fn a_folder_without_a_status_is_damaged_and_says_what_to_do() {
        let standing = Standing::of(Path::new("no/such/run"));
        assert!(standing.state == "damaged" && standing.remedy.is_some() && standing.stages.is_none());
    }
}
