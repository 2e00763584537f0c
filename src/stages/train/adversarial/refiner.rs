//! One step after the other: the discriminator learns to tell real maps from made ones, the decoder to make real ones.
//! The encoder's codes of all rows are taken once; each step draws from them. It knows no engine.
//!
//! The decoder pays `½ · error² / noise + ramp · (weight · hinge + feature_matching · distance)`, where `noise` is the mean
//! squared error that it began with. A step whose loss or gradient is not finite changes no weight.

use candle_core::Tensor;
use ndarray::Axis;

use super::super::batches::Batches;
use super::super::fit::Rows;
use super::RefineError;
use super::aside::{Checkpoint, State, Window};
use super::held_out::HeldOut;
use super::settings::Adversarial;
use crate::artifact::{Refinement, RefinementRow};
use crate::model::adversarial::{feature_matching, fooling_loss, judging_loss, told_apart};
use crate::model::condition::one_hot;
use crate::model::discriminator::{Discriminator, Judge};
use crate::model::rows::{self, Codes, encode_rows};
use crate::model::{InputShape, Network, Progress};
use crate::neural::adam::{Adam, clip, gradients};
use crate::neural::params::Params;
use crate::random::Stream;

/// Records a refinement.
const RECORDS: usize = 40;
/// Where both networks learn, the first moments of their gradients are soon out of date (Radford et al. 2016, section 4).
const MOMENTUM: f64 = 0.5;
/// The longest step: losses are of the order of one.
const CLIP_NORM: f64 = 10.0;
/// Steps without a finite loss, one after the other, that end a refinement.
const SKIPS_IN_A_ROW: usize = 10;

/// What is refined, on what, how.
#[derive(Clone, Copy)]
pub(super) struct Refining<'a> {
    /// A trained network.
    pub network: &'a dyn Network,
    /// Its parameters; those of the decoder are moved.
    pub params: &'a Params,
    /// Rows that it learned from.
    pub train: Rows<'a>,
    /// Rows held out.
    pub val: Rows<'a>,
    /// How.
    pub settings: &'a Adversarial,
    /// Seed of the discriminator, order and noise.
    pub seed: u64,
}

/// A refinement under way.
pub(super) struct Refiner<'a> {
    of: Refining<'a>,
    /// What of the network is moved.
    decoder: Params,
    discriminator: Discriminator,
    its: Params,
    codes: Codes,
    batches: Batches,
    held_out: HeldOut,
    state: State,
}

/// The maps of a step: the first of `made` stand for `real`, those behind are draws of the prior.
struct Drawn {
    real: Tensor,
    real_class: Option<Tensor>,
    made: Tensor,
    made_class: Option<Tensor>,
}

