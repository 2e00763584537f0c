//! The embed room: features become one point a track. The baselines stand beside the model, in the same form.

mod baseline;
mod beside;
mod encoder;
mod own_clusters;
mod traverse;
mod views;

pub use beside::Beside;
pub use encoder::{Reconstruct, embed};
pub use own_clusters::OwnClusters;
pub use traverse::{Route, Traverse};
pub use views::ShowViews;

use crate::artifact::{Corpus, FeatureTable, Latents, Weights};
use crate::engine::{Ctx, Failure, Handle, Stage};
use crate::model;
use ndarray::{Array2, ArrayView2, Axis};
use serde::Serialize;

/// How features become points.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// The posterior mean of a trained network.
    Encoder {
        /// Its weights.
        weights: Handle<Weights>,
        /// What was trained.
        model: model::Kind,
        /// Where the labels come from that its encoder hears: latents that must not be clustered without the word
        /// "oracle". None: it hears nothing.
        #[serde(skip_serializing_if = "Option::is_none")]
        oracle: Option<Handle<Corpus>>,
    },
    /// The posterior mean of a network that has learned nothing: what its architecture alone gives.
    Untrained {
        /// What is not trained.
        model: model::Kind,
        /// Seed of its weights.
        seed: u64,
    },
    /// The standardised features themselves.
    Raw,
    /// Principal components of the standardised features.
    Pca {
        /// How many.
        dims: usize,
    },
}

/// [`FeatureTable`] → [`Latents`].
#[derive(Serialize)]
pub struct Embed {
    /// What is embedded.
    pub features: Handle<FeatureTable>,
    /// How.
    pub via: Via,
}

impl Stage for Embed {
    type Output = Latents;
    const NAME: &'static str = "embed";

    fn title(&self) -> String {
        let name = match self.via {
            Via::Encoder { oracle: None, .. } => "latent",
            Via::Encoder { .. } => "oracle",
            Via::Untrained { .. } => "untrained",
            Via::Raw => "raw",
            Via::Pca { .. } => "pca",
        };
        format!("embed {name}")
    }

    fn run(&self, ctx: &Ctx) -> Result<Latents, Failure> {
        let table = ctx.get(&self.features)?;
        match &self.via {
            Via::Encoder { weights, model, oracle } => {
                let corpus = ctx.get_if(oracle.as_ref())?;
                let labels = corpus.map(|corpus| corpus.labels_of(&table.tracks));
                encoder::embed(&table, ctx.get(weights)?.as_ref(), model, labels.as_deref())
            }
            Via::Untrained { model, seed } => encoder::untrained(&table, model, *seed),
            Via::Raw => Ok(baseline::raw(&table)),
            Via::Pca { dims } => baseline::pca(&table, *dims),
        }
    }
}

/// `[tracks, dims]`: the mean over each track's rows, beside the tracks in order.
fn per_track(rows: ArrayView2<f64>, tracks_of_rows: &[u32]) -> (Array2<f64>, Vec<u32>) {
    let mut tracks = tracks_of_rows.to_vec();
    tracks.dedup();
    let mut means = Array2::zeros((tracks.len(), rows.ncols()));
    let mut start = 0;
    for (track, mut mean) in tracks.iter().zip(means.rows_mut()) {
        let length = tracks_of_rows[start..].iter().take_while(|of| *of == track).count();
        let clips = rows.slice_axis(Axis(0), ndarray::Slice::from(start..start + length));
        mean.assign(&(clips.sum_axis(Axis(0)) / length as f64));
        start += length;
    }
    (means, tracks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn the_point_of_a_track_is_the_mean_of_its_clips() {
        let (means, tracks) = per_track(array![[1.0], [3.0], [7.0]].view(), &[2, 2, 5]);
        assert_eq!((means, tracks), (array![[2.0], [7.0]], vec![2, 5]));
    }
}
