//! Many experiments as one plan: shared stages run once, each member gets its run folder as soon as its own stages are done.

use super::Experiment;
use super::load::{LoadError, Member};
use super::outcome::{self, MemberEnd, Ran};
use super::pipeline::{self, Found, Outline};
use crate::engine::run_folder::RunFolder;
use crate::engine::{self, Cache, Event, Failure, Forecast, Goal, Plan, Walk, WalkOptions, Watcher};
use crate::stages::dataset::{Source, Survey};
use crate::stages::features::text_inputs::TextInputs;
use crate::stages::train::Init;
use candle_core::Device;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Where networks are trained.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DeviceChoice {
    /// The GPU if this build can use one and there is one, else the CPU.
    #[default]
    Auto,
    /// The CPU.
    Cpu,
    /// The first GPU.
    Cuda,
}

/// Where things lie, and what computes.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Where run folders are made.
    pub runs: PathBuf,
    /// The cache.
    pub cache: PathBuf,
    /// What trains.
    pub device: DeviceChoice,
}

/// The build cannot use a GPU, or there is none.
#[derive(Debug, thiserror::Error)]
#[error(
    "cannot use --device cuda ({reason}); build with `cargo build --release --features cuda` on a machine with a GPU, or use --device cpu"
)]
struct NoCuda {
    reason: String,
}

/// Members, their one plan and what each makes of it.
pub struct Study {
    members: Vec<Member>,
    plan: Plan,
    outlines: Vec<Outline>,
    surveys: Vec<Survey>,
    notices: Vec<String>,
    setup: Setup,
    open: Mutex<Vec<PathBuf>>,
}

impl Study {
    /// Looks at the data of all members, hashes its files, and lays one plan.
    pub fn new(members: Vec<Member>, setup: &Setup) -> Result<Study, LoadError> {
        let device = device(setup.device)?;
        let mut seen = BTreeMap::<String, Survey>::new();
        let (mut plan, mut outlines, mut surveys) = (Plan::new(), Vec::new(), Vec::new());
        for member in &members {
            let survey = survey(&member.experiment.dataset, setup, &mut seen)?;
            let found = found(&member.experiment, survey.clone(), setup)?;
            outlines.push(pipeline::lay(&mut plan, &member.experiment, found, &device));
            surveys.push(survey);
        }
        let notices = seen.values().filter_map(stand_in).collect();
        Ok(Study { members, plan, outlines, surveys, notices, setup: setup.clone(), open: Mutex::default() })
    }

    /// What the user must know before anything runs: data that another set stands in for.
    pub fn notices(&self) -> &[String] {
        &self.notices
    }

    /// The members, in the order of files, sweeps and seeds.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// The one plan.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Places in the plan of all stages that a member needs.
    pub fn places_of(&self, member: usize) -> Vec<usize> {
        self.plan.needed_by(&self.goal(member).places)
    }

    /// What a run would do, and why.
    pub fn forecast(&self) -> Vec<Forecast> {
        engine::forecast(&self.plan, &self.cache())
    }

    /// Run folders under way.
    pub fn open_folders(&self) -> Vec<PathBuf> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Runs everything. `ended` is told each member as its folder is complete. Gives all members, in order.
    pub fn run(
        &self,
        options: &WalkOptions,
        watcher: &dyn Watcher,
        ended: &(dyn Fn(&MemberEnd) + Sync),
    ) -> Result<Vec<MemberEnd>, Failure> {
        let begun = Instant::now();
        let forecast = self.forecast();
        let open = |member| self.open_folder(member, &forecast);
        let folders: Vec<Mutex<RunFolder>> =
            (0..self.members.len()).map(|member| Ok(Mutex::new(open(member)?))).collect::<Result<_, Failure>>()?;
        let goals: Vec<Goal> = (0..self.members.len()).map(|member| self.goal(member)).collect();
        let ends: Vec<Mutex<Option<MemberEnd>>> = folders.iter().map(|_| Mutex::new(None)).collect();
        let log = Log {
            watcher,
            study: self,
            folders: self.open_folders(),
            readers: self.members_of_places(),
            writing: Mutex::new(()),
        };
        let reached = |member: usize, walk: &Walk| {
            let mut folder = folders[member].lock().unwrap_or_else(PoisonError::into_inner);
            let end = self.close(member, &mut folder, walk, &forecast, begun);
            ended(&end);
            *ends[member].lock().unwrap_or_else(PoisonError::into_inner) = Some(end);
        };
        engine::walk(&self.plan, &self.cache(), &log, options, &goals, &reached);
        Ok(ends.into_iter().filter_map(|end| end.into_inner().unwrap_or_else(PoisonError::into_inner)).collect())
    }

