//! Deltas: how features change from frame to frame, as derivatives of polynomials fitted to a window of frames.
//! Savitzky and Golay, "Smoothing and differentiation of data by simplified least squares procedures" (1964), as
//! `librosa.feature.delta` with mode "interp": the n-th derivative of the polynomial of degree n that fits `width`
//! frames best, `n! · Σ_j p_n(j)·x[t + j] / Σ_j p_n(j)²`, where p_n is the n-th Gram polynomial, led by 1.

use ndarray::{Array2, ArrayView2};

use super::lanes::vectorised;

/// librosa's window in frames.
pub const WIDTH: usize = 9;

/// Windows that no derivative can be taken over.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeltaError {
    /// Windows have a middle and two sides.
    #[error("a delta over {width} frames has no middle; give an odd width of at least 3")]
    Width {
        /// The width asked for.
        width: usize,
    },
    /// The window does not determine a polynomial of that degree, or the features themselves were asked for.
    #[error("no derivative of order {order} over {width} frames; give an order from 1 to {}", width - 1)]
    Order {
        /// The order asked for.
        order: usize,
        /// Frames of the window.
        width: usize,
    },
    /// Fewer frames than the window has.
    #[error(
        "a delta over {width} frames needs as many, but there are {frames}; give a longer sound or a smaller width"
    )]
    Frames {
        /// Frames of the window.
        width: usize,
        /// Frames of the features.
        frames: usize,
    },
}

/// The derivative of order `order` by time, per frame, `[frames, k]`, of features `[frames, k]`: 1 the slope, 2 the
/// acceleration. At the ends the first and the last whole window count for all their frames. Errors where `width` is
/// even, or there are fewer frames.
pub fn delta(features: ArrayView2<f32>, width: usize, order: usize) -> Result<Array2<f32>, DeltaError> {
    let frames = features.nrows();
    let weights = weights(width, order)?;
    if frames < width {
        return Err(DeltaError::Frames { width, frames });
    }
    let (half, last) = (width / 2, frames - width);
    let features = features.as_standard_layout();
    let mut deltas = Array2::zeros(features.raw_dim());
    let mut sums = vec![0.0; features.ncols()];
    for start in 0..=last {
        sums.fill(0.0);
        for (row, weight) in features.rows().into_iter().skip(start).zip(&weights) {
            add_scaled(&mut sums, row.to_slice().expect("rows of the standard layout are slices"), *weight);
        }
        deltas.row_mut(start + half).iter_mut().zip(&sums).for_each(|(slot, sum)| *slot = *sum as f32);
    }
    repeat_ends(&mut deltas, half);
    Ok(deltas)
}

vectorised! {
    fn add_scaled(sums: &mut [f64], row: &[f32], weight: f64) -> () {
        sums.iter_mut().zip(row).for_each(|(sum, x)| *sum += weight * f64::from(*x));
    }
}

/// The derivative of a polynomial whose degree is the order is the same everywhere: so it is at the ends.
fn repeat_ends(deltas: &mut Array2<f32>, half: usize) {
    let frames = deltas.nrows();
    let (first, last) = (deltas.row(half).to_owned(), deltas.row(frames - 1 - half).to_owned());
    for distance in 0..half {
        deltas.row_mut(distance).assign(&first);
        deltas.row_mut(frames - 1 - distance).assign(&last);
    }
}

/// What each frame of the window counts, `[width]`. The polynomials follow from each other:
/// `p_{n+1}(j) = j · p_n(j) − p_{n−1}(j) · Σ p_n² / Σ p_{n−1}²`.
fn weights(width: usize, order: usize) -> Result<Vec<f64>, DeltaError> {
    if width < 3 || width.is_multiple_of(2) {
        return Err(DeltaError::Width { width });
    }
    if order == 0 || order >= width {
        return Err(DeltaError::Order { order, width });
    }
    let energy = |p: &[f64]| p.iter().map(|value| value * value).sum::<f64>();
    let offsets = (0..width).map(|j| j as f64 - (width / 2) as f64);
    let (mut before, mut current) = (vec![1.0; width], offsets.clone().collect::<Vec<f64>>());
    let mut factorial = 1.0;
    for n in 2..=order {
        let ratio = energy(&current) / energy(&before);
        let next = offsets.clone().zip(&current).zip(&before).map(|((j, p), q)| j * p - q * ratio).collect();
        (before, current, factorial) = (current, next, factorial * n as f64);
    }
    let scale = factorial / energy(&current);
    Ok(current.into_iter().map(|value| value * scale).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{any, prop_assert, proptest};

    fn of(f: impl Fn(f32) -> f32, width: usize, order: usize) -> Vec<f32> {
        let features = Array2::from_shape_fn((20, 1), |(t, _)| f(t as f32));
        delta(features.view(), width, order).expect("twenty frames").into_raw_vec_and_offset().0
    }

    #[test]
    fn weights_are_those_of_the_tables() {
        let tenths =
            |order| weights(5, order).expect("five frames").iter().map(|w| (w * 70.0).round()).collect::<Vec<_>>();
        assert_eq!(tenths(1), [-14.0, -7.0, 0.0, 7.0, 14.0]);
        assert_eq!(tenths(2), [20.0, -10.0, -20.0, -10.0, 20.0]);
    }

    #[test]
    fn lines_have_their_slope_and_parabolas_their_acceleration() {
        assert!(of(|t| 3.0 * t - 7.0, WIDTH, 1).iter().all(|d| (d - 3.0).abs() < 1e-5));
        assert!(of(|t| 2.0 * t * t + t, WIDTH, 2).iter().all(|d| (d - 4.0).abs() < 1e-4));
        assert!(of(|t| t * t * t / 10.0, 7, 3).iter().all(|d| (d - 0.6).abs() < 1e-4));
        assert!(of(|_| -80.0, WIDTH, 1).iter().all(|d| d.abs() < 1e-12));
    }

    #[test]
    fn windows_that_do_not_fit_are_refused() {
        let features = Array2::zeros((8, 2));
        assert_eq!(delta(features.view(), 9, 1), Err(DeltaError::Frames { width: 9, frames: 8 }));
        assert_eq!(delta(features.view(), 4, 1), Err(DeltaError::Width { width: 4 }));
        assert_eq!(delta(features.view(), 1, 1), Err(DeltaError::Width { width: 1 }));
        assert_eq!(delta(features.view(), 3, 3), Err(DeltaError::Order { order: 3, width: 3 }));
        assert_eq!(delta(features.view(), 3, 0), Err(DeltaError::Order { order: 0, width: 3 }));
        assert_eq!(delta(Array2::zeros((9, 0)).view(), 9, 1).map(|d| d.dim()), Ok((9, 0)));
    }

    proptest! {
        /// Least squares by its normal equations: slope = Σ j·x / Σ j² about the middle.
        #[test]
        fn slopes_are_those_of_least_squares(seed in any::<u64>(), half in 1usize..6) {
            let x = crate::random::Stream::new(seed, "delta").uniforms(30, -80.0, 0.0);
            let features = ArrayView2::from_shape((30, 1), &x).expect("one column");
            let deltas = delta(features, 2 * half + 1, 1).expect("thirty frames");
            for t in half..30 - half {
                let offsets = -(half as i32)..=half as i32;
                let moment: f64 = offsets.clone().map(|j| f64::from(j) * f64::from(x[(t as i32 + j) as usize])).sum();
                let naive = moment / offsets.map(|j| f64::from(j * j)).sum::<f64>();
                prop_assert!((f64::from(deltas[(t, 0)]) - naive).abs() < 1e-5);
            }
        }
    }
}
