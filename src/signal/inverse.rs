//! Inverse short-time Fourier transform: windowed overlap-add, divided by the sum of the squared windows.
//! `x[n] = Σ_t w[m] · IFFT(X[t])[m] / Σ_t w[m]²`, `m = n + n_fft/2 − t·hop`, w the periodic Hann window: the least-squares
//! signal of Griffin and Lim, "Signal estimation from modified short-time Fourier transform" (1984); `librosa.istft`.

use std::f64::consts::TAU;
use std::sync::Arc;

use ndarray::ArrayView2;
use realfft::num_complex::Complex;
use realfft::{ComplexToReal, RealFftPlanner};

/// A planned inverse of [`super::stft::Stft`], in double precision. Plan once; threads share it by reference.
#[derive(Clone)]
pub struct InverseStft {
    hop_samples: usize,
    window: Vec<f64>,
    fft: Arc<dyn ComplexToReal<f64>>,
}

impl InverseStft {
    /// Plans frames of `n_fft` samples, `hop_samples` apart. Neither may be 0.
    pub fn new(n_fft: usize, hop_samples: usize) -> InverseStft {
        assert!(n_fft > 0 && hop_samples > 0, "frames and hops have at least one sample");
        let window = (0..n_fft).map(|n| 0.5 - 0.5 * (TAU * n as f64 / n_fft as f64).cos()).collect();
        InverseStft { hop_samples, window, fft: RealFftPlanner::new().plan_fft_inverse(n_fft) }
    }

    /// Number of frequencies of a frame: n_fft / 2 + 1.
    pub fn bins(&self) -> usize {
        self.window.len() / 2 + 1
    }

    /// The first `samples` samples of the signal whose spectra `[frames, bins]` these are. Bins that are missing count
    /// as 0, and so do samples that no frame covers.
    pub fn samples(&self, spectra: ArrayView2<Complex<f64>>, samples: usize) -> Vec<f32> {
        let spectra = spectra.as_standard_layout();
        let values = spectra.as_slice().unwrap_or(&[]);
        self.each_frame(spectra.nrows(), samples, |frame, spectrum| {
            let row = &values[frame * spectra.ncols()..(frame + 1) * spectra.ncols()];
            spectrum.iter_mut().zip(row).for_each(|(slot, value)| *slot = *value);
        })
    }

    /// As [`InverseStft::samples`], without an array of spectra: `fill` writes frame after frame into zeros `[bins]`.
    pub fn each_frame(
        &self,
        frames: usize,
        samples: usize,
        mut fill: impl FnMut(usize, &mut [Complex<f64>]),
    ) -> Vec<f32> {
        let frames = frames.min((samples + 2 * (self.window.len() / 2)).div_ceil(self.hop_samples));
        let mut sum = vec![0.0; samples];
        let mut spectrum = self.fft.make_input_vec();
        let mut frame = self.fft.make_output_vec();
        let mut scratch = self.fft.make_scratch_vec();
        for index in 0..frames {
            spectrum.fill(Complex::default());
            fill(index, &mut spectrum);
            self.make_real(&mut spectrum);
            let done = self.fft.process_with_scratch(&mut spectrum, &mut frame, &mut scratch);
            done.expect("the buffers are the plan's own and the ends are real");
            frame.iter_mut().zip(&self.window).for_each(|(x, w)| *x *= w);
            self.add(index, &frame, &mut sum);
        }
        self.divide(&sum, frames)
    }

    /// The spectrum of a real frame is real at 0 and, for an even length, at half the rate.
    fn make_real(&self, spectrum: &mut [Complex<f64>]) {
        spectrum[0].im = 0.0;
        if let (0, Some(last)) = (self.window.len() % 2, spectrum.last_mut()) {
            last.im = 0.0;
        }
    }

    /// Adds frame `index` to the samples that it covers.
    fn add(&self, index: usize, frame: &[f64], sum: &mut [f64]) {
        let (start, half) = (index * self.hop_samples, self.window.len() / 2);
        let inside = &frame[half.saturating_sub(start).min(frame.len())..];
        let first = start.saturating_sub(half).min(sum.len());
        sum[first..].iter_mut().zip(inside).for_each(|(sum, x)| *sum += x);
    }

