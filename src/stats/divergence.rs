//! How far apart two sets of points are: what was made against what it should look like.
//! Frechet distance (Heusel 2017, Kilgour 2019), kernel MMD (Binkowski 2018), precision, recall, density and coverage
//! (Kynkaanniemi 2019, Naeem 2020), spread, and the nearest neighbour that shows copies.
//!
//! Sets are `[points, dims]`, embeddings of the same kind. Numbers of points are part of every result: the Frechet distance
//! falls with more points although nothing gets better, and manifolds fill up.

mod frechet;
mod kernel;
mod manifold;
mod pairs;
mod spread;

use ndarray::ArrayView2;

pub use frechet::{Extrapolate, Extrapolated, Frechet, frechet, frechet_at_infinity};
pub use kernel::kernel_mmd;
pub use manifold::{Manifold, manifold};
pub use spread::{Nearest, mean_pairwise_distance, nearest};

/// Numbers of this magnitude are refused: the third power of their squares would overflow.
const TOO_LARGE: f64 = 1e40;

/// Why there is no number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DivergenceError {
    /// A set is too small.
    #[error("{found} points are too few to compare sets: at least {needed} are needed on each side")]
    TooFewPoints {
        /// Points of the smaller set.
        found: usize,
        /// Points that are needed.
        needed: usize,
    },
    /// Points of different kinds.
    #[error("points of {left} and of {right} dimensions cannot be compared: embed both sets with the same model")]
    Dims {
        /// Columns of the first set.
        left: usize,
        /// Columns of the second set.
        right: usize,
    },
    /// A value that is NaN, infinite or huge.
    #[error("point {point} has no usable value in dimension {dim}: values must be finite and below 1e40; leave it out")]
    Value {
        /// Row.
        point: usize,
        /// Column.
        dim: usize,
    },
    /// A neighbourhood of no or of all points.
    #[error(
        "{k} neighbours of {points} points are no neighbourhood: ask for at least 1 and fewer than there are points"
    )]
    Neighbours {
        /// Neighbours asked for.
        k: usize,
        /// Points of the smaller set.
        points: usize,
    },
    /// A share that is none.
    #[error("shrinkage must lie between 0 and 1: 0 takes covariances as they are, 1 makes them balls")]
    Shrinkage,
    /// The iteration for eigenvalues did not end.
    #[error(
        "the eigenvalues of a covariance did not converge: take fewer dimensions, for example principal components"
    )]
    Eigenvalues,
}

/// Refuses sets that cannot be compared. Both are `[points, dims]`.
fn check(left: ArrayView2<f64>, right: ArrayView2<f64>, needed: usize) -> Result<(), DivergenceError> {
    if left.ncols() != right.ncols() {
        return Err(DivergenceError::Dims { left: left.ncols(), right: right.ncols() });
    }
    let found = left.nrows().min(right.nrows());
    if found < needed {
        return Err(DivergenceError::TooFewPoints { found, needed });
    }
    [left, right].into_iter().try_for_each(check_values)
}

fn check_values(points: ArrayView2<f64>) -> Result<(), DivergenceError> {
    let refused = |value: &f64| value.is_nan() || value.abs() >= TOO_LARGE;
    match points.indexed_iter().find(|(_, value)| refused(value)) {
        Some(((point, dim), _)) => Err(DivergenceError::Value { point, dim }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;
    use ndarray::{Array2, array};

    /// A normal cloud: `mean + deviation * normal` in every dimension.
    pub fn cloud(n: usize, dims: usize, mean: f64, deviation: f64, seed: u64) -> Array2<f64> {
        let mut stream = Stream::new(seed, "test.cloud");
        Array2::from_shape_fn((n, dims), |_| mean + deviation * stream.normal())
    }

    #[test]
    fn sets_that_cannot_be_compared_are_refused() {
        let (good, bad) = (cloud(6, 2, 0.0, 1.0, 1), array![[0.0, 1.0], [f64::INFINITY, 0.0]]);
        assert_eq!(
            check(good.view(), Array2::zeros((6, 3)).view(), 2),
            Err(DivergenceError::Dims { left: 2, right: 3 })
        );
        assert_eq!(check(good.view(), bad.view(), 1), Err(DivergenceError::Value { point: 1, dim: 0 }));
        assert_eq!(kernel_mmd(good.view(), bad.view()), Err(DivergenceError::Value { point: 1, dim: 0 }));
        let few = Err(DivergenceError::TooFewPoints { found: 1, needed: 2 });
        assert_eq!(frechet(good.view(), array![[0.0, 1.0]].view(), 0.0).map(|_| ()), few);
    }

    #[test]
    fn every_measure_grows_with_the_distance_of_the_sets() {
        let reference = cloud(300, 4, 0.0, 1.0, 1);
        let measures = |shift: f64| {
            let made = cloud(300, 4, shift, 1.0, 2);
            let prdc = manifold(reference.view(), made.view(), 5).expect("comparable");
            [
                frechet(reference.view(), made.view(), 0.0).expect("comparable").squared,
                kernel_mmd(reference.view(), made.view()).expect("comparable"),
                -prdc.precision,
                -prdc.recall,
                -prdc.density,
                -prdc.coverage,
            ]
        };
        let (near, middle, far) = (measures(0.0), measures(1.0), measures(2.0));
        assert!((0..6).all(|at| near[at] < middle[at] && middle[at] < far[at]), "{near:?} {middle:?} {far:?}");
    }
}
