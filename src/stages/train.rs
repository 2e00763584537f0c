//! The train room: features become a trained network. It knows no model and no plots.

pub mod batches;
pub mod checkpoint;
pub mod fit;
pub mod history;
pub mod init;
mod keeper;
mod lesson;
pub mod schedule;
pub mod score;
mod trainer;

pub use checkpoint::Checkpoint;
pub use init::Init;
pub use schedule::Schedule;

use crate::artifact::{Corpus, FeatureTable, Part, Scale, Split, Weights};
use crate::engine::{Ctx, Failure, FailureKind, Handle, Stage, Version};
use crate::model::{self, Input, InputShape, Likelihood, Network};
use crate::neural::archive::to_bytes;
use crate::neural::params::Params;
use candle_core::Device;
use fit::{Data, Fitted, Pairing, Rows, Tracks, TrainError, Training, fit, fit_pairs};
use keeper::Keeper;
use ndarray::{Array2, ArrayView2, Axis};
use serde::Serialize;

/// [`FeatureTable`] × [`Split`] → [`Weights`].
#[derive(Serialize)]
pub struct Train {
    /// What is learned from.
    pub features: Handle<FeatureTable>,
    /// Which tracks are.
    pub split: Handle<Split>,
    /// Where the labels come from that a conditional model is told, and the groups that a contrastive one does not tell apart;
    /// none for others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corpus: Option<Handle<Corpus>>,
    /// What is learned.
    pub model: model::Kind,
    /// How long and how fast.
    pub schedule: Schedule,
    /// The earlier run that it goes on from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub init: Option<Init>,
    /// Seed of initial weights, order of batches and noise.
    pub seed: u64,
    /// Where it is computed. It is not part of the key.
    #[serde(skip)]
    pub device: Device,
}

impl Stage for Train {
    type Output = Weights;
    const NAME: &'static str = "train";

    fn version(&self) -> Version {
        Version { room: 3, kind: self.model.version() }
    }

    fn title(&self) -> String {
        format!("train {} seed {}", self.model.name(), self.seed)
    }

    fn run(&self, ctx: &Ctx) -> Result<Weights, Failure> {
        let (table, split) = (ctx.get(&self.features)?, ctx.get(&self.split)?);
        let corpus = ctx.get_if(self.corpus.as_ref())?;
        let classes = corpus.as_ref().map_or_else(Vec::new, |corpus| corpus.labels.clone());
        let labels = corpus.as_ref().map(|corpus| corpus.labels_of(&table.tracks));
        let mut params = Params::new(self.seed, &self.device);
        let network = self.model.build(Input::of(&table, classes.len()), &mut params).map_err(Failure::experiment)?;
        self.init.iter().try_for_each(|init| init.apply(&params))?;
        if let (false, Some(corpus)) = (self.model.decodes(), &corpus) {
            let school = School { table: &table, split: &split, corpus, network: network.as_ref(), params: &params };
            return self.tell_apart(ctx, &school);
        }
        let train = split.rows(&table.tracks, |part| part == Part::Train);
        let val = split.rows(&table.tracks, |part| part == Part::Validation);
        let scale = self.scale(&table, &train, network.body().likelihood())?;
        let rows = scale.apply(&table);
        let side = |rows_of: &[usize]| Side {
            values: rows.select(Axis(0), rows_of),
            labels: labels.as_ref().map(|labels| rows_of.iter().map(|row| labels[*row]).collect()),
        };
        let (train, val) = (side(&train), side(&val));
        let data = Data { train: train.rows(), val: val.rows() };
        let (network, params) = (network.as_ref(), &params);
        let training = Training { network, params, data, schedule: &self.schedule, seed: self.seed };
        let mut keeper = Keeper::new(ctx);
        let fitted = fit(&training, keeper.found(), &mut |at| keeper.watch(at)).map_err(classify)?;
        weights(fitted, scale, classes)
    }
}

