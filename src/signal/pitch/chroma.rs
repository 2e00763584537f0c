//! Chroma: how strong each note of the octave is, all octaves added up.
//! Ellis, "Chroma feature analysis and synthesis" (2007), as `librosa.filters.chroma` and
//! `librosa.feature.chroma_stft`: a bin `d` notes from a note weighs `exp(−2·(d / w)²)`, w its width in notes but at
//! least 1; each bin's weights have length 1 and are scaled by `exp(−½·((octave − 5) / 2)²)`; each frame is divided by
//! its loudest note.

use ndarray::{Array2, ArrayView2, s};

use super::{A0_HZ, PitchError};
use crate::signal::lanes::{LANES, largest, total, vectorised};

/// Notes of the octave in Western music.
pub const N_CHROMA: usize = 12;

/// Octave above A0 in which bins count most, and how many octaves away they still count.
const CENTRE_OCTAVE: f64 = 5.0;
const OCTAVES_WIDE: f64 = 2.0;

/// Notes, and frames, whose products are formed in one go: every number that is read is used twice or three times.
const NOTES: usize = 3;
const FRAMES: usize = 2;

/// Weights from the bins of a spectrum to the notes of the octave, from C (where there are twelve).
#[derive(Clone, Debug, PartialEq)]
pub struct ChromaBank {
    n_chroma: usize,
    bins: usize,
    /// `[notes, bins]`; notes of zeros are added up to a multiple of [`NOTES`].
    weights: Vec<f32>,
}

impl ChromaBank {
    /// The bank of twelve notes, `tuning` of a note above A4 = 440 Hz. Errors where there are no samples.
    pub fn new(rate_hz: u32, n_fft: usize, tuning: f64) -> Result<ChromaBank, PitchError> {
        ChromaBank::of_notes(N_CHROMA, rate_hz, n_fft, tuning)
    }

    /// The bank of `n_chroma` notes an octave, `tuning` of such a note above A4 = 440 Hz. Errors where one is 0.
    pub fn of_notes(n_chroma: usize, rate_hz: u32, n_fft: usize, tuning: f64) -> Result<ChromaBank, PitchError> {
        if n_chroma == 0 || n_fft < 2 || rate_hz == 0 {
            return Err(PitchError::EmptyChroma { n_chroma, n_fft, rate_hz });
        }
        let bins = n_fft / 2 + 1;
        let mut weights = vec![0.0; n_chroma.next_multiple_of(NOTES) * bins];
        // Notes are counted from A; an octave of twelve, or of a multiple, is turned to begin at C.
        let turn = 3 * (n_chroma / 12);
        for bin in 0..bins {
            let column = Column::new(bin, n_chroma, rate_hz, n_fft, tuning);
            for (note, weight) in column.weights(n_chroma).into_iter().enumerate() {
                weights[(note + n_chroma - turn) % n_chroma * bins + bin] = weight as f32;
            }
        }
        Ok(ChromaBank { n_chroma, bins, weights })
    }

    /// Number of notes.
    pub fn n_chroma(&self) -> usize {
        self.n_chroma
    }

    /// Chroma `[frames, n_chroma]` of power `[frames, bins]`; the loudest note of each frame is 1, silence is 0.
    /// Errors where the number of bins is not the bank's.
    pub fn apply(&self, power: ArrayView2<f32>) -> Result<Array2<f32>, PitchError> {
        if power.ncols() != self.bins {
            return Err(PitchError::Bins { expected: self.bins, found: power.ncols() });
        }
        let mut chroma = Array2::zeros((power.nrows(), self.weights.len() / self.bins));
        let power = power.as_standard_layout();
        let power = power.as_slice().expect("the standard layout is a slice");
        let rows = chroma.as_slice_mut().expect("a new array is a slice");
        let rows = rows.chunks_mut(FRAMES * self.weights.len() / self.bins);
        power.chunks(FRAMES * self.bins).zip(rows).for_each(|(frames, notes)| self.apply_to(frames, notes));
        Ok(chroma.slice(s![.., ..self.n_chroma]).to_owned())
    }

