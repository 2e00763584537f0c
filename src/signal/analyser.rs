//! From samples to mel power, log-mel and MFCC: one plan for all tracks of a rate.
//! Defaults are librosa's: frames of 2048, hop 512, 128 Slaney mel bands over 0 Hz to half the rate, 20 coefficients.

use ndarray::Array2;

use super::cepstrum::Cepstrum;
use super::decibel::{power_to_clip_db, power_to_db};
use super::mel::{MelBank, MelScale, mel_power};
use super::stft::Stft;

/// A planned analysis. It is made once and shared by reference: working memory belongs to each call.
#[derive(Clone)]
pub struct Analyser {
    stft: Stft,
    bank: MelBank,
}

impl Analyser {
    /// Plans the analysis of signals at `rate_hz` in frames of `n_fft`, `hop_samples` apart, into `n_mels` bands. None
    /// may be 0.
    pub fn new(rate_hz: u32, n_fft: usize, hop_samples: usize, n_mels: usize) -> Analyser {
        Analyser { stft: Stft::new(n_fft, hop_samples), bank: MelBank::new(MelScale::Slaney, rate_hz, n_fft, n_mels) }
    }

    /// librosa's frames and bands at `rate_hz`.
    pub fn standard(rate_hz: u32) -> Analyser {
        Analyser::new(rate_hz, 2048, 512, 128)
    }

    /// Number of frames of a signal of `samples` samples.
    pub fn frames(&self, samples: usize) -> usize {
        self.stft.frames(samples)
    }

    /// Number of mel bands.
    pub fn n_mels(&self) -> usize {
        self.bank.n_mels()
    }

    /// Mel power `[frames, n_mels]`, not negative. From it [`power_to_clip_db`] and [`mfcc`] follow without another
    /// transform.
    pub fn mel_power(&self, samples: &[f32]) -> Array2<f32> {
        let values = mel_power(&self.stft, &self.bank, samples);
        Array2::from_shape_vec((self.frames(samples.len()), self.n_mels()), values)
            .expect("each frame gave all its bands")
    }

    /// Log-mel of a whole signal, `[frames, n_mels]` in dB below its own loudest band: −80 to 0.
    pub fn log_mel_db(&self, samples: &[f32]) -> Array2<f32> {
        power_to_clip_db(self.mel_power(samples))
    }

    /// MFCC of a whole signal, `[frames, n_mfcc]`: `librosa.feature.mfcc` transposed.
    pub fn mfcc(&self, samples: &[f32], n_mfcc: usize) -> Array2<f32> {
        mfcc(self.mel_power(samples), n_mfcc)
    }
}

/// The first `n_mfcc` cepstral coefficients `[frames, n_mfcc]` of mel power `[frames, n_mels]`.
pub fn mfcc(mel_power: Array2<f32>, n_mfcc: usize) -> Array2<f32> {
    Cepstrum::new(n_mfcc, mel_power.ncols()).apply(power_to_db(mel_power).view())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;

    #[test]
    fn shapes_are_frames_by_bands() {
        let analyser = Analyser::standard(22_050);
        let noise = Stream::new(1, "noise").uniforms(5_120, -1.0, 1.0);
        assert_eq!(analyser.mel_power(&noise).dim(), (11, 128));
        assert_eq!(analyser.log_mel_db(&noise).dim(), (11, 128));
        assert_eq!(analyser.mfcc(&noise, 13).dim(), (11, 13));
    }

    #[test]
    fn silence_has_one_flat_cepstrum() {
        let analyser = Analyser::standard(22_050);
        assert!(analyser.mel_power(&[0.0; 4_000]).iter().all(|p| *p == 0.0));
        let mfcc = analyser.mfcc(&[0.0; 4_000], 20);
        assert!(mfcc.column(0).iter().all(|c| (c + 1131.3708).abs() < 1e-2));
        assert!(mfcc.columns().into_iter().skip(1).all(|column| column.iter().all(|c| c.abs() < 1e-2)));
    }

    #[test]
    fn loudness_leaves_log_mel_alone() {
        let noise = Stream::new(2, "noise").uniforms(8_000, -0.5, 0.5);
        let loud: Vec<f32> = noise.iter().map(|x| 2.0 * x).collect();
        let analyser = Analyser::standard(22_050);
        let difference = analyser.log_mel_db(&loud) - analyser.log_mel_db(&noise);
        assert!(difference.iter().all(|d| d.abs() < 1e-4));
    }

    #[test]
    fn a_tone_is_loudest_in_its_own_band() {
        let tone = |i: usize| (std::f64::consts::TAU * 1_000.0 * i as f64 / 22_050.0).sin() as f32;
        let log_mel = Analyser::standard(22_050).log_mel_db(&(0..22_050).map(tone).collect::<Vec<_>>());
        let centres = MelScale::Slaney.frequencies(130, 0.0..11_025.0);
        let loudest = (0..128).max_by(|a, b| log_mel[(20, *a)].total_cmp(&log_mel[(20, *b)])).expect("128 bands");
        assert!((centres[loudest + 1] - 1_000.0).abs() < 20.0);
    }
}
