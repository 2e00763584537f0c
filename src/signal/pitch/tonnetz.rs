//! Tonal centroid: where a chord lies on the circles of fifths, minor thirds and major thirds.
//! Harte, Sandler, Gasser, "Detecting harmonic change in musical audio" (AMCMM 2006), as `librosa.feature.tonnetz`:
//! `T[p] = r_p · Σ_c cos(π · (s_p · l_c − o_p)) · C[c] / Σ_c C[c]`, `l_c = 12c / n_chroma`, o = ½ makes a sine.

use std::f64::consts::PI;

use ndarray::{Array2, ArrayView2};

use crate::signal::lanes::each_frame;

/// Half turns a semitone on each circle: fifths, minor thirds, major thirds.
const HALF_TURNS: [f64; 3] = [7.0 / 6.0, 3.0 / 2.0, 2.0 / 3.0];

/// Radius of each circle.
const RADIUS: [f64; 3] = [1.0, 1.0, 0.5];

/// Sine and cosine on the circles of fifths, minor and major thirds, `[frames, 6]`, of chroma `[frames, n_chroma]`.
/// Frames without any note are at the centre, 0.
pub fn tonnetz(chroma: ArrayView2<f32>) -> Array2<f32> {
    let directions = directions(chroma.ncols());
    let mut centroids = Vec::with_capacity(chroma.nrows() * 6);
    each_frame(chroma, |notes| {
        let mut sums = [0.0f64; 6];
        let mut length = 0.0;
        for (note, direction) in notes.iter().map(|note| f64::from(*note)).zip(&directions) {
            length += note.abs();
            (0..6).for_each(|axis| sums[axis] += note * direction[axis]);
        }
        let length = if length < f64::from(f32::MIN_POSITIVE) { 1.0 } else { length };
        centroids.extend(sums.map(|sum| (sum / length) as f32));
    });
    Array2::from_shape_vec((chroma.nrows(), 6), centroids).expect("each frame gave six values")
}

/// Where each note lies on the three circles.
fn directions(n_chroma: usize) -> Vec<[f64; 6]> {
    let coordinate = |note: usize, axis: usize| {
        let semitones = note as f64 * (12.0 / n_chroma as f64);
        let quarter = if axis.is_multiple_of(2) { 0.5 } else { 0.0 };
        RADIUS[axis / 2] * (PI * (HALF_TURNS[axis / 2] * semitones - quarter)).cos()
    };
    (0..n_chroma).map(|note| std::array::from_fn(|axis| coordinate(note, axis))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(notes: &[usize], n_chroma: usize) -> Vec<f32> {
        let chroma = Array2::from_shape_fn((1, n_chroma), |(_, note)| if notes.contains(&note) { 0.7 } else { 0.0 });
        tonnetz(chroma.view()).row(0).to_vec()
    }

    fn is_near(a: &[f32], b: &[f32]) -> bool {
        a.len() == b.len() && a.iter().zip(b).all(|(x, y)| (x - y).abs() < 1e-6)
    }

    #[test]
    fn the_first_note_is_at_the_start_of_each_circle() {
        assert!(is_near(&of(&[0], 12), &[0.0, 1.0, 0.0, 1.0, 0.0, 0.5]));
        assert!(is_near(&of(&[0], 24), &of(&[0], 12)) && is_near(&of(&[14], 24), &of(&[7], 12)));
    }

    #[test]
    fn closed_chords_are_at_the_centre_of_their_circle() {
        // A minor third goes a quarter round its circle, a major third a third: both chords close.
        assert!(is_near(&of(&[0, 3, 6, 9], 12)[2..4], &[0.0; 2]));
        assert!(is_near(&of(&[1, 5, 9], 12)[4..], &[0.0; 2]));
        assert!(is_near(&of(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], 12), &[0.0; 6]));
    }

    #[test]
    fn a_fifth_is_one_step_on_the_circle_of_fifths() {
        let angle =
            |note: usize| f64::from(of(&[note], 12)[0]).atan2(f64::from(of(&[note], 12)[1])).rem_euclid(2.0 * PI);
        assert!((angle(7) - (7.0 * 7.0 * PI / 6.0).rem_euclid(2.0 * PI)).abs() < 1e-6);
    }

    #[test]
    fn silence_is_at_the_centre() {
        assert_eq!(tonnetz(Array2::zeros((2, 12)).view()), Array2::<f32>::zeros((2, 6)));
        assert_eq!(tonnetz(Array2::zeros((1, 0)).view()).dim(), (1, 6));
    }
}
