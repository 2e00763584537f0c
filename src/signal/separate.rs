//! Harmonic and percussive parts of a sound, by medians of its spectrogram along time and along frequency.
//! Fitzgerald, "Harmonic/percussive separation using median filtering" (DAFX 2010): tones are smooth over frames, beats
//! over bins. Masks `H² / (H² + P²)` and `P² / (H² + P²)` share each value out: `librosa.decompose.hpss` with its
//! defaults, and `librosa.effects.harmonic` and `percussive`.

pub mod median;
pub mod network;

use ndarray::{Array2, ArrayView2, Zip};
use realfft::num_complex::Complex;

use super::inverse::InverseStft;
use super::stft::Stft;

/// What share of each value is harmonic and what is percussive: from 0 to 1, together 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Masks {
    /// `[frames, bins]`
    pub harmonic: Array2<f32>,
    /// `[frames, bins]`
    pub percussive: Array2<f32>,
}

impl Masks {
    /// The masks of a magnitude spectrogram `[frames, bins]`, which must not be negative.
    pub fn new(magnitude: ArrayView2<f32>) -> Masks {
        let (mut harmonic, mut percussive) = (median::along_frames(magnitude), median::along_bins(magnitude));
        Zip::from(&mut harmonic).and(&mut percussive).for_each(|h, p| (*h, *p) = shares(*h, *p));
        Masks { harmonic, percussive }
    }
}

/// Squares over their sum, of the quotients by the larger one, so that nothing overflows. Silence is shared evenly.
fn shares(harmonic: f32, percussive: f32) -> (f32, f32) {
    let larger = if harmonic < percussive { percussive } else { harmonic };
    let scale = if larger < f32::MIN_POSITIVE { 1.0 } else { larger };
    let (h, p) = (harmonic / scale, percussive / scale);
    let (h, p) = (h * h, p * p);
    let even = larger < f32::MIN_POSITIVE;
    if even { (0.5, 0.5) } else { (h / (h + p), p / (h + p)) }
}

/// The harmonic and the percussive spectrogram `[frames, bins]`; their sum is `magnitude`, which must not be negative.
pub fn hpss(magnitude: ArrayView2<f32>) -> (Array2<f32>, Array2<f32>) {
    let Masks { mut harmonic, mut percussive } = Masks::new(magnitude);
    harmonic *= &magnitude;
    percussive *= &magnitude;
    (harmonic, percussive)
}

/// A planned separation of signals. Plan once; threads share it by reference.
#[derive(Clone)]
pub struct Separator {
    forward: Stft,
    inverse: InverseStft,
}

impl Separator {
    /// Plans frames of `n_fft` samples, `hop_samples` apart (librosa: 2048 and 512). Neither may be 0.
    pub fn new(n_fft: usize, hop_samples: usize) -> Separator {
        Separator { forward: Stft::new(n_fft, hop_samples), inverse: InverseStft::new(n_fft, hop_samples) }
    }

    /// The harmonic part of `samples`, of the same length.
    pub fn harmonic(&self, samples: &[f32]) -> Vec<f32> {
        let (spectra, magnitude) = self.spectra(samples);
        self.masked(&spectra, &Masks::new(magnitude.view()).harmonic, samples.len())
    }

    /// The percussive part of `samples`, of the same length.
    pub fn percussive(&self, samples: &[f32]) -> Vec<f32> {
        let (spectra, magnitude) = self.spectra(samples);
        self.masked(&spectra, &Masks::new(magnitude.view()).percussive, samples.len())
    }

    /// The harmonic and the percussive part of `samples`, each of the same length; their sum is the signal.
    pub fn harmonic_and_percussive(&self, samples: &[f32]) -> [Vec<f32>; 2] {
        let (spectra, magnitude) = self.spectra(samples);
        let Masks { harmonic, percussive } = Masks::new(magnitude.view());
        [harmonic, percussive].map(|mask| self.masked(&spectra, &mask, samples.len()))
    }

