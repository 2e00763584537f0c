//! Short-time Fourier transform: centred frames, periodic Hann window, zeros or a mirror beyond the ends.
//! `X[t, k] = Σ_n w[n] · x[t·hop − n_fft/2 + n] · e^(−2πi·kn/n_fft)`, `w[n] = ½ − ½·cos(2πn/n_fft)`, as `librosa.stft`.

use std::f64::consts::TAU;
use std::sync::Arc;

use ndarray::{Array2, ArrayViewMut1};
use realfft::num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};

use super::lanes::vectorised;

/// A planned transform, in double precision as librosa's: a single-precision one is a quarter faster, but its noise
/// fills the empty bins of tonal sound. Plan once; threads share it by reference.
#[derive(Clone)]
pub struct Stft {
    hop_samples: usize,
    pad: Pad,
    window: Vec<f64>,
    fft: Arc<dyn RealToComplex<f64>>,
}

/// What lies beyond the ends of a signal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pad {
    /// Silence: librosa's default since 0.9.
    #[default]
    Zeros,
    /// The signal mirrored at its first and last sample: torchaudio's default.
    Reflect,
}

impl Stft {
    /// Plans frames of `n_fft` samples, `hop_samples` apart, zeros beyond the ends. Neither may be 0.
    pub fn new(n_fft: usize, hop_samples: usize) -> Stft {
        Stft::padded(n_fft, hop_samples, Pad::Zeros)
    }

    /// The same with a choice of what lies beyond the ends.
    pub fn padded(n_fft: usize, hop_samples: usize, pad: Pad) -> Stft {
        assert!(n_fft > 0 && hop_samples > 0, "frames and hops have at least one sample");
        Stft { hop_samples, pad, window: hann(n_fft), fft: RealFftPlanner::new().plan_fft_forward(n_fft) }
    }

    /// Number of frequencies from 0 to half the sampling rate: n_fft / 2 + 1.
    pub fn bins(&self) -> usize {
        self.window.len() / 2 + 1
    }

    /// Number of frames of a signal of `samples` samples: one, and one more for each whole hop.
    pub fn frames(&self, samples: usize) -> usize {
        1 + samples / self.hop_samples
    }

    /// Power |X|², `[frames, bins]`.
    pub fn power(&self, samples: &[f32]) -> Array2<f32> {
        let mut power = Array2::zeros((self.frames(samples.len()), self.bins()));
        let mut rows = power.rows_mut().into_iter();
        self.each_frame(samples, |spectrum| {
            let row = rows.next().and_then(ArrayViewMut1::into_slice);
            powers(spectrum, row.unwrap_or_default());
        });
        power
    }

    /// Magnitude |X|, `[frames, bins]`.
    pub fn magnitude(&self, samples: &[f32]) -> Array2<f32> {
        magnitude(self.power(samples))
    }

    /// Calls `visit` with the `[bins]` power of each frame, in order, without keeping it.
    pub fn each_power(&self, samples: &[f32], mut visit: impl FnMut(&[f32])) {
        let mut power = vec![0.0; self.bins()];
        self.each_frame(samples, |spectrum| {
            powers(spectrum, &mut power);
            visit(&power);
        });
    }

    /// Calls `visit` with the `[bins]` spectrum of each frame, in order, without keeping them.
    pub fn each_frame(&self, samples: &[f32], mut visit: impl FnMut(&[Complex<f64>])) {
        let mut frame = self.fft.make_input_vec();
        let mut spectrum = self.fft.make_output_vec();
        let mut scratch = self.fft.make_scratch_vec();
        for index in 0..self.frames(samples.len()) {
            self.cut(samples, index, &mut frame);
            let done = self.fft.process_with_scratch(&mut frame, &mut spectrum, &mut scratch);
            done.expect("the buffers are the plan's own");
            visit(&spectrum);
        }
    }

    /// Copies frame `index` under the window.
    fn cut(&self, samples: &[f32], index: usize, frame: &mut [f64]) {
        match self.pad {
            Pad::Zeros => self.cut_with_zeros(samples, index, frame),
            Pad::Reflect => self.cut_mirrored(samples, index, frame),
        }
    }

    fn cut_mirrored(&self, samples: &[f32], index: usize, frame: &mut [f64]) {
        let start = (index * self.hop_samples) as isize - (frame.len() / 2) as isize;
        let sample = |n: usize| mirrored(start + n as isize, samples.len()).map_or(0.0, |at| f64::from(samples[at]));
        frame.iter_mut().zip(&self.window).enumerate().for_each(|(n, (slot, w))| *slot = sample(n) * w);
    }

    fn cut_with_zeros(&self, samples: &[f32], index: usize, frame: &mut [f64]) {
        let half = self.window.len() / 2;
        let start = (index * self.hop_samples).saturating_sub(half).min(samples.len());
        let zeros = half.saturating_sub(index * self.hop_samples);
        let inside = &samples[start..samples.len().min(start + frame.len() - zeros)];
        let covered = zeros..zeros + inside.len();
        frame[..covered.start].fill(0.0);
        frame[covered.end..].fill(0.0);
        windowed(inside, &self.window[covered.clone()], &mut frame[covered]);
    }
}

/// The roots of powers, of any shape.
pub fn magnitude(mut power: Array2<f32>) -> Array2<f32> {
    match power.as_slice_memory_order_mut() {
        Some(values) => roots(values),
        None => power.mapv_inplace(f32::sqrt),
    }
    power
}

