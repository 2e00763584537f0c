//! Intensity jitter, what colour jitter is for images: values spread around their mean by another factor, then moved.

use ndarray::{ArrayView2, ArrayViewMut2};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Augmentation;
use crate::random::Stream;

/// Another contrast and brightness.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Jitter {
    /// How often it is applied where it is chosen.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub probability: f64,
    /// The factor is drawn from 1 less this to 1 and this.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub contrast: f64,
    /// The largest move, in standard deviations, to either side.
    #[schemars(range(min = 0.0))]
    pub brightness: f64,
}

impl Jitter {
    /// Its settings as they stand in an experiment file.
    pub const EXAMPLE: &str = "contrast = 0.2\nbrightness = 0.2";
}

impl Default for Jitter {
    fn default() -> Jitter {
        Jitter { probability: 1.0, contrast: 0.2, brightness: 0.2 }
    }
}

impl Augmentation for Jitter {
    fn probability(&self) -> f64 {
        self.probability
    }

    fn apply(&self, mut map: ArrayViewMut2<f32>, _other: ArrayView2<f32>, draw: &mut Stream) {
        let factor = 1.0 + draw.between(-self.contrast, self.contrast) as f32;
        let by = draw.between(-self.brightness, self.brightness) as f32;
        let mean = map.mean().unwrap_or_default();
        map.mapv_inplace(|value| mean + factor * (value - mean) + by);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::augment::tests::{changed, map, other};

    #[test]
    fn contrast_keeps_the_mean_and_brightness_the_spread() {
        let (map, of) = (map(), |contrast, brightness| Jitter { contrast, brightness, ..Jitter::default() });
        let (flat, moved) = (changed(&of(0.5, 0.0), 1), changed(&of(0.0, 0.5), 1));
        assert!((flat.mean().unwrap() - map.mean().unwrap()).abs() < 1e-5);
        assert!((flat.std(0.0) / map.std(0.0) - 1.0).abs() > 1e-3);
        assert!((moved.std(0.0) - map.std(0.0)).abs() < 1e-5 && (moved - other()).std(0.0) > 0.0);
        assert_eq!(changed(&of(0.0, 0.0), 1).shape(), map.shape());
    }
}
