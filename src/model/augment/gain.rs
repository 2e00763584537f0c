//! The whole map louder or quieter by one number.

use ndarray::{ArrayView2, ArrayViewMut2};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Augmentation;
use crate::random::Stream;

/// Adds one number to all values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Gain {
    /// How often it is applied where it is chosen.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub probability: f64,
    /// The largest, in standard deviations; it is drawn evenly from both sides of 0.
    #[schemars(range(min = 0.0))]
    pub range: f64,
}

impl Gain {
    /// Its settings as they stand in an experiment file.
    pub const EXAMPLE: &str = "range = 0.35";
}

impl Default for Gain {
    fn default() -> Gain {
        Gain { probability: 1.0, range: 0.35 }
    }
}

impl Augmentation for Gain {
    fn probability(&self) -> f64 {
        self.probability
    }

    fn apply(&self, mut map: ArrayViewMut2<f32>, _other: ArrayView2<f32>, draw: &mut Stream) {
        let by = draw.between(-self.range, self.range) as f32;
        map.mapv_inplace(|value| value + by);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::augment::tests::{changed, map, other};

    #[test]
    fn all_values_move_alike_and_no_further_than_the_range() {
        for at in 0..20 {
            let by = changed(&Gain { range: 0.5, ..Gain::default() }, at) - map();
            assert!(by.iter().all(|value| (value - by[[0, 0]]).abs() < 1e-6) && by[[0, 0]].abs() <= 0.5);
        }
        assert_eq!(changed(&Gain { range: 0.0, ..Gain::default() }, 3), map());
        assert_ne!(map(), other());
    }
}
