//! Change of sampling rate, band-limited as `librosa.resample` is by default (libsoxr's `HQ`).
//! rubato's synchronous resampler, in double precision, changes the rate and keeps all of the band but its last
//! percent; a low-pass at the lower rate then bends the edge as soxr does: flat to 0.92 of half that rate, half the
//! amplitude at 0.957, nothing at 1. Without it the highest mel bands of resampled files would be far louder than
//! librosa's. The low-pass shapes are fits to the measured response of soxr 0.1.3.

mod lowpass;

use audioadapter_buffers::direct::SequentialSlice;
use rubato::{Fft, FixedSync, Resampler};

use self::lowpass::Lowpass;
use super::decode::Audio;

/// Least length of rubato's filter in samples of the lower rate: long enough to be flat where the low-pass is not yet
/// silent.
const LEAST_BLOCK_SAMPLES: usize = 2048;

/// Most samples of a block at the higher rate, where rates are too far apart for the least length: bounds the memory.
const MOST_BLOCK_SAMPLES: usize = 1 << 20;

/// The edge where soxr filters once: within 75 dB of it.
const ONE_STEP: Lowpass = Lowpass { cutoff: 0.956_87, reach_samples: 97.25, beta: 13.04 };

/// The edge where soxr filters and then interpolates between the phases of a second filter: within 65 dB of it, where
/// the rate falls to less than a quarter within 57 dB.
const TWO_STEPS: Lowpass = Lowpass { cutoff: 0.956_84, reach_samples: 110.0, beta: 15.95 };

/// Largest whole part of a proportion of rates that soxr brings about in one step; 4 : 1 takes it two.
const LARGEST_OF_ONE_STEP: usize = 4;

/// Two rates that cannot be converted into each other.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot resample from {from_hz} Hz to {to_hz} Hz; both rates must be above zero")]
pub struct ResampleError {
    /// Rate of the input.
    pub from_hz: u32,
    /// Rate asked for.
    pub to_hz: u32,
}

/// `samples` at `to_hz`: exactly ceil(n · to / from) of them, without delay. A rate that is already right copies.
/// Where n · to / from rounds down, the last sample is 0, as librosa has it.
pub fn resample(samples: &[f32], from_hz: u32, to_hz: u32) -> Result<Vec<f32>, ResampleError> {
    if from_hz == to_hz {
        return Ok(samples.to_vec());
    }
    let proportion = Proportion::new(from_hz, to_hz).ok_or(ResampleError { from_hz, to_hz })?;
    let lowpass = proportion.lowpass();
    let silence = lowpass.reach().div_ceil(proportion.from.min(proportion.to));
    let padded = padded(samples, silence * proportion.from);
    let output = match from_hz < to_hz {
        true => proportion.convert(&lowpass.apply(&padded)),
        false => lowpass.apply(&proportion.convert(&padded)),
    };
    let kept = output.into_iter().skip(silence * proportion.to).take(proportion.rounded(samples.len()));
    let mut samples_out: Vec<f32> = kept.map(|sample| sample as f32).collect();
    samples_out.resize(resampled_len(samples.len(), from_hz, to_hz), 0.0);
    Ok(samples_out)
}

/// The samples of `audio` at `to_hz`; a rate that is already right costs nothing.
pub fn at_rate(audio: Audio, to_hz: u32) -> Result<Vec<f32>, ResampleError> {
    if audio.rate_hz == to_hz { Ok(audio.samples) } else { resample(&audio.samples, audio.rate_hz, to_hz) }
}

/// `samples` between `silence_samples` zeros at each end, for the filters to ring in.
fn padded(samples: &[f32], silence_samples: usize) -> Vec<f64> {
    let silence = std::iter::repeat_n(0.0, silence_samples);
    silence.clone().chain(samples.iter().map(|sample| f64::from(*sample))).chain(silence).collect()
}

/// Two different rates in their lowest terms: the samples of the shortest block that both share.
#[derive(Clone, Copy)]
struct Proportion {
    from: usize,
    to: usize,
}

