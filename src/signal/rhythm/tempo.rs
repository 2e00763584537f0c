//! Tempo in beats a minute: the lag at which onset strength repeats itself, weighed by how usual that tempo is.
//! Windows of 8 s around every frame are autocorrelated, each is divided by its value at lag 0, and `a[k]` is their mean
//! (the tempogram of Grosche, Müller and Kurth, ICASSP 2010, averaged). The estimate is the lag with the largest
//! `ln(1 + 10⁶·a[k]) − ½·((log2 bpm − log2 start_bpm) / std_octaves)²` (Ellis, "Beat tracking by dynamic programming",
//! Journal of New Music Research 36, 2007); `librosa.feature.tempo`.
//!
//! The transform back to lags is linear, so it is made once, of the mean of the power spectra.

use std::f64::consts::TAU;
use std::sync::Arc;

use realfft::num_complex::Complex;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};

const LANES: usize = 4;

/// What is expected of a tempo before the sound is heard. The default is librosa's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TempoPrior {
    /// The most usual tempo, in beats a minute.
    pub start_bpm: f64,
    /// How far tempi spread around it, in octaves.
    pub std_octaves: f64,
    /// Tempi from this one on are left out, in beats a minute.
    pub max_bpm: f64,
    /// Length of an autocorrelated window, in seconds; an hour at most.
    pub window_seconds: f64,
}

impl Default for TempoPrior {
    fn default() -> TempoPrior {
        TempoPrior { start_bpm: 120.0, std_octaves: 1.0, max_bpm: 320.0, window_seconds: 8.0 }
    }
}

/// A planned estimate of tempo. Plan once; threads share it by reference.
#[derive(Clone)]
pub struct TempoEstimator {
    frame_rate_hz: f64,
    window: Vec<f64>,
    /// Logarithm of the prior at each lag, `[lags]`; minus infinity where a tempo is left out.
    log_prior: Vec<f64>,
    forward: Arc<dyn RealToComplex<f64>>,
    inverse: Arc<dyn ComplexToReal<f64>>,
}

impl TempoEstimator {
    /// Plans estimates for onset strength at `rate_hz / hop_samples` frames a second. `hop_samples` 0 counts as 1.
    pub fn new(rate_hz: u32, hop_samples: usize, prior: TempoPrior) -> TempoEstimator {
        let samples = (prior.window_seconds.min(3600.0) * f64::from(rate_hz)) as usize;
        let lags = samples / hop_samples.max(1);
        let frame_rate_hz = f64::from(rate_hz) / hop_samples.max(1) as f64;
        let mut planner = RealFftPlanner::new();
        let n_fft = fast_length(2 * lags);
        TempoEstimator {
            frame_rate_hz,
            window: (0..lags).map(|n| 0.5 - 0.5 * (TAU * n as f64 / lags as f64).cos()).collect(),
            log_prior: log_prior(lags, frame_rate_hz, prior),
            forward: planner.plan_fft_forward(n_fft),
            inverse: planner.plan_fft_inverse(n_fft),
        }
    }

    /// Frames a second.
    pub fn frame_rate_hz(&self) -> f64 {
        self.frame_rate_hz
    }

    /// Tempo of onset strength `[frames]`, in beats a minute; one of the values `60 · frame_rate_hz / lag`. Of silence it
    /// is the one nearest to the usual tempo, and 0 if a window has less than two frames.
    pub fn bpm(&self, onset: &[f32]) -> f64 {
        let mean = self.autocorrelation(onset);
        let score = mean.iter().zip(&self.log_prior).map(|(a, prior)| (1e6 * a.max(0.0)).ln_1p() + prior);
        let mut best = (0, f64::NEG_INFINITY);
        for (lag, score) in score.enumerate() {
            if score > best.1 {
                best = (lag, score);
            }
        }
        if best.0 == 0 { 0.0 } else { 60.0 * self.frame_rate_hz / best.0 as f64 }
    }

