//! How good generated sound is, in numbers that can disappoint: each beside what real clips, vocoded real clips and noise score.
//!
//! All sets are described by their waveforms, so that what the vocoder does counts, and all have as many clips. Probe and space
//! are fitted to real training clips and to nothing else.

pub mod cards;
pub mod measures;
pub mod space;

use self::measures::Set;
use self::space::{DIMS, Space, descriptors};
use super::settings::Acoustics;
use crate::artifact::{Clips, Corpus, FeatureTable, Part, Scores, Sheet, Split};
use crate::engine::{Ctx, Failure, Handle, Stage};
use crate::random::Stream;
use crate::stats::sharpness::sharpness;
use crate::stats::{evenly, logistic};
use ndarray::{Array2, Axis, Ix4};
use serde::Serialize;
use std::collections::BTreeMap;

/// Inverse strength of the probe's penalty.
const C: f64 = 1.0;
/// Real maps that tell how much real clips differ.
const REAL_MAPS: usize = 256;

/// [`Clips`] → [`Scores`], all of them named in [`cards`].
#[derive(Serialize)]
pub struct Judge {
    /// What was generated.
    pub clips: Handle<Clips>,
    /// Real clips that were vocoded.
    pub vocoded: Handle<Clips>,
    /// Real clips as plain descriptors.
    pub heard: Handle<FeatureTable>,
    /// The same codes under every class.
    pub crossed: Handle<Sheet>,
    /// The maps that the model learned from.
    pub features: Handle<FeatureTable>,
    /// Labels.
    pub corpus: Handle<Corpus>,
    /// What is fitted is fitted to the training side.
    pub split: Handle<Split>,
    /// What the maps stand for.
    pub acoustics: Acoustics,
}

/// Descriptors `[clips, descriptors]` with labels.
struct Described {
    values: Array2<f64>,
    labels: Vec<Option<u32>>,
}

impl Stage for Judge {
    type Output = Scores;
    const NAME: &'static str = "judge";

    fn title(&self) -> String {
        "metrics generate".to_owned()
    }

    fn run(&self, ctx: &Ctx) -> Result<Scores, Failure> {
        let (clips, vocoded, heard) = (ctx.get(&self.clips)?, ctx.get(&self.vocoded)?, ctx.get(&self.heard)?);
        let (corpus, split) = (ctx.get(&self.corpus)?, ctx.get(&self.split)?);
        let train = split.rows(&heard.tracks, |part| part == Part::Train);
        let held_out = split.held_out(&heard.tracks, clips.count());
        let samples = self.acoustics.samples(None);
        let of = |clips: &Clips| Described { values: descriptors(clips, samples), labels: clips.labels.clone() };
        let sides = Sides {
            tracks: train.iter().map(|row| heard.tracks[*row]).collect(),
            train: described(&heard, &train, &corpus),
            real: described(&heard, &held_out, &corpus),
            vocoded: of(&vocoded),
            made: of(&clips),
            noise: noise(clips.count(), samples, self.acoustics.rate_hz),
            classes: corpus.labels.len(),
        };
        let mut scores = sides.scores();
        self.effects(ctx, &split, &mut scores)?;
        Ok(Scores(scores))
    }
}

fn described(heard: &FeatureTable, rows: &[usize], corpus: &Corpus) -> Described {
    let tracks: Vec<u32> = rows.iter().map(|row| heard.tracks[*row]).collect();
    Described { values: heard.flat().select(Axis(0), rows).mapv(f64::from), labels: corpus.labels_of(&tracks) }
}

/// Descriptors of white noise.
fn noise(count: usize, samples: usize, rate_hz: u32) -> Described {
    let row = |clip: usize| Stream::at(0, "generate.noise", clip as u64).uniforms(samples, -0.5, 0.5);
    let pcm = super::pcm(&(0..count).map(row).collect::<Vec<_>>().iter().map(Vec::as_slice).collect::<Vec<_>>());
    let clips = Clips { pcm, rate_hz, labels: vec![None; count], ..Clips::default() };
    Described { values: descriptors(&clips, samples), labels: clips.labels }
}

/// All that is compared.
struct Sides {
    train: Described,
    /// Tracks of the training clips.
    tracks: Vec<u32>,
    real: Described,
    vocoded: Described,
    made: Described,
    noise: Described,
    classes: usize,
}

type Named = BTreeMap<String, crate::artifact::Score>;

impl Sides {
    fn scores(&self) -> Named {
        let parameters = self.parameters();
        let mut named = Named::new();
        let mut put = |name: &str, value: Option<f64>, why: &str| {
            named.extend([cards::score(name, value, why, &parameters)]);
        };
        let Some(space) = Space::fit(self.train.values.view()) else {
            cards::names().for_each(|name| put(name, None, "there are too few training clips to compare with"));
            return named;
        };
        self.consistency(&space, &mut put);
        self.distances(&space, &mut put);
        named
    }

    fn parameters(&self) -> BTreeMap<String, String> {
        let counted = [
            ("n_generated", self.made.labels.len()),
            ("n_real", self.real.labels.len()),
            ("n_vocoded", self.vocoded.labels.len()),
            ("n_train", self.train.labels.len()),
            ("descriptors", self.train.values.ncols()),
            ("components", DIMS.min(self.train.values.ncols()).min(self.train.values.nrows())),
        ];
        counted.into_iter().map(|(name, count)| (name.to_owned(), count.to_string())).collect()
    }

