//! High bins gain what low ones lose, or the other way round: another room, another loudspeaker.

use ndarray::{ArrayView2, ArrayViewMut2};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Augmentation;
use crate::random::Stream;

/// Adds a straight line over the bins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Tilt {
    /// How often it is applied where it is chosen.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub probability: f64,
    /// The most that the outermost bins gain or lose, in standard deviations.
    #[schemars(range(min = 0.0))]
    pub range: f64,
}

impl Tilt {
    /// Its settings as they stand in an experiment file.
    pub const EXAMPLE: &str = "range = 0.5";
}

impl Default for Tilt {
    fn default() -> Tilt {
        Tilt { probability: 1.0, range: 0.5 }
    }
}

impl Augmentation for Tilt {
    fn probability(&self) -> f64 {
        self.probability
    }

    fn apply(&self, mut map: ArrayViewMut2<f32>, _other: ArrayView2<f32>, draw: &mut Stream) {
        let slope = draw.between(-self.range, self.range) as f32;
        let middle = (map.nrows() - 1) as f32 / 2.0;
        for (bin, mut row) in map.rows_mut().into_iter().enumerate() {
            let by = slope * (bin as f32 - middle) / middle.max(0.5);
            row.mapv_inplace(|value| value + by);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::augment::tests::{changed, map, other};

    #[test]
    fn the_ends_move_apart_and_the_mean_stays() {
        let by = changed(&Tilt { range: 0.5, ..Tilt::default() }, 1) - map();
        let (first, last) = (by[[0, 0]], by[[11, 0]]);
        assert!((first + last).abs() < 1e-5 && first.abs() <= 0.5 && first != 0.0);
        assert!(by.mean().unwrap().abs() < 1e-5 && (by[[1, 3]] - by[[0, 3]] - (last - first) / 11.0).abs() < 1e-5);
        assert_ne!(map(), other());
    }
}
