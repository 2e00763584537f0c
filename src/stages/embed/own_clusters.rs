//! The clusters that a model finds by itself.

use super::per_track;
use crate::artifact::{Assignment, FeatureTable, Weights};
use crate::engine::{Ctx, Failure, Handle, Stage};
use crate::model::rows::shares_of_rows;
use crate::model::{self, checkpoint};
use candle_core::Device;
use serde::Serialize;

/// [`Weights`] × [`FeatureTable`] → [`Assignment`] of tracks: the likeliest cluster over the clips of each.
#[derive(Serialize)]
pub struct OwnClusters {
    /// Its weights.
    pub weights: Handle<Weights>,
    /// What was trained: a kind that clusters.
    pub model: model::Kind,
    /// The tracks.
    pub features: Handle<FeatureTable>,
}

impl Stage for OwnClusters {
    type Output = Assignment;
    const NAME: &'static str = "own_clusters";

    fn run(&self, ctx: &Ctx) -> Result<Assignment, Failure> {
        let (table, weights) = (ctx.get(&self.features)?, ctx.get(&self.weights)?);
        let network = checkpoint::trained(&self.model, &weights, &table)?;
        let shares = shares_of_rows(network.as_ref(), weights.scale.apply(&table).view(), &Device::Cpu)?;
        let shares = shares.ok_or_else(|| Failure::experiment(NoClusters { model: self.model.name() }))?;
        let (shares, _) = per_track(shares.mapv(f64::from).view(), &table.tracks);
        let likeliest = |row: ndarray::ArrayView1<f64>| {
            let first_of_best = |best: usize, at: usize| if row[at] > row[best] { at } else { best };
            (0..row.len()).fold(0, first_of_best) as i32
        };
        let labels = shares.rows().into_iter().map(likeliest).collect();
        Ok(Assignment { labels, k: shares.ncols(), inertia: None })
    }
}

/// A model that does not cluster was asked to.
#[derive(Debug, thiserror::Error)]
#[error("model.{model} puts tracks into no clusters: add a [[cluster]]")]
struct NoClusters {
    model: &'static str,
}
