//! Overlapping windows of log-mel maps joined to one longer map, before it is made a sound.
//!
//! Each window is dB below its own loudest band, so where two overlap they are first brought to one level: the later one
//! is shifted by the mean difference of the cells that are audible in both. Then they are cross-faded in dB,
//! `out[t] = Σ_w r_w[t] · x_w[t] / Σ_w r_w[t]`, with r rising linearly over the overlap and falling likewise.

use ndarray::{Array2, ArrayView2, Axis, s};

use super::VocoderError;
use crate::signal::decibel::TOP_DB;

/// The map `[bands, step_frames · (windows − 1) + frames]` of `windows` `[bands, frames]` that start `step_frames`
/// apart, in dB below its own loudest band, −80 to 0. No windows give an empty map.
///
/// # Errors
/// Windows of several shapes, and a step of 0 or of more frames than a window has.
pub fn join(windows: &[ArrayView2<f32>], step_frames: usize) -> Result<Array2<f32>, VocoderError> {
    let Some(first) = windows.first() else { return Ok(Array2::zeros((0, 0))) };
    let (bands, frames) = first.dim();
    if let Some(other) = windows.iter().find(|window| window.dim() != (bands, frames)) {
        return Err(VocoderError::Shapes { expected: (bands, frames), found: other.dim() });
    }
    if step_frames == 0 || step_frames > frames {
        return Err(VocoderError::Step { step_frames, window_frames: frames });
    }
    Ok(below_loudest(faded(windows, &levels(windows, step_frames), step_frames)))
}

/// What is added to each window so that all are at the level of the first, dB.
fn levels(windows: &[ArrayView2<f32>], step_frames: usize) -> Vec<f32> {
    let mut levels = vec![0.0; windows.len()];
    for (at, pair) in windows.windows(2).enumerate() {
        let overlap = pair[0].ncols() - step_frames;
        let (before, after) = (pair[0].slice(s![.., step_frames..]), pair[1].slice(s![.., ..overlap]));
        levels[at + 1] = levels[at] + mean_difference(before, after);
    }
    levels
}

/// The mean of `before − after` over the cells that lie above the floor in both; 0 where none does.
fn mean_difference(before: ArrayView2<f32>, after: ArrayView2<f32>) -> f32 {
    let audible = |(a, b): &(&f32, &f32)| **a > -TOP_DB && **b > -TOP_DB && (**a - **b).is_finite();
    let differences = before.iter().zip(after).filter(audible).map(|(a, b)| f64::from(*a) - f64::from(*b));
    let (sum, count) = differences.fold((0.0, 0usize), |(sum, count), x| (sum + x, count + 1));
    (sum / count.max(1) as f64) as f32
}

/// The weighted mean of all windows.
fn faded(windows: &[ArrayView2<f32>], levels: &[f32], step_frames: usize) -> Array2<f32> {
    let (bands, frames) = windows[0].dim();
    let length = step_frames * (windows.len() - 1) + frames;
    let (mut sum, mut total) = (Array2::zeros((bands, length)), vec![0.0f32; length]);
    for (at, (window, level)) in windows.iter().zip(levels).enumerate() {
        for (frame, column) in window.axis_iter(Axis(1)).enumerate() {
            let weight = weight(frame, frames, frames - step_frames);
            total[at * step_frames + frame] += weight;
            sum.column_mut(at * step_frames + frame).scaled_add(weight, &(&column + *level));
        }
    }
    sum.axis_iter_mut(Axis(1)).zip(total).for_each(|(mut column, total)| column /= total);
    sum
}

/// The weight of a frame of a window: rises over the `overlap` at its beginning and falls over that at its end.
fn weight(frame: usize, frames: usize, overlap: usize) -> f32 {
    let from_end = (frame + 1).min(frames - frame);
    (from_end as f32 / (overlap + 1) as f32).min(1.0)
}

fn below_loudest(mut map: Array2<f32>) -> Array2<f32> {
    let loudest = map.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    map.mapv_inplace(|db| (db - loudest).max(-TOP_DB));
    map
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;
    use proptest::prelude::{any, prop_assert, proptest};

    fn noise(seed: u64, bands: usize, frames: usize) -> Array2<f32> {
        let values = Stream::new(seed, "join").uniforms(bands * frames, -60.0, -10.0);
        below_loudest(Array2::from_shape_vec((bands, frames), values).expect("all cells"))
    }

    /// `count` windows of `map`, each below its own loudest.
    fn windows(map: &Array2<f32>, frames: usize, step: usize, count: usize) -> Vec<Array2<f32>> {
        (0..count).map(|at| below_loudest(map.slice(s![.., at * step..at * step + frames]).to_owned())).collect()
    }

    fn joined(windows: &[Array2<f32>], step: usize) -> Result<Array2<f32>, VocoderError> {
        join(&windows.iter().map(|window| window.view()).collect::<Vec<_>>(), step)
    }

    proptest! {
        #[test]
        fn windows_of_one_map_give_it_back(seed in any::<u64>(), frames in 2usize..12, step in 1usize..11, count in 1usize..6) {
            let step = step.min(frames - 1);
            let map = noise(seed, 5, step * (count - 1) + frames);
            let back = joined(&windows(&map, frames, step, count), step).expect("one shape");
            prop_assert!(back.dim() == map.dim() && back.iter().zip(&map).all(|(a, b)| (a - b).abs() < 1e-3));
        }
    }

    #[test]
    fn two_windows_are_cross_faded_over_their_overlap() {
        // Both windows have the same mean over the overlap, so only the fade acts.
        let before = Array2::from_shape_vec((2, 4), vec![0.0, 0.0, 0.0, 0.0, -30.0, -30.0, -30.0, -30.0]);
        let after = Array2::from_shape_vec((2, 4), vec![-30.0, -30.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
        let joined = joined(&[before, after].map(|map| map.expect("eight cells")), 2).expect("one shape");
        let expected = [[0.0, 0.0, -10.0, -20.0, 0.0, 0.0], [-30.0, -30.0, -20.0, -10.0, 0.0, 0.0]];
        joined.iter().zip(expected.concat()).for_each(|(a, b)| assert!((a - b).abs() < 1e-4, "{a} {b}"));
    }

    #[test]
    fn windows_without_overlap_stand_side_by_side() {
        let parts = [noise(1, 3, 4), noise(2, 3, 4)];
        let joined = joined(&parts, 4).expect("one shape");
        assert_eq!(joined.slice(s![.., ..4]), parts[0]);
        assert_eq!(joined.slice(s![.., 4..]), parts[1]);
    }

    #[test]
    fn silent_windows_do_no_harm() {
        let silence = Array2::from_elem((3, 4), -TOP_DB);
        let joined = joined(&[noise(1, 3, 4), silence.clone(), silence], 2).expect("one shape");
        assert!(joined.iter().all(|db| (-TOP_DB..=0.0).contains(db)));
        assert_eq!(joined.dim(), (3, 8));
        assert!(join(&[], 1).expect("nothing to join").is_empty());
    }

    #[test]
    fn gaps_and_several_shapes_are_refused() {
        let parts = [noise(1, 3, 4), noise(2, 3, 4)];
        for step_frames in [0, 5] {
            assert_eq!(joined(&parts, step_frames), Err(VocoderError::Step { step_frames, window_frames: 4 }));
        }
        let shapes = VocoderError::Shapes { expected: (3, 4), found: (3, 5) };
        assert_eq!(joined(&[noise(1, 3, 4), noise(2, 3, 5)], 2), Err(shapes));
    }
}
