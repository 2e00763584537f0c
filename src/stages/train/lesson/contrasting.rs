//! The lesson of contrastive networks: an item is a track, and a step shows two changed views of each of a batch of tracks.
//! Two crops at least some seconds apart: Spijkervet and Burgoyne (ISMIR 2021), section 3.1; McCallum et al. (2022).
//!
//! A view is one clip of the track. The other one begins at least `apart` clips away where the track is long enough, else as
//! far as it goes; a track of one clip gives it twice, and augmentations alone make the views differ. Batches are of tracks, so
//! no two clips of one track stand against each other, and tracks of one group (artist) are not told apart.

use candle_core::{Device, Tensor};
use ndarray::{Array2, ArrayView1, ArrayView2, ArrayViewMut2, Axis, Slice};
use rayon::prelude::*;

use super::labels::{self, Known};
use super::{Answer, Lesson, Place};
use crate::model::contrast::{Cost, Pair};
use crate::model::{Contrast, InputShape, Network, Progress, rows};
use crate::neural::batch_norm::Phase;
use crate::random::Stream;
use crate::stages::train::fit::{Pairing, Tracks, TrainError};
use crate::stages::train::history::{Row, Split};
use crate::stages::train::score::Tally;
use crate::stages::train::trainer::RECORDS;
use crate::stats::evenly;

/// Held-out tracks whose views are compared at each record, at most.
const VAL_TRACKS: usize = 128;
/// Labels are asked for at each so many-th record.
const ASKED: usize = 6;
/// Tracks whose labels are asked for, and clips of each, at most.
const OF_LABELS: (usize, usize) = (256, 2);

/// Tracks, and the network that tells them apart.
pub(in crate::stages::train) struct Contrasting<'a> {
    network: &'a dyn Network,
    contrast: &'a dyn Contrast,
    device: &'a Device,
    train: Tracks<'a>,
    val: Tracks<'a>,
    /// Views of held-out tracks, the same at each record.
    held_out: Option<Pair>,
    seed: u64,
}

impl<'a> Contrasting<'a> {
    /// The lesson of `pairing`, whose network is `contrast`.
    ///
    /// # Errors
    /// The rows do not fit the network.
    pub fn new(pairing: &Pairing<'a>, contrast: &'a dyn Contrast) -> Result<Contrasting<'a>, TrainError> {
        let Pairing { network, params, train, val, seed, .. } = pairing.clone();
        let device = params.device();
        let mut lesson = Contrasting { network, contrast, device, train, val, held_out: None, seed };
        let some = evenly(lesson.val.clips.len(), VAL_TRACKS);
        // Tracks of one group are not told apart: their loss would be 0, and the best there is.
        let group = |at: &usize| lesson.val.groups[*at];
        if some.iter().any(|at| group(at) != group(&some[0])) {
            lesson.held_out = Some(lesson.pair(&lesson.val, &some, "train.val_views", 0)?);
        }
        Ok(lesson)
    }

    /// Two changed views of each of `tracks`, drawn from the stream `name`, from its step `from` on.
    fn pair(&self, of: &Tracks, tracks: &[usize], name: &str, from: u64) -> Result<Pair, TrainError> {
        let (shape, count) = (self.network.body().shape(), tracks.len());
        let (width, frames) = (shape.values(), frames(shape));
        let mut streams: Vec<Stream> = (0..count).map(|at| Stream::at(self.seed, name, from + at as u64)).collect();
        let chosen: Vec<(usize, usize)> = tracks
            .iter()
            .zip(&mut streams)
            .map(|(track, stream)| two_clips(of.clips[*track].clone(), self.contrast.apart(), stream))
            .collect();
        let mut values = vec![0f32; 2 * count * width];
        let (first, second) = values.split_at_mut(count * width);
        let views = first.par_chunks_exact_mut(width).zip(second.par_chunks_exact_mut(width)).zip(streams);
        views.enumerate().for_each(|(at, ((first, second), mut stream))| {
            let other = chosen[(at + 1) % count];
            for (view, clip, behind) in [(first, chosen[at].0, other.0), (second, chosen[at].1, other.1)] {
                self.draw(view, of.rows.row(clip).as_slice(), of.rows.row(behind).as_slice(), frames, &mut stream);
            }
        });
        let tensor = |values: &[f32]| Tensor::from_slice(values, shape.batch(count), self.device);
        let (first, second) = values.split_at(count * width);
        let groups = tracks.iter().map(|track| of.groups[*track]).collect();
        Ok(Pair { first: tensor(first)?, second: tensor(second)?, groups })
    }

    /// One changed view of the map `clip`, before the map `behind`.
    fn draw(&self, view: &mut [f32], clip: Option<&[f32]>, behind: Option<&[f32]>, frames: usize, stream: &mut Stream) {
        let (Some(clip), Some(behind)) = (clip, behind) else { return };
        view.copy_from_slice(clip);
        let bins = view.len() / frames.max(1);
        let map = ArrayViewMut2::from_shape((bins, frames), view);
        if let (Ok(map), Ok(behind)) = (map, ArrayView2::from_shape((bins, frames), behind)) {
            self.contrast.augment().view(map, behind, stream);
        }
    }

    /// What embeddings tell of labels, where there are any.
    fn asked(&self) -> Result<Option<labels::Told>, TrainError> {
        let all = [&self.train, &self.val].into_iter().flat_map(|side| (0..side.clips.len()).map(move |at| (side, at)));
        let known: Vec<(&Tracks, usize)> = all.filter(|(side, track)| side.labels[*track].is_some()).collect();
        let some: Vec<(&Tracks, usize)> = evenly(known.len(), OF_LABELS.0).into_iter().map(|at| known[at]).collect();
        let clips: Vec<Vec<ArrayView1<f32>>> = some
            .iter()
            .map(|(side, track)| {
                let clips = side.clips[*track].clone();
                evenly(clips.len(), OF_LABELS.1).into_iter().map(|at| side.rows.row(clips.start + at)).collect()
            })
            .collect();
        let rows: Vec<ArrayView1<f32>> = clips.iter().flatten().copied().collect();
        let Ok(rows) = ndarray::stack(Axis(0), &rows) else { return Ok(None) };
        let codes = rows::encode_rows(self.network, rows.view(), None, self.device)?.means.mapv(f64::from);
        let mut points = Array2::zeros((some.len(), codes.ncols()));
        let mut start = 0;
        for (clips, mut point) in clips.iter().zip(points.rows_mut()) {
            let of_track = codes.slice_axis(Axis(0), Slice::from(start..start + clips.len()));
            point.assign(&of_track.mean_axis(Axis(0)).unwrap_or_default());
            start += clips.len();
        }
        let known = |(side, track): &(&Tracks, usize)| Known {
            label: side.labels[*track].unwrap_or_default(),
            group: side.groups[*track],
        };
        Ok(labels::told(points.view(), &some.iter().map(known).collect::<Vec<_>>()))
    }
}

