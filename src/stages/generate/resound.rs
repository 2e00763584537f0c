//! Real clips through the vocoder: what is lost before any model comes in, and so the ceiling of what a model can reach.

use super::settings::{Acoustics, VocoderSettings};
use super::{pcm, stacked};
use crate::artifact::{Clips, Corpus, FeatureTable, Split};
use crate::engine::{Ctx, Failure, Handle, Stage, Version};
use crate::signal::vocoder::Vocoder;
use ndarray::{Array2, Array3, Ix4};
use serde::Serialize;

/// [`FeatureTable`] → [`Clips`] of held-out rows, evenly taken.
#[derive(Serialize)]
pub struct Resound {
    /// Log-mel maps.
    pub features: Handle<FeatureTable>,
    /// Clips are taken from the held-out side.
    pub split: Handle<Split>,
    /// Labels and names.
    pub corpus: Handle<Corpus>,
    /// What the maps stand for.
    pub acoustics: Acoustics,
    /// The same as for generated clips.
    pub vocoder: VocoderSettings,
    /// Clips for each class that there is.
    pub per_class: usize,
}

impl Stage for Resound {
    type Output = Clips;
    const NAME: &'static str = "resound";

    /// 2: clips hold what a decoder leaves out.
    fn version(&self) -> Version {
        Version::room(2)
    }

    fn title(&self) -> String {
        "vocode real clips".to_owned()
    }

    fn run(&self, ctx: &Ctx) -> Result<Clips, Failure> {
        let (table, split, corpus) = (ctx.get(&self.features)?, ctx.get(&self.split)?, ctx.get(&self.corpus)?);
        let chosen = split.held_out(&table.tracks, self.per_class * corpus.labels.len().max(1));
        let tracks: Vec<u32> = chosen.iter().map(|row| table.tracks[*row]).collect();
        let maps = table.values.view().into_dimensionality::<Ix4>()?;
        let maps: Array3<f32> = stacked(chosen.iter().map(|row| maps.slice(ndarray::s![*row, 0, .., ..])))?;
        let vocoder = Vocoder::new(&self.acoustics.vocoder(&self.vocoder)).map_err(Failure::experiment)?;
        let sounds = vocoder.sounds(maps.view(), 0).map_err(Failure::experiment)?;
        Ok(Clips {
            codes: Array2::zeros((maps.dim().0, 0)),
            population: Array3::zeros((0, 0, 0)),
            texture: Array2::zeros((2, 0)),
            pcm: pcm(&sounds.iter().map(Vec::as_slice).collect::<Vec<_>>()),
            maps,
            rate_hz: self.acoustics.rate_hz,
            labels: corpus.labels_of(&tracks),
            classes: corpus.labels.clone(),
            origins: tracks.iter().map(|track| corpus.tracks[*track as usize].id.clone()).collect(),
        })
    }
}
