//! How near two points of the map count as, by their distance: `1 / (1 + a d^(2b))`.
//! McInnes et al. (2018), section 4.2: `a` and `b` by least squares, so that the curve is 1 up to `min_dist` and falls
//! as `exp(-(d - min_dist) / spread)` beyond.

/// Distances at which the curve is fitted, from 0 to three times the spread.
const SAMPLES: usize = 300;
const STEPS: usize = 200;

/// Parameters of the curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Curve {
    /// Factor.
    pub a: f64,
    /// Half the exponent.
    pub b: f64,
}

impl Curve {
    /// By Levenberg and Marquardt's method (1944, 1963).
    pub fn fit(min_dist: f64, spread: f64) -> Curve {
        let samples: Vec<(f64, f64)> = (0..SAMPLES).map(|at| sample(at, min_dist, spread)).collect();
        let (mut curve, mut damping) = (Curve { a: 1.0, b: 1.0 }, 1e-3);
        for _ in 0..STEPS {
            let next = curve.stepped(&samples, damping);
            let is_better = next.a > 0.0 && next.b > 0.0 && next.error(&samples) < curve.error(&samples);
            (curve, damping) = if is_better { (next, damping / 4.0) } else { (curve, damping * 4.0) };
        }
        curve
    }

    fn at(&self, distance: f64) -> f64 {
        1.0 / (1.0 + self.a * distance.powf(2.0 * self.b))
    }

    fn error(&self, samples: &[(f64, f64)]) -> f64 {
        samples.iter().map(|(x, y)| (self.at(*x) - y).powi(2)).sum()
    }

    /// One step: solves the damped normal equations of two unknowns.
    fn stepped(&self, samples: &[(f64, f64)], damping: f64) -> Curve {
        let (mut normal, mut slope) = ([0.0; 3], [0.0; 2]);
        for (x, y) in samples.iter().filter(|(x, _)| *x > 0.0) {
            let value = self.at(*x);
            let power = x.powf(2.0 * self.b) * value * value;
            let (by_a, by_b) = (-power, -power * self.a * 2.0 * x.ln());
            let miss = y - value;
            [by_a * by_a, by_a * by_b, by_b * by_b].iter().zip(&mut normal).for_each(|(x, sum)| *sum += x);
            [by_a * miss, by_b * miss].iter().zip(&mut slope).for_each(|(x, sum)| *sum += x);
        }
        let [aa, ab, bb] = [normal[0] * (1.0 + damping), normal[1], normal[2] * (1.0 + damping)];
        let determinant = aa * bb - ab * ab;
        let step = |x: f64| if determinant > 0.0 { x / determinant } else { 0.0 };
        Curve { a: self.a + step(bb * slope[0] - ab * slope[1]), b: self.b + step(aa * slope[1] - ab * slope[0]) }
    }
}

/// A distance, and how near points at it should count as.
fn sample(at: usize, min_dist: f64, spread: f64) -> (f64, f64) {
    let x = 3.0 * spread * at as f64 / (SAMPLES - 1) as f64;
    (x, if x < min_dist { 1.0 } else { (-(x - min_dist) / spread).exp() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_those_of_umap_learn() {
        // umap.umap_.find_ab_params(spread, min_dist).
        for (min_dist, spread, a, b) in FITS {
            let curve = Curve::fit(min_dist, spread);
            assert!(
                (curve.a / a - 1.0).abs() < 1e-4 && (curve.b / b - 1.0).abs() < 1e-4,
                "{curve:?}, expected {a} {b}"
            );
        }
    }

    #[test]
    fn extremes_give_finite_curves() {
        for (min_dist, spread) in [(0.0, 0.01), (10.0, 1.0), (0.0, 100.0), (10.0, 0.01)] {
            let curve = Curve::fit(min_dist, spread);
            assert!(curve.a > 0.0 && curve.b > 0.0 && curve.a.is_finite() && curve.b.is_finite(), "{curve:?}");
        }
    }

    const FITS: [(f64, f64, f64, f64); 4] = [
        (0.1, 1.0, 1.576943, 0.895061),
        (0.0, 1.0, 1.932808, 0.790495),
        (0.5, 1.0, 0.583030, 1.334167),
        (0.25, 2.0, 0.416273, 0.921855),
    ];
}