    /// Divides by the squared windows, where there are any, and by `n_fft`, which the transform leaves in.
    fn divide(&self, sum: &[f64], frames: usize) -> Vec<f32> {
        let squares: Vec<f64> = self.window.iter().map(|w| w * w).collect();
        let mut weight = vec![0.0; sum.len()];
        (0..frames).for_each(|index| self.add(index, &squares, &mut weight));
        let scale = 1.0 / self.window.len() as f64;
        let quotient = |(x, w): (&f64, f64)| x * scale / if w > f64::from(f32::MIN_POSITIVE) { w } else { 1.0 };
        sum.iter().zip(weight).map(|pair| quotient(pair) as f32).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;
    use crate::signal::stft::Stft;
    use ndarray::Array2;
    use proptest::prelude::{any, prop_assert, proptest};

    fn spectra(samples: &[f32], n_fft: usize, hop: usize) -> Array2<Complex<f64>> {
        let stft = Stft::new(n_fft, hop);
        let mut values = Vec::new();
        stft.each_frame(samples, |spectrum| values.extend_from_slice(spectrum));
        Array2::from_shape_vec((stft.frames(samples.len()), stft.bins()), values).expect("all bins of all frames")
    }

    /// The formula in the header of this file, sample by sample.
    fn naive(spectra: &Array2<Complex<f64>>, n_fft: usize, hop: usize, samples: usize) -> Vec<f64> {
        let window = |m: usize| 0.5 - 0.5 * (TAU * m as f64 / n_fft as f64).cos();
        let value = |frame: usize, m: usize| {
            let term = |k: usize| {
                let twice = if k == 0 || 2 * k == n_fft { 1.0 } else { 2.0 };
                twice * (spectra[(frame, k)] * Complex::from_polar(1.0, TAU * (k * m) as f64 / n_fft as f64)).re
            };
            (0..n_fft / 2 + 1).map(term).sum::<f64>() / n_fft as f64
        };
        let sample = |n: usize| {
            let inside = |t: usize| (n + n_fft / 2).checked_sub(t * hop).filter(|m| *m < n_fft).map(|m| (t, m));
            let places: Vec<_> = (0..spectra.nrows()).filter_map(inside).collect();
            let weight: f64 = places.iter().map(|(_, m)| window(*m).powi(2)).sum();
            let sum: f64 = places.iter().map(|(t, m)| window(*m) * value(*t, *m)).sum();
            if weight > 1e-30 { sum / weight } else { sum }
        };
        (0..samples).map(sample).collect()
    }

    proptest! {
        #[test]
        fn a_signal_comes_back(seed in any::<u64>(), n in 0usize..3000) {
            let noise = Stream::new(seed, "inverse").uniforms(n, -1.0, 1.0);
            let back = InverseStft::new(256, 64).samples(spectra(&noise, 256, 64).view(), n);
            prop_assert!(back.len() == n && back.iter().zip(&noise).all(|(a, b)| (a - b).abs() < 1e-6));
        }

        #[test]
        fn fast_and_naive_inverse_agree(
            seed in any::<u64>(), n_fft in 2usize..30, hop in 1usize..20, frames in 0usize..8, samples in 0usize..120,
        ) {
            let mut stream = Stream::new(seed, "inverse");
            let spectra =
                Array2::from_shape_fn((frames, n_fft / 2 + 1), |_| Complex::new(stream.normal(), stream.normal()));
            let fast = InverseStft::new(n_fft, hop).samples(spectra.view(), samples);
            let naive = naive(&spectra, n_fft, hop, samples);
            prop_assert!(fast.len() == samples);
            for (a, b) in fast.iter().zip(&naive) {
                prop_assert!((f64::from(*a) - b).abs() < 1e-5 * (1.0 + b.abs()), "{a} {b}");
            }
        }
    }

    #[test]
    fn silence_and_nothing_are_silent() {
        assert_eq!(InverseStft::new(64, 16).samples(Array2::zeros((5, 33)).view(), 60), vec![0.0; 60]);
        assert_eq!(InverseStft::new(64, 16).samples(Array2::zeros((0, 33)).view(), 7), vec![0.0; 7]);
    }
}
