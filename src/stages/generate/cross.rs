//! The same codes under every class: what the condition changes, and what the code changes.

use super::Heard;
use super::settings::{Acoustics, Settings};
use crate::artifact::{Corpus, FeatureTable, Sheet, Split, Weights};
use crate::engine::{Ctx, Failure, Handle, Stage, Version};
use crate::model;
use ndarray::{Axis, concatenate};
use serde::Serialize;

/// Codes that are decoded under every class.
const CODES: usize = 8;

/// [`Weights`] → [`Sheet`]: a class a row (one row for a model that is told none), a code a column.
#[derive(Serialize)]
pub struct Cross {
    /// What was trained.
    pub model: model::Kind,
    /// Its weights.
    pub weights: Handle<Weights>,
    /// What it was trained on.
    pub features: Handle<FeatureTable>,
    /// Codes are fitted to the training side.
    pub split: Handle<Split>,
    /// Labels and their names.
    pub corpus: Handle<Corpus>,
    /// Where codes come from: of all classes together, as they stand under each.
    pub settings: Settings,
    /// What the maps stand for.
    pub acoustics: Acoustics,
    /// Seed of the codes.
    pub seed: u64,
}

impl Stage for Cross {
    type Output = Sheet;
    const NAME: &'static str = "cross";

    fn version(&self) -> Version {
        Version { room: 2, kind: self.model.version() }
    }

    fn title(&self) -> String {
        "generate classes x codes".to_owned()
    }

    fn run(&self, ctx: &Ctx) -> Result<Sheet, Failure> {
        let corpus = ctx.get(&self.corpus)?;
        let heard = Heard { model: &self.model, weights: &self.weights, features: &self.features, split: &self.split };
        let sampler = heard.sampler(ctx, &corpus, self.acoustics, self.settings.clone())?;
        let codes = sampler.codes(None, CODES, 1, self.seed).map_err(Failure::experiment)?;
        let classes: Vec<Option<u32>> = match sampler.classes() {
            0 => vec![None],
            told => (0..told as u32).map(Some).collect(),
        };
        let maps = classes.iter().map(|class| sampler.decode(codes.view(), *class));
        let maps = maps.collect::<Result<Vec<_>, _>>().map_err(Failure::experiment)?;
        let views: Vec<_> = maps.iter().map(|maps| maps.view()).collect();
        let name = |class: &Option<u32>| match class {
            Some(class) => corpus.labels.get(*class as usize).cloned().unwrap_or_default(),
            None => "no class".to_owned(),
        };
        Ok(Sheet {
            encoded: CODES,
            rows: classes.iter().map(name).collect(),
            columns: (1..=CODES).map(|code| format!("code {code}")).collect(),
            values: concatenate(Axis(0), &views)?.insert_axis(Axis(1)).into_dyn(),
        })
    }
}
