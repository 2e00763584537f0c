//! Another track in the background. In decibels the louder of two sounds is what is heard, so the sum of two maps is their
//! maximum, to within 3 dB.

use ndarray::{ArrayView2, ArrayViewMut2};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Augmentation;
use crate::random::Stream;

/// Mixes in a map of another track.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Background {
    /// How often it is applied where it is chosen.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub probability: f64,
    /// How far below its own level the other track sounds at least, in standard deviations; up to one more is drawn.
    #[schemars(range(min = 0.0))]
    pub below: f64,
}

impl Background {
    /// Its settings as they stand in an experiment file.
    pub const EXAMPLE: &str = "probability = 0.3\nbelow = 0.5";
}

impl Default for Background {
    fn default() -> Background {
        Background { probability: 0.5, below: 0.5 }
    }
}

impl Augmentation for Background {
    fn probability(&self) -> f64 {
        self.probability
    }

    fn apply(&self, mut map: ArrayViewMut2<f32>, other: ArrayView2<f32>, draw: &mut Stream) {
        let below = (self.below + draw.uniform()) as f32;
        map.zip_mut_with(&other, |value, other| *value = value.max(other - below));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::augment::tests::{changed, map, other};

    #[test]
    fn the_louder_of_both_is_heard_and_a_faint_one_is_not() {
        let near = changed(&Background { below: 0.0, ..Background::default() }, 1);
        assert!(near.iter().zip(&map()).all(|(mixed, own)| mixed >= own) && near != map());
        assert!(near.iter().zip(&other()).all(|(mixed, other)| *mixed >= other - 1.0));
        assert_eq!(changed(&Background { below: 100.0, ..Background::default() }, 1), map());
    }
}
