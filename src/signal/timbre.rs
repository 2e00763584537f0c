//! How a clip sounds, as one vector of plain descriptors that nobody has trained: what generated sound is judged by.
//!
//! Mean and standard deviation over frames of 20 MFCC (Davis and Mermelstein 1980), spectral contrast (Jiang et al. 2002),
//! zero-crossing rate and onset strength, in frames of 2048 samples, 512 apart. Clips are first brought to one level (a root
//! mean square of 0.1): log-mel maps do not know how loud they were.

use ndarray::{Array2, ArrayView1, ArrayView2, Axis};

use super::analysis::Analysis;
use super::plans::{Framing, MelBands, Octaves, Plans};
use super::shape::{FMIN_HZ, N_BANDS, QUANTILE};

const N_MFCC: usize = 20;
const LEVEL: f64 = 0.1;

/// Describes clips of one rate. Plan once; threads share it by reference.
pub struct Timbre {
    plans: Plans,
    octaves: Octaves,
}

impl Timbre {
    /// Plans for clips at `rate_hz`.
    pub fn new(rate_hz: u32) -> Timbre {
        let n_bands = (1..=N_BANDS).rev().find(|octaves| reaches(*octaves, rate_hz)).unwrap_or(1);
        let octaves = Octaves { n_bands, fmin_hz: FMIN_HZ, quantile: QUANTILE };
        Timbre { plans: Plans::new(Framing::standard(rate_hz)), octaves }
    }

    /// One name for each number.
    pub fn names(&self) -> Vec<String> {
        let of = |name: &str, count: usize| (1..=count).map(|at| format!("{name}{at}")).collect::<Vec<_>>();
        let each =
            [of("mfcc", N_MFCC), of("contrast", self.octaves.n_bands + 1), of("zero_crossing", 1), of("onset", 1)];
        let each = each.concat();
        ["mean", "std"].iter().flat_map(|what| each.iter().map(move |name| format!("{name}_{what}"))).collect()
    }

    /// The descriptors of a clip of mono samples, as many as there are names; all 0 for a clip without sound.
    pub fn of(&self, samples: &[f32]) -> Vec<f32> {
        let width = self.names().len();
        let levelled = levelled(samples);
        if levelled.is_empty() {
            return vec![0.0; width];
        }
        let sound = Analysis::new(&levelled, &self.plans);
        let mfcc = sound.mfcc(N_MFCC, MelBands::STANDARD);
        let crossings = column(&sound.zero_crossing_rate());
        let onsets = column(sound.onset_strength());
        // A rate too low for one octave has no contrast: its columns are 0.
        let contrast = self.plans.contrast_bank(self.octaves).and_then(|bank| bank.apply(sound.magnitude().view()));
        let contrast = contrast.unwrap_or_else(|_| Array2::zeros((1, self.octaves.n_bands + 1)));
        let parts = [mfcc.view(), contrast.view(), crossings.view(), onsets.view()];
        let values: Vec<f32> =
            parts.iter().flat_map(|part| means(*part)).chain(parts.iter().flat_map(|part| deviations(*part))).collect();
        values.into_iter().map(|value| if value.is_finite() { value } else { 0.0 }).collect()
    }
}

/// Whether the highest of so many octaves above the lowest band begins below half the rate.
fn reaches(octaves: usize, rate_hz: u32) -> bool {
    FMIN_HZ * 2f64.powi(octaves as i32 - 1) < f64::from(rate_hz) / 2.0
}

/// The clip at the level that all are compared at; nothing for silence.
fn levelled(samples: &[f32]) -> Vec<f32> {
    let square = samples.iter().map(|x| f64::from(*x) * f64::from(*x)).sum::<f64>() / samples.len().max(1) as f64;
    if square > 0.0 && square.is_finite() {
        let gain = LEVEL / square.sqrt();
        samples.iter().map(|x| (f64::from(*x) * gain) as f32).collect()
    } else {
        Vec::new()
    }
}

fn column(values: &[f32]) -> Array2<f32> {
    ArrayView2::from_shape((values.len(), 1), values).map_or_else(|_| Array2::zeros((0, 1)), |view| view.to_owned())
}

fn means(frames: ArrayView2<f32>) -> Vec<f32> {
    let count = frames.nrows().max(1) as f64;
    frames.axis_iter(Axis(1)).map(|values| (values.iter().map(|x| f64::from(*x)).sum::<f64>() / count) as f32).collect()
}

fn deviations(frames: ArrayView2<f32>) -> Vec<f32> {
    let count = frames.nrows().max(1) as f64;
    let squares = |(values, mean): (ArrayView1<f32>, f32)| {
        values.iter().map(|x| (f64::from(*x) - f64::from(mean)).powi(2)).sum::<f64>()
    };
    frames.axis_iter(Axis(1)).zip(means(frames)).map(|column| (squares(column) / count).sqrt() as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;
    use std::f64::consts::TAU;

    fn tone(hz: f64, level: f64) -> Vec<f32> {
        (0..22_050).map(|n| (level * (TAU * hz * f64::from(n) / 22_050.0).sin()) as f32).collect()
    }

    #[test]
    fn level_does_not_count_and_timbre_does() {
        let timbre = Timbre::new(22_050);
        let far = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        // Every band has sound: what a pure tone leaves in the others is rounding, which has no level.
        let hiss = |level: f64| timbre.of(&Stream::new(1, "noise").uniforms(22_050, -level, level));
        let (loud, quiet) = (hiss(0.9), hiss(0.01));
        assert_eq!(loud.len(), timbre.names().len());
        assert!(far(&loud, &quiet) < 0.05, "{}", far(&loud, &quiet));
        assert!(far(&loud, &timbre.of(&tone(440.0, 0.9))) > 10.0);
    }

    #[test]
    fn silence_short_clips_and_low_rates_have_numbers() {
        for (rate_hz, samples) in [(22_050, 0), (22_050, 1), (8000, 4000), (300, 900)] {
            let timbre = Timbre::new(rate_hz);
            let found = timbre.of(&Stream::new(2, "noise").uniforms(samples, -1.0, 1.0));
            assert!(found.len() == timbre.names().len() && found.iter().all(|value| value.is_finite()));
        }
        assert!(Timbre::new(22_050).of(&[0.0; 5000]).iter().all(|value| *value == 0.0));
    }
}
