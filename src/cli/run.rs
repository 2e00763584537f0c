//! `runner FILES... [key=value...]`: experiments in, run folders out.

use super::arguments::told_apart;
use super::members::labels;
use super::outcome;
use super::output::{Paint, print, print_json, say, warn};
use super::plan;
use super::progress::{self, Screen};
use super::setup::Where;
use super::signals;
use super::stop::Stop;
use crate::engine::run_folder::State;
use crate::engine::{FailureKind, Interrupt, WalkOptions};
use crate::experiment::{self, Member, MemberEnd, Study};
use clap::Args;
use serde_json::json;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::sync::OnceLock;

/// Options of a run.
#[derive(Args, Debug)]
pub struct Run {
    /// Experiment files or patterns, and overrides of their settings; a list where one value belongs is a sweep
    #[arg(value_name = "FILES|key=value")]
    pub words: Vec<OsString>,
    #[command(flatten)]
    place: Where,
    /// Show the plan and run nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Start nothing more once a stage has failed
    #[arg(long)]
    fail_fast: bool,
    /// Compute a stage again and compare it with what is cached; may be given several times
    #[arg(long, value_name = "STAGE")]
    force: Vec<String>,
    /// Say only what is wrong; print only the path of each run folder
    #[arg(long)]
    quiet: bool,
    /// Print every event as a line of JSON
    #[arg(long)]
    pub json: bool,
}

impl Run {
    /// Runs, or shows the plan.
    ///
    /// # Errors
    /// Whatever is wrong with the command line or the experiments; a run that failed, after all others have ended.
    pub fn obey(&self) -> Result<(), Stop> {
        let study = OnceLock::<Study>::new();
        let open = || study.get().map(Study::open_folders).unwrap_or_default();
        let interrupt = Interrupt::default();
        signals::listening(&open, &interrupt, || {
            let made = self.study()?;
            self.carry_out(study.get_or_init(|| made), &interrupt)
        })
    }

    fn study(&self) -> Result<Study, Stop> {
        let words = told_apart(&self.words)?;
        let setup = self.place.setup()?;
        Ok(Study::new(experiment::members(&words.files, &words.assignments)?, &setup)?)
    }

    fn carry_out(&self, study: &Study, interrupt: &Interrupt) -> Result<(), Stop> {
        study.notices().iter().for_each(|notice| warn(notice));
        let options = self.options(study, interrupt)?;
        if self.dry_run {
            return plan::show(study, self.json);
        }
        let screen = self.screen(study)?;
        let labels = labels(study.members());
        let tell = |end: &MemberEnd| self.tell(&study.members()[end.member], &labels, &*screen, end);
        let ends = study.run(&options, &*screen, &tell);
        screen.finish();
        self.conclude(&ends?)
    }

    fn options(&self, study: &Study, interrupt: &Interrupt) -> Result<WalkOptions, Stop> {
        let rooms: BTreeSet<&str> = study.plan().nodes().iter().map(|node| node.stage).collect();
        match self.force.iter().find(|wanted| !rooms.contains(wanted.as_str())) {
            Some(unknown) => {
                let known: Vec<&str> = rooms.into_iter().collect();
                Err(Stop::usage(format!("--force {unknown}: no such stage here; there are {}", known.join(", "))))
            }
            None => {
                let (force, fail_fast) = (self.force.iter().cloned().collect(), self.fail_fast);
                Ok(WalkOptions { force, fail_fast, interrupt: interrupt.clone() })
            }
        }
    }

    fn screen(&self, study: &Study) -> Result<Box<dyn Screen>, Stop> {
        if self.json {
            let members: Vec<_> = study.members().iter().map(plan::member_json).collect();
            let stages = study.plan().nodes().len();
            print_json(&json!({ "event": "begin", "members": members, "stages": stages, "notices": study.notices() }))?;
        }
        Ok(match (self.json, self.quiet) {
            (true, _) => progress::json(),
            (false, true) => progress::quiet(),
            (false, false) => progress::for_people(&study.forecast()),
        })
    }

    /// Tells how a member ended, as soon as it has. A closed stdout does not stop a run.
    fn tell(&self, member: &Member, labels: &[String], screen: &dyn Screen, end: &MemberEnd) {
        if end.state == State::Interrupted {
            return;
        }
        let (label, paint) = (labels[end.member].as_str(), Paint::for_stdout());
        screen.beside(&mut || {
            if self.quiet {
                end.warnings.iter().for_each(|warning| warn(&format!("{label}: {warning}")));
            }
            let _ = match (self.json, self.quiet, labels.len()) {
                (true, ..) => print_json(&outcome::json(member, end)),
                (_, true, _) => print(&format!("{}\n", end.folder.display())),
                (_, _, 1) => print(&outcome::block(label, end, paint)),
                _ => print(&outcome::line(label, end, paint)),
            };
        });
    }

    fn conclude(&self, ends: &[MemberEnd]) -> Result<(), Stop> {
        let code = exit_code(ends);
        let done = ends.iter().filter(|end| end.state == State::Done).count();
        if self.json {
            print_json(&json!({ "event": "end", "done": done, "failed": ends.len() - done, "exit_code": code }))?;
        } else if ends.len() > 1 && !self.quiet {
            outcome::all_warnings(ends).iter().for_each(|warning| warn(warning));
            let hint = Paint::for_stderr().bold(&self.hint());
            say(&format!("{done} of {} runs done; compare them: {hint}", ends.len()));
        }
        if code == 0 { Ok(()) } else { Err(Stop::Told(code)) }
    }

    fn hint(&self) -> String {
        match self.place.runs.to_str() {
            Some("runs") => "runner report".to_owned(),
            _ => format!("runner report --runs {}", self.place.runs.display()),
        }
    }
}

/// 0 if all is done; the code of the failures if they are of one kind; else 1.
fn exit_code(ends: &[MemberEnd]) -> u8 {
    let code = |end: &MemberEnd| match (&end.failure, end.state) {
        (Some((kind, _)), _) => kind.exit_code(),
        (None, State::Done) => 0,
        (None, State::Diverged) => FailureKind::Diverged.exit_code(),
        (None, State::Interrupted) => FailureKind::Interrupted.exit_code(),
        (None, _) => FailureKind::Stage.exit_code(),
    };
    let codes: BTreeSet<u8> = ends.iter().map(code).filter(|code| *code != 0).collect();
    match (codes.first(), codes.len()) {
        (None, _) => 0,
        (Some(code), 1) => *code,
        _ => FailureKind::Stage.exit_code(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn end(failure: Option<FailureKind>) -> MemberEnd {
        MemberEnd {
            member: 0,
            folder: "runs/x".into(),
            state: if failure.is_some() { State::Failed } else { State::Done },
            failure: failure.map(|kind| (kind, String::new())),
            seconds: 1.0,
            metrics: BTreeMap::new(),
            intervals: BTreeMap::new(),
            verdict: None,
            warnings: Vec::new(),
            hits: 0,
            ran: 1,
        }
    }

    #[test]
    fn one_kind_of_failure_gives_its_own_code_and_a_mixture_gives_one() {
        let diverged = || end(Some(FailureKind::Diverged));
        assert_eq!(exit_code(&[end(None), end(None)]), 0);
        assert_eq!(exit_code(&[end(None), diverged(), diverged()]), 4);
        assert_eq!(exit_code(&[diverged(), end(Some(FailureKind::Data))]), 1);
    }

    #[test]
    fn a_run_that_was_never_started_is_a_failure() {
        assert_eq!(exit_code(&[MemberEnd { state: State::Failed, ..end(None) }]), 1);
    }
}
