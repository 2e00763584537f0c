//! Change of sampling rate, band-limited.
//! Overlap-add through the Fourier domain with a Blackman-Harris windowed sinc: rubato's synchronous resampler, in double
//! precision as the STFT, so that the program holds one set of transforms.

use audioadapter_buffers::direct::SequentialSlice;
use rubato::{Fft, FixedSync, Resampler};

/// Least length of a block in input samples: longer is sharper at the band edge, and slower for short clips.
const LEAST_BLOCK_SAMPLES: usize = 1024;

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
pub fn resample(samples: &[f32], from_hz: u32, to_hz: u32) -> Result<Vec<f32>, ResampleError> {
    if from_hz == to_hz {
        return Ok(samples.to_vec());
    }
    let (from, to, block) = (from_hz as usize, to_hz as usize, block_samples(from_hz, to_hz));
    let resampler = Fft::<f64>::new(from, to, block, 1, FixedSync::Both);
    let mut resampler = resampler.map_err(|_| ResampleError { from_hz, to_hz })?;
    let wide: Vec<f64> = samples.iter().map(|sample| f64::from(*sample)).collect();
    let input = SequentialSlice::new(&wide, 1, samples.len()).expect("one channel is as long as itself");
    let output = resampler.process_all(&input, samples.len(), None).expect("the buffers are the resampler's own");
    let mut samples_out: Vec<f32> = output.take_data().into_iter().map(|sample| sample as f32).collect();
    samples_out.resize(resampled_len(samples.len(), from_hz, to_hz), 0.0);
    Ok(samples_out)
}

/// Length of a block in input samples: an even number of the shortest blocks that both rates share. The filter's delay
/// is half a block, and rubato takes it off in whole samples: an odd block would shift the sound by half a sample.
fn block_samples(from_hz: u32, to_hz: u32) -> usize {
    let shortest = (from_hz / greatest_common_divisor(from_hz, to_hz).max(1)).max(1) as usize;
    shortest * LEAST_BLOCK_SAMPLES.div_ceil(shortest).next_multiple_of(2)
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
    use super::*;
    use proptest::prelude::{prop_assert_eq, proptest};

    fn tone(hz: f64, rate_hz: u32, len: usize) -> Vec<f32> {
        (0..len).map(|i| (0.5 * (std::f64::consts::TAU * hz * i as f64 / f64::from(rate_hz)).sin()) as f32).collect()
    }

    fn worst(a: &[f32], b: &[f32]) -> f32 {
        a.iter().zip(b).map(|(x, y)| (x - y).abs()).fold(0.0, f32::max)
    }

    #[test]
    fn a_tone_stays_in_place_and_in_level() {
        for (from_hz, to_hz) in
            [(44_100, 22_050), (48_000, 22_050), (22_050, 16_000), (11_025, 22_050), (8_000, 22_050)]
        {
            let output = resample(&tone(1_000.0, from_hz, from_hz as usize), from_hz, to_hz).expect("good rates");
            let ideal = tone(1_000.0, to_hz, to_hz as usize);
            assert_eq!(output.len(), ideal.len());
            let inner = 2_000..ideal.len() - 2_000;
            assert!(worst(&output[inner.clone()], &ideal[inner]) < 1e-5);
        }
    }

    #[test]
    fn tones_above_the_new_band_vanish() {
        let output = resample(&tone(15_000.0, 44_100, 44_100), 44_100, 22_050).expect("good rates");
        assert!(output[2_000..20_000].iter().all(|x| x.abs() < 1e-5));
    }

    #[test]
    fn nothing_gives_nothing_and_zero_rates_are_refused() {
        assert_eq!(resample(&[], 44_100, 22_050), Ok(Vec::new()));
        let error = resample(&[0.0], 44_100, 0).expect_err("zero rate");
        assert_eq!(error, ResampleError { from_hz: 44_100, to_hz: 0 });
        assert!(resample(&[0.0], 0, 44_100).is_err());
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
