//! Short-time Fourier transform: centred frames, zeros beyond the ends, periodic Hann window.
//! `X[t, k] = Σ_n w[n] · x[t·hop − n_fft/2 + n] · e^(−2πi·kn/n_fft)`, `w[n] = ½ − ½·cos(2πn/n_fft)`, as `librosa.stft`.

use std::f64::consts::TAU;
use std::sync::Arc;

use ndarray::Array2;
use realfft::num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};

/// A planned transform, in double precision as librosa's: a single-precision one is a quarter faster, but its noise
/// fills the empty bins of tonal sound. Plan once; threads share it by reference.
#[derive(Clone)]
pub struct Stft {
    hop_samples: usize,
    window: Vec<f64>,
    fft: Arc<dyn RealToComplex<f64>>,
}

impl Stft {
    /// Plans frames of `n_fft` samples, `hop_samples` apart. Neither may be 0.
    pub fn new(n_fft: usize, hop_samples: usize) -> Stft {
        assert!(n_fft > 0 && hop_samples > 0, "frames and hops have at least one sample");
        Stft { hop_samples, window: hann(n_fft), fft: RealFftPlanner::new().plan_fft_forward(n_fft) }
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
        self.reduced(samples, |value| value.norm_sqr() as f32)
    }

    /// Magnitude |X|, `[frames, bins]`.
    pub fn magnitude(&self, samples: &[f32]) -> Array2<f32> {
        self.reduced(samples, |value| value.norm_sqr().sqrt() as f32)
    }

    fn reduced(&self, samples: &[f32], reduce: impl Fn(&Complex<f64>) -> f32) -> Array2<f32> {
        let mut values = Vec::with_capacity(self.frames(samples.len()) * self.bins());
        self.each_frame(samples, |spectrum| values.extend(spectrum.iter().map(&reduce)));
        Array2::from_shape_vec((self.frames(samples.len()), self.bins()), values).expect("each frame gave all its bins")
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

    /// Copies frame `index` under the window; what lies outside the signal is zero.
    fn cut(&self, samples: &[f32], index: usize, frame: &mut [f64]) {
        let half = self.window.len() / 2;
        let start = (index * self.hop_samples).saturating_sub(half).min(samples.len());
        let zeros = half.saturating_sub(index * self.hop_samples);
        let inside = &samples[start..samples.len().min(start + frame.len() - zeros)];
        let covered = zeros..zeros + inside.len();
        frame[..covered.start].fill(0.0);
        frame[covered.end..].fill(0.0);
        let slots = frame[covered.clone()].iter_mut().zip(&self.window[covered]);
        inside.iter().zip(slots).for_each(|(x, (slot, w))| *slot = f64::from(*x) * w);
    }
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