vectorised! {
    /// `samples · window`, into `frame`; all of one length.
    fn windowed(samples: &[f32], window: &[f64], frame: &mut [f64]) -> () {
        frame.iter_mut().zip(samples).zip(window).for_each(|((slot, x), w)| *slot = f64::from(*x) * w);
    }

    fn powers(spectrum: &[Complex<f64>], power: &mut [f32]) -> () {
        power.iter_mut().zip(spectrum).for_each(|(slot, value)| *slot = value.norm_sqr() as f32);
    }

    fn roots(values: &mut [f32]) -> () {
        values.iter_mut().for_each(|value| *value = value.sqrt());
    }
}

/// The place in a signal of `len` samples that place `at` of its endless mirroring shows; none of an empty signal.
fn mirrored(at: isize, len: usize) -> Option<usize> {
    let period = 2 * len.checked_sub(1)? as isize;
    let at = if period == 0 { 0 } else { at.rem_euclid(period) };
    Some(at.min(period - at) as usize)
}

/// Periodic Hann window of `len` samples: the symmetric one of `len + 1` without its last zero.
fn hann(len: usize) -> Vec<f64> {
    (0..len).map(|n| 0.5 - 0.5 * (TAU * n as f64 / len as f64).cos()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{any, prop, prop_assert, prop_assert_eq, proptest};

    /// The definition in the header of this file, term by term.
    fn naive(samples: &[f32], n_fft: usize, hop: usize) -> Vec<Vec<f64>> {
        let sample = |at: isize| usize::try_from(at).ok().and_then(|at| samples.get(at)).map_or(0.0, |x| f64::from(*x));
        let term = |frame: usize, k: usize, n: usize| {
            let window = 0.5 - 0.5 * (TAU * n as f64 / n_fft as f64).cos();
            let x = sample((frame * hop + n) as isize - (n_fft / 2) as isize);
            Complex::from_polar(window * x, -TAU * (k * n) as f64 / n_fft as f64)
        };
        let bin = |frame, k| (0..n_fft).map(|n| term(frame, k, n)).sum::<Complex<f64>>().norm_sqr();
        (0..1 + samples.len() / hop).map(|frame| (0..n_fft / 2 + 1).map(|k| bin(frame, k)).collect()).collect()
    }

    proptest! {
        #[test]
        fn fast_and_naive_transform_agree(
            samples in prop::collection::vec(-1.0f32..1.0, 0..150),
            n_fft in 1usize..40,
            hop in 1usize..50,
        ) {
            let fast = Stft::new(n_fft, hop).power(&samples);
            let naive = naive(&samples, n_fft, hop);
            prop_assert_eq!(fast.dim(), (naive.len(), n_fft / 2 + 1));
            for (a, b) in fast.iter().zip(naive.iter().flatten()) {
                prop_assert!((f64::from(*a) - b).abs() < 1e-4 * (1.0 + b), "{a} {b}");
            }
        }

        #[test]
        fn magnitude_is_the_root_of_power(seed in any::<u64>()) {
            let samples = crate::random::Stream::new(seed, "stft").normals(700);
            let stft = Stft::new(256, 64);
            for (m, p) in stft.magnitude(&samples).iter().zip(&stft.power(&samples)) {
                prop_assert!((m * m - p).abs() <= 1e-6 * p + 1e-12);
            }
        }
    }

    #[test]
    fn a_mirror_continues_as_numpy_pads() {
        let samples = [1.0f32, 2.0, 3.0, 4.0];
        let seen: Vec<f32> = (-4..8).map(|at| samples[mirrored(at, 4).expect("not empty")]).collect();
        assert_eq!(seen, [3.0, 4.0, 3.0, 2.0, 1.0, 2.0, 3.0, 4.0, 3.0, 2.0, 1.0, 2.0]);
        assert_eq!((mirrored(-3, 1), mirrored(0, 0)), (Some(0), None));
    }

    #[test]
    fn pads_differ_at_the_ends_only() {
        let samples = crate::random::Stream::new(3, "stft").normals(1000);
        let (zeros, mirror) = (Stft::new(64, 16).power(&samples), Stft::padded(64, 16, Pad::Reflect).power(&samples));
        let same = |frame: usize| zeros.row(frame).iter().zip(mirror.row(frame)).all(|(a, b)| a == b);
        assert!((2..=60).all(same) && !same(0) && !same(62));
        assert_eq!(Stft::padded(64, 16, Pad::Reflect).power(&[]).dim(), (1, 33));
    }

    #[test]
    fn a_constant_has_power_at_zero_only() {
        let power = Stft::new(64, 16).power(&[1.0; 256]);
        let middle = power.row(8);
        // The window sums to n_fft / 2 at 0 and to n_fft / 4 beside it.
        assert!((middle[0] - 1024.0).abs() < 1e-3 && (middle[1] - 256.0).abs() < 1e-3);
        assert!(middle.iter().skip(2).all(|p| *p < 1e-9));
    }

    #[test]
    fn silence_has_no_power_and_no_samples_give_one_frame() {
        assert!(Stft::new(2048, 512).power(&[0.0; 3000]).iter().all(|p| *p == 0.0));
        assert_eq!(Stft::new(2048, 512).power(&[]).dim(), (1, 1025));
    }
}
