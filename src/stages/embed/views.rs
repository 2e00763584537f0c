//! What a contrastive network is shown: clips as they are, changed by each augmentation alone, and two views as in training.

use crate::artifact::{Corpus, FeatureTable, Sheet, Split, Weights};
use crate::engine::{Ctx, Failure, Handle, Stage};
use crate::model::augment::Augment;
use crate::model::{self, Input};
use crate::neural::params::Params;
use crate::random::Stream;
use crate::stats::evenly;
use candle_core::Device;
use ndarray::{Array2, ArrayView2, ArrayViewMut2};
use serde::Serialize;

/// [`FeatureTable`] → [`Sheet`] of views of held-out clips, evenly taken.
#[derive(Serialize)]
pub struct ShowViews {
    /// Gives the scale on which maps are changed.
    pub weights: Handle<Weights>,
    /// Says how they are.
    pub model: model::Kind,
    /// The clips.
    pub features: Handle<FeatureTable>,
    /// Examples are taken from the held-out side.
    pub split: Handle<Split>,
    /// Names of the tracks.
    pub corpus: Handle<Corpus>,
    /// How many.
    pub examples: usize,
    /// Seed of the views.
    pub seed: u64,
}

impl Stage for ShowViews {
    type Output = Sheet;
    const NAME: &'static str = "show_views";

    fn title(&self) -> String {
        "show views".to_owned()
    }

    fn run(&self, ctx: &Ctx) -> Result<Sheet, Failure> {
        let (table, split, corpus) = (ctx.get(&self.features)?, ctx.get(&self.split)?, ctx.get(&self.corpus)?);
        let scale = &ctx.get(&self.weights)?.scale;
        let mut firsts = split.held_out(&table.tracks, usize::MAX);
        firsts.dedup_by_key(|row| table.tracks[*row]);
        let chosen: Vec<usize> = evenly(firsts.len(), self.examples).into_iter().map(|at| firsts[at]).collect();
        // The weights do not matter: the network is asked for its settings only.
        let network =
            self.model.build(Input::of(&table, 1), &mut Params::new(0, &Device::Cpu)).map_err(Failure::experiment)?;
        let usual = Augment::usual();
        let augment = network.contrast().map_or(&usual, |contrast| contrast.augment());
        let maps = scale.apply_to(&table, &chosen);
        let frames = table.values.shape().last().copied().unwrap_or(1);
        let ways = ways(augment);
        let cells = ways.iter().enumerate().map(|(at, (_, way))| self.changed(&maps, frames, way, at as u64));
        let cells: Vec<Array2<f32>> = cells.collect();
        let views: Vec<ArrayView2<f32>> = cells.iter().map(|cells| cells.view()).collect();
        let values = scale.undo(ndarray::concatenate(ndarray::Axis(0), &views)?);
        let mut shape = table.values.shape().to_vec();
        shape[0] = values.nrows();
        let name = |row: &usize| corpus.tracks[table.tracks[*row] as usize].id.clone();
        Ok(Sheet {
            encoded: chosen.len(),
            rows: ways.into_iter().map(|(name, _)| name).collect(),
            columns: chosen.iter().map(name).collect(),
            values: values.into_shape_with_order(shape)?,
        })
    }
}

/// Rows of the picture: nothing done, each kind alone, all as in training.
fn ways(augment: &Augment) -> Vec<(String, Augment)> {
    let none = ("as it is".to_owned(), Augment::default());
    let alone = augment.chosen().into_iter().map(|(name, _)| (name.replace('_', " "), augment.only(name)));
    let views = ["a view", "another view"].map(|name| (name.to_owned(), augment.clone()));
    std::iter::once(none).chain(alone).chain(views).collect()
}

impl ShowViews {
    /// `maps` `[examples, values]` changed in the way `at`.
    fn changed(&self, maps: &Array2<f32>, frames: usize, way: &Augment, at: u64) -> Array2<f32> {
        let mut changed = maps.clone();
        let count = maps.nrows();
        for (row, mut map) in changed.rows_mut().into_iter().enumerate() {
            let bins = map.len() / frames.max(1);
            let other = maps.row((row + 1) % count);
            let mut draw = Stream::at(self.seed, "show_views", at * 1000 + row as u64);
            if let (Some(map), Some(other)) = (map.as_slice_mut(), other.as_slice())
                && let (Ok(map), Ok(other)) =
                    (ArrayViewMut2::from_shape((bins, frames), map), ArrayView2::from_shape((bins, frames), other))
            {
                way.view(map, other, &mut draw);
            }
        }
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_a_row_of_its_own_between_none_and_all() {
        let ways = ways(&Augment::usual());
        assert_eq!((ways.len(), ways[0].0.as_str(), ways[1].0.as_str()), (11, "as it is", "background"));
        assert!(ways[0].1.chosen().is_empty() && ways[1..9].iter().all(|(_, way)| way.chosen().len() == 1));
        assert_eq!(ways[10].1, Augment::usual());
    }
}
