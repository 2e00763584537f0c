//! Walks through a latent space: along single dimensions, and from one track to another.
//! Higgins et al., "beta-VAE" (ICLR 2017), figure 2, for walks along dimensions.

use crate::artifact::{Corpus, FeatureTable, Sheet, Split, Weights};
use crate::engine::{Ctx, Failure, Handle, Stage};
use crate::model::rows::{decode_rows, encode_rows};
use crate::model::{self, checkpoint};
use crate::stats::evenly;
use candle_core::Device;
use ndarray::{Array1, Array2, ArrayView1, Axis};
use serde::Serialize;

/// Steps of a walk.
const STEPS: usize = 7;
/// How far a walk along a dimension goes to each side, in standard deviations of the codes.
const REACH: f32 = 3.0;
/// Rows that are encoded to know where codes lie, at most.
const CODES: usize = 512;

/// Which way.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Route {
    /// From the mean code along the dimensions that vary most, so many of them.
    Dimensions(usize),
    /// From one held-out track to the next one of another label, so many times.
    Tracks(usize),
}

/// [`Weights`] × [`FeatureTable`] → [`Sheet`]. A conditional decoder is told nothing.
#[derive(Serialize)]
pub struct Traverse {
    /// Its weights.
    pub weights: Handle<Weights>,
    /// What was trained.
    pub model: model::Kind,
    /// What was encoded.
    pub features: Handle<FeatureTable>,
    /// Walks start from the held-out side.
    pub split: Handle<Split>,
    /// Names and labels of the tracks.
    pub corpus: Handle<Corpus>,
    /// Which way.
    pub route: Route,
}

/// Walks before they are decoded.
struct Walks {
    rows: Vec<String>,
    columns: Vec<String>,
    /// `[rows · columns, latent]`.
    codes: Array2<f32>,
}

impl Stage for Traverse {
    type Output = Sheet;
    const NAME: &'static str = "traverse";

    fn title(&self) -> String {
        let way = if let Route::Dimensions(_) = self.route { "dimensions" } else { "tracks" };
        format!("traverse {way}")
    }

    fn run(&self, ctx: &Ctx) -> Result<Sheet, Failure> {
        let (table, weights, split) = (ctx.get(&self.features)?, ctx.get(&self.weights)?, ctx.get(&self.split)?);
        let network = checkpoint::trained(&self.model, &weights, &table)?;
        let chosen = split.held_out(&table.tracks, CODES);
        let rows = weights.scale.apply_to(&table, &chosen);
        let codes = encode_rows(network.as_ref(), rows.view(), None, &Device::Cpu)?.means;
        let tracks: Vec<u32> = chosen.iter().map(|row| table.tracks[*row]).collect();
        let walks = match self.route {
            Route::Dimensions(most) => along_dimensions(&codes, most),
            Route::Tracks(pairs) => between_tracks(&codes, &tracks, ctx.get(&self.corpus)?.as_ref(), pairs),
        };
        let values = decode_rows(network.as_ref(), walks.codes.view(), None, &Device::Cpu)?;
        let values = if table.has_maps() { weights.scale.undo(values) } else { values };
        let mut shape = table.values.shape().to_vec();
        shape[0] = values.nrows();
        let Walks { rows, columns, .. } = walks;
        Ok(Sheet { encoded: tracks.len(), rows, columns, values: values.into_shape_with_order(shape)? })
    }
}

fn along_dimensions(codes: &Array2<f32>, most: usize) -> Walks {
    let Some(mean) = codes.mean_axis(Axis(0)) else { return nowhere(codes.ncols()) };
    let spread = codes.std_axis(Axis(0), 0.0);
    let mut order: Vec<usize> = (0..codes.ncols()).collect();
    order.sort_by(|a, b| spread[*b].total_cmp(&spread[*a]));
    order.truncate(most);
    let middle = (STEPS / 2) as f32;
    let shares: Vec<f32> = (0..STEPS).map(|step| REACH * (step as f32 - middle) / middle).collect();
    let at = |dim: usize, share: f32| {
        let mut code = mean.clone();
        code[dim] += share * spread[dim];
        code
    };
    let all: Vec<Array1<f32>> = order.iter().flat_map(|dim| shares.iter().map(|share| at(*dim, *share))).collect();
    let rows = order.iter().map(|dim| format!("dimension {dim} (sd {:.2})", spread[*dim])).collect();
    let columns = shares.iter().map(|share| format!("{share:+.0} sd")).collect();
    Walks { rows, columns, codes: stacked(&all, codes.ncols()) }
}

fn between_tracks(codes: &Array2<f32>, tracks: &[u32], corpus: &Corpus, pairs: usize) -> Walks {
    let starts = evenly(tracks.len(), pairs);
    let label = |row: usize| corpus.tracks[tracks[row] as usize].label;
    let other = |start: usize| {
        let mut later = (1..tracks.len()).map(|ahead| (start + ahead) % tracks.len());
        let another = |row: &usize| tracks[*row] != tracks[start];
        later.clone().find(|row| label(*row) != label(start)).or_else(|| later.find(another))
    };
    let ends: Vec<(usize, usize)> = starts.into_iter().filter_map(|start| Some((start, other(start)?))).collect();
    let shares: Vec<f32> = (0..STEPS).map(|step| step as f32 / (STEPS - 1) as f32).collect();
    let mix = |a: ArrayView1<f32>, b: ArrayView1<f32>, share: f32| &a * (1.0 - share) + &b * share;
    let walk = |(from, to): &(usize, usize)| {
        shares.iter().map(|share| mix(codes.row(*from), codes.row(*to), *share)).collect::<Vec<_>>()
    };
    let all: Vec<Array1<f32>> = ends.iter().flat_map(walk).collect();
    let name = |row: usize| format!("{} · {}", corpus.tracks[tracks[row] as usize].id, corpus.label_name(tracks[row]));
    let rows = ends.iter().map(|(from, to)| format!("{} to {}", name(*from), name(*to))).collect();
    let columns = shares.iter().map(|share| format!("{:.0} %", share * 100.0)).collect();
    Walks { rows, columns, codes: stacked(&all, codes.ncols()) }
}

fn nowhere(width: usize) -> Walks {
    Walks { rows: Vec::new(), columns: Vec::new(), codes: Array2::zeros((0, width)) }
}

fn stacked(codes: &[Array1<f32>], width: usize) -> Array2<f32> {
    let values: Vec<f32> = codes.iter().flatten().copied().collect();
    Array2::from_shape_vec((codes.len(), width), values).expect("all codes are of one width")
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn the_dimensions_that_vary_most_come_first_and_the_middle_is_the_mean() {
        let walks = along_dimensions(&array![[0.0f32, 1.0, 0.0], [2.0, 5.0, 0.0]], 2);
        assert_eq!((walks.rows.len(), walks.columns.len(), walks.codes.dim()), (2, STEPS, (2 * STEPS, 3)));
        assert!(walks.rows[0].starts_with("dimension 1"));
        assert_eq!(walks.codes.row(STEPS / 2), array![1.0f32, 3.0, 0.0]);
        assert_eq!((walks.codes[[0, 1]], walks.codes[[STEPS - 1, 1]]), (3.0 - 3.0 * 2.0, 3.0 + 3.0 * 2.0));
    }

    #[test]
    fn no_codes_give_no_walks() {
        assert_eq!(along_dimensions(&Array2::zeros((0, 3)), 2).codes.dim(), (0, 3));
    }
}
