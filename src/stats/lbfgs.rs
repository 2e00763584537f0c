//! Minimum of a smooth function by limited-memory BFGS, started from a guess of the inverse Hessian.
//! Nocedal, Wright, "Numerical optimization" (2nd ed., 2006), algorithms 7.4 (two loops) and 3.1 (backtracking).
//!
//! The guess is what a step is before there is any memory, and it measures the gradient: `|g| = sqrt(gᵀ H g)` does not change
//! when dimensions are scaled or mixed, so a tolerance means the same for every problem.

use std::collections::VecDeque;

/// Pairs of steps and changes of the gradient that are remembered.
const MEMORY: usize = 10;
/// Share of the promised decrease that a step must bring.
const ARMIJO: f64 = 1e-4;
/// Shorter steps bring nothing but rounding.
const SHORTEST: f64 = 1e-10;
/// Share of the value that is rounding.
const ROUNDING: f64 = 1e-14;

/// What is minimised.
pub trait Smooth {
    /// The value at `at`; its gradient is written into `slope`.
    fn value(&self, at: &[f64], slope: &mut [f64]) -> f64;

    /// `slope` becomes `H · slope`: `H` is positive definite, and the closer to the inverse Hessian the fewer steps are taken.
    fn precondition(&self, slope: &mut [f64]);
}

/// Where a search ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Minimum {
    /// The place.
    pub at: Vec<f64>,
    /// Steps taken.
    pub steps: usize,
    /// Whether the gradient is as small as was asked for (or nothing smaller can be told from rounding).
    pub converged: bool,
}

/// A place, its value and its gradient.
struct Point {
    at: Vec<f64>,
    value: f64,
    slope: Vec<f64>,
}

/// Goes down from `start` until the gradient is `tolerance` times what it was there, for at most `most_steps` steps.
pub fn minimise(function: &impl Smooth, start: Vec<f64>, tolerance: f64, most_steps: usize) -> Minimum {
    let mut here = Point::at(function, start);
    let goal = tolerance * here.steepness(function);
    let mut memory = Memory::default();
    for steps in 0..most_steps {
        if here.steepness(function) <= goal {
            return Minimum { at: here.at, steps, converged: true };
        }
        let direction = memory.direction(function, &here.slope);
        let Some(next) = here.down(function, &direction) else {
            return Minimum { at: here.at, steps, converged: true };
        };
        memory.remember(&here, &next);
        here = next;
    }
    let converged = here.steepness(function) <= goal;
    Minimum { at: here.at, steps: most_steps, converged }
}

impl Point {
    fn at(function: &impl Smooth, at: Vec<f64>) -> Point {
        let mut slope = vec![0.0; at.len()];
        let value = function.value(&at, &mut slope);
        Point { at, value, slope }
    }

    fn steepness(&self, function: &impl Smooth) -> f64 {
        let mut scaled = self.slope.clone();
        function.precondition(&mut scaled);
        dot(&self.slope, &scaled).max(0.0).sqrt()
    }

    /// The first point along `direction` that is low enough, each try where a parabola through the last one is lowest; None
    /// where nothing lower can be told from rounding.
    fn down(&self, function: &impl Smooth, direction: &[f64]) -> Option<Point> {
        let fall = dot(&self.slope, direction);
        let mut length = 1.0;
        while length > SHORTEST && fall < 0.0 {
            let at = self.at.iter().zip(direction).map(|(at, to)| at + length * to).collect();
            let next = Point::at(function, at);
            if next.value <= self.value + ARMIJO * length * fall + ROUNDING * self.value.abs() {
                return Some(next);
            }
            let lowest = -fall * length * length / (2.0 * (next.value - self.value - fall * length));
            // A value that is not finite says only that the step was too long.
            length = if lowest.is_finite() { lowest.clamp(0.1 * length, 0.5 * length) } else { 0.1 * length };
        }
        None
    }
}

/// The last steps: `(step, change of the gradient, their product)`, oldest first.
#[derive(Default)]
struct Memory(VecDeque<(Vec<f64>, Vec<f64>, f64)>);

