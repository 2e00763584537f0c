//! The normalised temperature-scaled cross-entropy: each view is to find its partner among all views of a batch.
//! Chen et al., "A simple framework for contrastive learning of visual representations" (ICML 2020), equation 1;
//! van den Oord, Li, Vinyals, "Representation learning with contrastive predictive coding" (2018), equation 4.
//!
//! `loss_i = -s(i, partner) + ln(exp s(i, partner) + Σ_n exp s(i, n))`, `s` the cosine over the temperature, `n` the views of
//! other groups. Among `m` such views chance is `ln(m + 1)`. The lowest loss is that of tracks which lie as far from each other
//! as `t` directions can, at cosines of `-1 / (t - 1)`: a loss by itself says nothing, between these two it does.

use candle_core::{Result, Tensor};

use crate::model::regularizer::log_sum_exp;
use crate::neural::linear::linear;

/// What is added to the cosine of views that are not compared.
const BARRED: f32 = -1e9;
/// Added to squared lengths, against division by nothing.
const TINY: f64 = 1e-12;

/// What a loss lies between.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// The lowest.
    pub floor: f64,
    /// That of guessing.
    pub chance: f64,
}

impl Bounds {
    /// Of anchors with `negatives` each among `tracks` tracks.
    pub fn of(negatives: &[usize], tracks: usize, temperature: f64) -> Bounds {
        let gap = (1.0 + 1.0 / (tracks.max(2) - 1) as f64) / temperature;
        let mean = |of: &dyn Fn(f64) -> f64| {
            negatives.iter().map(|count| of(*count as f64)).sum::<f64>() / negatives.len().max(1) as f64
        };
        Bounds { floor: mean(&|count| (count * (-gap).exp()).ln_1p()), chance: mean(&|count| count.ln_1p()) }
    }

    /// 0 at the lowest, 1 at chance; None where nothing is compared.
    pub fn normalised(&self, loss: f64) -> Option<f64> {
        (self.chance > self.floor).then(|| (loss - self.floor) / (self.chance - self.floor))
    }
}

/// Rows of length 1.
pub(in crate::model) fn unit(rows: &Tensor) -> Result<Tensor> {
    rows.broadcast_div(&(rows.sqr()?.sum_keepdim(1)? + TINY)?.sqrt()?)
}

/// The mean loss of views `z` `[2 tracks, dims]`, first all first views, then all second ones, and what it lies between.
///
/// # Errors
/// The rows are not two for each of `groups`.
pub fn nt_xent(z: &Tensor, groups: &[u32], temperature: f64) -> Result<(Tensor, Bounds)> {
    let (views, tracks) = (2 * groups.len(), groups.len());
    let z = unit(z)?;
    let no_bias = Tensor::zeros(views, z.dtype(), z.device())?;
    let similar = (linear(&z, &z, &no_bias)? / temperature)?;
    let compared = |row: usize, column: usize| groups[row % tracks] != groups[column % tracks];
    let partner = |row: usize| (row + tracks) % views;
    let bar = |at: usize| {
        let (row, column) = (at / views, at % views);
        if compared(row, column) || column == partner(row) { 0.0 } else { BARRED }
    };
    let bars = Tensor::from_vec((0..views * views).map(bar).collect::<Vec<f32>>(), (views, views), z.device())?;
    let negatives: Vec<usize> =
        (0..views).map(|row| (0..views).filter(|column| compared(row, *column)).count()).collect();
    let (first, second) = (z.narrow(0, 0, tracks)?, z.narrow(0, tracks, tracks)?);
    let partners = Tensor::cat(&[second, first], 0)?;
    let positive = ((z * partners)?.sum(1)? / temperature)?;
    let loss = (log_sum_exp(&(similar + bars)?, 1)? - positive)?.mean_all()?;
    Ok((loss, Bounds::of(&negatives, tracks, temperature)))
}

/// The mean loss of `queries` whose partners are `keys`, both `[tracks, dims]` of length 1, among `others` `[kept, dims]`; an
/// other view counts where `counts(track, other)`.
///
/// # Errors
/// The widths differ.
pub(in crate::model) fn against(
    queries: &Tensor,
    keys: &Tensor,
    others: &Tensor,
    counts: impl Fn(usize, usize) -> bool,
    temperature: f64,
) -> Result<(Tensor, Bounds)> {
    let (tracks, kept) = (queries.dim(0)?, others.dim(0)?);
    let positive = ((queries * keys)?.sum_keepdim(1)? / temperature)?;
    let no_bias = Tensor::zeros(kept, queries.dtype(), queries.device())?;
    let similar = (linear(queries, others, &no_bias)? / temperature)?;
    let bar = |at: usize| if counts(at / kept, at % kept) { 0.0 } else { BARRED };
    let bars = Tensor::from_vec((0..tracks * kept).map(bar).collect::<Vec<f32>>(), (tracks, kept), queries.device())?;
    let all = Tensor::cat(&[&positive, &(similar + bars)?], 1)?;
    let loss = (log_sum_exp(&all, 1)? - positive.squeeze(1)?)?.mean_all()?;
    let negatives: Vec<usize> =
        (0..tracks).map(|track| (0..kept).filter(|other| counts(track, *other)).count()).collect();
    Ok((loss, Bounds::of(&negatives, kept + 1, temperature)))
}

#[cfg(test)]
mod tests;
