//! Fast Griffin-Lim: a signal whose spectrogram is close to given magnitudes, found without their phases.
//! Griffin and Lim, "Signal estimation from modified short-time Fourier transform" (1984); with momentum, Perraudin,
//! Balazs and Søndergaard, "A fast Griffin-Lim algorithm" (WASPAA 2013), as `librosa.griffinlim` has it:
//! `C_n = STFT(ISTFT(T_(n−1)))`, `D_n = C_n − α / (1 + α) · C_(n−1)`, `T_n = S · D_n / |D_n|`, `C_0 = 0`; the signal is
//! `ISTFT(T_N)`. T_0 is S with the phases of the start, and α the momentum.

use std::f64::consts::TAU;

use ndarray::ArrayView2;
use realfft::num_complex::Complex;

use super::VocoderError;
use crate::random::Stream;
use crate::signal::inverse::InverseStft;
use crate::signal::lanes::vectorised;
use crate::signal::stft::{Pad, Stft};

/// The phases that the search starts from.
#[derive(Clone, Debug)]
pub enum Start {
    /// All 0: the same for every seed.
    ZeroPhase,
    /// Uniform over the circle, drawn frame by frame.
    RandomPhase(Stream),
}

/// A planned search. Plan once; threads share it by reference.
#[derive(Clone)]
pub struct GriffinLim {
    forward: Stft,
    inverse: InverseStft,
    iterations: usize,
    inertia: f64,
}

/// All spectra of a signal, `[frames][bins]` in one row. Single precision, as librosa's, halves what travels through the
/// cache.
type Spectra = Vec<Complex<f32>>;

impl GriffinLim {
    /// Plans `iterations` over frames of `n_fft` samples, `hop_samples` apart, neither 0. `momentum` is 0 for the method
    /// of 1984 and 0.99 by default; above 1 it may diverge.
    pub fn new(n_fft: usize, hop_samples: usize, pad: Pad, iterations: usize, momentum: f64) -> GriffinLim {
        let (forward, inverse) = (Stft::padded(n_fft, hop_samples, pad), InverseStft::new(n_fft, hop_samples));
        GriffinLim { forward, inverse, iterations, inertia: momentum / (1.0 + momentum) }
    }

    /// Number of frequencies of a frame: n_fft / 2 + 1.
    pub fn bins(&self) -> usize {
        self.forward.bins()
    }

    /// The transform that magnitudes come from.
    pub(super) fn forward(&self) -> &Stft {
        &self.forward
    }

    /// A signal of `samples` samples for the magnitudes `[frames, bins]`. Frames beyond its end keep their first phases.
    ///
    /// # Errors
    /// Magnitudes of another number of bins.
    pub fn samples(&self, magnitude: ArrayView2<f32>, start: Start, samples: usize) -> Result<Vec<f32>, VocoderError> {
        if magnitude.ncols() != self.bins() {
            return Err(VocoderError::Bins { expected: self.bins(), found: magnitude.ncols() });
        }
        let magnitude = magnitude.as_standard_layout();
        Ok(self.search(magnitude.as_slice().unwrap_or(&[]), start, samples))
    }

    fn search(&self, magnitude: &[f32], start: Start, samples: usize) -> Vec<f32> {
        let mut target = started(magnitude, start);
        let mut last = vec![Complex::default(); target.len()];
        for _ in 0..self.iterations {
            let sound = self.sound(&target, samples);
            self.turn(&sound, magnitude, &mut last, &mut target);
        }
        self.sound(&target, samples)
    }

    /// The signal whose spectra are closest to `target`.
    fn sound(&self, target: &Spectra, samples: usize) -> Vec<f32> {
        let bins = self.bins();
        self.inverse.each_frame(target.len() / bins, samples, |frame, spectrum| {
            widened(&target[frame * bins..][..bins], spectrum);
        })
    }

    /// Gives `target` the phases of the spectra of `sound`, less what they had in common with the `last` ones.
    fn turn(&self, sound: &[f32], magnitude: &[f32], last: &mut Spectra, target: &mut Spectra) {
        let bins = self.bins();
        let mut frames = magnitude.chunks(bins).zip(last.chunks_mut(bins)).zip(target.chunks_mut(bins));
        self.forward.each_frame(sound, |spectrum| {
            let Some(((magnitude, last), target)) = frames.next() else { return };
            turned(spectrum, self.inertia, magnitude, last, target);
        });
    }
}

/// The magnitudes with the phases of the start.
fn started(magnitude: &[f32], start: Start) -> Spectra {
    match start {
        Start::ZeroPhase => magnitude.iter().map(|value| Complex::new(*value, 0.0)).collect(),
        Start::RandomPhase(mut stream) => {
            let turned = |value: &f32| Complex::from_polar(f64::from(*value), TAU * stream.uniform());
            magnitude.iter().map(turned).map(|value| Complex::new(value.re as f32, value.im as f32)).collect()
        }
    }
}

