//! One track under analysis: its samples and all that is derived from them, each computed at most once and only if it
//! is asked for. Defaults and definitions are librosa's; frames lie `[frames, values]`.

use std::cell::{OnceCell, RefCell};
use std::convert::Infallible;
use std::rc::Rc;

use ndarray::Array2;

use super::decibel::power_to_db;
use super::level;
use super::mel::mel_power;
use super::pitch::{self, PitchError};
use super::plans::{Framing, MelBands, Plans};
use super::rhythm;
use super::shape::{self, ShapeError};
use super::stft::{Pad, magnitude};

/// A signal, and what is known of it so far.
pub struct Analysis<'a> {
    samples: &'a [f32],
    plans: &'a Plans,
    power: OnceCell<Array2<f32>>,
    magnitude: OnceCell<Array2<f32>>,
    onset: OnceCell<Vec<f32>>,
    parts: OnceCell<[Vec<f32>; 2]>,
    mel_db: Kept<MelBands, Array2<f32>>,
    chroma: Kept<usize, Array2<f32>>,
}

impl<'a> Analysis<'a> {
    /// Nothing is computed yet.
    pub fn new(samples: &'a [f32], plans: &'a Plans) -> Analysis<'a> {
        let (power, magnitude, onset, parts, mel_db, chroma) = Default::default();
        Analysis { samples, plans, power, magnitude, onset, parts, mel_db, chroma }
    }

    /// The samples, at the rate of the framing.
    pub fn samples(&self) -> &'a [f32] {
        self.samples
    }

    /// How the signal is cut.
    pub fn framing(&self) -> Framing {
        self.plans.framing()
    }

    /// What is planned for all tracks.
    pub fn plans(&self) -> &'a Plans {
        self.plans
    }

    /// Power spectrogram |X|², `[frames, bins]`.
    pub fn power(&self) -> &Array2<f32> {
        self.power.get_or_init(|| self.plans.stft(Pad::Zeros).power(self.samples))
    }

    /// Magnitude spectrogram |X|, `[frames, bins]`.
    pub fn magnitude(&self) -> &Array2<f32> {
        self.magnitude.get_or_init(|| magnitude(self.power().clone()))
    }

    /// Mel power `[frames, n_mels]`. From the spectrogram if that is kept, else frame by frame without keeping it.
    pub fn mel_power(&self, bands: MelBands) -> Array2<f32> {
        let (bank, pad) = (self.plans.mel_bank(bands), bands.definition.pad());
        match self.power.get().filter(|_| pad == Pad::Zeros) {
            Some(power) => bank.apply_all(power.view()),
            None => mel_power(&self.plans.stft(pad), &bank, self.samples),
        }
    }

    /// Mel decibels over power 1, no lower than 80 dB below the loudest: `[frames, n_mels]`.
    pub fn mel_db(&self, bands: MelBands) -> Rc<Array2<f32>> {
        self.mel_db.get(bands, || power_to_db(self.mel_power(bands)))
    }

    /// Cepstral coefficients `[frames, n_mfcc]`.
    pub fn mfcc(&self, n_mfcc: usize, bands: MelBands) -> Array2<f32> {
        self.plans.cepstrum(n_mfcc, bands.n_mels).apply(self.mel_db(bands).view())
    }

    /// Energy in each of `n_chroma` pitch classes, the loudest of a frame 1: `[frames, n_chroma]`. Tuned to the track.
    ///
    /// # Errors
    /// No classes at all.
    pub fn chroma(&self, n_chroma: usize) -> Result<Rc<Array2<f32>>, PitchError> {
        let Framing { rate_hz, n_fft, .. } = self.framing();
        self.chroma.try_get(n_chroma, || {
            let tuning = pitch::tuning(self.power().view(), rate_hz, n_fft, n_chroma);
            self.plans.chroma_bank(n_chroma, tuning)?.apply(self.power().view())
        })
    }

    /// Spectral centroid of each frame, Hz.
    pub fn centroid(&self) -> Vec<f32> {
        shape::centroid(self.magnitude().view(), self.framing().rate_hz, self.framing().n_fft)
    }

    /// Spread about the centroid of each frame, Hz.
    pub fn bandwidth(&self) -> Vec<f32> {
        shape::bandwidth(self.magnitude().view(), self.framing().rate_hz, self.framing().n_fft)
    }

    /// The frequency in Hz below which `share` of the magnitude of each frame lies.
    ///
    /// # Errors
    /// A share that is not between 0 and 1.
    pub fn rolloff(&self, share: f64) -> Result<Vec<f32>, ShapeError> {
        shape::rolloff(self.magnitude().view(), self.framing().rate_hz, self.framing().n_fft, share)
    }

    /// Share of neighbouring samples of each frame whose signs differ.
    pub fn zero_crossing_rate(&self) -> Vec<f32> {
        level::zero_crossing_rate(self.samples, self.framing().n_fft, self.framing().hop_samples)
    }

    /// Root mean square of each frame of samples.
    pub fn rms(&self) -> Vec<f32> {
        level::rms(self.samples, self.framing().n_fft, self.framing().hop_samples)
    }

    /// Strength of onsets at each frame, from librosa's 128 mel bands.
    pub fn onset_strength(&self) -> &[f32] {
        let Framing { n_fft, hop_samples, .. } = self.framing();
        let compute = || rhythm::onset::onset_strength(self.mel_db(MelBands::STANDARD).view(), n_fft, hop_samples);
        self.onset.get_or_init(compute)
    }

    /// Tempo and beats, as `librosa.beat.beat_track(y=...)` has them: by the median onset strength of the bands.
    pub fn beats(&self) -> rhythm::beat::Beats {
        let Framing { n_fft, hop_samples, .. } = self.framing();
        let mel_db = self.mel_db(MelBands::STANDARD);
        let onset = rhythm::onset::median_onset_strength(mel_db.view(), n_fft, hop_samples);
        rhythm::beat::track_with(&onset, &self.plans.tempo(), rhythm::beat::TIGHTNESS)
    }

    /// The harmonic and the percussive part of the sound, as long as it.
    pub fn harmonic_and_percussive(&self) -> &[Vec<f32>; 2] {
        self.parts.get_or_init(|| self.plans.separator().harmonic_and_percussive(self.samples))
    }
}