impl Proportion {
    /// None where a rate is 0.
    fn new(from_hz: u32, to_hz: u32) -> Option<Proportion> {
        let divisor = greatest_common_divisor(from_hz, to_hz);
        (from_hz > 0 && to_hz > 0)
            .then(|| Proportion { from: (from_hz / divisor) as usize, to: (to_hz / divisor) as usize })
    }

    /// soxr's edge between these rates.
    fn lowpass(self) -> Lowpass {
        let small = self.from.max(self.to) <= LARGEST_OF_ONE_STEP;
        if small && self.from < LARGEST_OF_ONE_STEP * self.to { ONE_STEP } else { TWO_STEPS }
    }

    /// `samples` at the other rate, without delay, band-limited by rubato alone.
    fn convert(self, samples: &[f64]) -> Vec<f64> {
        let resampler = Fft::<f64>::new(self.from, self.to, self.block_samples(), 1, FixedSync::Both);
        let mut resampler = resampler.expect("rates and block are above zero");
        let input = SequentialSlice::new(samples, 1, samples.len()).expect("one channel is as long as itself");
        let output = resampler.process_all(&input, samples.len(), None);
        output.expect("the buffers are the resampler's own").take_data()
    }

    /// Length of a block in input samples: an even number of the shortest blocks. The filter's delay is half a block,
    /// and rubato takes it off in whole samples: an odd block would shift the sound by half a sample.
    fn block_samples(self) -> usize {
        let sharp = LEAST_BLOCK_SAMPLES.div_ceil(self.from.min(self.to)).div_ceil(2);
        let affordable = MOST_BLOCK_SAMPLES / (2 * self.from.max(self.to));
        self.from * 2 * sharp.min(affordable.max(1))
    }

    /// round(len · to / from), halves upwards.
    fn rounded(self, len: usize) -> usize {
        ((2 * len as u128 * self.to as u128 + self.from as u128) / (2 * self.from as u128)) as usize
    }
}

