//! What a vocoder loses: a real clip made a log-mel map and a sound again, beside the clip that it was.

use super::quality::{log_mel_error_db, spectral_convergence_db};
use super::{Vocoder, VocoderError};
use crate::random::Stream;
use crate::signal::decibel::{AMIN, power_to_clip_db};
use crate::signal::mel::mel_power;

/// How far the sound is from the clip.
#[derive(Clone, Debug, PartialEq)]
pub struct RoundTrip {
    /// Spectral convergence of its magnitudes to the clip's, dB: the lower the better. The level is the clip's.
    pub spectral_convergence_db: f64,
    /// Mean absolute difference of their log-mel maps, each below its own loudest band, dB.
    pub log_mel_error_db: f64,
    /// The sound, as long as the clip and at its level.
    pub sound: Vec<f32>,
}

impl Vocoder {
    /// Takes a clip at the rate of the settings through a log-mel map and back. The peak of the settings does not count.
    ///
    /// # Errors
    /// None for a clip of any length: the map is the vocoder's own.
    pub fn round_trip(&self, clip: &[f32], seed: u64) -> Result<RoundTrip, VocoderError> {
        let stft = self.griffin_lim.forward();
        let power = mel_power(stft, &self.bank, clip);
        let level = power.iter().copied().fold(AMIN, f32::max).sqrt();
        let map = power_to_clip_db(power);
        let mut sound = self.at_unit_power(map.t(), clip.len(), Stream::new(seed, "phase"))?;
        sound.iter_mut().for_each(|x| *x *= level);
        let found = power_to_clip_db(mel_power(stft, &self.bank, &sound));
        let (clip, found_magnitude) = (stft.magnitude(clip), stft.magnitude(&sound));
        let spectral_convergence_db = spectral_convergence_db(clip.view(), found_magnitude.view())?;
        let log_mel_error_db = log_mel_error_db(map.view(), found.view())?;
        Ok(RoundTrip { spectral_convergence_db, log_mel_error_db, sound })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::plans::{Framing, MelBands};
    use crate::signal::vocoder::Settings;
    use crate::signal::vocoder::inversion::Inversion;
    use std::f64::consts::TAU;

    fn tried(clip: &[f32], inversion: Inversion) -> RoundTrip {
        let framing = Framing { rate_hz: 22_050, n_fft: 1024, hop_samples: 256 };
        let vocoder = Vocoder::new(&Settings { inversion, ..Settings::new(framing, MelBands::STANDARD) });
        vocoder.expect("sound settings").round_trip(clip, 1).expect("any clip")
    }

    /// Decaying notes with overtones over a little noise.
    fn music(samples: usize) -> Vec<f32> {
        let noise = Stream::new(4, "music").normals(samples);
        let note = |n: usize| {
            let (hz, age) = ([220.0, 277.2, 329.6, 440.0][n / 5000 % 4], (n % 5000) as f64 / 22_050.0);
            let overtone = |order: u32| (TAU * hz * f64::from(order) * age).sin() / f64::from(order * order);
            (1..9).map(overtone).sum::<f64>() * (-6.0 * age).exp()
        };
        (0..samples).map(|n| 0.4 * note(n) as f32 + 0.01 * noise[n]).collect()
    }

    #[test]
    fn music_survives() {
        let clip = music(30_000);
        for (inversion, most_db) in
            [(Inversion::Multiplicative, [-22.0, 1.0]), (Inversion::PseudoInverse, [-14.0, 2.5])]
        {
            let RoundTrip { spectral_convergence_db, log_mel_error_db, sound } = tried(&clip, inversion);
            let found_db = [spectral_convergence_db, log_mel_error_db];
            assert!(found_db[0] < most_db[0] && found_db[1] < most_db[1], "{inversion:?}: {found_db:?}");
            assert_eq!(sound.len(), clip.len());
        }
    }

    #[test]
    fn the_level_of_the_clip_does_not_count() {
        let loud = music(9000);
        let quiet: Vec<f32> = loud.iter().map(|x| x / 64.0).collect();
        let of = |clip: &[f32]| tried(clip, Inversion::Multiplicative);
        let (loud, quiet) = (of(&loud), of(&quiet));
        assert!((loud.spectral_convergence_db - quiet.spectral_convergence_db).abs() < 0.05);
        assert!((loud.log_mel_error_db - quiet.log_mel_error_db).abs() < 0.05);
    }

    #[test]
    fn the_shortest_clips_come_back() {
        for samples in [0, 1, 255, 256] {
            let trip = tried(&music(samples), Inversion::Multiplicative);
            assert!(trip.sound.len() == samples && trip.sound.iter().all(|x| x.is_finite()));
        }
    }

    #[test]
    fn silence_comes_back_silent() {
        let trip = tried(&[0.0; 3000], Inversion::Nnls);
        assert_eq!((trip.spectral_convergence_db, trip.log_mel_error_db), (f64::NEG_INFINITY, 0.0));
        assert_eq!(trip.sound, vec![0.0; 3000]);
    }
}
