//! Gaussian noise on every value.

use ndarray::{ArrayView2, ArrayViewMut2};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Augmentation;
use crate::random::Stream;

/// Adds noise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Noise {
    /// How often it is applied where it is chosen.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub probability: f64,
    /// Its standard deviation, in those of the data.
    #[schemars(range(min = 0.0))]
    pub deviation: f64,
}

impl Noise {
    /// Its settings as they stand in an experiment file.
    pub const EXAMPLE: &str = "deviation = 0.1";
}

impl Default for Noise {
    fn default() -> Noise {
        Noise { probability: 1.0, deviation: 0.1 }
    }
}

impl Augmentation for Noise {
    fn probability(&self) -> f64 {
        self.probability
    }

    fn apply(&self, mut map: ArrayViewMut2<f32>, _other: ArrayView2<f32>, draw: &mut Stream) {
        let noise = draw.normals(map.len());
        map.iter_mut().zip(noise).for_each(|(value, noise)| *value += self.deviation as f32 * noise);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::augment::tests::{changed, map, other};

    #[test]
    fn the_noise_is_as_large_as_asked_for() {
        let noise = changed(&Noise { deviation: 0.5, ..Noise::default() }, 1) - map();
        assert!((noise.std(0.0) - 0.5).abs() < 0.06 && noise.mean().unwrap().abs() < 0.1, "{}", noise.std(0.0));
        assert_eq!(changed(&Noise { deviation: 0.0, ..Noise::default() }, 1), map());
        assert_ne!(map(), other());
    }
}