impl<'a> Refiner<'a> {
    /// Before the first step, or where `from` left it.
    pub(super) fn new(of: &Refining<'a>, from: Option<Checkpoint>) -> Result<Refiner<'a>, RefineError> {
        let Refining { network, params, train, val, settings, seed } = *of;
        if train.values.is_empty() {
            return Err(RefineError::NoRows);
        }
        let (body, rows) = (network.body(), train.values.nrows());
        let decoder = params.some(|name| name.starts_with("decoder."));
        let mut its = Params::new(seed, params.device());
        let discriminator = Discriminator::new(body.shape(), &settings.channels, body.told().decoder, &mut its)?;
        let codes = encode_rows(network, train.values, train.labels, params.device())?;
        let held_out = HeldOut::of(network, val, params.device())?;
        let batches = Batches::new(rows, settings.batch.min(rows), seed);
        let [adam, its_adam] = [&decoder, &its].map(|params| Adam::new(params, 0.0).with_momentum(MOMENTUM));
        let state = State::before(adam, its_adam);
        let mut refiner = Refiner { of: *of, decoder, discriminator, its, codes, batches, held_out, state };
        match from {
            Some(checkpoint) => refiner.go_on_from(checkpoint)?,
            None => refiner.look()?,
        }
        Ok(refiner)
    }

    fn go_on_from(&mut self, checkpoint: Checkpoint) -> Result<(), RefineError> {
        self.of.params.restore(&checkpoint.network)?;
        self.its.restore(&checkpoint.discriminator)?;
        self.state = checkpoint.state;
        Ok(())
    }

    /// What the decoder is before anything is changed.
    fn look(&mut self) -> Result<(), RefineError> {
        let Refining { network, train, params, .. } = self.of;
        let seen = HeldOut::of(network, train, params.device())?;
        self.state.noise = seen.measured(network, params.device())?.0.max(f64::EPSILON);
        self.record()
    }

    pub(super) fn state(&self) -> &State {
        &self.state
    }

    pub(super) fn planned(&self) -> usize {
        self.of.settings.steps
    }

    pub(super) fn has_ended(&self) -> bool {
        self.state.done >= self.planned()
    }

    /// The last figure of the record, to be shown while it runs.
    pub(super) fn note(&self) -> String {
        let sharpness = self.state.history.last().and_then(|row| row.val_sharpness);
        sharpness.map_or_else(String::new, |sharpness| format!("sharpness {sharpness:.2}"))
    }

    /// All that is needed to go on from here to the same bits.
    pub(super) fn checkpoint(&self) -> Result<Checkpoint, RefineError> {
        let (network, discriminator) = (self.of.params.snapshot()?, self.its.snapshot()?);
        Ok(Checkpoint { network, discriminator, state: self.state.clone() })
    }

    /// An error if too many steps in a row led nowhere.
    pub(super) fn give_up(&self) -> Result<(), RefineError> {
        let State { done, skipped, skipped_in_a_row, .. } = self.state;
        if skipped_in_a_row < SKIPS_IN_A_ROW { Ok(()) } else { Err(RefineError::Diverged { step: done, skipped }) }
    }

    /// The record; the network is left as refined.
    pub(super) fn finish(self) -> Refinement {
        Refinement { left_alone: None, history: self.state.history, skipped_steps: self.state.skipped }
    }

    /// One step of the decoder, and of the discriminator where it is due; records what is due after it.
    pub(super) fn step(&mut self) -> Result<(), RefineError> {
        let step = self.state.done;
        let drawn = self.draw(step)?;
        let judged = !step.is_multiple_of(self.of.settings.every) || self.learn_to_judge(&drawn)?;
        match judged && self.learn_to_make(&drawn, step)? {
            true => self.state.skipped_in_a_row = 0,
            false => {
                self.state.skipped += 1;
                self.state.skipped_in_a_row += 1;
            }
        }
        self.state.done += 1;
        let due = (self.planned() / RECORDS).max(1);
        if self.state.done.is_multiple_of(due) || self.has_ended() { self.record() } else { Ok(()) }
    }

    /// Moves the discriminator; false where its loss or gradient is not finite.
    fn learn_to_judge(&mut self, drawn: &Drawn) -> Result<bool, RefineError> {
        let judge = self.discriminator.judge()?;
        let real = judge.answers(&drawn.real, drawn.real_class.as_ref())?;
        let made = judge.answers(&drawn.made.detach(), drawn.made_class.as_ref())?;
        let loss = judging_loss(&real.pieces, &made.pieces)?;
        let rate = self.of.settings.discriminator_learning_rate;
        let moved = moved(&loss, &self.its, &mut self.state.discriminator, rate)?;
        if moved {
            self.state.window.judged.add([number(&loss)?, told_apart(&real.pieces, &made.pieces)?]);
        }
        Ok(moved)
    }

    /// Moves the decoder; false where its loss or gradient is not finite.
    fn learn_to_make(&mut self, drawn: &Drawn, step: usize) -> Result<bool, RefineError> {
        let settings = self.of.settings;
        let judge = self.discriminator.judge()?.held();
        let [hinge, distance, error] = self.terms(drawn, &judge)?;
        let ramp = Progress { step, of: settings.steps }.ramp(settings.warmup);
        let against = ((&hinge * (ramp * settings.weight))? + (&distance * (ramp * settings.feature_matching))?)?;
        let loss = ((&error * (0.5 / self.state.noise))? + against)?;
        let moved = moved(&loss, &self.decoder, &mut self.state.decoder, settings.learning_rate)?;
        if moved {
            self.state.window.made.add([number(&hinge)?, number(&distance)?, number(&error)?]);
        }
        Ok(moved)
    }

    /// Hinge loss of all maps; distance in features and squared error of those that stand for real ones.
    fn terms(&self, drawn: &Drawn, judge: &Judge) -> Result<[Tensor; 3], RefineError> {
        let rows = drawn.real.dim(0)?;
        let made = judge.answers(&drawn.made, drawn.made_class.as_ref())?;
        let real = judge.answers(&drawn.real, drawn.real_class.as_ref())?;
        let stand_ins: Vec<Tensor> =
            made.features.iter().map(|level| level.narrow(0, 0, rows)).collect::<candle_core::Result<_>>()?;
        let error = (&drawn.real - drawn.made.narrow(0, 0, rows)?)?.sqr()?.mean_all()?;
        Ok([fooling_loss(&made.pieces)?, feature_matching(&real.features, &stand_ins)?, error])
    }

    /// The maps of step `step`.
    fn draw(&mut self, step: usize) -> Result<Drawn, RefineError> {
        let (network, device) = (self.of.network, self.of.params.device());
        let picked = self.batches.indices(step);
        let real = self.of.train.values.select(Axis(0), &picked);
        let real = rows::tensor(real.view(), network.body().shape(), device)?;
        let labels = self.told(&picked, step);
        let (codes, from_prior) = self.drawn_codes(&picked, step)?;
        let class = |rows: usize| {
            let labels = labels.as_ref().map(|labels| labels.iter().cycle().take(rows).copied().collect::<Vec<_>>());
            labels.map(|labels| one_hot(&labels, network.body().told().decoder, device)).transpose()
        };
        let (real_class, made_class) = (class(picked.len())?, class(picked.len() + from_prior)?);
        let made = network.body().likelihood().mean(&network.decode(&codes, made_class.as_ref())?)?;
        Ok(Drawn { real, real_class, made, made_class })
    }

    /// The labels of rows, some hidden as they were in training: "not known" stays a class that the decoder has met.
    fn told(&self, picked: &[usize], step: usize) -> Option<Vec<Option<u32>>> {
        let mut stream = Stream::at(self.of.seed, "refine.condition_dropout", step as u64);
        let mut hidden = || stream.chance(self.of.network.body().told().hidden);
        self.of.train.labels.map(|labels| picked.iter().map(|row| labels[*row].filter(|_| !hidden())).collect())
    }

    /// Draws from the posteriors of rows, and from the prior behind them; how many those are.
    fn drawn_codes(&self, picked: &[usize], step: usize) -> Result<(Tensor, usize), RefineError> {
        let (latent, device) = (self.codes.means.ncols(), self.of.params.device());
        let mut codes = self.codes.means.select(Axis(0), picked);
        let Some(logvars) = &self.codes.logvars else {
            return Ok((rows::tensor(codes.view(), InputShape::Vector(latent), device)?, 0));
        };
        let noise = |name, rows: usize| Stream::at(self.of.seed, name, step as u64).normals(rows * latent);
        let spread = logvars.select(Axis(0), picked);
        let all = codes.iter_mut().zip(&spread).zip(noise("refine.code_noise", picked.len()));
        all.for_each(|((code, logvar), noise)| *code += (0.5 * logvar).exp() * noise);
        let codes = rows::tensor(codes.view(), InputShape::Vector(latent), device)?;
        let count = (self.of.settings.prior_share * picked.len() as f64).round() as usize;
        if count == 0 {
            return Ok((codes, 0));
        }
        let noise = Tensor::from_vec(noise("refine.prior_noise", count), (count, latent), device)?;
        Ok((Tensor::cat(&[codes, self.of.network.prior_codes(&noise)?.detach()], 0)?, count))
    }

    fn record(&mut self) -> Result<(), RefineError> {
        let window: Window = std::mem::take(&mut self.state.window);
        let ([discriminator, told_apart], [adversarial, feature_matching, mse]) =
            (window.judged.means(), window.made.means());
        let measured = match self.held_out.is_empty() {
            true => None,
            false => Some(self.held_out.measured(self.of.network, self.of.params.device())?),
        };
        let finite = |value: Option<f64>| value.filter(|value| value.is_finite());
        self.state.history.push(RefinementRow {
            step: self.state.done,
            discriminator,
            adversarial,
            feature_matching,
            mse,
            told_apart,
            val_mse: finite(measured.map(|(mse, _)| mse)),
            val_sharpness: finite(measured.map(|(_, sharpness)| sharpness)),
        });
        Ok(())
    }
}

impl State {
    fn before(decoder: Adam, discriminator: Adam) -> State {
        let (window, history) = (Window::default(), Vec::new());
        State { decoder, discriminator, noise: 1.0, done: 0, skipped: 0, skipped_in_a_row: 0, window, history }
    }
}

fn number(scalar: &Tensor) -> candle_core::Result<f64> {
    scalar.to_scalar::<f32>().map(f64::from)
}

/// Moves `params` down the gradient of `loss`, unless one of both is not finite.
fn moved(loss: &Tensor, params: &Params, adam: &mut Adam, rate: f64) -> Result<bool, RefineError> {
    if !number(loss)?.is_finite() {
        return Ok(false);
    }
    let mut gradients = gradients(params, &loss.backward()?)?;
    if !clip(&mut gradients, CLIP_NORM).is_finite() {
        return Ok(false);
    }
    adam.step(params, &gradients, rate)?;
    Ok(true)
}