fn greatest_common_divisor(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

/// Number of samples after resampling `len` of them: ceil(len · to / from), as librosa has it. `from_hz` must not be 0.
pub fn resampled_len(len: usize, from_hz: u32, to_hz: u32) -> usize {
    (len as u128 * u128::from(to_hz)).div_ceil(u128::from(from_hz)) as usize
}

#[cfg(test)]
mod tests {
    use ndarray::Array1;
    use ndarray_npy::{ReadableElement, read_npy};
    use proptest::prelude::{prop_assert_eq, proptest};

    use super::*;

    const RATES: [(u32, u32); 5] =
        [(44_100, 22_050), (48_000, 22_050), (22_050, 16_000), (11_025, 22_050), (8_000, 22_050)];

    fn tone(hz: f64, rate_hz: u32, len: usize) -> Vec<f32> {
        (0..len).map(|i| (0.5 * (std::f64::consts::TAU * hz * i as f64 / f64::from(rate_hz)).sin()) as f32).collect()
    }

    fn worst(a: &[f32], b: &[f32]) -> f32 {
        assert_eq!(a.len(), b.len());
        a.iter().zip(b).map(|(x, y)| (x - y).abs()).fold(0.0, f32::max)
    }

    /// Root mean square away from the ends, over that of a tone that passes whole.
    fn gain(output: &[f32]) -> f64 {
        let inner = &output[2_000..output.len() - 2_000];
        let power = inner.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>() / inner.len() as f64;
        (8.0 * power).sqrt()
    }

    /// Gain of a tone at `part` of half the lower rate.
    fn gain_at(part: f64, from_hz: u32, to_hz: u32) -> f64 {
        let hz = part * f64::from(from_hz.min(to_hz)) / 2.0;
        gain(&resample(&tone(hz, from_hz, from_hz as usize), from_hz, to_hz).expect("good rates"))
    }

    fn golden<T: ReadableElement>(name: &str) -> Vec<T> {
        let path = format!("{}/tests/golden/librosa/{name}.npy", env!("CARGO_MANIFEST_DIR"));
        let array: Array1<T> = read_npy(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        array.into_iter().collect()
    }

    #[test]
    fn noise_equals_librosa_s() {
        let noise: Vec<f32> = golden::<i16>("noise_samples").iter().map(|x| f32::from(*x) / 32_768.0).collect();
        for (from_hz, to_hz, error) in [(44_100, 22_050, 1e-5), (48_000, 22_050, 4e-4), (16_000, 22_050, 4e-4)] {
            let ours = resample(&noise[..1_500], from_hz, to_hz).expect("good rates");
            let theirs = golden::<f32>(&format!("resampled_{from_hz}_{to_hz}"));
            // soxr's second step starts without what rings before the first sample.
            assert!(worst(&ours[..4], &theirs[..4]) < 1e-2, "{from_hz} Hz");
            assert!(worst(&ours[4..], &theirs[4..]) < error, "{from_hz} Hz: {}", worst(&ours[4..], &theirs[4..]));
        }
    }

    #[test]
    fn a_tone_stays_in_place_and_in_level() {
        for (from_hz, to_hz) in RATES {
            let output = resample(&tone(1_000.0, from_hz, from_hz as usize), from_hz, to_hz).expect("good rates");
            let ideal = tone(1_000.0, to_hz, to_hz as usize);
            assert_eq!(output.len(), ideal.len());
            let inner = 2_000..ideal.len() - 2_000;
            assert!(worst(&output[inner.clone()], &ideal[inner]) < 1e-5);
        }
    }

    #[test]
    fn the_edge_of_the_band_is_soxr_s() {
        // soxr's gain at parts of half the lower rate, measured.
        let once = [(0.9, 1.0), (0.93, 0.991_5), (0.95, 0.718_2), (0.9565, 0.512_4), (0.97, 0.132_8), (0.99, 0.001_1)];
        let twice =
            [(0.9, 0.999_2), (0.93, 0.991_6), (0.95, 0.722), (0.9565, 0.511_9), (0.97, 0.126_6), (0.99, 0.000_8)];
        for (from_hz, to_hz) in RATES {
            let gains = if [(44_100, 22_050), (11_025, 22_050)].contains(&(from_hz, to_hz)) { once } else { twice };
            for (part, theirs) in gains {
                let ours = gain_at(part, from_hz, to_hz);
                assert!((ours - theirs).abs() < 2.5e-3, "{from_hz} to {to_hz} Hz at {part}: {ours}");
            }
        }
    }

    #[test]
    fn tones_above_the_new_band_vanish() {
        for part in [1.0, 1.002, 1.01, 1.3, 1.9] {
            assert!(gain_at(part, 44_100, 22_050) < 1e-5, "{part}");
            assert!(gain_at(part, 48_000, 22_050) < 1e-5, "{part}");
        }
    }

    #[test]
    fn nothing_gives_nothing_and_zero_rates_are_refused() {
        assert_eq!(resample(&[], 44_100, 22_050), Ok(Vec::new()));
        let error = resample(&[0.0], 44_100, 0).expect_err("zero rate");
        assert_eq!(error, ResampleError { from_hz: 44_100, to_hz: 0 });
        assert!(resample(&[0.0], 0, 44_100).is_err());
    }

    #[test]
    fn rates_far_apart_take_no_huge_blocks() {
        for (from_hz, to_hz) in [(1, 192_000), (192_000, 1), (8_000, 192_000), (44_101, 44_100)] {
            let proportion = Proportion::new(from_hz, to_hz).expect("no rate is 0");
            assert!(proportion.block_samples() / proportion.from * proportion.to <= MOST_BLOCK_SAMPLES);
            assert!(proportion.block_samples() <= MOST_BLOCK_SAMPLES);
        }
        assert_eq!(resample(&[0.1; 3], 1, 192_000).expect("good rates").len(), 576_000);
    }

    proptest! {
        #[test]
        fn length_is_the_ceiling(len in 0usize..5_000, from in 0usize..5, to in 0usize..5) {
            let rates = [8_000, 11_025, 22_050, 44_100, 48_000];
            let output = resample(&vec![0.1; len], rates[from], rates[to]).expect("good rates");
            prop_assert_eq!(output.len(), (len * rates[to] as usize).div_ceil(rates[from] as usize));
        }
    }
}