    /// All spectra and their magnitudes, both `[frames, bins]`. Single precision halves the memory that a track takes.
    fn spectra(&self, samples: &[f32]) -> (Array2<Complex<f32>>, Array2<f32>) {
        let shape = (self.forward.frames(samples.len()), self.forward.bins());
        let (mut spectra, mut magnitude) = (Array2::zeros(shape), Array2::zeros(shape));
        let mut rows = spectra.rows_mut().into_iter().zip(magnitude.rows_mut());
        self.forward.each_frame(samples, |spectrum| {
            let Some((spectra, magnitudes)) = rows.next() else { return };
            let slots = spectra.into_iter().zip(magnitudes).zip(spectrum);
            slots.for_each(|((s, m), x)| {
                (*s, *m) = (Complex::new(x.re as f32, x.im as f32), x.norm_sqr().sqrt() as f32)
            });
        });
        (spectra, magnitude)
    }

    fn masked(&self, spectra: &Array2<Complex<f32>>, mask: &Array2<f32>, samples: usize) -> Vec<f32> {
        let masked = |x: &Complex<f32>, share: &f32| Complex::new(f64::from(x.re), f64::from(x.im)) * f64::from(*share);
        self.inverse.each_frame(spectra.nrows(), samples, |frame, spectrum| {
            let values = spectra.row(frame).into_iter().zip(mask.row(frame));
            spectrum.iter_mut().zip(values).for_each(|(slot, (value, share))| *slot = masked(value, share));
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;
    use std::f64::consts::TAU;

    fn energy(samples: &[f32]) -> f64 {
        samples.iter().map(|x| f64::from(*x).powi(2)).sum()
    }

    fn tone() -> Vec<f32> {
        (0..22_050).map(|n| (0.3 * (TAU * 440.0 * f64::from(n) / 22_050.0).sin()) as f32).collect()
    }

    fn clicks() -> Vec<f32> {
        (0..22_050).map(|n| if n % 5_000 == 2_500 { 1.0 } else { 0.0 }).collect()
    }

    #[test]
    fn a_tone_is_harmonic_and_a_click_percussive() {
        let separator = Separator::new(1024, 256);
        assert!(energy(&separator.percussive(&tone())) < 0.02 * energy(&separator.harmonic(&tone())));
        assert!(energy(&separator.harmonic(&clicks())) < 0.02 * energy(&separator.percussive(&clicks())));
    }

    #[test]
    fn the_parts_add_up_to_the_signal() {
        let signal: Vec<f32> = tone().iter().zip(clicks()).map(|(a, b)| a + b).collect();
        let separator = Separator::new(2048, 512);
        let [harmonic, percussive] = separator.harmonic_and_percussive(&signal);
        for (n, x) in signal.iter().enumerate() {
            assert!((harmonic[n] + percussive[n] - x).abs() < 1e-6);
        }
        assert_eq!((harmonic, percussive), (separator.harmonic(&signal), separator.percussive(&signal)));
    }

    #[test]
    fn components_of_a_spectrogram_add_up_to_it() {
        let values = Stream::new(3, "separate").uniforms(50 * 40, 0.0, 1.0);
        let magnitude = Array2::from_shape_vec((50, 40), values).expect("as many values");
        let (harmonic, percussive) = hpss(magnitude.view());
        assert!((harmonic + percussive - &magnitude).iter().all(|x| x.abs() < 1e-6));
    }

    #[test]
    fn shares_of_silence_are_even_and_of_extremes_finite() {
        assert_eq!(shares(0.0, 0.0), (0.5, 0.5));
        assert_eq!(shares(1e30, 0.0), (1.0, 0.0));
        assert_eq!(shares(3e38, 3e38), (0.5, 0.5));
        let (harmonic, percussive) = shares(2e-30, 1e-30);
        assert!((harmonic - 0.8).abs() < 1e-6 && (percussive - 0.2).abs() < 1e-6);
    }

    #[test]
    fn silence_and_nothing_stay_so() {
        let separator = Separator::new(2048, 512);
        assert_eq!(separator.harmonic(&[0.0; 3000]), vec![0.0; 3000]);
        assert!(separator.percussive(&[]).is_empty());
        assert_eq!(separator.harmonic(&[0.5]).len(), 1);
    }
}
