//! What stands nearest to some tracks, to be read and listened to.

use crate::artifact::Near;
use crate::stats::evenly;
use crate::stats::search::{Directions, Hit, Search};

/// Tracks whose neighbours are listed, evenly taken.
const LISTED: usize = 500;

/// The `k` nearest of some rows; `tracks` are those of the rows.
pub fn of_some(
    rows: &Directions,
    tracks: &[u32],
    k: usize,
    excluded: impl Fn(usize, usize) -> bool + Sync,
) -> Vec<Near> {
    let queries = evenly(tracks.len(), LISTED);
    let values = queries.iter().flat_map(|row| rows.row(*row)).copied().collect();
    let wanted = Directions::of_units(values, rows.dims());
    let found = Search::new(rows.clone()).top_each(&wanted, k, |query, row| !excluded(queries[query], row));
    let near = |(query, hits): (&usize, Vec<Hit>)| Near {
        track: tracks[*query],
        nearest: hits.into_iter().map(|hit| (tracks[hit.row as usize], hit.similarity)).collect(),
    };
    queries.iter().zip(found).map(near).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    #[test]
    fn neighbours_are_named_by_their_tracks() {
        let rows = Directions::of(ndarray::array![[1.0, 0.0], [0.0, 1.0], [0.9, 0.1]].view());
        let near = of_some(&rows, &[4, 5, 9], 1, |query, row| query == row);
        assert_eq!(
            near.iter().map(|near| (near.track, near.nearest[0].0)).collect::<Vec<_>>(),
            [(4, 9), (5, 9), (9, 4)]
        );
    }

    #[test]
    fn many_tracks_are_taken_evenly_and_none_gives_none() {
        let rows = Directions::of(Array2::from_shape_fn((1200, 2), |(row, column)| (row + column + 1) as f64).view());
        let near = of_some(&rows, &(0..1200).collect::<Vec<_>>(), 3, |query, row| query == row);
        assert_eq!((near.len(), near[1].track), (LISTED, 2));
        assert!(near.iter().all(|near| near.nearest.len() == 3));
        assert!(of_some(&Directions::of(Array2::<f64>::zeros((0, 2)).view()), &[], 3, |_, _| false).is_empty());
    }
}
