//! Transforms and filter banks, planned once and shared by all tracks and threads.

use std::convert::Infallible;
use std::sync::{Arc, PoisonError, RwLock};

use super::cepstrum::Cepstrum;
use super::mel::{MelBank, MelDefinition};
use super::pitch::{ChromaBank, PitchError};
use super::rhythm::tempo::{TempoEstimator, TempoPrior};
use super::separate::Separator;
use super::shape::{ContrastBank, ShapeError};
use super::stft::{Pad, Stft};

/// How a signal is cut into frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Framing {
    /// Sampling rate, Hz.
    pub rate_hz: u32,
    /// Samples in a frame.
    pub n_fft: usize,
    /// Samples between frames.
    pub hop_samples: usize,
}

impl Framing {
    /// librosa's: frames of 2048, hop 512.
    pub fn standard(rate_hz: u32) -> Framing {
        Framing { rate_hz, n_fft: 2048, hop_samples: 512 }
    }
}

/// Which mel bands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MelBands {
    /// By whose definition.
    pub definition: MelDefinition,
    /// How many, from 0 Hz to half the sampling rate.
    pub n_mels: usize,
}

impl MelBands {
    /// librosa's 128.
    pub const STANDARD: MelBands = MelBands { definition: MelDefinition::Librosa, n_mels: 128 };
}

/// Which octaves a spectral contrast is taken over.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Octaves {
    /// How many, above the lowest band.
    pub n_bands: usize,
    /// Upper end of the lowest band, Hz.
    pub fmin_hz: f64,
    /// Share of a band's bins that is its peak, and its valley.
    pub quantile: f64,
}

/// Everything that is planned for one framing. Threads share it by reference.
pub struct Plans {
    framing: Framing,
    stfts: Shelf<Pad, Stft>,
    banks: Shelf<MelBands, MelBank>,
    cepstra: Shelf<(usize, usize), Cepstrum>,
    chroma: Shelf<(usize, i32), ChromaBank>,
    contrasts: Shelf<Octaves, ContrastBank>,
    tempos: Shelf<(), TempoEstimator>,
    separators: Shelf<(), Separator>,
}

/// Steps of the tuning that chroma banks are made for: the grid of its estimate.
const TUNING_STEPS: f64 = 100.0;

impl Plans {
    /// Plans nothing yet: each piece is made when it is first asked for.
    pub fn new(framing: Framing) -> Plans {
        let (stfts, banks, cepstra, chroma) = Default::default();
        let (contrasts, tempos, separators) = Default::default();
        Plans { framing, stfts, banks, cepstra, chroma, contrasts, tempos, separators }
    }

    /// How signals are cut.
    pub fn framing(&self) -> Framing {
        self.framing
    }

    /// The transform.
    pub fn stft(&self, pad: Pad) -> Arc<Stft> {
        self.stfts.get(pad, || Stft::padded(self.framing.n_fft, self.framing.hop_samples, pad))
    }

    /// The mel filter bank.
    pub fn mel_bank(&self, bands: MelBands) -> Arc<MelBank> {
        let Framing { rate_hz, n_fft, .. } = self.framing;
        self.banks.get(bands, || MelBank::new(bands.definition, rate_hz, n_fft, bands.n_mels))
    }

    /// The cosines from `n_mels` bands to `n_mfcc` coefficients.
    pub fn cepstrum(&self, n_mfcc: usize, n_mels: usize) -> Arc<Cepstrum> {
        self.cepstra.get((n_mfcc, n_mels), || Cepstrum::new(n_mfcc, n_mels))
    }

    /// The pitch class filter bank for a tuning in fractions of a bin, taken to two decimals.
    pub fn chroma_bank(&self, n_chroma: usize, tuning: f64) -> Result<Arc<ChromaBank>, PitchError> {
        let step = (tuning * TUNING_STEPS).round();
        let Framing { rate_hz, n_fft, .. } = self.framing;
        let make = || ChromaBank::of_notes(n_chroma, rate_hz, n_fft, step / TUNING_STEPS);
        self.chroma.try_get((n_chroma, step as i32), make)
    }

    /// The octaves of a spectral contrast.
    pub fn contrast_bank(&self, octaves: Octaves) -> Result<Arc<ContrastBank>, ShapeError> {
        let Framing { rate_hz, n_fft, .. } = self.framing;
        let Octaves { n_bands, fmin_hz, quantile } = octaves;
        self.contrasts.try_get(octaves, || ContrastBank::new(rate_hz, n_fft, n_bands, fmin_hz, quantile))
    }

    /// The estimator of tempi, with librosa's prior.
    pub fn tempo(&self) -> Arc<TempoEstimator> {
        let Framing { rate_hz, hop_samples, .. } = self.framing;
        self.tempos.get((), || TempoEstimator::new(rate_hz, hop_samples, TempoPrior::default()))
    }

    /// What tells sustained from struck sound.
    pub fn separator(&self) -> Arc<Separator> {
        self.separators.get((), || Separator::new(self.framing.n_fft, self.framing.hop_samples))
    }
}

/// A few values by key, each made on first use.
struct Shelf<K, V>(RwLock<Vec<(K, Arc<V>)>>);

impl<K, V> Default for Shelf<K, V> {
    fn default() -> Shelf<K, V> {
        Shelf(RwLock::default())
    }
}

impl<K: PartialEq, V> Shelf<K, V> {
    fn get(&self, key: K, make: impl FnOnce() -> V) -> Arc<V> {
        match self.try_get(key, || Ok::<V, Infallible>(make())) {
            Ok(value) => value,
            Err(never) => match never {},
        }
    }

    fn try_get<E>(&self, key: K, make: impl FnOnce() -> Result<V, E>) -> Result<Arc<V>, E> {
        let find = |made: &[(K, Arc<V>)]| made.iter().find(|(of, _)| *of == key).map(|(_, value)| Arc::clone(value));
        if let Some(known) = find(&self.0.read().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(known);
        }
        let mut made = self.0.write().unwrap_or_else(PoisonError::into_inner);
        // Another thread may have made it while this one waited.
        if let Some(known) = find(&made) {
            return Ok(known);
        }
        let value = Arc::new(make()?);
        made.push((key, Arc::clone(&value)));
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_made_once() {
        let plans = Plans::new(Framing::standard(22_050));
        assert!(Arc::ptr_eq(&plans.stft(Pad::Zeros), &plans.stft(Pad::Zeros)));
        assert!(!Arc::ptr_eq(&plans.stft(Pad::Zeros), &plans.stft(Pad::Reflect)));
        let chroma = |tuning| plans.chroma_bank(12, tuning).expect("twelve classes");
        assert!(Arc::ptr_eq(&chroma(0.04), &chroma(0.040_000_1)) && !Arc::ptr_eq(&chroma(0.04), &chroma(0.05)));
        assert!(!Arc::ptr_eq(
            &plans.mel_bank(MelBands::STANDARD),
            &plans.mel_bank(MelBands { n_mels: 64, ..MelBands::STANDARD })
        ));
    }
}
