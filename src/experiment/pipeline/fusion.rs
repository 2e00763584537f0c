//! What a fusion is worth: the same model on one modality alone, on words that belong to other music, and with words missing.

use super::material::Material;
use super::{Clustering, Representation};
use crate::artifact::{Latents, Modality, Scores};
use crate::engine::{Handle, Plan};
use crate::experiment::Experiment;
use crate::stages::embed::{Beside, Embed, Via};
use crate::stages::fuse::Keep;
use crate::stages::metrics::{Gain, Languages, Probe};
use crate::stages::train::Init;
use candle_core::Device;

/// Bootstrap resamples behind an interval.
const RESAMPLES: usize = 1000;
/// Percent of the tracks whose lyrics are taken away.
const LACKING: [u32; 3] = [25, 50, 100];

/// Where representations of fused modalities are made.
pub(super) struct Fusing<'a> {
    pub plan: &'a mut Plan,
    pub experiment: &'a Experiment,
    pub material: &'a Material,
    /// The run that the training on all of it goes on from.
    pub init: Option<Init>,
    pub device: &'a Device,
}

impl Fusing<'_> {
    /// What fusion must beat: the same model on each modality alone, and on lyrics that belong to other tracks.
    pub fn ablated(&mut self) -> Vec<Representation> {
        if self.material.modalities.is_empty() {
            return Vec::new();
        }
        let seed = self.experiment.seed.unwrap_or_default();
        let only = |modality| Keep { only: Some(modality), ..Keep::default() };
        let kept = [
            ("audio", only(Modality::Audio)),
            ("text", only(Modality::Text)),
            ("shuffled", Keep { shuffled: Some(seed), ..Keep::default() }),
        ];
        kept.into_iter().map(|(name, keep)| Representation { name, points: self.latents(keep) }).collect()
    }

    /// The representation of what is kept, by a model that has learned from the same without lyrics taken away.
    pub fn latents(&mut self, keep: Keep) -> Handle<Latents> {
        let is_late = self.experiment.fusion.as_ref().is_some_and(|fusion| fusion.is_late());
        if keep.only.is_some() || !is_late {
            return self.early(keep);
        }
        let each = [Modality::Audio, Modality::Text].map(|modality| self.early(Keep { only: Some(modality), ..keep }));
        self.plan.add(Beside { points: each.to_vec() })
    }

    fn early(&mut self, keep: Keep) -> Handle<Latents> {
        let features = self.material.fused(self.plan, self.experiment, keep);
        let learned_from = self.material.fused(self.plan, self.experiment, Keep { lacking: 0, ..keep });
        // An earlier run's weights fit the whole; parts of it and other pairs are learned anew.
        let init = self.init.clone().filter(|_| keep.only.is_none() && keep.shuffled.is_none());
        let weights = self.material.train(self.plan, self.experiment, learned_from, init, self.device);
        let via = match (weights, self.experiment.model.clone()) {
            (Some(weights), Some(model)) => Via::Encoder { weights, model, oracle: None },
            _ => Via::Raw,
        };
        self.plan.add(Embed { features, via })
    }

    /// Scores by the first part of their names: how well genres can be read off each representation, and off the fused one
    /// as lyrics are taken away.
    pub fn probed(&mut self, alone: &[Representation]) -> Vec<(String, Handle<Scores>)> {
        if self.material.modalities.is_empty() || self.material.split.is_none() {
            return Vec::new();
        }
        let whole = self.latents(Keep::default());
        let lacking = LACKING.map(|lacking| {
            (format!("missing.lyrics_{lacking}"), self.latents(Keep { lacking, ..Keep::default() }), whole)
        });
        let alone = alone.iter().map(|alone| (format!("probe.{}", alone.name), alone.points, alone.points));
        let probed: Vec<_> =
            [("probe.latent".to_owned(), whole, whole)].into_iter().chain(alone).chain(lacking).collect();
        probed.into_iter().filter_map(|(name, points, learned_on)| self.probe(name, points, learned_on)).collect()
    }

    fn probe(
        &mut self,
        name: String,
        points: Handle<Latents>,
        learned_on: Handle<Latents>,
    ) -> Option<(String, Handle<Scores>)> {
        let (corpus, split) = (self.material.corpus, self.material.split?);
        let probe = Probe { learned_on, points, corpus, split, resamples: RESAMPLES, name: name.clone() };
        Some((name, self.plan.add(probe)))
    }

    /// How much better each clustering of the fused representation is than that of the best single modality.
    pub fn gains(&mut self, clusterings: &[Clustering], shown: &str) -> Vec<(String, Handle<Scores>)> {
        let of = |representation: &str, name: &str| {
            let wanted = |c: &&Clustering| c.representation == representation && c.name == name;
            clusterings.iter().find(wanted).map(|clustering| clustering.assignment)
        };
        let mut gains = Vec::new();
        for fused in clusterings.iter().filter(|clustering| clustering.representation == shown) {
            let single = ["audio", "text"].into_iter().filter_map(|one| Some((one, of(one, &fused.name)?)));
            let single: Vec<_> = single.collect();
            if !single.is_empty() {
                gains.push(self.gain(fused, single));
            }
        }
        gains
    }

    fn gain(
        &mut self,
        fused: &Clustering,
        single: Vec<(&'static str, Handle<crate::artifact::Assignment>)>,
    ) -> (String, Handle<Scores>) {
        let (corpus, metrics, name) =
            (self.material.corpus, self.experiment.metrics.clone(), format!("gain.{}", fused.name));
        let (points, resamples) = (fused.points, RESAMPLES);
        let gain = Gain { fused: fused.assignment, single, points, corpus, metrics, resamples, name: name.clone() };
        (name, self.plan.add(gain))
    }

    /// How far clusters are languages, where words are read.
    pub fn languages(&mut self, clusterings: &[Clustering], shown: &str) -> Vec<(String, Handle<Scores>)> {
        let mut against = |clustering: &Clustering| {
            let (assignment, points, corpus) = (clustering.assignment, clustering.points, self.material.corpus);
            let name = clustering.full_name();
            let warns = clustering.representation == shown;
            (name.clone(), self.plan.add(Languages { assignment, points, corpus, warns, name }))
        };
        match self.experiment.features.text {
            Some(_) => clusterings.iter().map(&mut against).collect(),
            None => Vec::new(),
        }
    }
}