    fn consistency(&self, space: &Space, put: &mut impl FnMut(&str, Option<f64>, &str)) {
        let labelled: Option<Vec<u32>> = self.train.labels.iter().copied().collect();
        let seen = space.standardised(self.train.values.view());
        let probe = labelled.and_then(|labels| logistic::fit(seen.view(), &labels, self.classes, C));
        let of = |side: &Described| {
            measures::consistency(probe.as_ref()?, space.standardised(side.values.view()).view(), &side.labels)
        };
        let (made, vocoded) = (of(&self.made), of(&self.vocoded));
        let why = if probe.is_some() {
            "the model is told no class: there is none to be consistent with"
        } else {
            "the tracks have no labels"
        };
        put("consistency", made, why);
        put("consistency_real", of(&self.real), why);
        put("consistency_vocoded", vocoded, why);
        let why = if vocoded == Some(0.0) { "the probe names no vocoded real clip: there is no ceiling" } else { why };
        put("consistency_ratio", ratio(made, vocoded), why);
    }

    fn distances(&self, space: &Space, put: &mut impl FnMut(&str, Option<f64>, &str)) {
        let places = |side: &Described| space.places(side.values.view());
        let [train, real, vocoded, made, noise] =
            [&self.train, &self.real, &self.vocoded, &self.made, &self.noise].map(places);
        let sides = [&self.train, &self.real, &self.vocoded, &self.made, &self.noise];
        let all = [&train, &real, &vocoded, &made, &noise];
        let [of_train, of_real, of_vocoded, of_made, of_noise] =
            std::array::from_fn(|at| Set { places: all[at].view(), labels: &sides[at].labels });
        let few = "there are too few clips, or a value that is not finite: raise generate.per_class";
        let [fad, floor] = [of_made, of_real].map(|set| measures::fad(of_train, set));
        put("fad", fad, few);
        put("fad_floor", floor, few);
        put("fad_vocoded", measures::fad(of_train, of_vocoded), few);
        put("fad_noise", measures::fad(of_train, of_noise), few);
        put("fad_ratio", ratio(fad, floor), few);
        put("kid", measures::kid(of_train, of_made), few);
        put("kid_floor", measures::kid(of_train, of_real), few);
        let manifold = measures::density_and_coverage(of_train, of_made);
        put("density", manifold.map(|(density, _)| density), few);
        put("coverage", manifold.map(|(_, coverage)| coverage), few);
        self.spread(of_real, of_made, put);
        let memory = measures::memory(train.view(), &self.tracks, made.view());
        put("nearest_train", memory.map(|memory| memory.made), few);
        put("nearest_train_least", memory.map(|memory| memory.least_made), few);
        put("nearest_real", memory.map(|memory| memory.train), few);
        put("nearest_real_least", memory.map(|memory| memory.least_train), few);
        put("copies", memory.map(|memory| memory.copies as f64), few);
    }

    /// Real clips are told apart by class only where the generated ones are.
    fn spread(&self, real: Set, made: Set, put: &mut impl FnMut(&str, Option<f64>, &str)) {
        let none = vec![None; real.labels.len()];
        let alike = if made.labels.iter().any(Option::is_some) { real.labels } else { &none };
        let real = measures::diversity(Set { places: real.places, labels: alike });
        let made = measures::diversity(made);
        let why = "a class has fewer than two clips: raise generate.per_class";
        put("diversity", made, why);
        put("diversity_real", real, why);
        put("diversity_ratio", ratio(made, real), why);
    }
}

fn ratio(of: Option<f64>, to: Option<f64>) -> Option<f64> {
    Some(of? / to.filter(|to| *to > 0.0)?)
}

impl Judge {
    fn effects(&self, ctx: &Ctx, split: &Split, scores: &mut Named) -> Result<(), Failure> {
        let (crossed, table) = (ctx.get(&self.crossed)?, ctx.get(&self.features)?);
        let all = split.rows(&table.tracks, |part| part != Part::Train);
        let rows: Vec<usize> = evenly(all.len(), REAL_MAPS).into_iter().map(|at| all[at]).collect();
        let real = table.values.select(Axis(0), &rows);
        let (classes, codes) = (crossed.rows.len(), crossed.columns.len());
        let found = measures::effects(crossed.values.view(), classes, codes, real.view());
        let parameters: BTreeMap<String, String> = [("classes", classes), ("codes", codes), ("n_real", rows.len())]
            .map(|(name, count)| (name.to_owned(), count.to_string()))
            .into();
        let untold = "the model is told no class";
        let (clips, maps) = (ctx.get(&self.clips)?, real.view().into_dimensionality::<Ix4>()?);
        let sharp = sharpness(clips.maps.view(), maps.index_axis(Axis(1), 0));
        scores.extend([
            cards::score(
                "sharpness",
                Some(sharp).filter(|x| x.is_finite()),
                "there are no held-out clips",
                &parameters,
            ),
            cards::score("condition_effect", found.condition, untold, &parameters),
            cards::score("code_effect", found.code, "there are too few held-out clips", &parameters),
        ]);
        Ok(())
    }
}