    /// Mean of the autocorrelations of all windows, `[lags]`: 1 at lag 0, or less by the share of silent windows.
    pub fn autocorrelation(&self, onset: &[f32]) -> Vec<f64> {
        let mut spectrum = self.mean_power(onset);
        let mut lags = self.inverse.make_output_vec();
        self.inverse.process(&mut spectrum, &mut lags).expect("the buffers are the plan's own and the ends are real");
        lags.truncate(self.window.len());
        lags
    }

    /// Mean over all windows of the power spectrum over the energy, as the inverse transform takes it.
    fn mean_power(&self, onset: &[f32]) -> Vec<Complex<f64>> {
        let padded = ramped(onset, self.window.len() / 2);
        let mut power = vec![0.0; self.forward.len() / 2 + 1];
        let (mut frame, mut spectrum) = (self.forward.make_input_vec(), self.forward.make_output_vec());
        let mut scratch = self.forward.make_scratch_vec();
        for start in 0..onset.len() {
            let energy = self.cut(&padded[start..], &mut frame);
            if energy >= f64::MIN_POSITIVE {
                let done = self.forward.process_with_scratch(&mut frame, &mut spectrum, &mut scratch);
                done.expect("the buffers are the plan's own");
                let share = 1.0 / energy;
                power.iter_mut().zip(&spectrum).for_each(|(sum, value)| *sum += value.norm_sqr() * share);
            }
        }
        let scale = 1.0 / (self.forward.len() * onset.len().max(1)) as f64;
        power.iter().map(|sum| Complex::new(sum * scale, 0.0)).collect()
    }

    /// Copies a window's values under the window, zeros behind them; gives their energy.
    fn cut(&self, values: &[f64], frame: &mut [f64]) -> f64 {
        let (inside, behind) = frame.split_at_mut(self.window.len());
        behind.fill(0.0);
        inside.iter_mut().zip(values.iter().zip(&self.window)).for_each(|(slot, (x, w))| *slot = x * w);
        energy(inside)
    }
}

/// Sum of squares, four at a time.
fn energy(values: &[f64]) -> f64 {
    let chunks = values.chunks_exact(LANES);
    let rest: f64 = chunks.remainder().iter().map(|x| x * x).sum();
    let mut sums = [0.0; LANES];
    for chunk in chunks {
        sums.iter_mut().zip(chunk).for_each(|(sum, x)| *sum += x * x);
    }
    sums.iter().sum::<f64>() + rest
}

/// The values with `width` more at both ends that go to 0 in a straight line: `np.pad(mode="linear_ramp")`.
fn ramped(onset: &[f32], width: usize) -> Vec<f64> {
    let (Some(first), Some(last)) = (onset.first(), onset.last()) else { return Vec::new() };
    let ramp = |edge: &f32, k: usize| f64::from(*edge) * k as f64 / width as f64;
    let rise = (0..width).map(|k| ramp(first, k));
    let fall = (0..width).rev().map(|k| ramp(last, k));
    rise.chain(onset.iter().map(|x| f64::from(*x))).chain(fall).collect()
}

/// `−½·((log2 bpm − log2 start_bpm) / std_octaves)²` at each lag, and minus infinity at tempi of `max_bpm` and more.
fn log_prior(lags: usize, frame_rate_hz: f64, prior: TempoPrior) -> Vec<f64> {
    let bpm = |lag: usize| 60.0 * frame_rate_hz / lag as f64;
    let first = (0..lags).find(|lag| bpm(*lag) < prior.max_bpm).unwrap_or(0).max(1);
    let octaves = |lag: usize| (bpm(lag).log2() - prior.start_bpm.log2()) / prior.std_octaves;
    (0..lags).map(|lag| if lag < first { f64::NEG_INFINITY } else { -0.5 * octaves(lag).powi(2) }).collect()
}

