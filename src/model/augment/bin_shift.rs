//! Bins moved up or down. On a mel or logarithmic axis that is, nearly, another pitch.

use ndarray::{ArrayView2, ArrayViewMut2};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Augmentation;
use crate::random::Stream;

/// Moves bins; those that come in repeat the outermost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BinShift {
    /// How often it is applied where it is chosen.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub probability: f64,
    /// How far they move at most.
    #[schemars(range(min = 1))]
    pub bins: usize,
}

impl BinShift {
    /// Its settings as they stand in an experiment file.
    pub const EXAMPLE: &str = "bins = 2";
}

impl Default for BinShift {
    fn default() -> BinShift {
        BinShift { probability: 1.0, bins: 2 }
    }
}

impl Augmentation for BinShift {
    fn probability(&self) -> f64 {
        self.probability
    }

    fn apply(&self, mut map: ArrayViewMut2<f32>, _other: ArrayView2<f32>, draw: &mut Stream) {
        let (bins, most) = (map.nrows() as isize, self.bins as isize);
        let by = draw.below(2 * self.bins + 1) as isize - most;
        let before = map.to_owned();
        for (bin, mut row) in map.rows_mut().into_iter().enumerate() {
            row.assign(&before.row((bin as isize - by).clamp(0, bins - 1) as usize));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::augment::tests::{changed, map, other};

    #[test]
    fn bins_move_by_at_most_so_many_and_the_outermost_is_repeated() {
        let seen: Vec<isize> = (0..60)
            .map(|at| {
                let (moved, map) = (changed(&BinShift { bins: 2, ..BinShift::default() }, at), map());
                let by = (-2..=2).find(|by: &isize| moved.row(6) == map.row((6 - by) as usize)).expect("a shift");
                assert_eq!(moved.row(0), map.row((-by).max(0) as usize));
                assert_eq!(moved.row(11), map.row((11 - by).min(11) as usize));
                by
            })
            .collect();
        assert!((-2..=2).all(|by| seen.contains(&by)));
        assert_ne!(map(), other());
    }
}
