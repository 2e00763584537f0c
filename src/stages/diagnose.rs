//! The diagnosis room: will the model use its code, does it, and if not, what to change.

pub mod collapse;
pub mod predict;
mod prior;
pub mod separate;

use crate::artifact::{Corpus, Diagnosis, FeatureTable, Part, Prediction, Scale, Split, Verdict, Weights};
use crate::engine::{Ctx, Failure, Handle, Stage, Version};
use crate::model::usage::Evidence;
use crate::model::{self, Input, Likelihood, checkpoint};
use crate::neural::params::Params;
use crate::stats::evenly;
use candle_core::Device;
use predict::Spectrum;
use serde::Serialize;

pub use separate::Separate;

/// Held-out rows that are looked at, at most.
const ROWS: usize = 1024;
/// Rows from which directions are taken before a training, and rows on which they are tested, at most: maps are wide.
const FORESEEN: (usize, usize) = (600, 200);

/// [`FeatureTable`] × [`Split`] → [`Prediction`].
#[derive(Serialize)]
pub struct Foresee {
    /// What is to be trained.
    pub model: model::Kind,
    /// On what.
    pub features: Handle<FeatureTable>,
    /// Which rows it will learn from.
    pub split: Handle<Split>,
}

impl Stage for Foresee {
    type Output = Prediction;
    const NAME: &'static str = "predict_collapse";

    fn title(&self) -> String {
        "predict collapse".to_owned()
    }

    fn run(&self, ctx: &Ctx) -> Result<Prediction, Failure> {
        let (table, split) = (ctx.get(&self.features)?, ctx.get(&self.split)?);
        let train = split.rows(&table.tracks, |part| part == Part::Train);
        let scale = Scale::fit(&table, &train);
        let some: Vec<usize> = evenly(train.len(), FORESEEN.0).into_iter().map(|at| train[at]).collect();
        let train = scale.apply_to(&table, &some);
        let held_out = scale.apply_to(&table, &split.held_out(&table.tracks, FORESEEN.1));
        // The weights do not matter: the network is asked for its settings only.
        let network =
            self.model.build(Input::of(&table, 1), &mut Params::new(0, &Device::Cpu)).map_err(Failure::experiment)?;
        let prediction = match Spectrum::of(&train, &held_out, self.model.latent_dim()) {
            Some(spectrum) => {
                predict::predict(&spectrum, self.model.latent_dim(), network.final_beta(), network.body().likelihood())
            }
            None => Prediction { surviving: None, threshold: None, pca_r2: None, warnings: Vec::new() },
        };
        prediction.warnings.iter().for_each(|warning| ctx.warn(format!("collapse is to be feared: {warning}")));
        Ok(prediction)
    }
}

/// [`Weights`] × [`FeatureTable`] → [`Diagnosis`].
#[derive(Serialize)]
pub struct Diagnose {
    /// The weights.
    pub weights: Handle<Weights>,
    /// What was trained.
    pub model: model::Kind,
    /// Where the labels come from that a conditional model is told; none for others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corpus: Option<Handle<Corpus>>,
    /// What it was trained on.
    pub features: Handle<FeatureTable>,
    /// Which rows it has not learned from.
    pub split: Handle<Split>,
    /// Seed of the draws from the prior.
    pub seed: u64,
}

impl Stage for Diagnose {
    type Output = Diagnosis;
    const NAME: &'static str = "diagnose";

    fn title(&self) -> String {
        "diagnose collapse".to_owned()
    }

    fn version(&self) -> Version {
        Version { room: 3, kind: self.model.version() }
    }

    fn run(&self, ctx: &Ctx) -> Result<Diagnosis, Failure> {
        let (table, weights, split) = (ctx.get(&self.features)?, ctx.get(&self.weights)?, ctx.get(&self.split)?);
        let chosen = split.held_out(&table.tracks, ROWS);
        let rows = weights.scale.apply_to(&table, &chosen);
        let tracks: Vec<u32> = chosen.iter().map(|row| table.tracks[*row]).collect();
        let corpus = ctx.get_if(self.corpus.as_ref())?;
        let labels = corpus.map(|corpus| corpus.labels_of(&tracks));
        let (labels, seed) = (labels.as_deref(), self.seed);
        let network = checkpoint::trained(&self.model, &weights, &table)?;
        let evidence = Evidence::gather(network.as_ref(), rows.view(), labels, seed, &Device::Cpu)?;
        let samples = prior::samples(network.as_ref(), &evidence.codes, labels, seed, &Device::Cpu)?;
        let mut diagnosis = collapse::diagnose(&evidence, &samples, seed);
        // A remedy that is taken already is none.
        diagnosis
            .remedies
            .retain(|remedy| !(remedy.contains("likelihood") && network.body().likelihood() == Likelihood::Sigma));
        if diagnosis.verdict != Verdict::Healthy {
            let (reasons, remedies) = (diagnosis.reasons.join("; "), diagnosis.remedies.join("; "));
            ctx.warn(format!("the latent space is {}: {reasons}. Remedy: {remedies}", diagnosis.verdict.word()));
        }
        Ok(diagnosis)
    }
}
