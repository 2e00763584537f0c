//! The run folder of a member: what it was asked, what it did, what came out.

mod cards;
pub(in crate::experiment) mod cells;
mod environment;
mod listen;
pub(super) mod log;
mod numbers;
mod page;
mod pictures;
mod searches;
mod separation;
mod sounds;
mod tables;

use super::load::Member;
use super::pipeline::Outline;
use crate::engine::run_folder::{RunFolder, State};
use crate::engine::{End, Failure, FailureKind, Forecast, How, Plan, Walk};
use crate::stages::dataset::Survey;
use numbers::Numbers;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// How a member ended.
#[derive(Clone, Debug)]
pub struct MemberEnd {
    /// Its place among the members.
    pub member: usize,
    /// Its run folder.
    pub folder: PathBuf,
    /// Where the run stands.
    pub state: State,
    /// What went wrong.
    pub failure: Option<(FailureKind, String)>,
    /// Seconds since the walk began.
    pub seconds: f64,
    /// Every metric; None where it is no finite number.
    pub metrics: BTreeMap<String, Option<f64>>,
    /// 95 % intervals by the same names.
    pub intervals: BTreeMap<String, [f64; 2]>,
    /// `healthy`, `partial` or `collapsed`.
    pub verdict: Option<String>,
    /// What the user should know before believing a number.
    pub warnings: Vec<String>,
    /// Stages whose result was cached.
    pub hits: usize,
    /// Stages that ran.
    pub ran: usize,
}

/// A member whose stages have all ended.
pub(super) struct Ran<'a> {
    pub member: usize,
    pub of: &'a Member,
    pub outline: &'a Outline,
    pub survey: &'a Survey,
    pub plan: &'a Plan,
    pub places: &'a [usize],
    pub forecast: &'a [Forecast],
    pub walk: &'a Walk<'a>,
    pub seconds: f64,
}

/// Writes what is known before anything runs.
pub(super) fn begin(folder: &RunFolder, member: &Member, plan: &[Forecast]) -> Result<(), Failure> {
    folder.write("config.toml", member.config.as_bytes())?;
    folder.write(
        "overrides.txt",
        (member.overrides.join("\n") + if member.overrides.is_empty() { "" } else { "\n" }).as_bytes(),
    )?;
    folder.write("plan.json", &pretty(&json!({ "stages": plan }))?)?;
    folder.write("env.json", &pretty(&environment::describe(&member.source))?)?;
    Ok(())
}

/// Writes what came out and how it ended. A folder that cannot be written makes the member fail.
pub(super) fn finish(ran: &Ran, folder: &mut RunFolder) -> MemberEnd {
    let first_failure = first_failure(ran);
    let (numbers, failure) = match first_failure {
        Some(failure) => (Numbers::default(), Some(failure)),
        None => match results(ran, folder) {
            Ok(numbers) => (numbers, None),
            Err(failure) => (Numbers::default(), Some((failure.kind, failure.to_string()))),
        },
    };
    if let Some((FailureKind::Diverged, _)) = &failure {
        // The message and the status tell more than this; trouble with writing shows in the status, too.
        let _ = tables::write_remains(ran, folder);
    }
    let state = match &failure {
        None => State::Done,
        Some((FailureKind::Diverged, _)) => State::Diverged,
        Some((FailureKind::Interrupted, _)) => State::Interrupted,
        Some(_) => State::Failed,
    };
    let told = folder.write("plan.json", &pretty(&json!({ "stages": stages(ran) })).unwrap_or_default());
    let told =
        told.and_then(|()| folder.finish(state, ran.seconds, failure.as_ref().map(|(_, message)| message.clone())));
    let failure = failure.or_else(|| told.err().map(Failure::from).map(|failure| (failure.kind, failure.to_string())));
    let count =
        |wanted: fn(How) -> bool| ran.places.iter().filter(|place| how(ran, **place).is_some_and(wanted)).count();
    let (hits, executed) = (count(|how| how != How::Ran), count(|how| how == How::Ran));
    let Numbers { metrics, intervals, verdict, warnings, .. } = numbers;
    let (member, folder, seconds) = (ran.member, folder.path().to_owned(), ran.seconds);
    MemberEnd { member, folder, state, failure, seconds, metrics, intervals, verdict, warnings, hits, ran: executed }
}

fn how(ran: &Ran, place: usize) -> Option<How> {
    match ran.walk.ended(place) {
        Some(End::Done { how, .. }) => Some(*how),
        _ => None,
    }
}

fn first_failure(ran: &Ran) -> Option<(FailureKind, String)> {
    let failed = ran.places.iter().find_map(|place| match ran.walk.ended(*place) {
        Some(End::Failed { kind, message }) => Some((*kind, format!("{}: {message}", ran.plan.nodes()[*place].title))),
        _ => None,
    });
    let kind = if ran.walk.interrupt().is_asked() { FailureKind::Interrupted } else { FailureKind::Stage };
    let skipped = ran.places.iter().find_map(|place| match ran.walk.ended(*place) {
        Some(End::Skipped { because }) => Some((kind, format!("not run: {because}"))),
        _ => None,
    });
    failed.or(skipped)
}

/// Everything but the status: numbers, tables, weights, pictures, the page.
fn results(ran: &Ran, folder: &RunFolder) -> Result<Numbers, Failure> {
    let numbers = numbers::collect(ran)?;
    folder.write("metrics.json", &pretty(&numbers.json(ran, &folder.id()))?)?;
    tables::write(ran, folder)?;
    let figures = pictures::write(ran, folder)?;
    folder.write("report.html", page::render(ran, folder, &numbers, &figures)?.as_bytes())?;
    Ok(numbers)
}

/// The plan with what each stage did.
fn stages(ran: &Ran) -> Vec<Value> {
    let line = |place: &usize| {
        let mut line = json!(ran.forecast[*place]);
        if let (Some(End::Done { how, seconds, entry }), Some(fields)) = (ran.walk.ended(*place), line.as_object_mut())
        {
            let took = if *how == How::Ran { entry.manifest().seconds } else { *seconds };
            fields.extend([
                ("how".to_owned(), json!(how)),
                ("seconds".to_owned(), json!(took)),
                ("bytes".to_owned(), json!(entry.bytes())),
            ]);
            fields.insert("content".to_owned(), json!(entry.digest()));
        }
        line
    };
    ran.places.iter().map(line).collect()
}

fn pretty(value: &Value) -> Result<Vec<u8>, Failure> {
    let mut text = serde_json::to_vec_pretty(value)?;
    text.push(b'\n');
    Ok(text)
}