/// What a training reads and moves.
#[derive(Clone, Copy)]
struct School<'a> {
    table: &'a FeatureTable,
    split: &'a Split,
    corpus: &'a Corpus,
    network: &'a dyn Network,
    params: &'a Params,
}

/// The clips `rows` of tracks (`of` says of which, ascending), and what `corpus` knows of these.
fn tracks<'a>(rows: ArrayView2<'a, f32>, of: Vec<u32>, corpus: &Corpus) -> Tracks<'a> {
    let mut starts: Vec<usize> = (0..of.len()).filter(|row| *row == 0 || of[row - 1] != of[*row]).collect();
    let each: Vec<u32> = starts.iter().map(|start| of[*start]).collect();
    starts.push(of.len());
    let clips = starts.windows(2).map(|pair| pair[0]..pair[1]).collect();
    Tracks { rows, clips, groups: corpus.group_numbers(&each), labels: corpus.labels_of(&each) }
}

/// The rows of one side of the split.
struct Side {
    values: Array2<f32>,
    labels: Option<Vec<Option<u32>>>,
}

impl Side {
    fn rows(&self) -> Rows<'_> {
        Rows { values: self.values.view(), labels: self.labels.as_deref() }
    }
}

impl Train {
    /// The training of a network that tells tracks apart.
    fn tell_apart(&self, ctx: &Ctx, school: &School) -> Result<Weights, Failure> {
        let School { table, split, corpus, network, params } = *school;
        let train = split.rows(&table.tracks, |part| part == Part::Train);
        let scale = self.scale(table, &train, network.body().likelihood())?;
        let rows = scale.apply(table);
        let val = split.rows(&table.tracks, |part| part == Part::Validation);
        let (of_train, of_val) = (rows.select(Axis(0), &train), rows.select(Axis(0), &val));
        let tracks =
            |values, rows: &[usize]| tracks(values, rows.iter().map(|row| table.tracks[*row]).collect(), corpus);
        let (train, val) = (tracks(of_train.view(), &train), tracks(of_val.view(), &val));
        let pairing = Pairing { network, params, train, val, schedule: &self.schedule, seed: self.seed };
        let mut keeper = Keeper::new(ctx);
        let fitted = fit_pairs(&pairing, keeper.found(), &mut |at| keeper.watch(at)).map_err(classify)?;
        weights(fitted, scale, Vec::new())
    }

    /// Fitted on the rows that are learned from, unless an earlier run has fixed it.
    fn scale(&self, table: &FeatureTable, train: &[usize], likelihood: Likelihood) -> Result<Scale, Failure> {
        match &self.init {
            Some(init) => init.scale(InputShape::of(table.values.shape()).values()),
            None if likelihood.wants_unit_interval() => Ok(Scale::fit_range(table, train)),
            None if self.model.is_multimodal() => Ok(Scale::fit_apart(table, train)),
            None => Ok(Scale::fit(table, train)),
        }
    }
}

fn weights(fitted: Fitted, scale: Scale, classes: Vec<String>) -> Result<Weights, Failure> {
    let Fitted { best, best_step, last, last_step, history, skipped_steps, still_falling } = fitted;
    let (best, last) = (to_bytes(&best)?, to_bytes(&last)?);
    Ok(Weights { best, last, scale, classes, history, best_step, last_step, skipped_steps, still_falling })
}

fn classify(error: TrainError) -> Failure {
    let kind = match &error {
        TrainError::Diverged { .. } => FailureKind::Diverged,
        TrainError::NoRows | TrainError::FewTracks { .. } | TrainError::NotFinite { .. } => FailureKind::Data,
        TrainError::Schedule(_) => FailureKind::Experiment,
        TrainError::Stopped { .. } => FailureKind::Interrupted,
        TrainError::Model(_) | TrainError::NoPairs => FailureKind::Stage,
    };
    Failure::new(kind, error)
}
