//! Time runs backwards: a habit from images, where a mirror keeps what is seen. Music backwards has no attacks.

use ndarray::{ArrayView2, ArrayViewMut2};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Augmentation;
use crate::random::Stream;

/// Reverses the frames.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Reverse {
    /// How often it is applied where it is chosen.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub probability: f64,
}

impl Reverse {
    /// Its settings as they stand in an experiment file.
    pub const EXAMPLE: &str = "probability = 0.5";
}

impl Default for Reverse {
    fn default() -> Reverse {
        Reverse { probability: 0.5 }
    }
}

impl Augmentation for Reverse {
    fn probability(&self) -> f64 {
        self.probability
    }

    fn apply(&self, mut map: ArrayViewMut2<f32>, _other: ArrayView2<f32>, _draw: &mut Stream) {
        let frames = map.ncols();
        for mut row in map.rows_mut() {
            (0..frames / 2).for_each(|frame| row.swap(frame, frames - 1 - frame));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::augment::tests::{changed, map, other};

    #[test]
    fn twice_is_not_at_all() {
        let mut twice = changed(&Reverse::default(), 1);
        assert_eq!(twice.column(0), map().column(19));
        Reverse::default().apply(twice.view_mut(), other().view(), &mut Stream::new(1, "again"));
        assert_eq!(twice, map());
    }
}