/// The next multiple of 16 that has only the factors 2, 3 and 5, for which transforms are fast.
fn fast_length(at_least: usize) -> usize {
    let smooth = |n: &usize| [2, 3, 5].iter().fold(*n, |n, factor| strip(n, *factor)) == 1;
    (1..).map(|n| 16 * n).filter(|n| *n >= at_least).find(smooth).unwrap_or(at_least)
}

fn strip(mut n: usize, factor: usize) -> usize {
    while n.is_multiple_of(factor) {
        n /= factor;
    }
    n
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;
    use proptest::prelude::{any, prop, prop_assert, proptest};

    fn librosa() -> TempoEstimator {
        TempoEstimator::new(22_050, 512, TempoPrior::default())
    }

    /// The mean autocorrelation by its definition, window by window and lag by lag.
    fn naive(onset: &[f32], lags: usize) -> Vec<f64> {
        let padded = ramped(onset, lags / 2);
        let hann = |n: usize| 0.5 - 0.5 * (TAU * n as f64 / lags as f64).cos();
        let mut mean = vec![0.0; lags];
        for start in 0..onset.len() {
            let frame: Vec<f64> = (0..lags).map(|n| padded[start + n] * hann(n)).collect();
            let at = |lag: usize| frame.iter().zip(&frame[lag..]).map(|(a, b)| a * b).sum::<f64>();
            let zero = if at(0) > 0.0 { at(0) } else { 1.0 };
            mean.iter_mut().enumerate().for_each(|(lag, sum)| *sum += at(lag) / zero / onset.len() as f64);
        }
        mean
    }

    proptest! {
        #[test]
        fn fast_and_naive_autocorrelation_agree(
            onset in prop::collection::vec(prop::sample::select(vec![0.0f32, 0.5, 1.0, 3.0]), 0..60),
            window_seconds in 0.0f64..40.0,
        ) {
            let estimator = TempoEstimator::new(1, 1, TempoPrior { window_seconds, ..TempoPrior::default() });
            let fast = estimator.autocorrelation(&onset);
            prop_assert!(fast.len() == window_seconds as usize);
            for (a, b) in fast.iter().zip(naive(&onset, fast.len())) {
                prop_assert!((a - b).abs() < 1e-12, "{a} {b}");
            }
        }

        #[test]
        fn loudness_does_not_change_the_tempo(seed in any::<u64>()) {
            let onset = Stream::new(seed, "tempo").uniforms(200, 0.0, 1.0);
            let louder: Vec<f32> = onset.iter().map(|x| 64.0 * x).collect();
            prop_assert!(librosa().bpm(&onset) == librosa().bpm(&louder));
        }
    }

    #[test]
    fn pulses_have_the_tempo_of_their_distance() {
        for lag in [15usize, 20, 26, 31] {
            let onset: Vec<f32> = (0..1_300).map(|t| if t % lag == 3 { 1.0 } else { 0.0 }).collect();
            let bpm = 60.0 * 22_050.0 / 512.0 / lag as f64;
            assert!((librosa().bpm(&onset) - bpm).abs() < 1e-9, "{lag}: {}", librosa().bpm(&onset));
        }
    }

    #[test]
    fn silence_has_the_usual_tempo_and_an_empty_window_none() {
        for frames in [0, 1, 50] {
            assert!((librosa().bpm(&vec![0.0; frames]) - 117.453_835).abs() < 1e-6);
        }
        let prior = TempoPrior { window_seconds: 0.03, ..TempoPrior::default() };
        assert_eq!(TempoEstimator::new(22_050, 512, prior).bpm(&[1.0; 9]), 0.0);
        assert_eq!(TempoEstimator::new(0, 0, TempoPrior::default()).bpm(&[1.0; 9]), 0.0);
    }

    #[test]
    fn lengths_of_transforms_are_fast() {
        assert_eq!([1, 16, 17, 687, 688, 721].map(fast_length), [16, 16, 32, 720, 720, 768]);
    }
}
