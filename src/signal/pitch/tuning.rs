//! Tuning: how far the pitches of a sound lie from the notes of A4 = 440 Hz, in parts of a note.
//! As `librosa.estimate_tuning(S=...)`: peaks of the spectrum between 150 Hz and 4 kHz that are above a tenth of the
//! frame's largest value, placed by the parabola through three bins; of those at least as high as the median, the
//! commonest remainder of a note, on a grid of 0.01. Its steps are rounded as librosa rounds them, in single precision:
//! a peak beside an edge of the grid falls on the same side.

use ndarray::ArrayView2;

use super::A0_HZ;
use crate::signal::lanes::{LANES, each_frame, largest, vectorised};

/// Where pitches are looked for.
const LOW_HZ: f64 = 150.0;
const HIGH_HZ: f64 = 4000.0;

/// Share of the frame's largest value that a peak must exceed.
const LEAST_SHARE: f32 = 0.1;

/// Steps of the grid over one note.
const STEPS: usize = 100;

/// Bins that are looked at together for a peak.
const BLOCK: usize = 2 * LANES;

/// A pitch and how strong it is.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Peak {
    hz: f32,
    height: f32,
}

/// Tuning in notes, from −0.5 to 0.49, of power (or magnitude) `[frames, bins]`; `bins_per_octave` notes make an
/// octave. Sound without pitches is in tune, 0.
pub fn tuning(power: ArrayView2<f32>, rate_hz: u32, n_fft: usize, bins_per_octave: usize) -> f64 {
    let finder = PeakFinder::new(rate_hz, n_fft, power.ncols());
    let mut peaks = Vec::new();
    each_frame(power, |bins| finder.find(bins, &mut peaks));
    let mut counts = [0usize; STEPS];
    if let Some(least) = median_height(&peaks) {
        let high = peaks.iter().filter(|peak| peak.height >= least && peak.hz > 0.0);
        high.for_each(|peak| counts[step(remainder(peak.hz, bins_per_octave))] += 1);
    }
    let commonest = counts.iter().copied().max().filter(|count| *count > 0);
    commonest.and_then(|most| counts.iter().position(|count| *count == most)).map_or(0.0, |step| edge(step as i32))
}

/// Looks for pitches in spectra of one size.
struct PeakFinder {
    first: usize,
    end: usize,
    rate_hz: f64,
    n_fft: f64,
}

impl PeakFinder {
    fn new(rate_hz: u32, n_fft: usize, bins: usize) -> PeakFinder {
        let (rate_hz, n_fft) = (f64::from(rate_hz), n_fft.max(1) as f64);
        // As numpy.fft.rfftfreq rounds.
        let bin_hz = 1.0 / (n_fft * (1.0 / rate_hz));
        let from = |edge_hz: f64| (0..bins).find(|bin| *bin as f64 * bin_hz >= edge_hz).unwrap_or(bins);
        PeakFinder { first: from(LOW_HZ).max(1), end: from(HIGH_HZ.min(rate_hz / 2.0)), rate_hz, n_fft }
    }

    /// Adds the peaks of one frame to `peaks`, from low to high.
    fn find(&self, bins: &[f32], peaks: &mut Vec<Peak>) {
        let least = LEAST_SHARE * largest(bins);
        let end = self.end.min(bins.len().saturating_sub(1));
        let mut start = self.first;
        while start < end {
            let stop = (start + BLOCK).min(end);
            let mut tops = tops(&bins[start - 1..stop + 1], least);
            while tops != 0 {
                let bin = start + tops.trailing_zeros() as usize;
                peaks.push(self.interpolate(bin, &bins[bin - 1..bin + 2]));
                tops &= tops - 1;
            }
            start = stop;
        }
        self.find_last(bins, least, peaks);
    }

    /// The last bin has one neighbour only; it is searched where half the rate is below [`HIGH_HZ`].
    fn find_last(&self, bins: &[f32], least: f32, peaks: &mut Vec<Peak>) {
        if self.end == bins.len()
            && let [.., before, last] = bins
            && bins.len() > self.first
            && *last > least
            && last > before
        {
            let hz = ((bins.len() - 1) as f64 * self.rate_hz / self.n_fft) as f32;
            peaks.push(Peak { hz, height: *last });
        }
    }

    /// Top of the parabola through three bins. Where that is further than a bin away, the middle bin itself.
    fn interpolate(&self, bin: usize, around: &[f32]) -> Peak {
        let (before, middle, after) = (around[0], around[1], around[2]);
        let curvature = f64::from(after + before) - 2.0 * f64::from(middle);
        let slope = f64::from(after - before) / 2.0;
        let shift = if slope.abs() >= curvature.abs() { 0.0 } else { (-slope / curvature) as f32 };
        let hz = (f64::from(bin as u32) + f64::from(shift)) * self.rate_hz / self.n_fft;
        Peak { hz: hz as f32, height: middle + 0.5 * ((after - before) / 2.0) * shift }
    }
}

/// Above `least`, above the bin before, and no lower than the bin after.
#[inline(always)]
fn is_peak(around: &[f32], least: f32) -> bool {
    around[1] > least && around[1] > around[0] && around[1] >= around[2]
}

