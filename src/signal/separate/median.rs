//! Running medians of a spectrogram over 31 frames or 31 bins, mirrored at the borders.
//! `scipy.ndimage.median_filter(mode="reflect")`: beyond an edge the values come back in reverse, the edge value twice.

use ndarray::{Array2, ArrayView2};

use super::network::{GROUP, KERNEL, Lanes, SPAN, medians};
use crate::signal::lanes::LANES;

/// Median over 31 frames of each bin, `[frames, bins]` of `[frames, bins]`. It keeps what lasts: tones.
pub fn along_frames(spectrogram: ArrayView2<f32>) -> Array2<f32> {
    filtered(spectrogram, GROUP, |values, bins, group, out| {
        let frames = values.len() / bins;
        let row = |i: usize| &values[mirrored(group * GROUP + i, frames) * bins..][..bins];
        group_of_frames(std::array::from_fn(row), out);
    })
}

/// Median over 31 bins of each frame, `[frames, bins]` of `[frames, bins]`. It keeps what is broad: beats and noise.
pub fn along_bins(spectrogram: ArrayView2<f32>) -> Array2<f32> {
    let mut columns = vec![[0.0; LANES]; spectrogram.ncols().next_multiple_of(GROUP) + KERNEL - 1];
    filtered(spectrogram, LANES, |values, bins, group, out| {
        gather(&values[group * LANES * bins..][..out.len()], bins, &mut columns);
        for (group, window) in columns.windows(SPAN).step_by(GROUP).enumerate() {
            let window = window.first_chunk().expect("windows are as long as the span");
            scatter(&medians(window), out, bins, group * GROUP);
        }
    })
}

/// Fills an array of the same shape, `rows` frames at a time: `fill(values, bins, index, out)`.
fn filtered(
    spectrogram: ArrayView2<f32>,
    rows: usize,
    mut fill: impl FnMut(&[f32], usize, usize, &mut [f32]),
) -> Array2<f32> {
    let (shape, bins) = (spectrogram.raw_dim(), spectrogram.ncols());
    let spectrogram = spectrogram.as_standard_layout();
    let values = spectrogram.as_slice().expect("the standard layout is a slice");
    let mut out = vec![0.0; values.len()];
    let blocks = out.chunks_mut((rows * bins).max(1)).enumerate();
    blocks.for_each(|(index, block)| fill(values, bins, index, block));
    Array2::from_shape_vec(shape, out).expect("as many values as before")
}

/// Medians over the frames around those of `out`, eight bins at a time.
fn group_of_frames(rows: [&[f32]; SPAN], out: &mut [f32]) {
    let bins = rows[0].len();
    for start in (0..bins).step_by(LANES) {
        let end = bins.min(start + LANES);
        let mut window = [[0.0; LANES]; SPAN];
        window.iter_mut().zip(rows).for_each(|(lanes, row)| copy(&row[start..end], lanes));
        for (values, row) in medians(&window).iter().zip(out.chunks_exact_mut(bins)) {
            copy(values, &mut row[start..end]);
        }
    }
}

/// Copies eight values, or as many as both have.
#[inline(always)]
fn copy(from: &[f32], to: &mut [f32]) {
    match (from.first_chunk::<LANES>(), to.first_chunk_mut::<LANES>()) {
        (Some(from), Some(to)) => *to = *from,
        _ => to.iter_mut().zip(from).for_each(|(to, from)| *to = *from),
    }
}

/// Eight frames side by side, `columns[bin + 15][frame]`, with their mirror images beyond both ends.
fn gather(frames: &[f32], bins: usize, columns: &mut [Lanes]) {
    for (lane, frame) in frames.chunks_exact(bins).enumerate() {
        columns[KERNEL / 2..].iter_mut().zip(frame).for_each(|(slot, value)| slot[lane] = *value);
    }
    for at in (0..KERNEL / 2).chain(KERNEL / 2 + bins..columns.len()) {
        columns[at] = columns[KERNEL / 2 + mirrored(at, bins)];
    }
}

/// The reverse of `gather` for the bins from `first` on: `medians[bin][frame]` to `out`, `[frames, bins]`.
fn scatter(medians: &[Lanes; GROUP], out: &mut [f32], bins: usize, first: usize) {
    for (lane, frame) in out.chunks_exact_mut(bins).enumerate() {
        frame[first..].iter_mut().zip(medians).for_each(|(slot, values)| *slot = values[lane]);
    }
}

/// Which of `len` values stands at `padded`, counted from 15 places before the first.
fn mirrored(padded: usize, len: usize) -> usize {
    let period = 2 * len;
    let at = (padded + period * KERNEL - KERNEL / 2) % period;
    at.min(period - 1 - at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;
    use proptest::prelude::{any, prop_assert_eq, proptest};

    /// The definition: 31 values around each one, sorted.
    fn naive(row: &[f32]) -> Vec<f32> {
        let reflected = |at: isize| {
            let at = at.rem_euclid(2 * row.len() as isize) as usize;
            row[at.min(2 * row.len() - 1 - at)]
        };
        let median = |centre: isize| {
            let mut window: Vec<f32> = (centre - 15..=centre + 15).map(reflected).collect();
            window.sort_by(f32::total_cmp);
            window[15]
        };
        (0..row.len() as isize).map(median).collect()
    }

    proptest! {
        #[test]
        fn both_directions_equal_the_definition(seed in any::<u64>(), frames in 1usize..70, bins in 1usize..70) {
            let values = Stream::new(seed, "median").uniforms(frames * bins, 0.0, 1.0);
            let spectrogram = Array2::from_shape_vec((frames, bins), values).expect("as many values");
            let (over_frames, over_bins) = (along_frames(spectrogram.view()), along_bins(spectrogram.view()));
            for (row, ours) in spectrogram.rows().into_iter().zip(over_bins.rows()) {
                prop_assert_eq!(naive(&row.to_vec()), ours.to_vec());
            }
            for (column, ours) in spectrogram.columns().into_iter().zip(over_frames.columns()) {
                prop_assert_eq!(naive(&column.to_vec()), ours.to_vec());
            }
        }
    }

    #[test]
    fn a_single_click_vanishes_and_an_empty_array_stays_empty() {
        let mut click = Array2::zeros((40, 40));
        click[(20, 20)] = 1.0;
        assert!(along_frames(click.view()).iter().chain(&along_bins(click.view())).all(|x| *x == 0.0));
        for shape in [(0, 5), (5, 0), (0, 0)] {
            assert_eq!(along_frames(Array2::zeros(shape).view()).dim(), shape);
            assert_eq!(along_bins(Array2::zeros(shape).view()).dim(), shape);
        }
    }
}