vectorised! {
    fn widened(target: &[Complex<f32>], spectrum: &mut [Complex<f64>]) -> () {
        for (slot, value) in spectrum.iter_mut().zip(target) {
            *slot = Complex::new(f64::from(value.re), f64::from(value.im));
        }
    }

    /// One frame; all of one length. Where nothing is left to take a phase from, the target is 0, as in librosa.
    fn turned(
        spectrum: &[Complex<f64>],
        inertia: f64,
        magnitude: &[f32],
        last: &mut [Complex<f32>],
        target: &mut [Complex<f32>],
    ) -> () {
        let len = spectrum.len();
        let (magnitude, last, target) = (&magnitude[..len], &mut last[..len], &mut target[..len]);
        for bin in 0..len {
            let value = spectrum[bin];
            let re = value.re - inertia * f64::from(last[bin].re);
            let im = value.im - inertia * f64::from(last[bin].im);
            let scale = f64::from(magnitude[bin]) / ((re * re + im * im).sqrt() + f64::from(f32::MIN_POSITIVE));
            last[bin] = Complex::new(value.re as f32, value.im as f32);
            target[bin] = Complex::new((re * scale) as f32, (im * scale) as f32);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::vocoder::quality::spectral_convergence_db;
    use ndarray::Array2;
    use proptest::prelude::{any, prop_assert, proptest};

    fn tones(samples: usize) -> Vec<f32> {
        let tone = |n: usize, cycles: f64| (TAU * n as f64 * cycles).sin() * 0.3;
        (0..samples).map(|n| (tone(n, 0.031) + tone(n, 0.093) * (n as f64 * 0.002).cos()) as f32).collect()
    }

    fn random(seed: u64) -> Start {
        Start::RandomPhase(Stream::new(seed, "griffin-lim"))
    }

    /// How close the spectrogram of the found signal comes to that of `samples`, dB.
    fn convergence_db(samples: &[f32], iterations: usize, momentum: f64, start: Start) -> f64 {
        let (stft, search) = (Stft::new(256, 64), GriffinLim::new(256, 64, Pad::Zeros, iterations, momentum));
        let magnitude = stft.magnitude(samples);
        let found = search.samples(magnitude.view(), start, samples.len()).expect("the same bins");
        spectral_convergence_db(magnitude.view(), stft.magnitude(&found).view()).expect("the same shape")
    }

    /// The recursion in the header of this file, with whole arrays in double precision and no previous term at first.
    fn naive(magnitude: &Array2<f32>, n: usize, iterations: usize, momentum: f64) -> Vec<f32> {
        let (stft, inverse) = (Stft::new(64, 16), InverseStft::new(64, 16));
        let spectra = |sound: &[f32]| {
            let mut values = Vec::new();
            stft.each_frame(sound, |spectrum| values.extend_from_slice(spectrum));
            Array2::from_shape_vec(magnitude.dim(), values).expect("all bins of all frames")
        };
        let mut target = magnitude.mapv(|s| Complex::new(f64::from(s), 0.0));
        let mut last: Option<Array2<Complex<f64>>> = None;
        for _ in 0..iterations {
            let current = spectra(&inverse.samples(target.view(), n));
            let difference = match &last {
                Some(last) => &current - last.mapv(|c| c * (momentum / (1.0 + momentum))),
                None => current.clone(),
            };
            target = Array2::from_shape_fn(magnitude.dim(), |at| {
                Complex::from_polar(f64::from(magnitude[at]), difference[at].arg())
            });
            last = Some(current);
        }
        inverse.samples(target.view(), n)
    }

    proptest! {
        #[test]
        fn fast_and_naive_search_agree(seed in any::<u64>(), n in 100usize..600, iterations in 0usize..3) {
            let magnitude = Stft::new(64, 16).magnitude(&Stream::new(seed, "tones").uniforms(n, -1.0, 1.0));
            let fast = GriffinLim::new(64, 16, Pad::Zeros, iterations, 0.99);
            let fast = fast.samples(magnitude.view(), Start::ZeroPhase, n).expect("the same bins");
            for (a, b) in fast.iter().zip(naive(&magnitude, n, iterations, 0.99)) {
                prop_assert!((a - b).abs() < 1e-3, "{a} {b}");
            }
        }
    }

    #[test]
    fn momentum_and_iterations_bring_the_signal_closer() {
        let sound = tones(6000);
        let of = |iterations, momentum| convergence_db(&sound, iterations, momentum, random(1));
        let (start, plain, fast) = (of(0, 0.99), of(32, 0.0), of(32, 0.99));
        assert!(plain < start - 6.0 && fast < plain - 2.0, "{start} {plain} {fast}");
    }

    #[test]
    fn a_stream_gives_one_signal_and_another_stream_another() {
        let magnitude = Stft::new(256, 64).magnitude(&tones(2000));
        let search = GriffinLim::new(256, 64, Pad::Zeros, 3, 0.99);
        let of = |start| search.samples(magnitude.view(), start, 2000).expect("the same bins");
        assert_eq!(of(random(1)), of(random(1)));
        assert_ne!(of(random(1)), of(random(2)));
        assert_eq!(of(Start::ZeroPhase), of(Start::ZeroPhase));
    }

    #[test]
    fn silence_stays_silent_and_the_faintest_sound_finite() {
        let search = GriffinLim::new(64, 16, Pad::Reflect, 5, 0.99);
        let of = |level: f32, frames, samples| {
            search.samples(Array2::from_elem((frames, 33), level).view(), random(3), samples).expect("the same bins")
        };
        assert_eq!(of(0.0, 9, 128), vec![0.0; 128]);
        assert!(of(1e-38, 9, 128).iter().all(|x| x.abs() < 1e-37));
        assert_eq!((of(1.0, 0, 7), of(1.0, 3, 0).len()), (vec![0.0; 7], 0));
        assert!(of(1.0, 1, 1)[0].is_finite());
    }

    #[test]
    fn magnitudes_of_other_frames_are_refused() {
        let refused = GriffinLim::new(64, 16, Pad::Zeros, 1, 0.0).samples(Array2::zeros((3, 32)).view(), random(0), 9);
        assert_eq!(refused, Err(VocoderError::Bins { expected: 33, found: 32 }));
    }
}
