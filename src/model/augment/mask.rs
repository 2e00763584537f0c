//! A band of bins or a run of frames set to the mean of the map.
//! Park et al., "SpecAugment" (Interspeech 2019), section 2, with the mean of each map in place of zero.

use ndarray::{ArrayView2, ArrayViewMut2, Axis, Slice};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Augmentation;
use crate::random::Stream;

/// Masks a band of bins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FrequencyMask {
    /// How often it is applied where it is chosen.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub probability: f64,
    /// The widest band, as a share of the bins.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub share: f64,
}

/// Masks a run of frames.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TimeMask {
    /// How often it is applied where it is chosen.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub probability: f64,
    /// The longest run, as a share of the frames.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub share: f64,
}

impl FrequencyMask {
    /// Its settings as they stand in an experiment file.
    pub const EXAMPLE: &str = "share = 0.15";
}

impl TimeMask {
    /// Its settings as they stand in an experiment file.
    pub const EXAMPLE: &str = "share = 0.15";
}

impl Default for FrequencyMask {
    fn default() -> FrequencyMask {
        FrequencyMask { probability: 1.0, share: 0.15 }
    }
}

impl Default for TimeMask {
    fn default() -> TimeMask {
        TimeMask { probability: 1.0, share: 0.15 }
    }
}

impl Augmentation for FrequencyMask {
    fn probability(&self) -> f64 {
        self.probability
    }

    fn apply(&self, map: ArrayViewMut2<f32>, _other: ArrayView2<f32>, draw: &mut Stream) {
        mask(map, Axis(0), self.share, draw);
    }
}

impl Augmentation for TimeMask {
    fn probability(&self) -> f64 {
        self.probability
    }

    fn apply(&self, map: ArrayViewMut2<f32>, _other: ArrayView2<f32>, draw: &mut Stream) {
        mask(map, Axis(1), self.share, draw);
    }
}

/// Sets a run along `axis` to the mean of `map`: one place at least, and at most `share` of them.
fn mask(mut map: ArrayViewMut2<f32>, axis: Axis, share: f64, draw: &mut Stream) {
    let places = map.len_of(axis);
    let most = (share * places as f64).round() as usize;
    if most == 0 {
        return;
    }
    let length = 1 + draw.below(most.min(places));
    let start = draw.below(places - length + 1);
    let mean = map.mean().unwrap_or_default();
    map.slice_axis_mut(axis, Slice::from(start..start + length)).fill(mean);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::augment::tests::{changed, map};

    #[test]
    fn exactly_a_run_is_masked_by_the_mean_and_the_rest_stays() {
        let (before, mean) = (map(), map().mean().unwrap());
        let masks: [(&dyn Augmentation, Axis, usize); 2] = [
            (&FrequencyMask { probability: 1.0, share: 0.25 }, Axis(0), 3),
            (&TimeMask { probability: 1.0, share: 0.25 }, Axis(1), 5),
        ];
        for (kind, axis, most) in masks {
            let lengths: Vec<usize> = (0..60)
                .map(|at| {
                    let after = changed(kind, at);
                    let masked: Vec<bool> =
                        after.axis_iter(axis).map(|part| part.iter().all(|value| *value == mean)).collect();
                    let same = |(at, masked): (usize, &bool)| {
                        *masked || after.index_axis(axis, at) == before.index_axis(axis, at)
                    };
                    assert!(masked.iter().enumerate().all(same));
                    let edges = masked.windows(2).filter(|pair| pair[0] != pair[1]).count();
                    assert!(edges <= 2, "one run");
                    masked.iter().filter(|masked| **masked).count()
                })
                .collect();
            assert!((1..=most).all(|length| lengths.contains(&length)) && lengths.iter().all(|length| *length <= most));
        }
        assert_eq!(changed(&TimeMask { probability: 1.0, share: 0.0 }, 1), before);
    }
}
