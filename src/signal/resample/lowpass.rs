//! Linear-phase low-pass: a sinc under a Kaiser window (Kaiser 1974), applied without delay through the Fourier domain.
//! `h[n] = sinc(c·n) · I0(β·√(1 − (n/r)²)) / I0(β)` for whole `|n| ≤ r`, scaled to a sum of 1; `c` is the frequency of
//! half the amplitude over half the sampling rate, `r` the reach in samples, not necessarily whole.

use std::f64::consts::PI;

use realfft::RealFftPlanner;

/// Length of a block in the Fourier domain, in samples.
const BLOCK_SAMPLES: usize = 2048;

/// Shape of a low-pass.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Lowpass {
    /// Frequency of half the amplitude, over half the sampling rate.
    pub(super) cutoff: f64,
    /// How far the impulse response reaches to either side, in samples: below `BLOCK_SAMPLES / 2`.
    pub(super) reach_samples: f64,
    /// Kaiser's β: larger suppresses more above the band, and is less steep.
    pub(super) beta: f64,
}

impl Lowpass {
    /// `samples` without what lies above the band; as long as they are, silence before and after them.
    pub(super) fn apply(&self, samples: &[f64]) -> Vec<f64> {
        let planner = &mut RealFftPlanner::new();
        let (forward, inverse) = (planner.plan_fft_forward(BLOCK_SAMPLES), planner.plan_fft_inverse(BLOCK_SAMPLES));
        let (mut block, mut spectrum) = (forward.make_input_vec(), forward.make_output_vec());
        let mut scratch = vec![Default::default(); forward.get_scratch_len().max(inverse.get_scratch_len())];
        self.wrap(&mut block);
        let planned = "the buffers are the plans' own";
        forward.process_with_scratch(&mut block, &mut spectrum, &mut scratch).expect(planned);
        let gains: Vec<f64> = spectrum.iter().map(|value| value.re).collect();
        let mut output = vec![0.0; samples.len()];
        for (index, filtered) in output.chunks_mut(BLOCK_SAMPLES - 2 * self.reach()).enumerate() {
            self.cut(samples, index, &mut block);
            forward.process_with_scratch(&mut block, &mut spectrum, &mut scratch).expect(planned);
            spectrum.iter_mut().zip(&gains).for_each(|(value, gain)| *value *= *gain);
            inverse.process_with_scratch(&mut spectrum, &mut block, &mut scratch).expect(planned);
            filtered.copy_from_slice(&block[self.reach()..][..filtered.len()]);
        }
        output
    }

    /// The impulse response's whole reach to either side, in samples.
    pub(super) fn reach(&self) -> usize {
        self.reach_samples as usize
    }

    /// The impulse response from its middle on, `[reach + 1]`; the other side mirrors it.
    fn half_response(&self) -> Vec<f64> {
        let response: Vec<f64> = (0..=self.reach()).map(|n| self.tap(n as f64)).collect();
        let sum = response[0] + 2.0 * response[1..].iter().sum::<f64>();
        response.into_iter().map(|tap| tap / sum).collect()
    }

    fn tap(&self, n: f64) -> f64 {
        let window = bessel_i0(self.beta * (1.0 - (n / self.reach_samples).powi(2)).max(0.0).sqrt());
        let angle = PI * self.cutoff * n;
        if n == 0.0 { window } else { window * angle.sin() / angle }
    }

    /// Fills `block` with the impulse response around its first sample, so that its spectrum is real, and with the
    /// scale that the pair of transforms leaves out.
    fn wrap(&self, block: &mut [f64]) {
        let len = block.len();
        block.fill(0.0);
        for (n, tap) in self.half_response().into_iter().enumerate() {
            block[n] = tap / len as f64;
            block[(len - n) % len] = tap / len as f64;
        }
    }

    /// Copies what block `index` of the output depends on: its samples and the reach to either side.
    fn cut(&self, samples: &[f64], index: usize, block: &mut [f64]) {
        let first = index * (BLOCK_SAMPLES - 2 * self.reach());
        let before = self.reach().saturating_sub(first);
        let inside = &samples[(first + before - self.reach())..samples.len().min(first + block.len() - self.reach())];
        let end = before + inside.len();
        block[..before].fill(0.0);
        block[before..end].copy_from_slice(inside);
        block[end..].fill(0.0);
    }
}

/// The modified Bessel function of the first kind and order 0: `Σ_k ((x/2)^k / k!)²`.
fn bessel_i0(x: f64) -> f64 {
    let term = |last: &mut f64, k: u32| {
        *last *= (x / 2.0 / f64::from(k)).powi(2);
        (*last > f64::EPSILON).then_some(*last)
    };
    1.0 + (1..).scan(1.0, term).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert, proptest};

    use super::*;
    use crate::random::Stream;

    const LOWPASS: Lowpass = Lowpass { cutoff: 0.9, reach_samples: 40.5, beta: 12.0 };

    fn noise(len: usize) -> Vec<f64> {
        Stream::new(7, "lowpass").uniforms(len, -1.0, 1.0).into_iter().map(f64::from).collect()
    }

    /// The sum over the impulse response, sample by sample.
    fn convolved(samples: &[f64], lowpass: &Lowpass) -> Vec<f64> {
        let half = lowpass.half_response();
        let near = |n: usize| n.saturating_sub(lowpass.reach())..samples.len().min(n + lowpass.reach() + 1);
        (0..samples.len()).map(|n| near(n).map(|m| samples[m] * half[n.abs_diff(m)]).sum()).collect()
    }

    #[test]
    fn bessel_has_the_tabulated_values() {
        for (x, value) in [(0.0, 1.0), (1.0, 1.266_065_877_752_008_4), (10.0, 2_815.716_628_466_254)] {
            assert!((bessel_i0(x) / value - 1.0).abs() < 1e-14, "{x}");
        }
    }

    #[test]
    fn a_constant_keeps_its_level_and_silence_is_silent() {
        let output = LOWPASS.apply(&[0.5; 5_000]);
        assert!(output[41..4_959].iter().all(|x| (x - 0.5).abs() < 1e-14));
        assert!(LOWPASS.apply(&[0.0; 3_000]).iter().all(|x| *x == 0.0));
        assert_eq!(LOWPASS.apply(&[]), Vec::<f64>::new());
    }

    #[test]
    fn the_fastest_alternation_is_gone() {
        let alternation: Vec<f64> = (0..5_000).map(|n| if n % 2 == 0 { 1.0 } else { -1.0 }).collect();
        assert!(LOWPASS.apply(&alternation)[41..4_959].iter().all(|x| x.abs() < 1e-5));
    }

    #[test]
    fn an_impulse_becomes_the_response_around_itself() {
        let mut impulse = vec![0.0; 101];
        impulse[50] = 1.0;
        let output = LOWPASS.apply(&impulse);
        assert!((output[50] - LOWPASS.half_response()[0]).abs() < 1e-14);
        assert!((0..50).all(|n| (output[50 - n] - output[50 + n]).abs() < 1e-14));
    }

    proptest! {
        #[test]
        fn blocks_join_into_the_plain_convolution(len in 0usize..6_000) {
            let samples = noise(len);
            let plain = convolved(&samples, &LOWPASS);
            prop_assert!(LOWPASS.apply(&samples).iter().zip(&plain).all(|(a, b)| (a - b).abs() < 1e-12));
        }
    }
}
