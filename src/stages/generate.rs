//! The generate room: codes are drawn, decoded and made sound; what comes out is measured against real music.
//!
//! Only models of log-mel maps can be heard: of other features no sound can be made. Real clips go through the same vocoder,
//! so that what the vocoder loses is not charged to the model.

pub mod cross;
pub mod judge;
pub mod population;
pub mod resound;
pub mod sampler;
pub mod settings;
pub mod texture;

pub use cross::Cross;
pub use judge::Judge;
pub use population::Population;
pub use resound::Resound;
pub use sampler::{Clip, GenerateError, Sampler, between};
pub use settings::{Acoustics, Codes, Settings, VocoderSettings};
pub use texture::Texture;

use crate::artifact::{Clips, Corpus, FeatureTable, Part, Split, Weights, to_pcm};
use crate::engine::{Ctx, Failure, FailureKind, Handle, Stage, Version};
use crate::model::{self, checkpoint};
use ndarray::{Array2, Array3, ArrayView1, ArrayView2, Axis, stack};
use serde::Serialize;

/// [`Weights`] → [`Clips`]: so many of each class, or of none for a model that is told none.
#[derive(Serialize)]
pub struct Generate {
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
    /// How many, from where.
    pub settings: Settings,
    /// What the maps stand for.
    pub acoustics: Acoustics,
    /// Seed of codes and phases.
    pub seed: u64,
}

/// The user asked for the end.
#[derive(Debug, thiserror::Error)]
#[error("generating was stopped after {done} of {of} clips: run it again")]
struct Stopped {
    done: usize,
    of: usize,
}

impl Stage for Generate {
    type Output = Clips;
    const NAME: &'static str = "generate";

    fn version(&self) -> Version {
        Version { room: 2, kind: self.model.version() }
    }

    fn title(&self) -> String {
        format!("generate {} seed {}", self.model.name(), self.seed)
    }

    fn run(&self, ctx: &Ctx) -> Result<Clips, Failure> {
        let corpus = ctx.get(&self.corpus)?;
        let sampler = self.sampler(ctx)?;
        let asked = asked(sampler.classes(), corpus.labels.len(), self.settings.per_class);
        let of: usize = asked.iter().map(|(_, n)| n).sum();
        let (mut clips, mut labels) = (Vec::new(), Vec::new());
        let _hold = ctx.interrupt().hold();
        for (class, n) in asked {
            if ctx.interrupt().is_asked() {
                return Err(Failure::new(FailureKind::Interrupted, Stopped { done: clips.len(), of }));
            }
            clips.extend(sampler.draw(class, n, self.seed).map_err(Failure::experiment)?);
            labels.extend(vec![class; n]);
            ctx.progress(clips.len(), of);
        }
        let origin = serde_json::to_value(self.settings.codes)?.as_str().unwrap_or_default().to_owned();
        Ok(Clips {
            maps: stacked(clips.iter().map(|clip| clip.map.view()))?,
            population: sampler.population().map_or_else(|| Array3::zeros((0, 0, 0)), |found| found.normals.clone()),
            texture: sampler.texture().map_or_else(|| Array2::zeros((2, 0)), |found| found.bands.clone()),
            codes: rows(clips.iter().map(|clip| clip.code.view()), 0)?,
            pcm: pcm(&clips.iter().map(|clip| clip.samples.as_slice()).collect::<Vec<_>>()),
            rate_hz: self.acoustics.rate_hz,
            origins: vec![origin; labels.len()],
            labels,
            classes: corpus.labels.clone(),
        })
    }
}

impl Generate {
    fn sampler(&self, ctx: &Ctx) -> Result<Sampler, Failure> {
        let heard = Heard { model: &self.model, weights: &self.weights, features: &self.features, split: &self.split };
        heard.sampler(ctx, &*ctx.get(&self.corpus)?, self.acoustics, self.settings.clone())
    }
}

/// A network and what it learned from.
struct Heard<'a> {
    model: &'a model::Kind,
    weights: &'a Handle<Weights>,
    features: &'a Handle<FeatureTable>,
    split: &'a Handle<Split>,
}

impl Heard<'_> {
    /// A sampler that knows the codes of the training side.
    fn sampler(
        &self,
        ctx: &Ctx,
        corpus: &Corpus,
        acoustics: Acoustics,
        settings: Settings,
    ) -> Result<Sampler, Failure> {
        let (table, weights, split) = (ctx.get(self.features)?, ctx.get(self.weights)?, ctx.get(self.split)?);
        let network = checkpoint::trained(self.model, &weights, &table)?;
        let train = split.rows(&table.tracks, |part| part == Part::Train);
        let tracks: Vec<u32> = train.iter().map(|row| table.tracks[*row]).collect();
        let rows = weights.scale.apply_to(&table, &train);
        let sampler = Sampler::new(network, weights.scale.clone(), acoustics, settings);
        let sampler = sampler.and_then(|sampler| sampler.having_heard(rows.view(), &corpus.labels_of(&tracks)));
        sampler.map_err(Failure::experiment)
    }
}

/// Clips to draw: of each class that the model is told; else as many in all, of none.
fn asked(told: usize, labels: usize, per_class: usize) -> Vec<(Option<u32>, usize)> {
    match told {
        0 => vec![(None, per_class * labels.max(1))],
        _ => (0..told as u32).map(|class| (Some(class), per_class)).collect(),
    }
}

/// Maps of one shape, `[clips, bins, frames]`.
fn stacked<'a>(maps: impl Iterator<Item = ArrayView2<'a, f32>>) -> Result<Array3<f32>, Failure> {
    let maps: Vec<_> = maps.collect();
    if maps.is_empty() { Ok(Array3::zeros((0, 0, 0))) } else { Ok(stack(Axis(0), &maps)?) }
}

/// Rows of one width, `[rows, width]`.
fn rows<'a>(rows: impl Iterator<Item = ArrayView1<'a, f32>>, width: usize) -> Result<Array2<f32>, Failure> {
    let rows: Vec<_> = rows.collect();
    if rows.is_empty() { Ok(Array2::zeros((0, width))) } else { Ok(stack(Axis(0), &rows)?) }
}

/// Sounds as 16 bits `[clips, samples]`, as long as the longest.
fn pcm(sounds: &[&[f32]]) -> Array2<i16> {
    let width = sounds.iter().map(|sound| sound.len()).max().unwrap_or(0);
    let mut pcm = Array2::zeros((sounds.len(), width));
    for (mut row, sound) in pcm.rows_mut().into_iter().zip(sounds) {
        row.iter_mut().zip(to_pcm(sound)).for_each(|(slot, value)| *slot = value);
    }
    pcm
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_that_is_told_nothing_draws_as_many_in_all() {
        assert_eq!(asked(2, 2, 3), [(Some(0), 3), (Some(1), 3)]);
        assert_eq!(asked(0, 4, 3), [(None, 12)]);
        assert_eq!(asked(0, 0, 3), [(None, 3)]);
    }

    #[test]
    fn shorter_sounds_end_in_silence() {
        assert_eq!(pcm(&[&[0.5], &[0.25, -0.25]]), ndarray::array![[16_384i16, 0], [8192, -8192]]);
        assert_eq!(pcm(&[]).dim(), (0, 0));
    }
}
