//! Tables of the same tracks side by side. A track that lacks a modality has NaN in its columns.

use super::FuseError;
use crate::artifact::{FeatureTable, Modality};
use crate::engine::{Ctx, Failure, Handle, Stage};
use crate::random::Stream;
use ndarray::{Array2, ArrayViewMut1, Axis, concatenate, s};
use serde::Serialize;
use std::collections::BTreeMap;

/// What is kept of each track; by default all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Keep {
    /// One modality only, of the same tracks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub only: Option<Modality>,
    /// The lyrics of another track, by this seed: what fusion is worth if words and music do not belong together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shuffled: Option<u64>,
    /// Percent of the tracks whose lyrics are taken away.
    pub lacking: u32,
}

/// [`FeatureTable`]s → [`FeatureTable`] with the tracks of the first.
#[derive(Serialize)]
pub struct Join {
    /// What is heard, then what is read.
    pub tables: Vec<Handle<FeatureTable>>,
    /// What is kept.
    pub keep: Keep,
}

impl Stage for Join {
    type Output = FeatureTable;
    const NAME: &'static str = "join";

    fn title(&self) -> String {
        let Keep { only, shuffled, lacking } = self.keep;
        let of = only.map_or_else(|| "sound and lyrics".to_owned(), |modality| format!("{} only", modality.word()));
        let pairs = if shuffled.is_some() { ", shuffled" } else { "" };
        let lost = if lacking > 0 { format!(", {lacking} % of lyrics missing") } else { String::new() };
        format!("join {of}{pairs}{lost}")
    }

    fn run(&self, ctx: &Ctx) -> Result<FeatureTable, Failure> {
        let tables = self.tables.iter().map(|table| ctx.get(table)).collect::<Result<Vec<_>, _>>()?;
        let tables: Vec<&FeatureTable> = tables.iter().map(AsRef::as_ref).collect();
        joined(&tables, self.keep).map_err(Failure::data)
    }
}

/// Side by side, for the tracks of the first table.
fn joined(tables: &[&FeatureTable], keep: Keep) -> Result<FeatureTable, FuseError> {
    tables.iter().try_for_each(|table| one_row_a_track(table))?;
    let Some(first) = tables.first() else { return Ok(FeatureTable::default()) };
    let tracks = first.tracks.clone();
    if !tables.iter().all(|table| table.tracks.iter().any(|track| tracks.binary_search(track).is_ok())) {
        return Err(FuseError::NoPairs);
    }
    let mut fused = FeatureTable { tracks: tracks.clone(), skipped: first.skipped.clone(), ..FeatureTable::default() };
    let mut parts = Vec::new();
    for table in tables.iter().filter(|table| is_kept(table, keep)) {
        parts.push(rows(table, &tracks, keep));
        fused.columns.extend(table.columns.iter().cloned());
        fused.blocks.extend(table.parts().into_iter().map(|(block, _)| block));
    }
    Ok(FeatureTable { values: side_by_side(&parts).into_dyn(), ..fused })
}

/// One array in row order: appended columns would lie in column order.
fn side_by_side(parts: &[Array2<f32>]) -> Array2<f32> {
    let views: Vec<_> = parts.iter().map(|part| part.view()).collect();
    let values = concatenate(Axis(1), &views).unwrap_or_default();
    values.as_standard_layout().into_owned()
}

fn one_row_a_track(table: &FeatureTable) -> Result<(), FuseError> {
    let is_vectors = !table.has_maps() && table.tracks.windows(2).all(|pair| pair[0] < pair[1]);
    let modality = modality(table).word();
    if is_vectors { Ok(()) } else { Err(FuseError::NotVectors { modality }) }
}

fn modality(table: &FeatureTable) -> Modality {
    table.modalities().first().map_or(Modality::Audio, |(modality, _)| *modality)
}

fn is_kept(table: &FeatureTable, keep: Keep) -> bool {
    keep.only.is_none_or(|wanted| wanted == modality(table))
}

/// The row of each of `tracks`; NaN where the table has none, or where it is not to be had.
fn rows(table: &FeatureTable, tracks: &[u32], keep: Keep) -> Array2<f32> {
    let place: BTreeMap<u32, usize> = table.tracks.iter().copied().zip(0..).collect();
    let is_text = modality(table) == Modality::Text;
    let mut of: Vec<Option<usize>> = tracks.iter().map(|track| place.get(track).copied()).collect();
    if let Some(seed) = keep.shuffled.filter(|_| is_text) {
        of = shuffled(&of, seed);
    }
    if is_text {
        lose(&mut of, keep.lacking);
    }
    let values = table.flat();
    let mut rows = Array2::from_elem((tracks.len(), table.width()), f32::NAN);
    let fill = |(mut row, of): (ArrayViewMut1<f32>, &Option<usize>)| {
        of.iter().for_each(|of| row.assign(&values.slice(s![*of, ..])));
    };
    rows.rows_mut().into_iter().zip(&of).for_each(fill);
    rows
}