impl Memory {
    /// Minus the remembered inverse Hessian times `slope`.
    fn direction(&self, function: &impl Smooth, slope: &[f64]) -> Vec<f64> {
        let mut direction = slope.to_vec();
        let mut shares = Vec::with_capacity(self.0.len());
        for (step, change, product) in self.0.iter().rev() {
            let share = dot(step, &direction) / product;
            add(&mut direction, -share, change);
            shares.push(share);
        }
        function.precondition(&mut direction);
        let scale = self.scale(function);
        direction.iter_mut().for_each(|x| *x *= scale);
        for ((step, change, product), share) in self.0.iter().zip(shares.iter().rev()) {
            let other = dot(change, &direction) / product;
            add(&mut direction, share - other, step);
        }
        direction.iter_mut().for_each(|x| *x = -*x);
        direction
    }

    /// How much longer than the guess the last step would have had to be (equation 7.20).
    fn scale(&self, function: &impl Smooth) -> f64 {
        self.0.back().map_or(1.0, |(_, change, product)| {
            let mut scaled = change.clone();
            function.precondition(&mut scaled);
            product / dot(change, &scaled)
        })
    }

    /// A step along which the function does not curve upwards says nothing of its Hessian.
    fn remember(&mut self, from: &Point, to: &Point) {
        let step: Vec<f64> = to.at.iter().zip(&from.at).map(|(to, from)| to - from).collect();
        let change: Vec<f64> = to.slope.iter().zip(&from.slope).map(|(to, from)| to - from).collect();
        let product = dot(&step, &change);
        if product > f64::EPSILON * dot(&change, &change).sqrt() * dot(&step, &step).sqrt() {
            self.0.push_back((step, change, product));
        }
        if self.0.len() > MEMORY {
            self.0.pop_front();
        }
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn add(to: &mut [f64], share: f64, from: &[f64]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to += share * from);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rosenbrock's valley in pairs, with its lowest point at ones.
    struct Valley;

    impl Smooth for Valley {
        fn value(&self, at: &[f64], slope: &mut [f64]) -> f64 {
            let pairs = at.chunks_exact(2).zip(slope.chunks_exact_mut(2));
            let of = |(at, slope): (&[f64], &mut [f64])| {
                let (along, across) = (1.0 - at[0], at[1] - at[0] * at[0]);
                slope.copy_from_slice(&[-2.0 * along - 400.0 * at[0] * across, 200.0 * across]);
                along * along + 100.0 * across * across
            };
            pairs.map(of).sum()
        }

        fn precondition(&self, _slope: &mut [f64]) {}
    }

    /// `½ Σ cᵢ xᵢ²` with curvatures over twelve decades, and a guess that is off by a factor.
    struct Bowl;

    const CURVES: [f64; 4] = [1e-6, 1.0, 1e3, 1e6];

    impl Smooth for Bowl {
        fn value(&self, at: &[f64], slope: &mut [f64]) -> f64 {
            slope.iter_mut().zip(at).zip(CURVES).for_each(|((slope, x), curve)| *slope = curve * x);
            0.5 * dot(at, slope)
        }

        fn precondition(&self, slope: &mut [f64]) {
            slope.iter_mut().zip(CURVES).for_each(|(slope, curve)| *slope *= 30.0 / curve);
        }
    }

    #[test]
    fn the_bottom_of_a_bent_valley_is_found() {
        let found = minimise(&Valley, vec![-1.2, 1.0, 0.5, -2.0], 1e-10, 200);
        assert!(found.converged && found.steps < 80, "{found:?}");
        assert!(found.at.iter().all(|x| (x - 1.0).abs() < 1e-8), "{found:?}");
    }

    #[test]
    fn a_good_guess_of_the_hessian_makes_scales_irrelevant() {
        let found = minimise(&Bowl, vec![1.0; 4], 1e-9, 50);
        assert!(found.converged && found.steps <= 4 && found.at.iter().all(|x| x.abs() < 1e-8), "{found:?}");
    }

    #[test]
    fn what_is_at_the_bottom_stays_there_and_what_may_not_step_does_not() {
        assert_eq!(minimise(&Valley, vec![1.0, 1.0], 1e-6, 9), Minimum { at: vec![1.0; 2], steps: 0, converged: true });
        assert_eq!(minimise(&Valley, vec![0.0; 2], 1e-6, 0), Minimum { at: vec![0.0; 2], steps: 0, converged: false });
    }
}