/// A few values by key, each computed on first use.
struct Kept<K, V>(RefCell<Vec<(K, Rc<V>)>>);

impl<K, V> Default for Kept<K, V> {
    fn default() -> Kept<K, V> {
        Kept(RefCell::default())
    }
}

impl<K: PartialEq, V> Kept<K, V> {
    fn get(&self, key: K, compute: impl FnOnce() -> V) -> Rc<V> {
        match self.try_get(key, || Ok::<V, Infallible>(compute())) {
            Ok(value) => value,
            Err(never) => match never {},
        }
    }

    fn try_get<E>(&self, key: K, compute: impl FnOnce() -> Result<V, E>) -> Result<Rc<V>, E> {
        if let Some((_, known)) = self.0.borrow().iter().find(|(of, _)| *of == key) {
            return Ok(Rc::clone(known));
        }
        let value = Rc::new(compute()?);
        self.0.borrow_mut().push((key, Rc::clone(&value)));
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;
    use crate::signal::decibel::power_to_clip_db;
    use crate::signal::mel::MelScale;

    fn standard() -> Plans {
        Plans::new(Framing::standard(22_050))
    }

    #[test]
    fn shapes_are_frames_by_values() {
        let (noise, plans) = (Stream::new(1, "noise").uniforms(5_120, -1.0, 1.0), standard());
        let analysis = Analysis::new(&noise, &plans);
        assert_eq!(analysis.mel_power(MelBands::STANDARD).dim(), (11, 128));
        assert_eq!(analysis.mfcc(13, MelBands::STANDARD).dim(), (11, 13));
        assert_eq!(analysis.power().dim(), (11, 1025));
        assert_eq!((analysis.chroma(12).expect("twelve").dim(), analysis.centroid().len()), ((11, 12), 11));
        assert_eq!((analysis.rms().len(), analysis.onset_strength().len()), (11, 11));
        assert!(analysis.harmonic_and_percussive().iter().all(|part| part.len() == noise.len()));
    }

    #[test]
    fn a_kept_spectrogram_gives_the_same_bands() {
        let (noise, plans) = (Stream::new(4, "noise").uniforms(9_000, -1.0, 1.0), standard());
        let streamed = Analysis::new(&noise, &plans).mel_power(MelBands::STANDARD);
        let analysis = Analysis::new(&noise, &plans);
        analysis.power();
        assert_eq!(analysis.mel_power(MelBands::STANDARD), streamed);
    }

    #[test]
    fn silence_has_one_flat_cepstrum() {
        let plans = standard();
        let mfcc = Analysis::new(&[0.0; 4_000], &plans).mfcc(20, MelBands::STANDARD);
        assert!(mfcc.column(0).iter().all(|c| (c + 1131.3708).abs() < 1e-2));
        assert!(mfcc.columns().into_iter().skip(1).all(|column| column.iter().all(|c| c.abs() < 1e-2)));
    }

    #[test]
    fn loudness_leaves_decibels_below_the_loudest_alone() {
        let noise = Stream::new(2, "noise").uniforms(8_000, -0.5, 0.5);
        let loud: Vec<f32> = noise.iter().map(|x| 2.0 * x).collect();
        let plans = standard();
        let db = |samples: &[f32]| power_to_clip_db(Analysis::new(samples, &plans).mel_power(MelBands::STANDARD));
        assert!((db(&loud) - db(&noise)).iter().all(|d| d.abs() < 1e-4));
    }

    #[test]
    fn a_tone_is_loudest_in_its_own_band() {
        let tone: Vec<f32> =
            (0..22_050).map(|i| (std::f64::consts::TAU * 1_000.0 * f64::from(i) / 22_050.0).sin() as f32).collect();
        let plans = standard();
        let bands = Analysis::new(&tone, &plans).mel_power(MelBands::STANDARD);
        let centres = MelScale::Slaney.frequencies(130, 0.0..11_025.0);
        let loudest = (0..128).max_by(|a, b| bands[(20, *a)].total_cmp(&bands[(20, *b)])).expect("128 bands");
        assert!((centres[loudest + 1] - 1_000.0).abs() < 20.0);
    }
}