fn shuffled(of: &[Option<usize>], seed: u64) -> Vec<Option<usize>> {
    let mut of = of.to_vec();
    Stream::new(seed, "fuse.shuffled").shuffle(&mut of);
    of
}

/// Nested: what is lost at 25 % is lost at 50 %.
fn lose(of: &mut [Option<usize>], percent: u32) {
    let mut order: Vec<usize> = (0..of.len()).collect();
    Stream::new(0, "fuse.lacking").shuffle(&mut order);
    let lost = of.len() * percent.min(100) as usize / 100;
    order.into_iter().take(lost).for_each(|at| of[at] = None);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::artifact::{Block, Scaling};
    use ndarray::array;

    fn heard() -> FeatureTable {
        FeatureTable {
            values: array![[1.0f32], [2.0], [3.0], [4.0]].into_dyn(),
            tracks: vec![0, 2, 3, 5],
            ..Default::default()
        }
    }

    fn read() -> FeatureTable {
        let block = Block { name: "tfidf".to_owned(), modality: Modality::Text, dims: 2, scaling: Scaling::Together };
        let values = array![[0.1f32, 0.2], [0.3, 0.4], [0.5, 0.6]].into_dyn();
        FeatureTable { values, tracks: vec![0, 1, 3], blocks: vec![block], ..Default::default() }
    }

    fn only(modality: Modality) -> Keep {
        Keep { only: Some(modality), ..Keep::default() }
    }

    #[test]
    fn rows_meet_by_track_and_missing_lyrics_are_absent() {
        let table = joined(&[&heard(), &read()], Keep::default()).unwrap();
        let rows = table.flat();
        assert_eq!(table.tracks, [0, 2, 3, 5]);
        assert_eq!(rows.row(0).to_vec(), [1.0, 0.1, 0.2]);
        assert_eq!(rows.row(2).to_vec(), [3.0, 0.5, 0.6]);
        assert!(rows[(1, 1)].is_nan() && rows[(3, 2)].is_nan());
        assert_eq!(table.modalities(), [(Modality::Audio, 0..1), (Modality::Text, 1..3)]);
    }

    #[test]
    fn one_modality_keeps_the_same_tracks() {
        let text = joined(&[&heard(), &read()], only(Modality::Text)).unwrap();
        assert_eq!((text.tracks.len(), text.width(), text.blocks.len()), (4, 2, 1));
        assert_eq!(joined(&[&heard(), &read()], only(Modality::Audio)).unwrap().width(), 1);
    }

    #[test]
    fn what_is_lost_at_a_quarter_is_lost_at_a_half() {
        let lost = |percent| {
            let mut of: Vec<Option<usize>> = (0..100).map(Some).collect();
            lose(&mut of, percent);
            of
        };
        let (quarter, half) = (lost(25), lost(50));
        assert_eq!((quarter.iter().flatten().count(), half.iter().flatten().count()), (75, 50));
        assert!(quarter.iter().zip(&half).all(|(quarter, half)| quarter.is_some() || half.is_none()));
        assert!(lost(100).iter().all(Option::is_none));
    }

    #[test]
    fn a_shuffle_keeps_all_and_pairs_others() {
        let of: Vec<Option<usize>> = (0..50).map(Some).collect();
        let mut mixed = shuffled(&of, 3);
        assert!(mixed.iter().zip(&of).filter(|(a, b)| a == b).count() < 10);
        mixed.sort_unstable();
        assert_eq!(mixed, of);
    }

    #[test]
    fn clips_and_strangers_are_refused() {
        let clips = FeatureTable { tracks: vec![0, 0, 1, 2], ..heard() };
        assert!(matches!(
            joined(&[&clips, &read()], Keep::default()),
            Err(FuseError::NotVectors { modality: "audio" })
        ));
        let strangers = FeatureTable { tracks: vec![10, 11, 12], ..read() };
        assert!(matches!(joined(&[&heard(), &strangers], Keep::default()), Err(FuseError::NoPairs)));
    }
}
