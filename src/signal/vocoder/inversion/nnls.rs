//! Mel inversion by non-negative least squares: `min ‖M·x − m‖²`, x ≥ 0.
//! One bin at a time, `x_k ← max(0, x_k + M_kᵀ·(m − M·x) / ‖M_k‖²)`: Franc, Hlaváč and Navara, "Sequential coordinate-wise
//! algorithm for the non-negative least squares problem" (CAIP 2005). No step makes the fit worse. A bin lies in two
//! bands at most, so a step costs six operations. The minimum is not unique: which one is found depends on the start.

use super::Triangle;

/// Sweeps over all bins at most.
const MOST_SWEEPS: usize = 300;

/// A sweep that changes no bin by more than this share of the largest bin ends the search.
const SETTLED: f64 = 1e-5;

/// The bank by bins: for each the two bands that hold it, with their weights (0 where there is none).
#[derive(Clone, Debug)]
pub(super) struct Nnls {
    columns: Vec<[(usize, f64); 2]>,
}

impl Nnls {
    pub(super) fn new(triangles: &[Triangle], bins: usize) -> Nnls {
        let mut columns = vec![[(0, 0.0); 2]; bins];
        for (band, triangle) in triangles.iter().enumerate() {
            for (column, weight) in columns[triangle.first_bin..].iter_mut().zip(&triangle.weights) {
                // Two bands that follow each other take turns, so neither overwrites the other.
                column[band % 2] = (band, f64::from(*weight));
            }
        }
        Nnls { columns }
    }

    /// Brings the bands of `power` `[bins]`, which is not negative, closer to `bands` `[n_mels]`.
    pub(super) fn solve(&self, bands: &[f32], power: &mut [f32]) {
        let mut found: Vec<f64> = power.iter().map(|x| f64::from(*x)).collect();
        let mut missing = self.missing(bands, &found);
        for _ in 0..MOST_SWEEPS {
            let change = self.sweep(&mut missing, &mut found);
            if change <= SETTLED * found.iter().copied().fold(0.0, f64::max) {
                break;
            }
        }
        power.iter_mut().zip(found).for_each(|(slot, x)| *slot = x as f32);
    }

    /// m − M·x.
    fn missing(&self, bands: &[f32], power: &[f64]) -> Vec<f64> {
        let mut missing: Vec<f64> = bands.iter().map(|band| f64::from(*band)).collect();
        for (column, x) in self.columns.iter().zip(power) {
            column.iter().for_each(|(band, weight)| missing[*band] -= weight * x);
        }
        missing
    }

    /// One step for each bin; the largest change.
    fn sweep(&self, missing: &mut [f64], power: &mut [f64]) -> f64 {
        let mut largest = 0.0f64;
        for (column, x) in self.columns.iter().zip(power) {
            let [(a, u), (b, v)] = *column;
            let square = u * u + v * v;
            if square > 0.0 {
                let step = ((u * missing[a] + v * missing[b]) / square).max(-*x);
                *x += step;
                missing[a] -= u * step;
                missing[b] -= v * step;
                largest = largest.max(step.abs());
            }
        }
        largest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn solver() -> Nnls {
        let triangles = [(0, [1.0, 0.5]), (1, [0.5, 1.0])];
        let triangles = triangles.map(|(first_bin, weights)| Triangle { first_bin, weights: weights.to_vec() });
        Nnls::new(&triangles, 4)
    }

    #[test]
    fn what_fits_is_left_alone() {
        let mut power = [1.0, 2.0, 3.0, 7.0];
        solver().solve(&[2.0, 4.0], &mut power);
        assert_eq!(power, [1.0, 2.0, 3.0, 7.0]);
    }

    #[test]
    fn a_start_that_is_too_loud_is_mended() {
        // The silent first band forbids the middle, which it shares with the second.
        let mut power = [0.0, 1.0, 4.0, 0.0];
        solver().solve(&[0.0, 5.0], &mut power);
        assert!(power[0] == 0.0 && power[1] < 1e-3 && (power[2] - 5.0).abs() < 1e-3, "{power:?}");
    }

    #[test]
    fn the_gradient_vanishes_where_power_is_left_and_points_inwards_elsewhere() {
        let (solver, bands) = (solver(), [1.0, 9.0]);
        let mut power = [0.0; 4];
        solver.solve(&bands, &mut power);
        let missing = solver.missing(&bands, &power.map(f64::from));
        for (column, x) in solver.columns.iter().zip(power) {
            let slope: f64 = column.iter().map(|(band, weight)| weight * missing[*band]).sum();
            assert!(if x > 0.0 { slope.abs() < 1e-3 } else { slope < 1e-3 }, "{x} {slope}");
        }
    }
}
