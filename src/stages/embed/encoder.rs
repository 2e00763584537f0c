//! The posterior mean of a trained network is the latent; a few examples are decoded again, to be looked at.

use super::per_track;
use crate::artifact::{Corpus, FeatureTable, Latents, Reconstructions, Scale, Split, Weights};
use crate::engine::{Ctx, Failure, Handle, Stage};
use crate::model::rows::{Labels, decode_rows, encode_rows};
use crate::model::usage::ACTIVE_VARIANCE;
use crate::model::{self, Input, Network, checkpoint};
use crate::neural::params::Params;
use candle_core::Device;
use ndarray::{Array2, ArrayView2, Axis};
use serde::Serialize;

/// The latents of all tracks, mean over their clips; a network that is told labels hears only those in `labels`.
///
/// # Errors
/// The weights are not this model's, or the table is of another shape than it learned from.
pub fn embed(table: &FeatureTable, weights: &Weights, model: &model::Kind, labels: Labels) -> Result<Latents, Failure> {
    latents(checkpoint::trained(model, weights, table)?.as_ref(), table, &weights.scale, labels)
}

/// The same of a network with the weights that it begins with.
pub(super) fn untrained(table: &FeatureTable, model: &model::Kind, seed: u64) -> Result<Latents, Failure> {
    let network =
        model.build(Input::of(table, 1), &mut Params::new(seed, &Device::Cpu)).map_err(Failure::experiment)?;
    let fit = if model.is_multimodal() { Scale::fit_apart } else { Scale::fit };
    let scale = fit(table, &(0..table.rows()).collect::<Vec<_>>());
    latents(network.as_ref(), table, &scale, None)
}

fn latents(network: &dyn Network, table: &FeatureTable, scale: &Scale, labels: Labels) -> Result<Latents, Failure> {
    let codes = encode_rows(network, scale.apply(table).view(), labels, &Device::Cpu)?;
    let (values, tracks) = per_track(codes.means.mapv(f64::from).view(), &table.tracks);
    Ok(Latents { active: active(values.view()), values, tracks })
}

fn active(values: ArrayView2<f64>) -> Vec<usize> {
    let varies = |(unit, variance): (usize, f64)| (variance > ACTIVE_VARIANCE).then_some(unit);
    values.var_axis(Axis(0), 0.0).into_iter().enumerate().filter_map(varies).collect()
}

/// [`Weights`] × [`FeatureTable`] → [`Reconstructions`] of held-out rows, evenly taken.
#[derive(Serialize)]
pub struct Reconstruct {
    /// Its weights.
    pub weights: Handle<Weights>,
    /// What was trained.
    pub model: model::Kind,
    /// Where the labels come from that a conditional model is told; none for others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corpus: Option<Handle<Corpus>>,
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
        let chosen = split.held_out(&table.tracks, self.examples);
        let network = checkpoint::trained(&self.model, &weights, &table)?;
        let rows = weights.scale.apply_to(&table, &chosen);
        let tracks: Vec<u32> = chosen.iter().map(|row| table.tracks[*row]).collect();
        let corpus = ctx.get_if(self.corpus.as_ref())?;
        let labels = corpus.map(|corpus| corpus.labels_of(&tracks));
        let codes = encode_rows(network.as_ref(), rows.view(), labels.as_deref(), &Device::Cpu)?;
        let outputs = decode_rows(network.as_ref(), codes.means.view(), labels.as_deref(), &Device::Cpu)?;
        // Pixels of maps share a unit and are shown in it; columns of vectors do not, and stay standardised.
        let in_units = |values: Array2<f32>| if table.has_maps() { weights.scale.undo(values) } else { values };
        let mut shape = table.values.shape().to_vec();
        shape[0] = chosen.len();
        let inputs = in_units(rows).into_shape_with_order(shape.clone())?;
        let outputs = in_units(outputs).into_shape_with_order(shape)?;
        Ok(Reconstructions { inputs, outputs, tracks })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_that_do_not_move_are_not_active() {
        let values = ndarray::array![[0.0, 1.0, 0.05], [0.0, -1.0, 0.0]];
        assert_eq!(active(values.view()), [1]);
    }
}