    fn open_folder(&self, member: usize, forecast: &[Forecast]) -> Result<RunFolder, Failure> {
        let of = &self.members[member];
        let folder = RunFolder::open(&self.setup.runs, &of.name, of.seed, of.digest)?;
        self.open.lock().unwrap_or_else(PoisonError::into_inner).push(folder.path().to_owned());
        outcome::begin(&folder, of, &self.lines(member, forecast))?;
        Ok(folder)
    }

    fn close(
        &self,
        member: usize,
        folder: &mut RunFolder,
        walk: &Walk,
        forecast: &[Forecast],
        begun: Instant,
    ) -> MemberEnd {
        let (of, outline, survey) = (&self.members[member], &self.outlines[member], &self.surveys[member]);
        let places = self.places_of(member);
        let seconds = begun.elapsed().as_secs_f64();
        let end = outcome::finish(
            &Ran { member, of, outline, survey, plan: &self.plan, places: &places, forecast, walk, seconds },
            folder,
        );
        self.open.lock().unwrap_or_else(PoisonError::into_inner).retain(|path| path != folder.path());
        end
    }

    fn lines(&self, member: usize, forecast: &[Forecast]) -> Vec<Forecast> {
        self.places_of(member).into_iter().map(|place| forecast[place].clone()).collect()
    }

    fn goal(&self, member: usize) -> Goal {
        let mut places: Vec<usize> = self.outlines[member].keys().into_iter().map(|key| self.plan.place(key)).collect();
        places.sort_unstable();
        places.dedup();
        Goal { places }
    }

    fn cache(&self) -> Cache {
        Cache::at(&self.setup.cache)
    }

    fn members_of_places(&self) -> Vec<Vec<usize>> {
        let mut readers = vec![Vec::new(); self.plan.nodes().len()];
        (0..self.members.len())
            .for_each(|member| self.places_of(member).into_iter().for_each(|place| readers[place].push(member)));
        readers
    }
}

/// Writes each member's `log.jsonl` on the way to the real watcher.
struct Log<'a> {
    watcher: &'a dyn Watcher,
    study: &'a Study,
    folders: Vec<PathBuf>,
    readers: Vec<Vec<usize>>,
    writing: Mutex<()>,
}

impl Watcher for Log<'_> {
    fn on(&self, event: &Event) {
        if let Some(node) = outcome::log::node_of(event) {
            let _one_at_a_time = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
            let title = &self.study.plan.nodes()[node].title;
            self.readers[node].iter().for_each(|member| outcome::log::append(&self.folders[*member], title, event));
        }
        self.watcher.on(event);
    }
}

fn survey(source: &Source, setup: &Setup, seen: &mut BTreeMap<String, Survey>) -> Result<Survey, Failure> {
    let name = serde_json::to_string(source)?;
    if let Some(known) = seen.get(&name) {
        return Ok(known.clone());
    }
    let found = source.survey(&setup.cache)?;
    seen.insert(name, found.clone());
    Ok(found)
}

/// With the data, the files that settings name: of text features, and of the earlier run that a training goes on from.
fn found(experiment: &Experiment, survey: Survey, setup: &Setup) -> Result<Found, Failure> {
    let run = experiment.train.as_ref().and_then(|train| train.init.as_ref());
    let init = run.map(|run| Init::of(run, &setup.cache)).transpose()?;
    let text = experiment.features.text.as_ref().map(|text| TextInputs::of(text, &setup.cache)).transpose()?;
    Ok(Found { survey, text: text.unwrap_or_default(), init })
}

fn stand_in(survey: &Survey) -> Option<String> {
    let root = survey.stands_in_for.as_ref()?;
    Some(format!(
        "{} is not there: using the built-in SYNTHETIC set in its place. Numbers say nothing about real music. `runner data list` tells where the real data comes from",
        root.display()
    ))
}

fn device(choice: DeviceChoice) -> Result<Device, Failure> {
    let cuda = || Device::new_cuda(0).map_err(|error| Failure::experiment(NoCuda { reason: error.to_string() }));
    match choice {
        DeviceChoice::Cpu => Ok(Device::Cpu),
        DeviceChoice::Cuda => cuda(),
        DeviceChoice::Auto => Ok(cuda().unwrap_or(Device::Cpu)),
    }
}