    /// The notes of at most [`FRAMES`] frames.
    fn apply_to(&self, frames: &[f32], notes: &mut [f32]) {
        let stride = self.weights.len() / self.bins;
        let (first, last) = (&frames[..self.bins], &frames[frames.len() - self.bins..]);
        for (group, weights) in self.weights.chunks_exact(NOTES * self.bins).enumerate() {
            let sums = products([first, last], weights);
            for (row, sums) in notes.chunks_exact_mut(stride).zip(sums) {
                row[group * NOTES..][..NOTES].copy_from_slice(&sums);
            }
        }
        for row in notes.chunks_exact_mut(stride) {
            let loudest = largest(row);
            let loudest = if loudest < f32::MIN_POSITIVE { 1.0 } else { loudest };
            row.iter_mut().for_each(|note| *note /= loudest);
        }
    }
}

/// One bin, seen from the notes. Places are counted in notes above A0.
struct Column {
    place: f64,
    width: f64,
}

impl Column {
    fn new(bin: usize, n_chroma: usize, rate_hz: u32, n_fft: usize, tuning: f64) -> Column {
        let a0_hz = A0_HZ * (tuning / n_chroma as f64).exp2();
        let place = |bin: usize| {
            let hz = bin as f64 * (f64::from(rate_hz) / n_fft as f64);
            n_chroma as f64 * (hz / a0_hz).log2()
        };
        // 0 Hz has no pitch: it is put one and a half octaves below the first bin, too wide to tell the notes apart.
        let lowest = place(1) - 1.5 * n_chroma as f64;
        let here = if bin == 0 { lowest } else { place(bin) };
        let width = if bin + 1 < n_fft { (place(bin + 1) - here).max(1.0) } else { 1.0 };
        Column { place: here, width }
    }

    /// The weight of this bin for each note from A.
    fn weights(&self, n_chroma: usize) -> Vec<f64> {
        let (notes, half) = (n_chroma as f64, (n_chroma as f64 / 2.0).round_ties_even());
        let bump = |note: usize| {
            let distance = (self.place - note as f64 + half).rem_euclid(notes) - half;
            (-0.5 * (2.0 * distance / self.width).powi(2)).exp()
        };
        let bumps: Vec<f64> = (0..n_chroma).map(bump).collect();
        let length = bumps.iter().map(|b| b * b).sum::<f64>().sqrt();
        let length = if length < f64::MIN_POSITIVE { 1.0 } else { length };
        let far = (self.place / notes - CENTRE_OCTAVE) / OCTAVES_WIDE;
        bumps.into_iter().map(|b| b / length * (-0.5 * far * far).exp()).collect()
    }
}

/// Scalar products of the frames with the rows of `weights`, which lie one after another.
fn products(frames: [&[f32]; FRAMES], weights: &[f32]) -> [[f32; NOTES]; FRAMES] {
    let bins = frames[0].len();
    let rest = bins - bins % LANES..bins;
    let mut sums = partial_products(frames, weights).map(|notes| notes.map(total));
    for (frame, sums) in frames.into_iter().zip(&mut sums) {
        for (note, sum) in weights.chunks_exact(bins).zip(sums) {
            *sum +=
                frame[rest.clone()].iter().zip(&note[rest.clone()]).map(|(power, weight)| power * weight).sum::<f32>();
        }
    }
    sums
}

vectorised! {
    /// The same lane by lane, but for the bins that do not fill the lanes. The lanes are left to the caller to add up:
    /// where that is done here, the compiler does not see that each is one register.
    #[inline(never)]
    fn partial_products(frames: [&[f32]; FRAMES], weights: &[f32]) -> [[[f32; LANES]; NOTES]; FRAMES] {
        let bins = frames[0].len();
        let [x, y] = frames.map(|frame| frame.as_chunks::<LANES>().0);
        let note = |note: usize| weights[note * bins..(note + 1) * bins].as_chunks::<LANES>().0;
        let mut lanes = [[[0.0f32; LANES]; NOTES]; FRAMES];
        for ((((x, y), a), b), c) in x.iter().zip(y).zip(note(0)).zip(note(1)).zip(note(2)) {
            for (note, weights) in [a, b, c].into_iter().enumerate() {
                add_products(&mut lanes[0][note], x, weights);
                add_products(&mut lanes[1][note], y, weights);
            }
        }
        lanes
    }
}

