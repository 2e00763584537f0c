//! A piece of the frames in place of all: where a clip begins and how fast it goes does not matter.

use ndarray::{ArrayView2, ArrayViewMut2};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Augmentation;
use crate::random::Stream;

/// Cuts out a piece and stretches it to the whole width, by straight lines between frames.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Crop {
    /// How often it is applied where it is chosen.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub probability: f64,
    /// The shortest piece, as a share of the frames.
    #[schemars(range(min = 0.05, max = 1.0))]
    pub least: f64,
}

impl Crop {
    /// Its settings as they stand in an experiment file.
    pub const EXAMPLE: &str = "least = 0.7";
}

impl Default for Crop {
    fn default() -> Crop {
        Crop { probability: 1.0, least: 0.7 }
    }
}

impl Augmentation for Crop {
    fn probability(&self) -> f64 {
        self.probability
    }

    fn apply(&self, mut map: ArrayViewMut2<f32>, _other: ArrayView2<f32>, draw: &mut Stream) {
        let frames = map.ncols();
        let kept = ((frames as f64 * draw.between(self.least, 1.0)).round() as usize).clamp(1, frames);
        let start = draw.below(frames - kept + 1);
        let step = (kept - 1) as f32 / (frames - 1).max(1) as f32;
        let before = map.to_owned();
        for (frame, mut column) in map.columns_mut().into_iter().enumerate() {
            let at = frame as f32 * step;
            let (left, share) = (at as usize, at.fract());
            let right = (left + 1).min(kept - 1);
            let (left, right) = (before.column(start + left), before.column(start + right));
            column.iter_mut().zip(left).zip(right).for_each(|((value, a), b)| *value = a + share * (b - a));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::augment::tests::{changed, map, other};

    #[test]
    fn the_piece_begins_and_ends_with_frames_of_the_map() {
        let (map, others) = (map(), other());
        for at in 0..20 {
            let cut = changed(&Crop { least: 0.5, ..Crop::default() }, at);
            let place = |column: usize| {
                (0..20).find(|from| cut.column(column).iter().zip(map.column(*from)).all(|(a, b)| (a - b).abs() < 1e-5))
            };
            let (first, last) = (place(0).expect("a frame"), place(19).expect("a frame"));
            assert!(last - first >= 9 && cut != others);
        }
        assert_eq!(changed(&Crop { least: 1.0, ..Crop::default() }, 1), map);
    }
}
