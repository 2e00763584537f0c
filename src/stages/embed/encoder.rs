//! The posterior mean of a trained network is the latent; a few examples are decoded again, to be looked at.

use super::per_track;
use crate::artifact::{FeatureTable, Latents, Reconstructions, Split, Weights};
use crate::engine::{Ctx, Failure, Handle, Stage};
use crate::model::rows::{decode_rows, encode_rows};
use crate::model::{self, InputShape, Network, checkpoint};
use candle_core::Device;
use ndarray::{Array2, ArrayView2, Axis};
use serde::Serialize;

/// A latent unit is in use if its posterior mean varies by more than this (Burda et al. 2016).
const ACTIVE_VARIANCE: f64 = 0.01;

/// The latents of all tracks, mean over their clips.
pub(super) fn embed(table: &FeatureTable, weights: &Weights, model: &model::Kind) -> Result<Latents, Failure> {
    let network = network(table, weights, model)?;
    let codes = encode_rows(network.as_ref(), weights.scale.apply(table).view(), &Device::Cpu)?;
    let (values, tracks) = per_track(codes.means.mapv(f64::from).view(), &table.tracks);
    Ok(Latents { active: active(values.view()), values, tracks })
}

fn active(values: ArrayView2<f64>) -> Vec<usize> {
    let varies = |(unit, variance): (usize, f64)| (variance > ACTIVE_VARIANCE).then_some(unit);
    values.var_axis(Axis(0), 0.0).into_iter().enumerate().filter_map(varies).collect()
}

fn network(table: &FeatureTable, weights: &Weights, model: &model::Kind) -> Result<Box<dyn Network>, Failure> {
    Ok(checkpoint::restored(model, InputShape::of(table.values.shape()), &weights.best, &Device::Cpu)?)
}

/// [`Weights`] × [`FeatureTable`] → [`Reconstructions`] of held-out rows, evenly taken.
#[derive(Serialize)]
pub struct Reconstruct {
    /// Its weights.
    pub weights: Handle<Weights>,
    /// What was trained.
    pub model: model::Kind,
    /// What goes in.
    pub features: Handle<FeatureTable>,
    /// Examples are taken from the held-out side.
    pub split: Handle<Split>,
    /// How many.
    pub examples: usize,
}

impl Stage for Reconstruct {
    type Output = Reconstructions;
    const NAME: &'static str = "reconstruct";

    fn run(&self, ctx: &Ctx) -> Result<Reconstructions, Failure> {
        let (table, weights, split) = (ctx.get(&self.features)?, ctx.get(&self.weights)?, ctx.get(&self.split)?);
        let held_out = split.held_out(&table.tracks);
        let chosen = evenly(&held_out, self.examples);
        let network = network(&table, &weights, &self.model)?;
        let rows = weights.scale.apply(&table).select(Axis(0), &chosen);
        let codes = encode_rows(network.as_ref(), rows.view(), &Device::Cpu)?;
        let outputs = decode_rows(network.as_ref(), codes.means.view(), &Device::Cpu)?;
        // Pixels of maps share a unit and are shown in it; columns of vectors do not, and stay standardised.
        let in_units = |values: Array2<f32>| if table.has_maps() { weights.scale.undo(values) } else { values };
        let mut shape = table.values.shape().to_vec();
        shape[0] = chosen.len();
        let inputs = in_units(rows).into_shape_with_order(shape.clone())?;
        let outputs = in_units(outputs).into_shape_with_order(shape)?;
        Ok(Reconstructions { inputs, outputs, tracks: chosen.iter().map(|row| table.tracks[*row]).collect() })
    }
}

fn evenly(rows: &[usize], wanted: usize) -> Vec<usize> {
    let count = wanted.min(rows.len());
    (0..count).map(|at| rows[at * rows.len() / count]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_that_do_not_move_are_not_active() {
        let values = ndarray::array![[0.0, 1.0, 0.05], [0.0, -1.0, 0.0]];
        assert_eq!(active(values.view()), [1]);
    }

    #[test]
    fn examples_are_taken_evenly_and_never_twice() {
        assert_eq!(evenly(&[3, 5, 7, 9], 2), [3, 7]);
        assert_eq!(evenly(&[3, 5], 8), [3, 5]);
        assert_eq!(evenly(&[], 8), [0usize; 0]);
    }
}