/// Frames of a map.
fn frames(shape: InputShape) -> usize {
    match shape {
        InputShape::Map { frames, .. } => frames,
        InputShape::Vector(dims) => dims,
    }
}

/// Two of `clips`, the second `apart` or more from the first where the track allows, else as far as it goes.
fn two_clips(clips: std::ops::Range<usize>, apart: usize, stream: &mut Stream) -> (usize, usize) {
    let apart = apart.min(clips.len().saturating_sub(1));
    let first = stream.below(clips.len() - apart);
    let second = first + apart + stream.below(clips.len() - apart - first);
    let (first, second) = (clips.start + first, clips.start + second);
    if stream.chance(0.5) { (first, second) } else { (second, first) }
}

impl Lesson for Contrasting<'_> {
    fn items(&self) -> usize {
        self.train.clips.len()
    }

    fn ask<'a>(&'a self, items: &[usize], at: Progress) -> Result<Answer<'a>, TrainError> {
        let pair = self.pair(&self.train, items, "train.views", (at.step * items.len()) as u64)?;
        let Cost { loss, normalised, embeddings, follow } = self.contrast.cost(&pair, Phase::Learning, at)?;
        let cost = loss.clone();
        let note = move |tally: &mut Tally| tally.add_pair(&cost, normalised, &embeddings);
        Ok(Answer { loss, note: Box::new(note), follow })
    }

    fn examine(&self, at: &Place) -> Result<Option<Row>, TrainError> {
        let Some(pair) = &self.held_out else { return Ok(None) };
        let cost = self.contrast.cost(pair, Phase::Done, at.last_step())?;
        let mut tally = Tally::default();
        tally.add_pair(&cost.loss, cost.normalised, &cost.embeddings)?;
        let row = at.row(&tally, Split::Val);
        let every = (at.done.of / RECORDS).max(1) * ASKED;
        if !at.done.step.is_multiple_of(every) && at.done.step != at.done.of {
            return Ok(Some(row));
        }
        let told = self.asked()?;
        Ok(Some(Row { knn: told.map(|told| told.knn), probe: told.map(|told| told.probe), ..row }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clips_of_a_pair_are_as_far_apart_as_asked_or_as_the_track_allows() {
        let pairs = |length: usize, apart| -> Vec<(usize, usize)> {
            (0..200).map(|at| two_clips(5..5 + length, apart, &mut Stream::at(1, "clips", at))).collect()
        };
        for (a, b) in pairs(10, 2) {
            assert!(a.abs_diff(b) >= 2 && (5..15).contains(&a) && (5..15).contains(&b));
        }
        let seen = pairs(10, 2);
        assert!(seen.iter().any(|(a, b)| a < b) && seen.iter().any(|(a, b)| a.abs_diff(*b) == 9));
        assert!(pairs(2, 4).iter().all(|(a, b)| a.abs_diff(*b) == 1));
        assert!(pairs(1, 4).iter().all(|pair| *pair == (5, 5)));
    }
}