#[inline(always)]
fn add_products(sums: &mut [f32; LANES], values: &[f32; LANES], weights: &[f32; LANES]) {
    (0..LANES).for_each(|lane| sums[lane] += values[lane] * weights[lane]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{any, prop_assert, proptest};

    /// The note of a tone: all power in the bin nearest to `hz`.
    fn loudest_note(hz: f64, tuning: f64) -> usize {
        let bank = ChromaBank::new(22_050, 1 << 15, tuning).expect("librosa's own settings");
        let mut power = Array2::zeros((1, (1 << 14) + 1));
        power[(0, (hz / 22_050.0 * 32_768.0).round() as usize)] = 4.0;
        let chroma = bank.apply(power.view()).expect("as many bins");
        (0..12).find(|note| chroma[(0, *note)] == 1.0).expect("the loudest note is 1")
    }

    #[test]
    fn tones_have_their_note_in_every_octave() {
        for octave in [0.5, 1.0, 2.0, 8.0] {
            assert_eq!([261.63, 329.63, 440.0, 493.88].map(|hz| loudest_note(hz * octave, 0.0)), [0, 4, 9, 11]);
        }
        // A quarter tone above A is nearer to A where A itself is tuned up, nearer to B flat where it is tuned down.
        assert_eq!([0.4, -0.4].map(|tuning| loudest_note(440.0 * 2f64.powf(0.5 / 12.0), tuning)), [9, 10]);
    }

    #[test]
    fn silence_has_no_notes_and_no_frames_give_none() {
        let bank = ChromaBank::new(22_050, 2048, 0.0).expect("librosa's own settings");
        assert_eq!(bank.apply(Array2::zeros((3, 1025)).view()), Ok(Array2::zeros((3, 12))));
        assert_eq!(bank.apply(Array2::zeros((0, 1025)).view()).map(|chroma| chroma.dim()), Ok((0, 12)));
    }

    #[test]
    fn empty_banks_and_other_spectra_are_refused() {
        for (n_chroma, rate_hz, n_fft) in [(0, 22_050, 2048), (12, 0, 2048), (12, 22_050, 1)] {
            let error = ChromaBank::of_notes(n_chroma, rate_hz, n_fft, 0.0).expect_err("nothing to add up");
            assert_eq!(error, PitchError::EmptyChroma { n_chroma, n_fft, rate_hz });
        }
        let bank = ChromaBank::new(22_050, 512, 0.0).expect("257 bins");
        assert_eq!(bank.apply(Array2::zeros((1, 9)).view()), Err(PitchError::Bins { expected: 257, found: 9 }));
    }

    proptest! {
        #[test]
        fn lanes_and_plain_sums_agree(
            seed in any::<u64>(),
            n_chroma in 1usize..15,
            half in 1usize..40,
            frames in 1usize..6,
        ) {
            let bins = half + 1;
            let bank = ChromaBank::of_notes(n_chroma, 8_000, 2 * half, 0.1).expect("not empty");
            let draws = crate::random::Stream::new(seed, "chroma").uniforms(frames * bins, 0.0, 9.0);
            let power = Array2::from_shape_vec((frames, bins), draws).expect("as many draws");
            let chroma = bank.apply(power.view()).expect("as many bins");
            let weights = ArrayView2::from_shape((bank.weights.len() / bins, bins), &bank.weights).expect("rows");
            let naive = power.mapv(f64::from).dot(&weights.mapv(f64::from).t());
            for (row, naive) in chroma.rows().into_iter().zip(naive.rows()) {
                let loudest = naive.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
                prop_assert!(row.iter().zip(naive).all(|(a, b)| (f64::from(*a) - b / loudest).abs() < 1e-6));
            }
        }
    }
}