vectorised! {
    /// The peaks among at most [`BLOCK`] bins as the set bits of a number; the first and the last of `bins` are only
    /// neighbours.
    fn tops(bins: &[f32], least: f32) -> u32 {
        let bit = |k: usize, is_peak: bool| if is_peak { 1u32 << k } else { 0 };
        let Some(around) = bins.first_chunk::<{ BLOCK + 2 }>() else {
            return bins.windows(3).enumerate().fold(0, |bits, (k, around)| bits | bit(k, is_peak(around, least)));
        };
        (0..BLOCK).fold(0, |bits, k| {
            let [before, middle, after] = [around[k], around[k + 1], around[k + 2]];
            bits | bit(k, (middle > least) & (middle > before) & (middle >= after))
        })
    }
}

/// The median of the heights; the mean of the two in the middle where their number is even.
fn median_height(peaks: &[Peak]) -> Option<f32> {
    let mut heights: Vec<f32> = peaks.iter().map(|peak| peak.height).collect();
    let middle = heights.len() / 2;
    let is_even = heights.len().is_multiple_of(2);
    if heights.is_empty() {
        return None;
    }
    let (below, median, _) = heights.select_nth_unstable_by(middle, f32::total_cmp);
    let before = below.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    Some(if is_even { (before + *median) / 2.0 } else { *median })
}

/// Distance of a pitch to the nearest note, in notes, from −0.5 to 0.5.
fn remainder(hz: f32, bins_per_octave: usize) -> f32 {
    let notes = bins_per_octave as f32 * (hz / A0_HZ as f32).log2();
    let fraction = notes - (notes as i32) as f32;
    if fraction >= 0.5 { fraction - 1.0 } else { fraction }
}

/// Lower edge of a step of the grid.
fn edge(step: i32) -> f64 {
    f64::from(step) * (1.0 / STEPS as f64) - 0.5
}

/// The step of the grid that a remainder falls into.
fn step(remainder: f32) -> usize {
    let remainder = f64::from(remainder);
    let near = ((remainder + 0.5) * STEPS as f64) as i32;
    let step = near + i32::from(edge(near + 1) <= remainder) - i32::from(edge(near) > remainder);
    step.clamp(0, STEPS as i32 - 1) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::stft::Stft;
    use ndarray::Array2;
    use proptest::prelude::{any, prop_assert_eq, proptest};

    fn of_tone(hz: f64, notes: usize) -> f64 {
        let sine = |n: usize| (0.5 * (std::f64::consts::TAU * hz * n as f64 / 22_050.0).sin()) as f32;
        let samples: Vec<f32> = (0..22_050).map(sine).collect();
        tuning(Stft::new(2048, 512).magnitude(&samples).view(), 22_050, 2048, notes)
    }

    #[test]
    fn mistuned_tones_are_heard() {
        // The parabola through magnitudes is right within a few hundredths of a note.
        for (hz, expected) in
            [(1760.0, 0.0), (1760.0 * 2f64.powf(0.3 / 12.0), 0.3), (1760.0 * 2f64.powf(-0.4 / 12.0), -0.4)]
        {
            assert!((of_tone(hz, 12) - expected).abs() < 0.05, "{hz}: {}", of_tone(hz, 12));
        }
        assert!((of_tone(1760.0 * 2f64.powf(0.1 / 12.0), 24) - 0.2).abs() < 0.1);
    }

    #[test]
    fn silence_and_constants_are_in_tune() {
        assert_eq!(tuning(Array2::zeros((3, 1025)).view(), 22_050, 2048, 12), 0.0);
        assert_eq!(tuning(Array2::from_elem((3, 1025), 2.0).view(), 22_050, 2048, 12), 0.0);
        for bins in 0..4 {
            assert_eq!(tuning(Array2::zeros((2, bins)).view(), 22_050, 0, 0), 0.0);
        }
    }

    #[test]
    fn steps_begin_at_their_edges() {
        assert_eq!([-0.5, -0.494, -0.01, 0.0, 0.4999, 0.5].map(step), [0, 0, 49, 50, 99, 99]);
        assert_eq!(edge(50), 0.0);
    }

    #[test]
    fn the_median_of_two_is_their_mean() {
        let peaks =
            |heights: &[f32]| heights.iter().map(|height| Peak { hz: 1.0, height: *height }).collect::<Vec<_>>();
        assert_eq!(median_height(&peaks(&[4.0, 1.0])), Some(2.5));
        assert_eq!(median_height(&peaks(&[4.0, 1.0, 9.0])), Some(4.0));
        assert_eq!(median_height(&[]), None);
    }

    proptest! {
        #[test]
        fn blocks_and_single_bins_give_the_same_peaks(
            seed in any::<u64>(),
            bins in 3usize..120,
            rate_hz in 2_000u32..30_000,
        ) {
            let draws = crate::random::Stream::new(seed, "tuning").uniforms(bins, 0.0, 9.0);
            let finder = PeakFinder::new(rate_hz, 2 * bins - 1, bins);
            let least = LEAST_SHARE * draws.iter().copied().fold(0.0, f32::max);
            let inner = (finder.first..finder.end.min(bins - 1)).filter(|bin| is_peak(&draws[bin - 1..bin + 2], least));
            let mut naive: Vec<Peak> = inner.map(|bin| finder.interpolate(bin, &draws[bin - 1..bin + 2])).collect();
            finder.find_last(&draws, least, &mut naive);
            let mut peaks = Vec::new();
            finder.find(&draws, &mut peaks);
            prop_assert_eq!(peaks, naive);
        }
    }
}
